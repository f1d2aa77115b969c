/** Holds as they are stored: the rule of `domain/hold.ts` in SQL, and who reads them. */
import type { Hold, WaitingKind } from '../domain/hold.ts';
import type { AgencyCode, Channel, Email } from '../domain/names.ts';
import { type IsoDate, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { dateOf } from './agencies.ts';
import type { Database } from './database.ts';
import { Prisma, type Hold as Row } from './generated/client.ts';

/** What the breaker saw, where it made the hold. */
export interface BreakerFigures {
  readonly day: IsoDate;
  readonly planned: number;
  readonly usual: number;
}

export interface StoredHold extends Hold {
  readonly releasedBy: Email | null;
  readonly breaker: BreakerFigures | null;
}

/** Whether hold `h` covers notification `n` of person `p`: `covers` in SQL. */
const COVERS = Prisma.sql`(h.agency IS NULL OR h.agency = p.agency_code) AND (h.channel IS NULL OR h.channel = n.channel) AND NOT (h.except_urgent AND n.urgent)`;

/** Until when notification `n` of person `p` is held at an instant; null where it is free to go. */
export function heldUntil(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`(SELECT max(h.until) FROM hold h
    WHERE ${COVERS} AND h.made_at <= ${at}::timestamptz AND h.until > ${at}::timestamptz AND h.released_at IS NULL)`;
}

/** Whether notification `n` of person `p` is under no hold at an instant; where none stands, nothing is looked at for each of them. */
export function isFree(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`(NOT EXISTS (SELECT FROM hold h WHERE h.made_at <= ${at}::timestamptz AND h.until > ${at}::timestamptz AND h.released_at IS NULL)
    OR ${heldUntil(at)} IS NULL)`;
}

/** Whether notification `n` of person `p` was kept back by a hold that has ended since. */
export function wasHeld(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM hold h WHERE ${COVERS}
    AND n.send_at < least(h.until, h.released_at) AND least(h.until, h.released_at) <= ${at}::timestamptz)`;
}

/** When the last hold that kept notification `n` of person `p` back had ended, as of an instant; null where none did. */
export function heldBefore(at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT max(least(h.until, h.released_at)) FROM hold h WHERE ${COVERS}
    AND n.send_at < least(h.until, h.released_at) AND least(h.until, h.released_at) <= ${at})`;
}

export async function standingHolds(database: Database, at: IsoInstant): Promise<StoredHold[]> {
  const rows = await database.hold.findMany({
    where: { madeAt: { lte: at }, until: { gt: at }, releasedAt: null },
    orderBy: [{ until: 'asc' }, { id: 'asc' }],
  });
  return rows.map(storedHold);
}

/** Every hold that stood at an instant, or was made after it; also what has ended since. */
export async function holdsSince(database: Database, at: IsoInstant): Promise<StoredHold[]> {
  const rows = await database.hold.findMany({ where: { until: { gt: at } }, orderBy: [{ madeAt: 'asc' }, { id: 'asc' }] });
  return rows.map(storedHold);
}

/** The columns are checked by the database against the domain's own lists. */
export function storedHold(row: Row): StoredHold {
  const instant = (date: Date) => instantFromEpochMs(date.getTime());
  const { breakerDay: day, planned, usual } = row;
  return {
    id: row.id,
    agency: row.agency as AgencyCode | null,
    channel: row.channel as Channel | null,
    exceptUrgent: row.exceptUrgent,
    madeAt: instant(row.madeAt),
    until: instant(row.until),
    releasedAt: row.releasedAt === null ? null : instant(row.releasedAt),
    releasedBy: row.releasedBy as Email | null,
    reason: row.reason,
    by: row.madeBy as Email | null,
    breaker: day === null || planned === null || usual === null ? null : { day: dateOf(day), planned, usual },
  };
}

/** What waits under a hold, counted by kind and channel: due by the hold's end. */
export async function readHeld(database: Database, id: string): Promise<WaitingKind[]> {
  return database.$queryRaw<WaitingKind[]>`
    SELECT n.kind, n.channel, count(*)::int AS notifications, count(DISTINCT n.recipient)::int AS people
    FROM hold h JOIN notification n ON n.status IN ('planned', 'claimed') AND n.send_at < least(h.until, h.released_at)
      JOIN person p ON p.email = n.recipient
    WHERE h.id = ${id}::uuid AND ${COVERS} GROUP BY n.kind, n.channel ORDER BY notifications DESC, n.kind, n.channel`;
}
