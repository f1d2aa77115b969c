/**
 * What couriers have marked ahead of its moment, and what of it has left: docs/decisions/0020. Marking thousands of messages takes a second,
 * saying that hundreds leave takes one row. Until that is said whoever changes a task, or holds everything, takes back what it concerns; and
 * what a courier that dies has marked surely was not sent.
 */
import type { Channel } from '../domain/names.ts';
import { addMilliseconds, type IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Which courier, and which of its runs. */
export interface CourierRun {
  readonly channel: Channel;
  readonly partition: number;
  readonly run: string;
}

export interface Departures {
  /**
   * Another run of this courier has ended without a word: what it had in hand, or marked and not let leave, is given back; what it had on
   * the wire is to be asked about. Were it alive after all, it could mark nothing of it and let nothing leave any more.
   * @param askAfterMs after the attempt
   */
  takeOver(at: IsoInstant, askAfterMs: number): Promise<void>;
  /**
   * Before the first of it is marked: nothing marked for an instant from the first to the last leaves before `depart`.
   * @throws as `depart`
   */
  waitFor(first: IsoInstant, last: IsoInstant): Promise<void>;
  /**
   * From now on everything that is marked for an instant up to this one may be on the wire.
   * @returns messages of which a command has changed something since `waitFor`, and whether a hold has come since
   * @throws Error where another run has taken over: nothing may be sent
   */
  depart(until: IsoInstant): Promise<{ readonly withdrawn: readonly string[]; readonly recalled: boolean }>;
  /** Takes messages of this run in hand again that were marked and surely not put on the wire: it counts as no attempt. */
  unmark(messageIds: readonly string[]): Promise<void>;
}

export function createDepartures(database: Database, { channel, partition, run }: CourierRun): Departures {
  const mine = Prisma.sql`channel = ${channel} AND partition = ${partition}`;
  const ofThisRun = Prisma.sql`${mine} AND run = ${run}::uuid`;

  return {
    async takeOver(at, askAfterMs) {
      // First: from here on the run before can let nothing leave. No lock is kept on it, which whoever changes a task may wait for.
      await database.$executeRaw`
        INSERT INTO departure (channel, partition, run) VALUES (${channel}, ${partition}, ${run}::uuid)
        ON CONFLICT (channel, partition) DO UPDATE SET run = EXCLUDED.run`;
      await database.$executeRaw`
        WITH left_behind AS (
          SELECT n.id, n.status, n.status = 'sending' AND coalesce(n.attempted_at > d.left_until AND n.attempted_at <= d.waits_until, false) AS waited
          FROM notification n JOIN departure d USING (channel, partition)
          WHERE ${mine} AND n.status IN ('claimed', 'sending'))
        UPDATE notification n SET leased_until = NULL, claim_id = NULL,
          status = CASE WHEN l.waited OR l.status = 'claimed' THEN 'planned' ELSE 'uncertain' END,
          message_id = CASE WHEN l.waited THEN NULL ELSE n.message_id END,
          attempts = n.attempts - CASE WHEN l.waited THEN 1 ELSE 0 END,
          retry_at = CASE WHEN l.waited OR l.status = 'claimed' THEN n.retry_at
            ELSE coalesce(n.attempted_at, ${at}::timestamptz) + ${askAfterMs} * interval '1 millisecond' END,
          error = CASE WHEN l.waited OR l.status = 'claimed' THEN n.error ELSE 'the courier ended while it was on the wire' END
        FROM left_behind l WHERE n.id = l.id AND n.status = l.status`;
      await database.$executeRaw`UPDATE departure SET left_until = NULL, waits_until = NULL, withdrawn = '{}', recalled = false WHERE ${ofThisRun}`;
    },
    async waitFor(first, last) {
      const count = await database.$executeRaw`
        UPDATE departure SET left_until = ${addMilliseconds(first, -1)}::timestamptz, waits_until = ${last}::timestamptz,
          withdrawn = '{}', recalled = false
        WHERE ${ofThisRun}`;
      if (count === 0) throw takenOver();
    },
    async depart(until) {
      const [row] = await database.$queryRaw<{ withdrawn: string[]; recalled: boolean }[]>`
        UPDATE departure SET left_until = CASE WHEN waits_until > ${until}::timestamptz THEN ${until}::timestamptz END,
          waits_until = CASE WHEN waits_until > ${until}::timestamptz THEN waits_until END
        WHERE ${ofThisRun} RETURNING withdrawn, recalled`;
      if (row === undefined) throw takenOver();
      return row;
    },
    async unmark(messageIds) {
      if (messageIds.length === 0) return;
      await database.$executeRaw`
        UPDATE notification SET status = 'claimed', message_id = NULL, attempts = attempts - 1
        WHERE message_id = ANY(${[...messageIds]}::uuid[]) AND ${mine} AND status = 'sending'`;
    },
  };
}

function takenOver(): Error {
  return new Error('another run of this courier has taken over');
}

/**
 * The head of a statement that changes one task: tells the couriers that have marked something of it ahead, and waits for one that is just
 * letting it leave. To be run after whatever else of the task was changed: by then who was just marking has ended.
 */
export function withdrawn(code: string): Prisma.Sql {
  return Prisma.sql`withdrawn AS (
    UPDATE departure d SET withdrawn = d.withdrawn || marked.messages
    FROM (
      SELECT channel, partition, array_agg(message_id) AS messages FROM notification
      WHERE task_code = ${code} AND status = 'sending' AND message_id IS NOT NULL GROUP BY channel, partition) AS marked
    WHERE d.channel = marked.channel AND d.partition = marked.partition AND d.waits_until IS NOT NULL
    RETURNING d.channel, d.partition, d.left_until, d.waits_until)`;
}

/** Whether a row of `notification` was marked ahead and has not left: in a statement that begins with `withdrawn`. */
export const IS_WITHDRAWN = Prisma.sql`(notification.status = 'sending' AND EXISTS (
  SELECT FROM withdrawn w
  WHERE w.channel = notification.channel AND w.partition = notification.partition
    AND notification.attempted_at > w.left_until AND notification.attempted_at <= w.waits_until))`;

/** Once a hold is stored: what was marked ahead and has not left is looked at once more. */
export async function recallMarked(database: Database): Promise<void> {
  await database.$executeRaw`UPDATE departure SET recalled = true WHERE waits_until IS NOT NULL`;
}
