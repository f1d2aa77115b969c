/** Notices in doubt. */
import type { Email } from '../../domain/names.ts';
import { instantFromEpochMs } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import type { Notice as Row } from '../../prisma/generated/client.ts';
import { noticeHeldUntil } from '../../prisma/notices.ts';
import type { ReadyMessage, Sender } from '../sender.ts';
import type { Doubt, ReadDoubts } from '../uncertain.ts';

const READ_MAX = 200;

export interface NoticeDoubtDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'shadow'>;
  readonly partition: number;
  /** Made anew, for the message that it was; null where nothing is to be said any more. */
  readonly remake: (row: Row) => Promise<ReadyMessage | null>;
  readonly settle: (row: Row, ...result: Parameters<Doubt['settle']>) => Promise<void>;
}

export function createNoticeDoubts({ database, sender, partition, remake, settle }: NoticeDoubtDependencies): ReadDoubts {
  return async (at) => {
    const rows = await database.notice.findMany({
      // Where it was sent is asked: in shadow mode that is elsewhere.
      where: { channel: sender.channel, partition, shadow: sender.shadow, status: 'uncertain', retryAt: { lte: at } },
      orderBy: [{ sendAt: 'asc' }, { key: 'asc' }],
      take: READ_MAX,
    });
    return rows.map(doubtOf);
  };

  function doubtOf(row: Row): Doubt {
    const { key, messageId } = row;
    const change = async (data: { status?: string; messageId?: null; retryAt: string | null; error?: string }) =>
      void (await database.notice.updateMany({ where: { key, messageId, status: 'uncertain' }, data }));
    return {
      sought: {
        id: messageId ?? '',
        recipient: row.recipient as Email,
        attemptedAt: instantFromEpochMs(row.attemptedAt?.getTime() ?? 0),
        keys: [key],
      },
      remake: () => remake(row),
      async heldUntil(at) {
        const [found] = await database.$queryRaw<{ held: Date | null }[]>`
          SELECT ${noticeHeldUntil(at)} AS held FROM notice n JOIN person p ON p.email = n.recipient WHERE n.key = ${key}`;
        return found?.held == null ? null : instantFromEpochMs(found.held.getTime());
      },
      settle: (result, at) => settle(row, result, at),
      keep: (retryAt, error) => change({ retryAt, ...(error === undefined ? {} : { error }) }),
      planAgain: (error) => change({ status: 'planned', messageId: null, retryAt: null, error }),
    };
  }
}
