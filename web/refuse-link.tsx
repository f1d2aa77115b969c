/** What is said to who opens a link that does not act. */
import type { Context } from 'hono';
import { text } from '../config/text.ts';
import { Message } from './pages/layout.tsx';
import type { View } from './view.ts';

export function refuseLink(context: Context, view: View, why: 'forged' | 'expired') {
  return context.html(
    <Message view={view} title="dondoc" languages={false}>
      {text(view.locale, `link.${why}`)}
    </Message>,
    why === 'expired' ? 410 : 403,
  );
}
