/** Notifications in doubt: those of one message stand or fall together. */
import type { Email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { isOpen } from '../domain/task.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { heldUntil } from '../prisma/holds.ts';
import { notifyPlanned } from '../prisma/listen.ts';
import type { createTextOfStep } from '../prisma/policies.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { DueNotification, OutgoingMessage, Sender } from './sender.ts';
import type { Settled } from './settle.ts';
import type { Doubt, ReadDoubts } from './uncertain.ts';

const READ_MAX = 200;

export interface NotificationDoubtDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'shadow' | 'prepare'>;
  readonly partition: number;
  readonly settle: (settled: readonly Settled[]) => Promise<void>;
  readonly textOf: ReturnType<typeof createTextOfStep>;
}

export function createNotificationDoubts({ database, sender, partition, settle, textOf }: NotificationDoubtDependencies): ReadDoubts {
  return async (at) => {
    const rows = await database.notification.findMany({
      // Where it was sent is asked: in shadow mode that is elsewhere.
      where: { channel: sender.channel, partition, shadow: sender.shadow, status: 'uncertain', retryAt: { lte: new Date(at) } },
      include: { task: true },
      orderBy: [{ task: { deadlineAt: 'asc' } }, { taskCode: 'asc' }, { key: 'asc' }],
      take: READ_MAX,
    });
    const groups = Map.groupBy(rows, (row) => row.messageId ?? row.id);
    return Promise.all([...groups].flatMap(([id, [first, ...merged]]) => (first === undefined ? [] : [doubtOf(id, [first, ...merged])])));
  };

  async function doubtOf(id: string, group: readonly [UncertainRow, ...UncertainRow[]]): Promise<Doubt> {
    const [first] = group;
    const notifications = await Promise.all(
      group.map(async ({ id: each, key, kind, step, task: { state } }): Promise<DueNotification> => {
        const task = storedTask(state);
        return { id: each, key, kind: kind as NotificationKind, task, text: await textOf(task, step) };
      }),
    );
    const message: OutgoingMessage = { id, recipient: first.recipient as Email, notifications };
    const where = { messageId: id, status: 'uncertain' };
    const change = async (data: { status?: string; messageId?: null; retryAt: string | null; error?: string }) =>
      void (await database.notification.updateMany({ where, data }));
    return {
      sought: {
        id,
        recipient: message.recipient,
        attemptedAt: instantFromEpochMs(first.attemptedAt?.getTime() ?? 0),
        keys: group.map(({ key }) => key),
      },
      async remake() {
        // What no longer applies is not told by what may be the first to arrive.
        const open = notifications.filter(({ task }) => isOpen(task));
        const [ready = null] = open.length === 0 ? [] : await sender.prepare([{ ...message, notifications: open }]);
        return ready;
      },
      async heldUntil(at) {
        const [row] = await database.$queryRaw<{ held: Date | null }[]>`
          SELECT max(${heldUntil(at)}) AS held FROM notification n JOIN person p ON p.email = n.recipient WHERE n.message_id = ${id}::uuid`;
        return row?.held == null ? null : instantFromEpochMs(row.held.getTime());
      },
      async settle(result, at) {
        const items = notifications.map(({ task: { code, seq } }) => ({ code, seq }));
        const told = notifications.map((each) => each.id);
        await settle([{ message: { id, recipient: message.recipient, items }, notifications: told, result, at }]);
      },
      keep: (retryAt, error) => change({ retryAt, ...(error === undefined ? {} : { error }) }),
      async planAgain(error) {
        await change({ status: 'planned', messageId: null, retryAt: null, error });
        await notifyPlanned(database, [sender.channel]);
      },
    };
  }
}

interface UncertainRow {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly step: string;
  readonly recipient: string;
  readonly attemptedAt: Date | null;
  readonly task: { readonly state: unknown };
}
