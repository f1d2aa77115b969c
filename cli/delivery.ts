/** `dondoc delivery`: how long messages waited, a day and a channel, and what is late now and why. */
import { backlogReason, backlogText, channelName } from '../config/backlog-text.ts';
import { formatSpan } from '../config/text.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { createBacklogReader, readDeliveryDays, readPastBacklogs } from '../prisma/delivery.ts';
import { backlogsOf } from './channels.ts';
import { type Context, Usage, withDatabase } from './context.ts';

const DAYS_MAX = 366;

export async function delivery(context: Context, flags: { readonly days: string }): Promise<void> {
  const days = Number(flags.days);
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
    throw new Usage(`--days ${flags.days}: write a whole number from 1 to ${DAYS_MAX}`);
  const at = instantFromEpochMs(Date.now());
  const [late, sent, past] = await withDatabase(context, async (database, info) => {
    const backlogs = createBacklogReader({ database, ...backlogsOf(info) });
    return Promise.all([backlogs(at), readDeliveryDays(database, { days, at }), readPastBacklogs(database, { days, at })]);
  });
  const span = (ms: number) => formatSpan('en', ms).padStart(9);
  const lines = [
    ...(late.length === 0 ? ['nothing is late'] : late.map((backlog) => backlogText('en', backlog, at))),
    ...(sent.length === 0 ? ['nothing was sent in these days'] : ['day         channel     messages        p50        p99    longest']),
    ...sent.map(
      ({ day, channel, messages, p50Ms, p99Ms, maxMs }) =>
        `${day}  ${channelName('en', channel).padEnd(10)}  ${String(messages).padStart(8)}  ${span(p50Ms)}  ${span(p99Ms)}  ${span(maxMs)}`,
    ),
    ...past.map(
      ({ channel, since, endedAt, reason }) =>
        `${channelName('en', channel)} was late from ${since} ${endedAt === null ? 'on' : `to ${endedAt}`}: ${backlogReason('en', reason, null)}`,
    ),
  ];
  context.print({ late, days: sent, past }, lines.join('\n'));
}
