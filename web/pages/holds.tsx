/** What is held, by whom and why, and what would go out: of tasks nothing but how many. */
import { holdReason, scopeText, waitingText } from '../../config/hold-text.ts';
import { formatMoment, text } from '../../config/text.ts';
import type { WaitingUnder } from '../queries/holds.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';
import { Moment } from './moment.tsx';

export function HoldsPage({ view, holds }: { view: View; holds: readonly WaitingUnder[] }) {
  const { locale } = view;
  return (
    <Layout view={view} title={text(locale, 'web.holds')}>
      {holds.length === 0 ? <p class="card message">{text(locale, 'web.holds.none')}</p> : null}
      {holds.map(({ hold, agencyName, by, waiting }) => (
        <section class="card">
          <h2>{scopeText(locale, hold, (code) => agencyName ?? code)}</h2>
          <p class="moment">
            → <Moment view={view} at={hold.until} />
          </p>
          <p>{holdReason(locale, hold)}</p>
          <p class="muted">
            {text(locale, 'web.holds.by', { by: by ?? text(locale, 'web.holds.breaker'), at: formatMoment(locale, hold.madeAt) })}
          </p>
          {waiting.length === 0 ? (
            <p class="muted">{text(locale, 'web.holds.nothing')}</p>
          ) : (
            <ul>
              {waiting.map((each) => (
                <li>{waitingText(locale, each)}</li>
              ))}
            </ul>
          )}
          <p class="muted">{text(locale, 'hold.notice.release', { id: hold.id })}</p>
        </section>
      ))}
    </Layout>
  );
}
