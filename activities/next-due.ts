/** When a channel's courier has something to do again. */
import type { Channel } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { heldUntil, standingHolds } from '../prisma/holds.ts';
import { noticeHeldUntil } from '../prisma/notices.ts';

/**
 * The earliest instant at which a courier has something to do, in hand or asked about included: what is held, at the end of its hold. Null
 * when there is nothing.
 */
export async function nextDue(
  database: Database,
  { channel, shadow, partition }: { readonly channel: Channel; readonly shadow: boolean; readonly partition: number },
  at: IsoInstant,
): Promise<IsoInstant | null> {
  const isHeld = (await standingHolds(database, at)).length > 0;
  const mine = Prisma.sql`n.channel = ${channel} AND n.partition = ${partition}`;
  const inHand = Prisma.sql`CASE n.status WHEN 'claimed' THEN n.leased_until WHEN 'uncertain' THEN CASE n.shadow WHEN ${shadow} THEN n.retry_at END END`;
  // Without a hold two indexes answer; under one each that waits is looked at.
  const putOff = Prisma.sql`n.not_before IS NOT NULL OR n.retry_at IS NOT NULL`;
  const underHold = Prisma.sql`
      (SELECT min(greatest(n.send_at, n.not_before, n.retry_at, (SELECT ${heldUntil(at)} FROM person p WHERE p.email = n.recipient)))
        FROM notification n WHERE ${mine} AND n.status = 'planned')`;
  const [row] = await database.$queryRaw<{ at: Date | null }[]>`
    SELECT least(
      ${
        isHeld
          ? underHold
          : Prisma.sql`
      (SELECT n.send_at FROM notification n WHERE ${mine} AND n.status = 'planned' AND NOT (${putOff}) ORDER BY n.send_at LIMIT 1),
      (SELECT min(greatest(n.send_at, n.not_before, n.retry_at)) FROM notification n WHERE ${mine} AND n.status = 'planned' AND (${putOff}))`
      },
      (SELECT min(${inHand}) FROM notification n WHERE ${mine} AND n.status IN ('claimed', 'sending', 'uncertain')),
      (SELECT min(greatest(n.send_at, n.retry_at, ${noticeHeldUntil(at)})) FROM notice n JOIN person p ON p.email = n.recipient
        WHERE ${mine} AND n.status = 'planned'),
      (SELECT min(${inHand}) FROM notice n WHERE ${mine} AND n.status IN ('claimed', 'sending', 'uncertain'))) AS at`;
  return row?.at == null ? null : instantFromEpochMs(row.at.getTime());
}
