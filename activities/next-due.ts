/** When a channel's courier has something to do again. */
import type { Channel } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { heldUntil, standingHolds } from '../prisma/holds.ts';
import { noticeHeldUntil, WIRE_SECONDS } from '../prisma/notices.ts';

/**
 * The earliest instant at which something in one of these states may go: what is held, at the end of its hold. Null when there is nothing.
 * @param states `claimed`: also what a courier that died had in hand
 */
export async function nextDue(
  database: Database,
  channel: Channel,
  at: IsoInstant,
  states: readonly ('planned' | 'claimed')[],
): Promise<IsoInstant | null> {
  const isHeld = (await standingHolds(database, at)).length > 0;
  const held = isHeld ? Prisma.sql`(SELECT ${heldUntil(at)} FROM person p WHERE p.email = n.recipient)` : Prisma.sql`NULL::timestamptz`;
  const [row] = await database.$queryRaw<{ at: Date | null }[]>`
    SELECT min(at) AS at FROM (
      SELECT greatest(CASE WHEN n.status = 'planned' THEN greatest(n.send_at, n.not_before) ELSE n.leased_until END, ${held}) AS at
      FROM notification n WHERE n.channel = ${channel} AND n.status = ANY(${[...states]})
      UNION ALL SELECT greatest(n.send_at, ${noticeHeldUntil(at)}) FROM notice n JOIN person p ON p.email = n.recipient
      WHERE n.channel = ${channel} AND n.status = 'planned'
      -- What is still on the wire then has been left there by a courier that died: it is looked at once more.
      UNION ALL SELECT attempted_at + ${`${WIRE_SECONDS} seconds`}::interval FROM notice WHERE channel = ${channel} AND status = 'sending') due`;
  return row?.at == null ? null : instantFromEpochMs(row.at.getTime());
}
