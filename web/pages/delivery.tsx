/** How messages fare: what is late now and why, how long those of the last days waited, and what was alarmed of. Of tasks nothing. */
import { backlogReason, channelName } from '../../config/backlog-text.ts';
import { formatDate, formatMoment, formatSpan, type TextId, text } from '../../config/text.ts';
import type { Backlog } from '../../domain/backlog.ts';
import { CHANNELS } from '../../domain/names.ts';
import type { DeliveryDay, PastBacklog } from '../../prisma/delivery.ts';
import { formatNumber } from '../format.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';

export interface DeliveryProps {
  readonly view: View;
  readonly days: number;
  /** Said by the banners of every page; here, too, that there are none. */
  readonly late: readonly Backlog[];
  readonly sent: readonly DeliveryDay[];
  readonly past: readonly PastBacklog[];
}

export function DeliveryPage({ view, days, late, sent, past }: DeliveryProps) {
  const { locale } = view;
  return (
    <Layout view={view} title={text(locale, 'web.delivery')}>
      {late.length === 0 ? <p class="card">{text(locale, 'web.delivery.on_time')}</p> : null}
      <section class="card">
        <h2 id="days">{text(locale, 'web.delivery.days', { days })}</h2>
        {sent.length === 0 ? (
          <p class="muted">{text(locale, 'web.delivery.none')}</p>
        ) : (
          <>
            <Days view={view} sent={sent} />
            <p class="muted">{text(locale, 'web.delivery.about')}</p>
          </>
        )}
      </section>
      {past.length === 0 ? null : (
        <section class="card">
          <h2>{text(locale, 'web.delivery.past')}</h2>
          <ul>
            {past.map((backlog) => (
              <li>{pastText(view, backlog)}</li>
            ))}
          </ul>
        </section>
      )}
    </Layout>
  );
}

const COLUMNS = ['web.delivery.messages', 'web.delivery.p50', 'web.delivery.p99', 'web.delivery.max'] as const satisfies readonly TextId[];

/** A channel beside the other, so that a day's are compared at a glance. */
function Days({ view, sent }: { view: View; sent: readonly DeliveryDay[] }) {
  const { locale } = view;
  const channels = CHANNELS.filter((channel) => sent.some((each) => each.channel === channel));
  const byDay = Map.groupBy(sent, ({ day }) => day);
  return (
    <div class="scroll">
      <table class="delivery" aria-labelledby="days">
        <thead>
          <tr>
            <th rowspan={2}>{text(locale, 'web.delivery.day')}</th>
            {channels.map((channel) => (
              <th colspan={COLUMNS.length} scope="colgroup" class="first">
                {channelName(locale, channel)}
              </th>
            ))}
          </tr>
          <tr>
            {channels.flatMap(() =>
              COLUMNS.map((id, index) => <th class={index === 0 ? 'figure-of first' : 'figure-of'}>{text(locale, id)}</th>),
            )}
          </tr>
        </thead>
        <tbody>
          {[...byDay].map(([day, own]) => (
            <tr>
              <th scope="row">{formatDate(locale, day)}</th>
              {channels.map((channel) => (
                <Figures view={view} found={own.find((each) => each.channel === channel)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Figures({ view: { locale }, found }: { view: View; found: DeliveryDay | undefined }) {
  const shown =
    found === undefined
      ? COLUMNS.map(() => '–')
      : [formatNumber(locale, found.messages), ...[found.p50Ms, found.p99Ms, found.maxMs].map((ms) => formatSpan(locale, ms))];
  return (
    <>
      {shown.map((value, index) => (
        <td class={index === 0 ? 'first' : undefined}>{value}</td>
      ))}
    </>
  );
}

function pastText({ locale }: View, { channel, since, noticedAt, endedAt, reason }: PastBacklog): string {
  const said = {
    channel: channelName(locale, channel),
    since: formatMoment(locale, since),
    reason: backlogReason(locale, reason, null),
  };
  return endedAt === null
    ? text(locale, 'web.delivery.past_open', { ...said, at: formatMoment(locale, noticedAt) })
    : text(locale, 'web.delivery.past_line', { ...said, until: formatMoment(locale, endedAt) });
}
