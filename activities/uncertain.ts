/** Asks providers about messages of which nobody knows whether they arrived; none is sent again before that is settled. */
import type { Email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { isOpen } from '../domain/task.ts';
import { addMilliseconds, epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { heldUntil } from '../prisma/holds.ts';
import type { createTextOfStep } from '../prisma/policies.ts';
import type { RateLimits } from '../prisma/rate-limits.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { DueNotification, OutgoingMessage, Sender, SendOutcome } from './sender.ts';
import type { Settled } from './settle.ts';

/** A message that is not found is looked for once more so long after its attempt, and only then surely not sent (Slack shows it late). */
export const CERTAIN_AFTER_MS = 60_000;
const ASK_MAX = 200;
const ASKED_AT_ONCE_MAX = 16;
const REPEAT_AGAIN_MS = 30_000;
/** A hold may be let go before its end. */
const HELD_AGAIN_MS_MAX = 60_000;
/** A mistake of ours is mended by a new version, not by the next second. */
const UNMADE_AGAIN_MS = 10 * 60_000;

export interface UncertainDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'shadow' | 'pace' | 'prepare' | 'find'>;
  readonly partition: number;
  readonly settle: (settled: readonly Settled[]) => Promise<void>;
  readonly rateLimits: RateLimits;
  readonly textOf: ReturnType<typeof createTextOfStep>;
  readonly now: () => IsoInstant;
}

/**
 * Twice: what is settled is not uncertain any more. Fails: it stays uncertain and is asked about again; what was posted once more by then is
 * posted under the same id. What a provider cannot tell stays uncertain for ever, and is shown.
 */
export function createAsk({ database, sender, partition, settle, rateLimits, textOf, now }: UncertainDependencies) {
  /** @returns whether anything was asked about */
  return async (): Promise<boolean> => {
    const rows = await database.notification.findMany({
      // Where it was sent is asked: in shadow mode that is elsewhere.
      where: { channel: sender.channel, partition, shadow: sender.shadow, status: 'uncertain', retryAt: { lte: new Date(now()) } },
      include: { task: true },
      orderBy: [{ task: { deadlineAt: 'asc' } }, { taskCode: 'asc' }, { key: 'asc' }],
      take: ASK_MAX,
    });
    const groups = Map.groupBy(rows, (row) => row.messageId ?? row.id).entries();
    await Promise.all(
      Array.from({ length: ASKED_AT_ONCE_MAX }, async () => {
        for (const [messageId, group] of groups) await ask(messageId, group);
      }),
    );
    return rows.length > 0;
  };

  async function ask(messageId: string, group: readonly AskedRow[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const notifications = await Promise.all(
      group.map(async ({ id, key, kind, step, task: { state } }): Promise<DueNotification> => {
        const task = storedTask(state);
        return { id, key, kind: kind as NotificationKind, task, text: await textOf(task, step) };
      }),
    );
    const message: OutgoingMessage = { id: messageId, recipient: first.recipient as Email, notifications };
    const found = await sender.find(message);
    const at = now();
    const where = { messageId, status: 'uncertain' };
    const attemptedMs = first.attemptedAt?.getTime() ?? 0;
    if (found.arrived === true) await settleAs(message, { outcome: 'sent', providerId: found.providerId }, at);
    else if (found.arrived === 'ask_again') await askAgain(messageId, found.retryAfterMs);
    else if (found.arrived === 'repeatable' && epochMs(at) < attemptedMs + found.forMs) await repeat(message);
    else if (found.arrived !== false) {
      const error = 'unknown: the provider cannot tell whether it arrived';
      await database.notification.updateMany({ where, data: { retryAt: null, error } });
    } else {
      const certainAt = instantFromEpochMs(attemptedMs + CERTAIN_AFTER_MS);
      const data =
        at < certainAt
          ? { retryAt: certainAt }
          : { status: 'planned', messageId: null, retryAt: null, error: 'surely not sent; planned again' };
      await database.notification.updateMany({ where, data });
    }
  }

  /** Posts it once more under its own id. It stays uncertain until the provider has answered: whichever of the two arrived counts. */
  async function repeat(message: OutgoingMessage): Promise<void> {
    const waitMs = await repeatWait(message.id);
    if (waitMs > 0) return askAgain(message.id, waitMs);
    // What no longer applies is not told by what may be the first to arrive.
    const open = message.notifications.filter(({ task }) => isOpen(task));
    const [ready] = open.length === 0 ? [] : await sender.prepare([{ ...message, notifications: open }]);
    if (ready === undefined) {
      const error = 'unknown: nothing of it applies any more';
      await database.notification.updateMany({ where: { messageId: message.id, status: 'uncertain' }, data: { retryAt: null, error } });
      return;
    }
    if ('unmade' in ready) return askAgain(message.id, UNMADE_AGAIN_MS);
    const result = await ready.post();
    if (result.outcome === 'sent' || result.outcome === 'permanent') return settleAs(message, result, now());
    const { limit } = sender.pace;
    if (result.outcome === 'limited' && limit !== null) await rateLimits.refused(sender.channel, limit, result.retryAfterMs, now());
    await askAgain(message.id, result.outcome === 'ambiguous' ? REPEAT_AGAIN_MS : (result.retryAfterMs ?? REPEAT_AGAIN_MS));
  }

  /** How long a hold, or what the provider takes from all who send, keeps it; 0 where nothing does. */
  async function repeatWait(messageId: string): Promise<number> {
    const at = now();
    const [row] = await database.$queryRaw<{ held: Date | null }[]>`
      SELECT max(${heldUntil(at)}) AS held FROM notification n JOIN person p ON p.email = n.recipient WHERE n.message_id = ${messageId}::uuid`;
    if (row?.held != null) return Math.min(HELD_AGAIN_MS_MAX, row.held.getTime() - epochMs(at));
    const { limit } = sender.pace;
    if (limit === null) return 0;
    const { granted, nextAt } = await rateLimits.take(sender.channel, limit, { urgent: 1, routine: 0 }, at);
    return granted === 1 ? 0 : Math.max(1, epochMs(nextAt) - epochMs(at));
  }

  async function askAgain(messageId: string, afterMs: number): Promise<void> {
    const retryAt = addMilliseconds(now(), afterMs);
    await database.notification.updateMany({ where: { messageId, status: 'uncertain' }, data: { retryAt } });
  }

  async function settleAs({ id, recipient, notifications }: OutgoingMessage, result: SendOutcome, at: IsoInstant): Promise<void> {
    const items = notifications.map(({ task: { code, seq } }) => ({ code, seq }));
    await settle([{ message: { id, recipient, items }, notifications: notifications.map((each) => each.id), result, at }]);
  }
}

interface AskedRow {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly step: string;
  readonly recipient: string;
  readonly attemptedAt: Date | null;
  readonly task: { readonly state: unknown };
}
