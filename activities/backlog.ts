/** Watches for channels that are late, and has the coordinators told by another one. No courier is needed to notice it, nor the engine. */
import { randomUUID } from 'node:crypto';
import { alarms, type Backlog, type BacklogRule, isAlarming, mayAlarm } from '../domain/backlog.ts';
import type { Channel } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import type { ReadBacklogs } from '../prisma/delivery.ts';
import type { Staffing } from '../prisma/digest.ts';
import { storeNotices } from '../prisma/notices.ts';

export interface BacklogWatchDependencies {
  readonly database: Database;
  readonly backlogs: ReadBacklogs;
  readonly rule: BacklogRule;
  readonly directory: () => Promise<Staffing>;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly now: () => IsoInstant;
  /** Whoever operates hears of it without any channel. */
  readonly onBacklog: (backlog: Backlog) => void;
}

/**
 * Begins and ends backlogs. Twice, or by several workers at once: a channel has one that has not ended, and one of them tells of it. Fails:
 * the next look finds the same. Lost: nothing; the notices are in the transaction that says that the coordinators were told.
 */
export function createBacklogWatch({ database, backlogs, rule, directory, channels, now, onBacklog }: BacklogWatchDependencies) {
  return async (): Promise<void> => {
    const at = now();
    const found = await backlogs(at);
    const late = new Set(found.map(({ channel }) => channel));
    await database.backlog.updateMany({ where: { endedAt: null, channel: { notIn: [...late] } }, data: { endedAt: at } });
    for (const backlog of found.filter((each) => isAlarming(each, at, rule))) await begin(backlog, at);
    const untold = await database.backlog.findMany({ where: { endedAt: null, toldAt: null } });
    for (const { id, channel } of untold) {
      const known = channels.find((each) => each === channel);
      if (known !== undefined && mayAlarm(await lastToldOf(channel), at)) await tell({ id, channel: known }, late, at);
    }
  };

  async function begin(backlog: Backlog, at: IsoInstant): Promise<void> {
    const { channel, since, reason } = backlog;
    const answer = 'answer' in backlog ? backlog.answer : null;
    const { count } = await database.backlog.createMany({
      data: [{ id: randomUUID(), channel, since, reason, answer, noticedAt: at }],
      skipDuplicates: true,
    });
    if (count === 1) onBacklog(backlog);
  }

  async function tell(backlog: { id: string; channel: Channel }, late: ReadonlySet<Channel>, at: IsoInstant): Promise<void> {
    const { people } = await directory();
    await database.$transaction(async (transaction) => {
      const { count } = await transaction.backlog.updateMany({ where: { id: backlog.id, toldAt: null }, data: { toldAt: at } });
      if (count === 1) await storeNotices(transaction, alarms(backlog, { at, people: people.values(), channels, late }), at);
    });
  }

  async function lastToldOf(channel: string): Promise<IsoInstant | null> {
    const { _max: last } = await database.backlog.aggregate({ where: { channel }, _max: { toldAt: true } });
    return last.toldAt === null ? null : instantFromEpochMs(last.toldAt.getTime());
  }
}
