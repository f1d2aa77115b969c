/** `dondoc report shadow`: what would have been sent to whom while everything was diverted. */
import { addDays, atLocalTime } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs, isoDate, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { type Context, Usage, withDatabase } from './context.ts';

export interface ShadowFlags {
  /** Local dates, both included; absent: since the beginning, until now. */
  readonly from?: string;
  readonly to?: string;
}

/** One message that somebody would have had. */
export interface ShadowMessage {
  readonly at: IsoInstant;
  readonly recipient: string;
  readonly channel: string;
  readonly notifications: readonly { readonly task: string; readonly kind: string; readonly reason: string }[];
  /** Its kind, where it would have been about no single task. */
  readonly notice: string | null;
}

export async function reportShadow(context: Context, flags: ShadowFlags): Promise<void> {
  const from = dateOf('--from', flags.from);
  const to = dateOf('--to', flags.to);
  if (from !== null && to !== null && to < from) throw new Usage(`--to ${to}: lies before --from ${from}`);
  const messages = await withDatabase(context, (database) => shadowMessages(database, { from, to }));
  const people = [...Map.groupBy(messages, ({ recipient }) => recipient)]
    .map(([recipient, theirs]) => ({ recipient, messages: theirs.length, perDayMax: busiest(theirs) }))
    .sort((a, b) => b.messages - a.messages || (a.recipient < b.recipient ? -1 : 1));
  const lines = messages.map(
    ({ at, recipient, channel, notifications, notice }) =>
      `${at}  ${recipient} by ${channel}: ${notice ?? notifications.map(({ kind, task }) => `${kind} ${task}`).join(', ')}`,
  );
  context.print(
    { count: messages.length, messages, people },
    [...lines, `${messages.length} messages to ${people.length} people`].join('\n'),
  );
}

/** In the order in which they would have come. */
export async function shadowMessages(
  database: Database,
  { from, to }: { from: IsoDate | null; to: IsoDate | null },
): Promise<ShadowMessage[]> {
  const midnight = (date: IsoDate) => atLocalTime(date, '00:00', COMMITTEE_TIME_ZONE);
  const sentAt = { ...(from === null ? {} : { gte: midnight(from) }), ...(to === null ? {} : { lt: midnight(addDays(to, 1)) }) };
  const [rows, notices] = await Promise.all([
    database.notification.findMany({
      where: { shadow: true, status: { in: ['sent', 'merged'] }, sentAt },
      orderBy: [{ sentAt: 'asc' }, { messageId: 'asc' }, { key: 'asc' }],
    }),
    database.notice.findMany({ where: { shadow: true, status: 'sent', sentAt }, orderBy: [{ sentAt: 'asc' }, { key: 'asc' }] }),
  ]);
  const ofTasks = [...Map.groupBy(rows, ({ messageId }) => messageId).values()].flatMap((group) => {
    const [first] = group;
    if (first?.sentAt == null) return [];
    const notifications = group.map(({ taskCode, kind, reason }) => ({ task: taskCode, kind, reason }));
    const { recipient, channel } = first;
    return [{ at: instantFromEpochMs(first.sentAt.getTime()), recipient, channel, notifications, notice: null }];
  });
  const others = notices.flatMap(({ sentAt, recipient, channel, kind: notice }) =>
    sentAt === null ? [] : [{ at: instantFromEpochMs(sentAt.getTime()), recipient, channel, notifications: [], notice }],
  );
  return [...ofTasks, ...others].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function busiest(messages: readonly ShadowMessage[]): number {
  const days = Map.groupBy(messages, ({ at }) => localDate(at, COMMITTEE_TIME_ZONE));
  return Math.max(...[...days.values()].map(({ length }) => length));
}

function dateOf(flag: string, given: string | undefined): IsoDate | null {
  if (given === undefined) return null;
  const read = isoDate.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return read.data;
}
