/**
 * Sends what is due on one channel: claims with a lease what no hold covers, merges per person, keeps the cap of a day, marks before
 * the wire, writes outcomes back.
 */
import { randomUUID } from 'node:crypto';
import type { Notice } from '../config/notice.ts';
import { addDays, atLocalTime, morningFrom } from '../domain/calendar.ts';
import { type CapFate, capDay, limitOf } from '../domain/cap.ts';
import type { Person } from '../domain/directory.ts';
import { byDeadline, gathersUntil } from '../domain/message.ts';
import type { Channel, Email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { opensAt } from '../domain/plan.ts';
import type { Step } from '../domain/policy.ts';
import { isOpen, type Task } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { heldUntil, wasHeld } from '../prisma/holds.ts';
import { messagesBetween } from '../prisma/notices.ts';
import type { PolicyOf } from '../prisma/policies.ts';
import { createTextOfStep } from '../prisma/policies.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { CourierPause } from './interface.ts';
import { nextDue } from './next-due.ts';

export interface DueNotification {
  readonly id: string;
  readonly key: string;
  readonly kind: NotificationKind;
  readonly task: Task;
  /** What the step says in the policy's own words; null where it says nothing. */
  readonly text: Step['text'];
}

/** One message to one person; several notifications where they were merged. */
export interface OutgoingMessage {
  readonly id: string;
  readonly recipient: Email;
  readonly notifications: readonly DueNotification[];
}

interface ClaimedMessage extends OutgoingMessage {
  /** With anything urgent in it: neither hours nor a cap keep it. */
  readonly urgent: boolean;
  /** With anything in it that a hold kept back. */
  readonly held: boolean;
}

/** What a provider did with a message. `gone`: it knows the recipient no more. `ambiguous`: perhaps sent; never blindly sent again. */
export type SendOutcome =
  | { readonly outcome: 'sent'; readonly providerId: string }
  | { readonly outcome: 'transient'; readonly why: string; readonly retryAfterMs?: number }
  | { readonly outcome: 'permanent'; readonly why: string; readonly gone?: true }
  | { readonly outcome: 'ambiguous'; readonly why: string };

/** What a channel implements: it knows its provider and nothing of the ledger. */
export interface Sender {
  readonly channel: Channel;
  /** Whether everything it sends is diverted: whom it names is told nothing. */
  readonly shadow: boolean;
  send(message: OutgoingMessage): Promise<SendOutcome>;
  /** Whether an uncertain message arrived: its provider's id, null when surely not, undefined when it cannot be told. */
  find(message: OutgoingMessage): Promise<string | null | undefined>;
  /** Tells one person something that is about no task. */
  notify(recipient: Person, notice: Notice): Promise<SendOutcome>;
}

export interface DeliverDependencies {
  readonly database: Database;
  readonly sender: Sender;
  /** A provider knows the recipient no more; safe to repeat. */
  readonly loseChannel: (recipient: Email, channel: Channel) => Promise<void>;
  readonly calendars: ReadCalendars;
  readonly policyOf: PolicyOf;
  readonly person: (email: Email) => Promise<Person | undefined>;
  /** Looks at the day's volume before anything of it goes out, and puts a hold over it where it is far above the usual. */
  readonly checkVolume: (at: IsoInstant) => Promise<void>;
  /** Sends this channel's notices that are due. */
  readonly sendNotices: () => Promise<void>;
  readonly now: () => IsoInstant;
  readonly heartbeat: () => void;
}

/** Longer than the slowest send: a lease that ends while a message is on the wire would let another courier send it. */
const LEASE_SECONDS = 60;
const CLAIM_MAX = 100;
const NEAR_MAX = 1_000;
const TRANSIENT_ATTEMPTS_MAX = 20;
/** A mistake of ours is mended by a new version, not by the next second. */
const UNMADE_RETRY_MS = 10 * 60_000;

/**
 * Twice: a second run claims only what nobody holds. Fails or is killed: leases run out and another run goes on; what
 * was on the wire is asked about first. Lost: nothing; the ledger is the queue.
 */
export function createDeliver(o: DeliverDependencies) {
  const { database, sender, now, heartbeat } = o;
  const textOf = createTextOfStep(database);
  return async (): Promise<CourierPause> => {
    await settleUncertain();
    for (;;) {
      heartbeat();
      // As of the instant that is claimed for: a run that began in the evening may still be there when the morning comes.
      const at = now();
      await o.checkVolume(at);
      await o.sendNotices();
      const messages = await claim(at);
      if (messages.length === 0) return { next: await nextDue(database, sender.channel, now(), ['planned', 'claimed']) };
      for (const message of messages) {
        heartbeat();
        await send(message);
      }
    }
  };

  async function claim(at: IsoInstant): Promise<ClaimedMessage[]> {
    const until = instantFromEpochMs(epochMs(at) + LEASE_SECONDS * 1_000);
    const ready = (by: IsoInstant) => Prisma.sql`n.channel = ${sender.channel} AND ${heldUntil(at)} IS NULL
      AND ((n.status = 'planned' AND n.send_at <= ${by}::timestamptz AND (n.not_before IS NULL OR n.not_before <= ${by}::timestamptz))
        OR (n.status = 'claimed' AND n.leased_until < ${at}::timestamptz))`;
    // What a hold has kept back is late as it is: also the urgent is merged then, so that nobody gets more than one message.
    // The question about who has left has a message of its own always.
    const alone = Prisma.sql`(n.kind = 'assignee_gone' OR n.urgent AND NOT ${wasHeld(at)})`;
    // SKIP LOCKED: couriers side by side never wait for, nor take, each other's rows. Urgent first, then the oldest.
    const rows = await database.$queryRaw<
      {
        id: string;
        key: string;
        kind: NotificationKind;
        step: string;
        urgent: boolean;
        alone: boolean;
        held: boolean;
        recipient: Email;
        state: unknown;
      }[]
    >`
      WITH due AS (
        SELECT n.id, n.recipient, ${alone} AS alone FROM notification n JOIN person p ON p.email = n.recipient
        WHERE ${ready(at)} ORDER BY n.urgent DESC, n.send_at LIMIT ${CLAIM_MAX} FOR UPDATE OF n SKIP LOCKED),
      -- Whoever is written to now also hears what would be due within the next moments: one message instead of two.
      near AS (
        SELECT n.id, n.recipient FROM notification n JOIN person p ON p.email = n.recipient
        WHERE ${ready(gathersUntil(at))} AND NOT ${alone} AND n.recipient IN (SELECT recipient FROM due WHERE NOT alone)
        FOR UPDATE OF n SKIP LOCKED),
      -- A person's notifications are taken together or not at all: what is left to the next claim makes no second message.
      whole AS (
        SELECT recipient, sum(count(*)) OVER (ORDER BY count(*), recipient) AS upto, row_number() OVER (ORDER BY count(*), recipient) AS place
        FROM near GROUP BY recipient),
      taken AS (
        SELECT id, true AS alone FROM due WHERE alone UNION ALL
        SELECT id, false FROM near JOIN whole USING (recipient) WHERE upto <= ${NEAR_MAX} OR place = 1)
      UPDATE notification n SET status = 'claimed', leased_until = ${until}::timestamptz
      FROM taken, task t, person p WHERE n.id = taken.id AND t.code = n.task_code AND p.email = n.recipient
      RETURNING n.id, n.key, n.kind, n.step, n.urgent, taken.alone, ${wasHeld(at)} AS held, n.recipient, t.state`;
    const messages = await Promise.all(
      [...Map.groupBy(rows, ({ id, alone: single, recipient }) => (single ? id : recipient)).values()].map(async (group) => ({
        id: randomUUID(),
        recipient: group[0]?.recipient as Email, // a group has a first
        notifications: (await Promise.all(group.map(worded))).sort((a, b) => byDeadline(a.task, b.task)),
        urgent: group.some(({ urgent }) => urgent),
        held: group.some(({ held }) => held),
      })),
    );
    // Messages to one person arrive in the order in which the tasks are pressing.
    return messages.sort(({ notifications: [a] }, { notifications: [b] }) =>
      a === undefined || b === undefined ? 0 : byDeadline(a.task, b.task),
    );
  }

  async function worded({ id, key, kind, step, state }: Pick<DueNotification, 'id' | 'key' | 'kind'> & { step: string; state: unknown }) {
    const task = storedTask(state);
    return { id, key, kind, task, text: await textOf(task, step) };
  }

  async function send(message: ClaimedMessage): Promise<void> {
    const left = (await isPutOff(message)) ? new Set<string>() : await mark(message);
    const notifications = message.notifications.filter(({ id, task }) => left.has(id) && isOpen(task));
    if (notifications.length === 0) return;
    await settle({ ...message, notifications }, await sendOrExplain({ ...message, notifications }));
  }

  /** What a hold let go outside the recipient's hours waits for them; what is urgent does not. */
  async function isPutOff({ recipient, notifications, urgent, held }: ClaimedMessage): Promise<boolean> {
    const person = held && !urgent ? await o.person(recipient) : undefined;
    if (person === undefined) return false;
    const at = now();
    const calendar = (await o.calendars(at)).of(person.agency);
    const policies = await Promise.all(notifications.map(({ task }) => o.policyOf(task.policy)));
    const opens = policies.map(({ timing }) => opensAt(timing, at, calendar, person.timeZone)).reduce((a, b) => (a > b ? a : b), at);
    if (opens === at) return false;
    const ids = notifications.map(({ id }) => id);
    await putOff(database, ids, { notBefore: opens, error: 'the hold ended outside hours' });
    return true;
  }

  /** Marks as on the wire what is still claimed, under no hold and within the cap: a command in between has cancelled the rest. */
  async function mark({ id, recipient, notifications, urgent }: ClaimedMessage): Promise<ReadonlySet<string>> {
    const policies = await Promise.all(notifications.map(({ task }) => o.policyOf(task.policy)));
    const caps = policies.map(({ cap }) => cap);
    const person = urgent || limitOf(caps) === null ? undefined : await o.person(recipient);
    if (person === undefined) return markAll(database);
    const calendar = (await o.calendars(now())).of(person.agency);
    return database.$transaction(async (transaction) => {
      // Couriers of other channels that write to the same person count one after the other.
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${recipient}, 0))`;
      const told = await toldToday(transaction, person);
      const [fates = []] = capDay([{ urgent, caps }], told);
      if (fates.every((fate) => fate === 'send')) return markAll(transaction);
      const error = `above ${limitOf(caps)} messages a day`;
      const idsOf = (wanted: CapFate) => notifications.flatMap(({ id: each }, index) => (fates[index] === wanted ? [each] : []));
      const tomorrow = atLocalTime(addDays(localDate(now(), person.timeZone), 1), '00:00', person.timeZone);
      const notBefore = morningFrom(calendar, tomorrow, policies[0]?.digestAt ?? '08:00', person.timeZone);
      await putOff(transaction, idsOf('next_working_day'), { notBefore, error });
      await transaction.notification.updateMany({
        where: { id: { in: idsOf('drop') }, status: 'claimed' },
        data: { status: 'dropped', error, leasedUntil: null },
      });
      return new Set<string>();
    });

    async function markAll(store: Transaction): Promise<ReadonlySet<string>> {
      const at = now();
      const ids = notifications.map((each) => each.id);
      const kept = await store.$queryRaw<{ id: string }[]>`
        UPDATE notification n SET status = 'sending', message_id = ${id}::uuid, attempts = attempts + 1, attempted_at = ${at}::timestamptz,
          shadow = ${sender.shadow}, not_before = NULL
        FROM person p WHERE p.email = n.recipient AND n.id = ANY(${ids}::uuid[]) AND n.status = 'claimed' AND ${heldUntil(at)} IS NULL
        RETURNING n.id`;
      if (kept.length < ids.length) await putOff(store, ids, { notBefore: null, error: null });
      return new Set(kept.map((each) => each.id));
    }
  }

  /** Messages that a person has had since midnight of the person's own zone, on every channel. */
  function toldToday(transaction: Transaction, { email: recipient, timeZone }: Person): Promise<number> {
    const today = localDate(now(), timeZone);
    const [from, until] = [atLocalTime(today, '00:00', timeZone), atLocalTime(addDays(today, 1), '00:00', timeZone)];
    return messagesBetween(transaction, { recipient, shadow: sender.shadow, from, until });
  }

  /** Gives back what is still claimed. */
  async function putOff(store: Transaction, ids: readonly string[], data: { notBefore: IsoInstant | null; error: string | null }) {
    await store.notification.updateMany({
      where: { id: { in: [...ids] }, status: 'claimed' },
      data: { ...data, status: 'planned', leasedUntil: null },
    });
  }

  /** A sender answers for everything on the wire; what it throws happened before, in our own code, and nothing was sent. */
  async function sendOrExplain(message: OutgoingMessage): Promise<SendOutcome> {
    try {
      return await sender.send(message);
    } catch (error) {
      const why = `the message could not be made: ${error instanceof Error ? error.message : String(error)}`;
      return { outcome: 'transient', why, retryAfterMs: UNMADE_RETRY_MS };
    }
  }

  async function settle({ id, recipient, notifications }: OutgoingMessage, result: SendOutcome): Promise<void> {
    const at = now();
    switch (result.outcome) {
      case 'sent': {
        const [first] = notifications;
        await database.notification.updateMany({
          where: { messageId: id, status: { in: ['sending', 'uncertain'] } },
          data: { status: 'merged', sentAt: at, providerId: result.providerId, leasedUntil: null },
        });
        if (first !== undefined) await database.notification.update({ where: { id: first.id }, data: { status: 'sent' } });
        return;
      }
      case 'transient': {
        const wait = result.retryAfterMs ?? 5_000;
        await database.$executeRaw`
          UPDATE notification SET status = CASE WHEN attempts >= ${TRANSIENT_ATTEMPTS_MAX} THEN 'failed' ELSE 'planned' END,
            send_at = ${instantFromEpochMs(epochMs(at) + wait)}::timestamptz, leased_until = NULL, error = ${result.why}
          WHERE message_id = ${id}::uuid AND status = 'sending'`;
        return;
      }
      case 'permanent':
        // First: after a crash in between the message is sent again, and fails again.
        if (result.gone === true) await o.loseChannel(recipient, sender.channel);
        await database.notification.updateMany({
          where: { messageId: id, status: 'sending' },
          data: { status: 'failed', error: result.why, leasedUntil: null },
        });
        return;
      case 'ambiguous':
        await database.notification.updateMany({
          where: { messageId: id, status: 'sending' },
          data: { status: 'uncertain', error: result.why, leasedUntil: null },
        });
    }
  }

  /** What was on the wire when a courier died, or whose answer was lost: asked about, never blindly sent again. */
  async function settleUncertain(): Promise<void> {
    const expired = instantFromEpochMs(epochMs(now()) - LEASE_SECONDS * 1_000);
    const rows = await database.notification.findMany({
      where: {
        channel: sender.channel,
        // Where it was sent is asked: in shadow mode that is elsewhere.
        shadow: sender.shadow,
        OR: [
          { status: 'uncertain', error: { not: { startsWith: 'unknown:' } } },
          { status: 'sending', attemptedAt: { lt: expired } },
        ],
      },
      include: { task: true },
      take: CLAIM_MAX,
    });
    const groups = Map.groupBy(rows, (row) => row.messageId ?? row.id);
    for (const [messageId, group] of groups) {
      heartbeat();
      const [first] = group;
      if (first === undefined) continue;
      // It is only asked about here, not made again: what it said is of no matter.
      const notifications = group.map((row) => ({
        id: row.id,
        key: row.key,
        kind: row.kind as NotificationKind,
        task: storedTask(row.task.state),
        text: null,
      }));
      const message = { id: messageId, recipient: first.recipient as Email, notifications };
      const found = await sender.find(message);
      const where = { messageId, status: { in: ['sending', 'uncertain'] } };
      if (typeof found === 'string') await settle(message, { outcome: 'sent', providerId: found });
      else if (found === null)
        await database.notification.updateMany({
          where,
          data: { status: 'planned', messageId: null, error: 'surely not sent; planned again' },
        });
      else
        await database.notification.updateMany({
          where,
          data: { status: 'uncertain', error: 'unknown: the provider cannot tell whether it arrived' },
        });
    }
  }
}
