/** The page behind a mail's link: it says as whom one acts, and asks for one press. */
import { text } from '../../config/text.ts';
import { type Here, Sentence } from './layout.tsx';

export function Confirm({ here, code, title, person }: { here: Here; code: string; title: string; person: string }) {
  const { locale } = here;
  return (
    <Sentence here={here} title={title} bare>
      <p class="code">{code}</p>
      <p>{text(locale, 'link.confirm', { person })}</p>
      <form method="post">
        <button type="submit">{text(locale, 'action.acknowledge')}</button>
      </form>
    </Sentence>
  );
}
