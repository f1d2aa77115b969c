/** Asks providers about messages of which nobody knows whether they arrived; none is sent again before that is settled. */
import type { Email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { OutgoingMessage, Sender } from './sender.ts';
import type { Settled } from './settle.ts';

/** A message that is not found is looked for once more so long after its attempt, and only then surely not sent (Slack shows it late). */
export const CERTAIN_AFTER_MS = 60_000;
const ASK_MAX = 50;
const ASKED_AT_ONCE_MAX = 4;

export interface UncertainDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'shadow' | 'find'>;
  readonly partition: number;
  readonly settle: (settled: readonly Settled[]) => Promise<void>;
  readonly now: () => IsoInstant;
}

/**
 * Twice: what is settled is not uncertain any more. Fails: it stays uncertain and is asked about again. What a provider cannot tell stays
 * uncertain for ever, and is shown.
 */
export function createAsk({ database, sender, partition, settle, now }: UncertainDependencies) {
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
    // It is only asked about here, not made again: what it said is of no matter.
    const notifications = group.map((row) => ({
      id: row.id,
      key: row.key,
      kind: row.kind as NotificationKind,
      task: storedTask(row.task.state),
      text: null,
    }));
    const message: OutgoingMessage = { id: messageId, recipient: first.recipient as Email, notifications };
    const found = await sender.find(message);
    const at = now();
    const where = { messageId, status: 'uncertain' };
    if (found.arrived === true) {
      const items = notifications.map(({ task: { code, seq } }) => ({ code, seq }));
      const result = { outcome: 'sent', providerId: found.providerId } as const;
      const ids = notifications.map(({ id }) => id);
      await settle([{ message: { id: messageId, recipient: message.recipient, items }, notifications: ids, result, at }]);
    } else if (found.arrived === 'ask_again') {
      const retryAt = instantFromEpochMs(epochMs(at) + found.retryAfterMs);
      await database.notification.updateMany({ where, data: { retryAt } });
    } else if (found.arrived === 'unknown') {
      const error = 'unknown: the provider cannot tell whether it arrived';
      await database.notification.updateMany({ where, data: { retryAt: null, error } });
    } else {
      const certainAt = instantFromEpochMs((first.attemptedAt?.getTime() ?? 0) + CERTAIN_AFTER_MS);
      const data =
        at < certainAt
          ? { retryAt: certainAt }
          : { status: 'planned', messageId: null, retryAt: null, error: 'surely not sent; planned again' };
      await database.notification.updateMany({ where, data });
    }
  }
}

interface AskedRow {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly recipient: string;
  readonly attemptedAt: Date | null;
  readonly task: { readonly state: unknown };
}
