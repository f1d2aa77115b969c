/** The scoreboard: every figure opens the tasks that it counts. */
import { formatDate, formatInstant, text } from '../../config/text.ts';
import { STANDINGS } from '../../domain/scoreboard.ts';
import type { IsoDate } from '../../domain/time.ts';
import type { ScoreboardPage } from '../queries/scoreboard.ts';
import { href, Page } from './layout.tsx';
import { type Reading, TaskTable } from './parts.tsx';

export function Scoreboard({ reading, board, yearEnd }: { reading: Reading; board: ScoreboardPage; yearEnd: IsoDate }) {
  const { here, now, timeZone } = reading;
  const { locale } = here;
  const share = (count: number) =>
    (count / Math.max(1, board.total)).toLocaleString(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (
    <Page here={here} title={text(locale, 'web.home')}>
      <div class="heading">
        <h1>{text(locale, 'web.home')}</h1>
        <p class="quiet">
          {text(locale, 'web.subtitle')} · {text(locale, 'web.as_of', { at: formatInstant(locale, now, timeZone) })}
        </p>
      </div>
      <section class="figures">
        <a class="figure total" href={href(here, '/tasks')}>
          <span>{text(locale, 'web.total')}</span>
          <strong>{board.total.toLocaleString(locale)}</strong>
        </a>
        {STANDINGS.map((standing) => (
          <a class={`figure ${standing}`} href={href(here, '/tasks', { standing })}>
            <span>{text(locale, `standing.${standing}`)}</span>
            <strong>{board.counts[standing].toLocaleString(locale)}</strong>
            <small>{text(locale, 'web.of_total', { percent: share(board.counts[standing]) })}</small>
          </a>
        ))}
      </section>
      <p>
        <a href={href(here, '/tasks', { standing: 'within_deadline', due_before: yearEnd })}>
          {text(locale, 'web.due_by_year_end', { count: board.dueByYearEnd, date: formatDate(locale, yearEnd) })}
        </a>{' '}
        <span class="quiet">({text(locale, 'standing.within_deadline').toLowerCase()})</span>
      </p>
      <div class="columns">
        <section class="panel">
          <h2>{text(locale, 'web.longest_overdue')}</h2>
          <TaskTable reading={reading} tasks={board.longestOverdue} compact />
        </section>
        <section class="panel">
          <h2>{text(locale, 'web.due_soon')}</h2>
          <TaskTable reading={reading} tasks={board.dueSoon} compact />
        </section>
      </div>
      <section class="panel">
        <h2>{text(locale, 'web.by_agency')}</h2>
        <p class="legend">
          {STANDINGS.map((standing) => (
            <span>
              <i class={standing} /> {text(locale, `standing.${standing}`)}
            </span>
          ))}
        </p>
        <table class="agencies">
          <tbody>
            {board.agencies.map((agency) => (
              <tr>
                <th scope="row">
                  <a href={href(here, '/tasks', { agency: agency.code })}>{agency.name}</a>
                </th>
                <td class="number">{agency.total}</td>
                <td>
                  <Bar agency={agency} />
                </td>
                <td class="number">
                  {agency.overdue === 0 ? null : (
                    <a class="late" href={href(here, '/tasks', { agency: agency.code, standing: 'overdue' })}>
                      {agency.overdue}
                    </a>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Page>
  );
}

/** The shares of an agency's tasks side by side, in the order of the legend. */
function Bar({ agency }: { agency: ScoreboardPage['agencies'][number] }) {
  let x = 0;
  return (
    <svg
      class="bar"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={STANDINGS.map((each) => `${each} ${agency[each]}`).join(', ')}
    >
      {STANDINGS.map((standing) => {
        const width = (agency[standing] / agency.total) * 100;
        const from = x;
        x += width;
        return width === 0 ? null : <rect class={standing} x={from.toFixed(3)} y="0" width={width.toFixed(3)} height="6" />;
      })}
    </svg>
  );
}
