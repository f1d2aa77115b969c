/** How all tasks stand: every figure opens the tasks that it counts. */
import { formatDate, text } from '../../config/text.ts';
import type { Locale } from '../../domain/names.ts';
import type { Scoreboard, Standing } from '../../domain/scoreboard.ts';
import { formatNumber, formatShare } from '../format.ts';
import { type ScoreboardPageData, SOON_WINDOW_DAYS } from '../queries/scoreboard.ts';
import { href, type View } from '../view.ts';
import { Layout } from './layout.tsx';
import { TaskLines } from './task-lines.tsx';

/** In the order of the bars: what is done first, what is late where the eye ends its way over what is open. */
const PARTS = ['completed', 'within_deadline', 'overdue', 'regular'] as const satisfies readonly Standing[];

export interface ScoreboardProps {
  readonly view: View;
  readonly data: ScoreboardPageData;
  /** Calendars without a year that is near. */
  readonly lacking: readonly { readonly name: string; readonly year: number }[];
}

export function ScoreboardPage({ view, data, lacking }: ScoreboardProps) {
  const { locale } = view;
  const title = text(locale, 'web.scoreboard');
  if (data.figures.total === 0) {
    return (
      <Layout view={view} title={title}>
        <p class="card message">{text(locale, 'web.scoreboard.empty')}</p>
      </Layout>
    );
  }
  return (
    <Layout view={view} title={title}>
      {lacking.map(({ name, year }) => (
        <p class="card problem">{text(locale, 'calendar.year_missing', { name, year })}</p>
      ))}
      <Figures view={view} data={data} />
      <p class="jump">
        <a href="#agencies">{text(locale, 'web.agencies')}</a> · <a href="#longest-overdue">{text(locale, 'web.longest_overdue')}</a> ·{' '}
        <a href="#due-soon">{text(locale, 'web.due_soon', { days: SOON_WINDOW_DAYS })}</a>
      </p>
      <Agencies view={view} data={data} />
      <section class="card">
        <h2 id="longest-overdue">{text(locale, 'web.longest_overdue')}</h2>
        {data.longestOverdue.length === 0 ? (
          <p class="muted">{text(locale, 'web.longest_overdue.none')}</p>
        ) : (
          <>
            <TaskLines view={view} lines={data.longestOverdue} labelled="longest-overdue" />
            <p class="more">
              <a href={href(view, '/tasks', { standing: 'overdue' })}>{text(locale, 'web.see_all')}</a>
            </p>
          </>
        )}
      </section>
      <section class="card">
        <h2 id="due-soon">{text(locale, 'web.due_soon', { days: SOON_WINDOW_DAYS })}</h2>
        {data.dueSoon.length === 0 ? (
          <p class="muted">{text(locale, 'web.due_soon.none')}</p>
        ) : (
          <>
            <TaskLines view={view} lines={data.dueSoon} labelled="due-soon" />
            <p class="more">
              <a href={href(view, '/tasks', { standing: 'within_deadline', due_before: data.soonEnd })}>{text(locale, 'web.see_all')}</a>
            </p>
          </>
        )}
      </section>
    </Layout>
  );
}

function Figures({ view, data: { figures, missingEvidence, yearEnd } }: { view: View; data: ScoreboardPageData }) {
  const { locale } = view;
  const due = figures.dueBy[yearEnd] ?? 0;
  return (
    <section class="figures">
      <a class="figure total" href={href(view, '/tasks', { standing: 'counted' })}>
        <strong>{formatNumber(locale, figures.total)}</strong>
        <span class="label">{text(locale, 'web.figure.total')}</span>
      </a>
      {PARTS.map((standing) => (
        <a class={`figure ${standing}`} href={href(view, '/tasks', { standing })}>
          <strong>{formatNumber(locale, countOf(figures, standing))}</strong>
          <em>{formatShare(locale, countOf(figures, standing), figures.total)}</em>
          <span class="label">{text(locale, `web.figure.${standing}`)}</span>
        </a>
      ))}
      <a class="figure due" href={href(view, '/tasks', { standing: 'within_deadline', due_before: yearEnd })}>
        <strong>{formatNumber(locale, due)}</strong>
        <span class="label">{text(locale, 'web.due_by', { date: formatDate(locale, yearEnd) })}</span>
        <small>
          {text(locale, 'web.due_by.with_overdue', {
            overdue: formatNumber(locale, figures.overdue),
            total: formatNumber(locale, due + figures.overdue),
          })}
        </small>
      </a>
      <div class="whole">
        <Bar locale={locale} figures={figures} widest={figures.total} />
      </div>
      <a class="figure evidence" href={href(view, '/tasks', { missing_evidence: 'yes' })}>
        <strong>{formatNumber(locale, missingEvidence)}</strong>
        <span class="label">{text(locale, 'web.figure.missing_evidence')}</span>
      </a>
    </section>
  );
}

function Agencies({ view, data: { agencies } }: { view: View; data: ScoreboardPageData }) {
  const { locale } = view;
  const widest = Math.max(...agencies.map(({ figures }) => figures.total));
  return (
    <section class="card">
      <h2 id="agencies">{text(locale, 'web.agencies')}</h2>
      <p class="muted legend">
        {PARTS.map((standing) => (
          <span class={`key ${standing}`}>{text(locale, `web.figure.${standing}`)}</span>
        ))}
        <span>{text(locale, 'web.agencies.note')}</span>
      </p>
      <table class="agencies" aria-labelledby="agencies">
        <thead>
          <tr>
            <th>{text(locale, 'field.agency')}</th>
            <td class="bar" />
            <th class="count">{text(locale, 'web.figure.overdue')}</th>
            <th class="count part">{text(locale, 'web.figure.within_deadline')}</th>
            <th class="count part">{text(locale, 'web.figure.completed')}</th>
            <th class="count part">{text(locale, 'web.figure.regular')}</th>
            <th class="count">{text(locale, 'web.total')}</th>
          </tr>
        </thead>
        <tbody>
          {agencies.map(({ code, name, figures }) => (
            <tr>
              <th scope="row">
                <a href={href(view, '/tasks', { agency: code, standing: 'counted' })}>{name}</a>
              </th>
              <td class="bar">
                <Bar locale={locale} figures={figures} widest={widest} />
              </td>
              {(['overdue', 'within_deadline', 'completed', 'regular'] as const).map((standing) => (
                <td class={`count ${standing === 'overdue' ? 'overdue' : 'part'}`}>
                  <Count view={view} agency={code} standing={standing} count={countOf(figures, standing)} />
                </td>
              ))}
              <td class="count">
                <Count view={view} agency={code} standing="counted" count={figures.total} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Count({ view, agency, standing, count }: { view: View; agency: string; standing: Standing | 'counted'; count: number }) {
  if (count === 0) return <span class="none">0</span>;
  return <a href={href(view, '/tasks', { agency, standing })}>{formatNumber(view.locale, count)}</a>;
}

/** A bar as long as its total beside the widest. An SVG with attributes: the content policy allows no style in the page. */
function Bar({ locale, figures, widest }: { locale: Locale; figures: Scoreboard; widest: number }) {
  const label = PARTS.map((standing) => `${text(locale, `web.figure.${standing}`)} ${formatNumber(locale, countOf(figures, standing))}`);
  let from = 0;
  return (
    <svg class="stack" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={label.join(', ')}>
      <title>{label.join(', ')}</title>
      {PARTS.map((standing) => {
        const width = widest === 0 ? 0 : (countOf(figures, standing) / widest) * 1000;
        const x = from;
        from += width;
        return width === 0 ? null : <rect class={standing} x={x.toFixed(1)} y="0" width={width.toFixed(1)} height="10" />;
      })}
    </svg>
  );
}

function countOf(figures: Scoreboard, standing: Standing): number {
  return standing === 'within_deadline' ? figures.withinDeadline : figures[standing];
}
