/** What went out, as the ledger has it. */
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';

/** Each message of a span, in order: when (UTC), to whom, by which channel, of how many notifications. */
export async function sentMessages(database: Database, from: IsoInstant, to: IsoInstant): Promise<string[]> {
  const rows = await database.notification.findMany({
    where: { status: { in: ['sent', 'merged'] }, sentAt: { gte: from, lt: to } },
  });
  return [...Map.groupBy(rows, ({ messageId }) => messageId).values()]
    .map(
      ([first, ...rest]) =>
        `${first?.sentAt?.toISOString().slice(8, 16)} ${first?.recipient.split('@')[0]} ${first?.channel} ${rest.length + 1}`,
    )
    .sort();
}
