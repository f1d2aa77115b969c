/** In whose hands a task's working time lay. */
import { goneSince } from '../../config/gone-text.ts';
import { text } from '../../config/text.ts';
import type { HolderRole } from '../../domain/holding.ts';
import { formatDays } from '../format.ts';
import { type HolderDays, mostWaitedFor } from '../holder-days.ts';
import type { TaskPageData } from '../queries/task.ts';
import type { View } from '../view.ts';

/** The roles that an agency holds, not a person. */
const AGENCY_ROLES: ReadonlySet<HolderRole> = new Set<HolderRole>(['transfer_receiver', 'contributor']);

/** Whoever has the turn, by name: a person, or an agency that owes an answer. */
export function holderName({ role, who }: { role: HolderRole; who: string }, { names }: TaskPageData): string {
  return AGENCY_ROLES.has(role) ? names.agency(who) : names.person(who);
}

/** Beside who has left for good, since when. */
export function GoneNote({ view: { locale }, data, who }: { view: View; data: TaskPageData; who: string }) {
  const at = data.gone.get(who);
  return at === undefined ? null : <span class="note late">{text(locale, 'gone.left_on', { date: goneSince(locale, at) })}</span>;
}

export function Holders({ view, data }: { view: View; data: TaskPageData }) {
  const { locale } = view;
  const { holders } = data;
  if (holders.length === 0) return null;
  const widest = Math.max(...holders.map(({ days }) => days));
  const isLate = holders.some(({ daysLate }) => daysLate > 0);
  const waiting = mostWaitedFor(holders);
  return (
    <section class="card">
      <h2 id="holders">{text(locale, 'field.holding')}</h2>
      {waiting === null ? null : (
        <p class="held">{text(locale, 'note.held_by_others', { ...waiting, matter: text(locale, `holder.${waiting.role}`) })}</p>
      )}
      <table class="holders" aria-labelledby="holders">
        <thead>
          <tr>
            <th>{text(locale, 'web.holders.who')}</th>
            <th class="count">{text(locale, 'web.holders.days')}</th>
            {isLate ? <th class="count">{text(locale, 'web.holders.late')}</th> : null}
          </tr>
        </thead>
        <tbody>
          {holders.map((holder) => (
            <tr>
              <th scope="row">
                <span class="role">{text(locale, `holder.${holder.role}`)}</span> {holderName(holder, data)}{' '}
                <GoneNote view={view} data={data} who={holder.who} />
                <Bar holder={holder} widest={widest} />
              </th>
              <td class="count">{formatDays(locale, holder.days)}</td>
              {isLate ? <td class={`count ${holder.daysLate > 0 ? 'late' : 'none'}`}>{formatDays(locale, holder.daysLate)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** As long as its days beside the most, the late ones at its end. The figures stand beside it: it is hidden from who listens. */
function Bar({ holder: { days, daysLate }, widest }: { holder: HolderDays; widest: number }) {
  const width = (value: number) => ((value / widest) * 1000).toFixed(1);
  return (
    <svg class="stack" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="within_deadline" x="0" y="0" width={width(days)} height="10" />
      {daysLate === 0 ? null : <rect class="overdue" x={width(days - daysLate)} y="0" width={width(daysLate)} height="10" />}
    </svg>
  );
}
