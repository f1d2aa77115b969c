/** Notices as they are stored: written once under their key, and what a person has been told by them. */
import { NOTICES, PASSING_KINDS, type PlannedNotice } from '../domain/notice.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';
import { heldUntil } from './holds.ts';

/**
 * Stores what is not stored yet under its key; twice changes nothing.
 * @returns whether anything was new
 */
export async function storeNotices(store: Database | Transaction, planned: readonly PlannedNotice[], at: IsoInstant): Promise<boolean> {
  const data = planned.map((notice) => ({ ...notice, urgent: NOTICES[notice.kind].urgent, plannedAt: at, status: 'planned' }));
  const { count } = await store.notice.createMany({ data, skipDuplicates: true });
  return count > 0;
}

/** Until when notice `n` to person `p` is held at an instant; null where it is free to go. */
export function noticeHeldUntil(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`CASE WHEN n.kind = ANY(${[...PASSING_KINDS]}) THEN NULL ELSE ${heldUntil(at)} END`;
}
