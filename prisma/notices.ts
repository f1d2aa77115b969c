/** Notices as they are stored: written once under their key, and what a person has been told by them. */

import type { Email } from '../domain/names.ts';
import { NOTICES, PASSING_KINDS, type PlannedNotice } from '../domain/notice.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';
import { heldUntil } from './holds.ts';
import { notifyPlanned } from './listen.ts';

/**
 * Stores what is not stored yet under its key, and tells the couriers that are at work; twice changes nothing.
 * @returns whether anything was new
 */
export async function storeNotices(store: Database | Transaction, planned: readonly PlannedNotice[], at: IsoInstant): Promise<boolean> {
  const data = planned.map((notice) => ({ ...notice, urgent: NOTICES[notice.kind].urgent, plannedAt: at, status: 'planned' }));
  const { count } = await store.notice.createMany({ data, skipDuplicates: true });
  if (count === 0) return false;
  await notifyPlanned(
    store,
    planned.map(({ channel }) => channel),
  );
  return true;
}

/** Until when notice `n` to person `p` is held at an instant; null where it is free to go. */
export function noticeHeldUntil(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`CASE WHEN n.kind = ANY(${[...PASSING_KINDS]}) THEN NULL ELSE ${heldUntil(at)} END`;
}

/**
 * How many messages a person has had from one instant up to another: notifications after merging, and notices, on every channel.
 * What is on the wire counts.
 */
export async function messagesBetween(
  store: Database | Transaction,
  o: { readonly recipient: Email; readonly shadow: boolean; readonly from: IsoInstant; readonly until: IsoInstant },
): Promise<number> {
  const told = (
    statuses: readonly string[],
  ) => Prisma.sql`recipient = ${o.recipient} AND shadow = ${o.shadow} AND status = ANY(${[...statuses]})
    AND attempted_at >= ${o.from}::timestamptz AND attempted_at < ${o.until}::timestamptz`;
  const [row] = await store.$queryRaw<{ count: number }[]>`
    SELECT ((SELECT count(DISTINCT message_id) FROM notification
        WHERE message_id IS NOT NULL AND ${told(['sending', 'sent', 'merged', 'uncertain'])})
      + (SELECT count(*) FROM notice WHERE ${told(['sending', 'sent', 'uncertain'])}))::int AS count`;
  return row?.count ?? 0;
}
