/** How messages fare, read from the ledger: how long they waited, and what is late now. */
import { z } from 'zod';
import { type Backlog, type BacklogReason, type BacklogRule, backlogOf, UNMADE } from '../domain/backlog.ts';
import { addDays, atLocalTime } from '../domain/calendar.ts';
import { CHANNELS, type Channel } from '../domain/names.ts';
import { PASSING_KINDS } from '../domain/notice.ts';
import { limitPerDay } from '../domain/rate-limit.ts';
import { addMilliseconds, COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs, isoDate, localDate } from '../domain/time.ts';
import { PARTITIONS } from '../workflows/names.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';
import { heldBefore, isFree } from './holds.ts';
import { noticeHeldUntil } from './notices.ts';
import { nameOfDay, readFree } from './rate-limits.ts';

const instant = z.date().transform((date) => instantFromEpochMs(date.getTime()));
const channel = z.enum(CHANNELS);

const days = z.array(
  z.object({
    day: isoDate,
    channel,
    /** Those that the provider accepted on the day, each once however much was merged into it. */
    messages: z.int(),
    p50Ms: z.number(),
    p99Ms: z.number(),
    maxMs: z.number(),
  }),
);
/** What one channel sent on one local day, and how long that had waited, in milliseconds. */
export type DeliveryDay = z.infer<typeof days>[number];

/**
 * The last local days of the committee's zone with today, the newest first; a day on which a channel sent nothing is absent.
 *
 * A message waits from the instant at which it was free to go (its `send_at`, or later where a cap, the hours or a hold had put it off) until
 * the provider had accepted it; what was gathered a moment ahead waited not at all. A message counts once, by the longest wait of what was
 * merged into it: its reader waited for that. It belongs to the day on which it was accepted, so that a day's figures stay as they are.
 */
export async function readDeliveryDays(database: Database, o: { readonly days: number; readonly at: IsoInstant }): Promise<DeliveryDay[]> {
  const from = Prisma.sql`${firstInstant(o)}::timestamptz`;
  const sent = Prisma.sql`n.channel = ANY(${[...CHANNELS]}) AND n.sent_at >= ${from}`;
  // Without a hold in these days none is looked at for each message.
  const held = Prisma.sql`CASE WHEN EXISTS (SELECT FROM hold WHERE until >= ${from}) THEN ${heldBefore(Prisma.sql`n.sent_at`)} END`;
  const waited = (from: Prisma.Sql) => Prisma.sql`greatest(0, extract(epoch FROM n.sent_at - greatest(${from})) * 1000)`;
  const rows = await database.$queryRaw`
    SELECT to_char(m.sent_at AT TIME ZONE ${COMMITTEE_TIME_ZONE}, 'YYYY-MM-DD') AS day, m.channel, count(*)::int AS messages,
      (percentile_disc(0.5) WITHIN GROUP (ORDER BY m.ms))::float8 AS "p50Ms",
      (percentile_disc(0.99) WITHIN GROUP (ORDER BY m.ms))::float8 AS "p99Ms", max(m.ms)::float8 AS "maxMs"
    FROM (
      SELECT n.channel, max(n.sent_at) AS sent_at, max(${waited(Prisma.sql`n.send_at, n.not_before, ${held}`)}) AS ms
      FROM notification n JOIN person p ON p.email = n.recipient WHERE ${sent} GROUP BY n.channel, n.message_id
      UNION ALL
      SELECT n.channel, n.sent_at, ${waited(Prisma.sql`n.send_at, CASE WHEN n.kind <> ALL(${[...PASSING_KINDS]}) THEN ${held} END`)}
      FROM notice n JOIN person p ON p.email = n.recipient WHERE ${sent}) m
    GROUP BY 1, 2 ORDER BY 1 DESC, 2`;
  return days.parse(rows);
}

const late = z.array(
  z.object({
    channel,
    waiting: z.int(),
    people: z.int(),
    untried: z.int(),
    since: instant,
    attemptedAt: instant.nullable(),
    error: z.string().nullable(),
    retryAt: instant.nullable(),
    isForAll: z.boolean().nullable(),
    isUnmade: z.boolean(),
    blockedUntil: instant.nullable(),
    sentAt: instant.nullable(),
  }),
);

/** Of a channel and partition: so many are counted, and more need not be told from it. */
const LATE_MAX = 20_000;

export interface BacklogDependencies {
  readonly database: Database;
  readonly rule: BacklogRule;
  /** Those that send here: what waits on another one is in nobody's hands. */
  readonly channels: readonly Channel[];
  /** What a channel takes in any 24 hours, where it is limited. */
  readonly perDay: Partial<Readonly<Record<Channel, number | null>>>;
  /** Whether messages are diverted: what is uncertain of the other mode is asked about by nobody. */
  readonly shadow: boolean;
}
export type ReadBacklogs = (at: IsoInstant) => Promise<Backlog[]>;

/**
 * What is late now, the channel that has waited longest first. What a hold keeps back is not late, nor what a cap or the hours have put
 * off; what may have arrived is, for as long as it is asked about.
 */
export function createBacklogReader({ database, rule, channels, perDay, shadow }: BacklogDependencies): ReadBacklogs {
  return async (at) => {
    const by = Prisma.sql`${addMilliseconds(at, -rule.lateSeconds * 1_000)}::timestamptz`;
    const columns = Prisma.sql`n.channel, n.recipient, n.attempted_at, n.retry_at, n.error, n.attempts`;
    const before = heldBefore(Prisma.sql`${at}::timestamptz`);
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const mine = Prisma.sql`n.channel = c.channel AND n.send_at < ${by}`;
    const notifications = (found: Prisma.Sql) => Prisma.sql`
      SELECT ${columns}, greatest(n.send_at, n.planned_at, n.not_before, ${before}) AS due
      FROM unnest(${[...channels]}::text[]) c (channel) CROSS JOIN unnest(${partitions}::smallint[]) k (partition)
        CROSS JOIN LATERAL (SELECT n.* FROM notification n WHERE ${mine} AND n.partition = k.partition AND ${found}) n
        JOIN person p ON p.email = n.recipient
      WHERE ${isFree(at)}`;
    const rows = await database.$queryRaw`
      WITH waits AS (
        -- In order and up to a limit, so that the index is read up to the instant: the planner thinks that most of what is planned is due, as
        -- most of the ledger is, and with 60,000 planned read all of them (14 ms; so 1 ms, and 30 in a storm of 10,000).
        ${notifications(Prisma.sql`n.status = 'planned' ORDER BY n.send_at LIMIT ${LATE_MAX}`)}
        UNION ALL
        ${notifications(Prisma.sql`n.status IN ('claimed', 'sending', 'uncertain')
          AND (n.status <> 'uncertain' OR n.retry_at IS NOT NULL AND n.shadow = ${shadow})`)}
        UNION ALL
        SELECT ${columns}, greatest(n.send_at, n.planned_at, CASE WHEN n.kind <> ALL(${[...PASSING_KINDS]}) THEN ${before} END) AS due
        FROM unnest(${[...channels]}::text[]) c (channel) JOIN notice n ON ${mine} JOIN person p ON p.email = n.recipient
        WHERE (n.status IN ('planned', 'claimed', 'sending') OR n.status = 'uncertain' AND n.retry_at IS NOT NULL AND n.shadow = ${shadow})
          AND ${noticeHeldUntil(at)} IS NULL),
      late AS (SELECT * FROM waits WHERE due < ${by}),
      latest AS (SELECT DISTINCT ON (channel) channel, attempted_at, error, retry_at, attempts = 0 AS for_all FROM late WHERE attempted_at IS NOT NULL
        ORDER BY channel, attempted_at DESC)
      SELECT l.channel, count(*)::int AS waiting, count(DISTINCT l.recipient)::int AS people,
        (count(*) FILTER (WHERE l.attempted_at IS NULL))::int AS untried, min(l.due) AS since, a.attempted_at AS "attemptedAt", a.error, a.retry_at AS "retryAt", a.for_all AS "isForAll",
        bool_or(coalesce(starts_with(l.error, ${UNMADE}), false)) AS "isUnmade",
        (SELECT blocked_until FROM rate_limit r WHERE r.name = l.channel) AS "blockedUntil",
        greatest((SELECT max(sent_at) FROM notification WHERE channel = l.channel AND sent_at IS NOT NULL),
          (SELECT max(sent_at) FROM notice WHERE channel = l.channel AND sent_at IS NOT NULL)) AS "sentAt"
      FROM late l LEFT JOIN latest a USING (channel) GROUP BY l.channel, a.attempted_at, a.error, a.retry_at, a.for_all ORDER BY since, l.channel`;
    return Promise.all(
      late.parse(rows).map(async ({ attemptedAt, error, retryAt, isForAll, ...facts }) => {
        const attempt = attemptedAt === null ? null : { at: attemptedAt, error, retryAt, isForAll: isForAll === true };
        const max = perDay[facts.channel] ?? null;
        const isDayFull = max !== null && (await readFree(database, nameOfDay(facts.channel), limitPerDay(max), at)) === 0;
        return backlogOf({ ...facts, attempt, isDayFull }, at);
      }),
    );
  };
}

const past = z.array(
  z.object({
    channel,
    since: instant,
    noticedAt: instant,
    endedAt: instant.nullable(),
    reason: z.enum(['refused', 'partly', 'day_full', 'unmade', 'pace', 'no_courier']),
    answer: z.string().nullable(),
  }),
);

/** A backlog that the coordinators were alarmed of, with what was its reason when it was noticed; `endedAt` null: it is not over. */
export interface PastBacklog {
  readonly channel: Channel;
  readonly since: IsoInstant;
  readonly noticedAt: IsoInstant;
  readonly endedAt: IsoInstant | null;
  readonly reason: BacklogReason;
}

const BACKLOGS_MAX = 50;

/** Those noticed in the last days, the newest first. */
export async function readPastBacklogs(database: Database, o: { readonly days: number; readonly at: IsoInstant }): Promise<PastBacklog[]> {
  const rows = await database.backlog.findMany({
    where: { noticedAt: { gte: firstInstant(o) } },
    orderBy: { noticedAt: 'desc' },
    take: BACKLOGS_MAX,
  });
  return past.parse(rows).map(({ reason, answer, ...row }) => ({
    ...row,
    reason: reason === 'refused' ? { reason, answer, until: null, isForAll: false } : reason === 'partly' ? { reason, answer } : { reason },
  }));
}

/** When the first of the last local days began. */
function firstInstant({ days: count, at }: { readonly days: number; readonly at: IsoInstant }): IsoInstant {
  return atLocalTime(addDays(localDate(at, COMMITTEE_TIME_ZONE), 1 - count), '00:00', COMMITTEE_TIME_ZONE);
}
