/** Sends what is due on one channel: claims with a lease, merges per person, marks before the wire, writes outcomes back. */
import { randomUUID } from 'node:crypto';
import { byDeadline, gathersUntil, messageOf } from '../domain/message.ts';
import type { Channel, Email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { isOpen, type Task } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { CourierPause } from './interface.ts';

export interface DueNotification {
  readonly id: string;
  readonly key: string;
  readonly kind: NotificationKind;
  readonly task: Task;
}

/** One message to one person; several notifications where they were merged. */
export interface OutgoingMessage {
  readonly id: string;
  readonly recipient: Email;
  readonly notifications: readonly DueNotification[];
}

/** What a provider did with a message. `ambiguous`: perhaps sent; it is never blindly sent again. */
export type SendOutcome =
  | { readonly outcome: 'sent'; readonly providerId: string }
  | { readonly outcome: 'transient'; readonly why: string; readonly retryAfterMs?: number }
  | { readonly outcome: 'permanent'; readonly why: string }
  | { readonly outcome: 'ambiguous'; readonly why: string };

/** What a channel implements: it knows its provider and nothing of the ledger. */
export interface Sender {
  readonly channel: Channel;
  send(message: OutgoingMessage): Promise<SendOutcome>;
  /** Whether an uncertain message arrived: its provider's id, null when surely not, undefined when it cannot be told. */
  find(message: OutgoingMessage): Promise<string | null | undefined>;
}

export interface DeliverDependencies {
  readonly database: Database;
  readonly sender: Sender;
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
export function createDeliver({ database, sender, now, heartbeat }: DeliverDependencies) {
  return async (): Promise<CourierPause> => {
    await settleUncertain();
    for (;;) {
      heartbeat();
      const messages = await claim();
      if (messages.length === 0) return { next: await nextDue() };
      for (const message of messages) {
        heartbeat();
        await send(message);
      }
    }
  };

  async function claim(): Promise<OutgoingMessage[]> {
    const at = now();
    const until = instantFromEpochMs(epochMs(at) + LEASE_SECONDS * 1_000);
    const soon = gathersUntil(at);
    // SKIP LOCKED: couriers side by side never wait for, nor take, each other's rows. Urgent first, then the oldest.
    const rows = await database.$queryRaw<
      { id: string; key: string; kind: NotificationKind; urgent: boolean; recipient: Email; state: unknown }[]
    >`
      WITH due AS (
        SELECT id, recipient, urgent FROM notification
        WHERE channel = ${sender.channel}
          AND ((status = 'planned' AND send_at <= ${at}::timestamptz) OR (status = 'claimed' AND leased_until < ${at}::timestamptz))
        ORDER BY urgent DESC, send_at LIMIT ${CLAIM_MAX} FOR UPDATE SKIP LOCKED),
      -- Whoever is written to now also hears what would be due within the next moments: one message instead of two.
      near AS (
        SELECT id FROM notification
        WHERE channel = ${sender.channel} AND status = 'planned' AND NOT urgent AND send_at <= ${soon}::timestamptz
          AND recipient IN (SELECT recipient FROM due WHERE NOT urgent) AND id NOT IN (SELECT id FROM due)
        ORDER BY send_at LIMIT ${NEAR_MAX} FOR UPDATE SKIP LOCKED)
      UPDATE notification n SET status = 'claimed', leased_until = ${until}::timestamptz
      FROM (SELECT id FROM due UNION ALL SELECT id FROM near) taken, task t WHERE n.id = taken.id AND t.code = n.task_code
      RETURNING n.id, n.key, n.kind, n.urgent, n.recipient, t.state`;
    const groups = new Map<string, OutgoingMessage & { notifications: DueNotification[] }>();
    for (const { id, key, kind, urgent, recipient, state } of rows) {
      const group = messageOf({ key, urgent, recipient, channel: sender.channel });
      const message = groups.get(group) ?? { id: randomUUID(), recipient, notifications: [] };
      message.notifications.push({ id, key, kind, task: storedTask(state) });
      groups.set(group, message);
    }
    const messages = [...groups.values()].map((message) => ({
      ...message,
      notifications: message.notifications.sort((a, b) => byDeadline(a.task, b.task)),
    }));
    // Messages to one person arrive in the order in which the tasks are pressing.
    return messages.sort(({ notifications: [a] }, { notifications: [b] }) =>
      a === undefined || b === undefined ? 0 : byDeadline(a.task, b.task),
    );
  }

  async function send(message: OutgoingMessage): Promise<void> {
    const ids = message.notifications.map(({ id }) => id);
    const at = now();
    // Only what is still claimed goes on the wire: a command in between has cancelled the rest.
    const kept = await database.$queryRaw<{ id: string }[]>`
      UPDATE notification SET status = 'sending', message_id = ${message.id}::uuid, attempts = attempts + 1, attempted_at = ${at}::timestamptz
      WHERE id = ANY(${ids}::uuid[]) AND status = 'claimed' RETURNING id`;
    const left = new Set(kept.map(({ id }) => id));
    const notifications = message.notifications.filter(({ id, task }) => left.has(id) && isOpen(task));
    if (notifications.length === 0) return;
    await settle({ ...message, notifications }, await sendOrExplain({ ...message, notifications }));
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

  async function settle({ id, notifications }: OutgoingMessage, result: SendOutcome): Promise<void> {
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
      const notifications = group.map((row) => ({
        id: row.id,
        key: row.key,
        kind: row.kind as NotificationKind,
        task: storedTask(row.task.state),
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

  async function nextDue(): Promise<IsoInstant | null> {
    const [row] = await database.$queryRaw<{ at: Date | null }[]>`
      SELECT min(CASE WHEN status = 'planned' THEN send_at ELSE leased_until END) AS at FROM notification
      WHERE channel = ${sender.channel} AND status IN ('planned', 'claimed')`;
    return row?.at == null ? null : instantFromEpochMs(row.at.getTime());
  }
}
