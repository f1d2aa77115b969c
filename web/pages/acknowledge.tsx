/** The page behind a mail's link: it shows who would act and on what, and its button acts. */
import { text } from '../../config/text.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';

/** @param person name and address, so that nobody acts for another by a forwarded mail unawares */
export function AcknowledgePage({ view, code, person }: { view: View; code: string; person: string }) {
  return (
    <Layout view={view} title={code} languages={false}>
      <div class="card message">
        <p>{text(view.locale, 'link.confirm', { person })}</p>
        <form method="post">
          <button type="submit">{text(view.locale, 'action.acknowledge')}</button>
        </form>
      </div>
    </Layout>
  );
}
