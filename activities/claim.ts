/** Takes due notifications in hand: merged per person, the urgent first, agencies in turns. */
import { byDeadline, gathersUntil, inTurns } from '../domain/message.ts';
import type { Channel, Email } from '../domain/names.ts';
import { isOpen } from '../domain/task.ts';
import { addMilliseconds, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { isFree, wasHeld } from '../prisma/holds.ts';
import { createTextOfStep } from '../prisma/policies.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { DueNotification, OutgoingMessage } from './sender.ts';

export interface ClaimedMessage extends OutgoingMessage {
  /** With anything urgent in it: neither hours nor a cap keep it. */
  readonly urgent: boolean;
  /** With anything in it that a hold kept back. */
  readonly held: boolean;
  /** When the first of what it tells is due. */
  readonly readyAt: IsoInstant;
}

export interface Claims {
  /**
   * @param o.by the instant until which things are due; it may lie a little ahead
   * @param o.max so many notifications, and what is merged with them
   */
  claim(o: { readonly at: IsoInstant; readonly by: IsoInstant; readonly max: number }): Promise<ClaimedMessage[]>;
  /** What still waits in hand is not taken anew: its lease begins again. Twice: the same. */
  keep(messageIds: readonly string[], at: IsoInstant): Promise<void>;
  /** Gives back what is still claimed for messages. */
  release(messageIds: readonly string[]): Promise<void>;
  /** Gives back what a lease has run out on. */
  releaseExpired(at: IsoInstant): Promise<void>;
}

/** Then it is taken anew. How long something waits in hand for its turn depends on the provider and on the other couriers: it is kept meanwhile. */
const LEASE_SECONDS = 60;
/** Some times within a lease. */
export const KEEP_EVERY_MS = 15_000;
/** One statement's worth; the next one goes on. */
const CLAIM_MAX = 500;
const NEAR_MAX = 2_000;
/** Among so many the turns are kept: an agency with more than that due at once does not keep the others waiting for longer than this takes. */
const WINDOW_MAX = 20_000;
/** How long after an attempt a provider is asked first: an accepted message may take moments to be shown (Slack's history). */
export const ASK_AFTER_MS = 5_000;

interface ClaimedRow extends Pick<DueNotification, 'id' | 'key' | 'kind'> {
  readonly claim_id: string;
  readonly step: string;
  readonly urgent: boolean;
  readonly held: boolean;
  readonly recipient: Email;
  readonly agency_code: string;
  readonly ready_at: Date;
  readonly state: unknown;
}

export function createClaims(database: Database, { channel, partition }: { channel: Channel; partition: number }): Claims {
  const textOf = createTextOfStep(database);
  const mine = Prisma.sql`n.channel = ${channel} AND n.partition = ${partition}`;

  async function worded({ id, key, kind, step, state }: ClaimedRow): Promise<DueNotification> {
    const task = storedTask(state);
    return { id, key, kind, task, text: await textOf(task, step) };
  }

  async function claim({ at, by, max }: { at: IsoInstant; by: IsoInstant; max: number }): Promise<ClaimedMessage[]> {
    const most = Math.min(CLAIM_MAX, max);
    const readyAt = Prisma.sql`greatest(n.send_at, n.not_before, n.retry_at)`;
    const ready = (instant: IsoInstant) => Prisma.sql`${mine} AND n.status = 'planned' AND n.send_at <= ${instant}::timestamptz
      AND ${readyAt} <= ${instant}::timestamptz AND ${isFree(by)}`;
    // What a hold has kept back is late as it is: also the urgent is merged then, so that nobody gets more than one message.
    // The question about who has left has a message of its own always.
    const alone = Prisma.sql`(n.kind = 'assignee_gone' OR n.urgent AND NOT ${wasHeld(by)})`;
    const rows = await database.$queryRaw<ClaimedRow[]>`
      WITH waiting AS (
        SELECT n.id, n.urgent, n.send_at, p.agency_code FROM notification n JOIN person p ON p.email = n.recipient
        WHERE ${ready(by)} ORDER BY n.urgent DESC, n.send_at LIMIT ${WINDOW_MAX}),
      -- Agencies take turns, so that one with thousands due does not keep the others waiting.
      turns AS (
        SELECT id, turn FROM (
          SELECT id, urgent, send_at, row_number() OVER (PARTITION BY urgent, agency_code ORDER BY send_at, id) AS turn FROM waiting) ranked
        ORDER BY urgent DESC, turn, send_at LIMIT ${2 * most}),
      -- SKIP LOCKED: nobody waits for a row that a command is just cancelling, nor takes it.
      due AS (
        SELECT n.id, n.recipient, ${alone} AS alone FROM turns JOIN notification n USING (id) JOIN person p ON p.email = n.recipient
        WHERE n.status = 'planned' ORDER BY n.urgent DESC, turns.turn, n.send_at LIMIT ${most} FOR UPDATE OF n SKIP LOCKED),
      -- Whoever is written to now also hears what would be due within the next moments: one message instead of two.
      near AS (
        SELECT n.id, n.recipient FROM notification n JOIN person p ON p.email = n.recipient
        WHERE ${ready(gathersUntil(by))} AND NOT ${alone} AND n.recipient IN (SELECT recipient FROM due WHERE NOT alone)
        FOR UPDATE OF n SKIP LOCKED),
      -- A person's notifications are taken together or not at all: what is left to the next claim makes no second message.
      whole AS MATERIALIZED (
        SELECT recipient, gen_random_uuid() AS claim_id, sum(count(*)) OVER (ORDER BY count(*), recipient) AS upto,
          row_number() OVER (ORDER BY count(*), recipient) AS place
        FROM near GROUP BY recipient),
      taken AS MATERIALIZED (
        SELECT id, gen_random_uuid() AS claim_id FROM due WHERE alone UNION ALL
        SELECT id, claim_id FROM near JOIN whole USING (recipient) WHERE upto <= ${NEAR_MAX} OR place = 1)
      UPDATE notification n SET status = 'claimed', claim_id = taken.claim_id, leased_until = ${leaseFrom(at)}::timestamptz
      FROM taken, task t, person p WHERE n.id = taken.id AND n.status = 'planned' AND t.code = n.task_code AND p.email = n.recipient
      RETURNING n.id, n.claim_id, n.key, n.kind, n.step, n.urgent, ${wasHeld(by)} AS held, n.recipient, p.agency_code, ${readyAt} AS ready_at, t.state`;
    const messages = await Promise.all(
      [...Map.groupBy(rows, ({ claim_id }) => claim_id)].map(async ([id, group]) => {
        const [first] = group.toSorted((a, b) => a.ready_at.getTime() - b.ready_at.getTime());
        if (first === undefined) throw new Error('a group has a first');
        return {
          id,
          agency: first.agency_code,
          recipient: first.recipient,
          notifications: (await Promise.all(group.map(worded))).sort((a, b) => byDeadline(a.task, b.task)),
          urgent: group.some(({ urgent }) => urgent),
          held: group.some(({ held }) => held),
          readyAt: instantFromEpochMs(first.ready_at.getTime()),
        };
      }),
    );
    // What is closed has cancelled its notifications with its closing; where a crash came in between, they end here.
    const closed = messages.flatMap(({ notifications }) => notifications.filter(({ task }) => !isOpen(task)).map(({ id }) => id));
    if (closed.length === 0) return inOrder(messages);
    await database.notification.updateMany({
      where: { id: { in: closed }, status: 'claimed' },
      data: { status: 'cancelled', error: 'no longer applies', leasedUntil: null },
    });
    return inOrder(
      messages
        .map((message) => ({ ...message, notifications: message.notifications.filter(({ task }) => isOpen(task)) }))
        .filter(({ notifications }) => notifications.length > 0),
    );
  }

  return {
    claim,
    async keep(messageIds, at) {
      await database.$executeRaw`
        UPDATE notification n SET leased_until = ${leaseFrom(at)}::timestamptz
        WHERE n.claim_id = ANY(${[...messageIds]}::uuid[]) AND ${mine} AND n.status = 'claimed'`;
    },
    async release(messageIds) {
      if (messageIds.length === 0) return;
      await database.$executeRaw`
        UPDATE notification SET status = 'planned', claim_id = NULL, leased_until = NULL
        WHERE claim_id = ANY(${[...messageIds]}::uuid[]) AND channel = ${channel} AND partition = ${partition} AND status = 'claimed'`;
    },
    async releaseExpired(at) {
      await database.$executeRaw`
        UPDATE notification n SET status = 'planned', claim_id = NULL, leased_until = NULL
        WHERE ${mine} AND n.status = 'claimed' AND n.leased_until < ${at}::timestamptz`;
    },
  };
}

export function leaseFrom(at: IsoInstant): IsoInstant {
  return addMilliseconds(at, LEASE_SECONDS * 1_000);
}

/** Agencies in turns; an agency's, and so a person's, in the order in which the tasks are pressing. */
function inOrder(messages: readonly (ClaimedMessage & { readonly agency: string })[]): ClaimedMessage[] {
  const pressing = messages.toSorted(({ notifications: [a] }, { notifications: [b] }) =>
    a === undefined || b === undefined ? 0 : byDeadline(a.task, b.task),
  );
  return inTurns(pressing, ({ agency }) => agency);
}
