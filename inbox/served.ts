/** By which channels somebody sends: what workers say when they start. */
import type { Channel } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { DIRECTORY_CHANGED } from './replan.ts';

/** What waits on a channel by which nobody sends any more is planned anew, by the next that reaches the person. Twice: nothing changes. */
export async function serveChannels(database: Database, channels: readonly Channel[], at: IsoInstant): Promise<void> {
  await database.$transaction(async (transaction) => {
    const { count: ended } = await transaction.servedChannel.deleteMany({ where: { channel: { notIn: [...channels] } } });
    const data = channels.map((channel) => ({ channel, since: at }));
    const { count: begun } = await transaction.servedChannel.createMany({ data, skipDuplicates: true });
    if (ended + begun === 0) return;
    await transaction.$executeRaw`SELECT pg_notify(${DIRECTORY_CHANGED}, '')`;
    await transaction.$executeRaw`
      UPDATE task SET replan_since = ${at}::timestamptz
      WHERE status NOT IN ('completed', 'cancelled')
        AND code IN (SELECT task_code FROM notification WHERE status = 'planned' AND NOT channel = ANY(${[...channels]}))`;
  });
}
