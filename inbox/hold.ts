/** Suspends sending and lets it go again: on a coordinator's word, and never without an end. */
import { randomUUID } from 'node:crypto';
import { endOf, endRefused, HOLD_DAYS_MAX, type HoldScope } from '../domain/hold.ts';
import { CHANNELS, type Email } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { recallMarked } from '../prisma/departures.ts';
import { type StoredHold, storedHold } from '../prisma/holds.ts';
import { notifyPlanned } from '../prisma/listen.ts';

interface Edge {
  readonly database: Database;
  readonly now: IsoInstant;
}

/** From now on couriers claim nothing that it covers; what is on the wire already arrives. */
export async function enterHold(
  { database, now }: Edge,
  hold: HoldScope & { readonly until: IsoInstant; readonly reason: string },
  by: Email,
): Promise<StoredHold | Refusal> {
  const refusal = await refuseBy(database, by);
  if (refusal !== null) return refusal;
  const { agency, channel, exceptUrgent, until } = hold;
  const reason = hold.reason.trim();
  if (reason === '') return refuse('reason_missing');
  const wrong = endRefused(until, now);
  if (wrong === 'passed') return refuse('hold_passed', { until });
  if (wrong === 'too_far') return refuse('hold_too_long', { until, days: String(HOLD_DAYS_MAX) });
  if (agency !== null && (await database.agency.count({ where: { code: agency } })) === 0) return refuse('agency_unknown', { agency });
  const row = { id: randomUUID(), agency, channel, exceptUrgent, reason, madeBy: by, madeAt: now, until };
  const stored = storedHold(await database.hold.create({ data: row }));
  await recallMarked(database);
  return stored;
}

/** Ends a hold before its time; what it kept back goes out as soon as the couriers wake. */
export async function releaseHold({ database, now }: Edge, id: string, by: Email): Promise<StoredHold | Refusal> {
  const refusal = await refuseBy(database, by);
  if (refusal !== null) return refusal;
  const released = await database.hold.updateMany({
    where: { id, releasedAt: null, until: { gt: now } },
    data: { releasedAt: now, releasedBy: by },
  });
  const row = await database.hold.findUnique({ where: { id } });
  if (row === null) return refuse('hold_unknown', { id });
  const hold = storedHold(row);
  if (released.count === 0) return refuse('hold_ended', { at: endOf(hold) });
  // Couriers that are at work go on at once; the others hear by the next sweep.
  await notifyPlanned(database, hold.channel === null ? CHANNELS : [hold.channel]);
  return hold;
}

async function refuseBy(database: Database, by: Email): Promise<Refusal | null> {
  const person = await database.person.findUnique({ where: { email: by } });
  if (person === null) return refuse('person_unknown', { email: by });
  return person.role === 'coordinator' ? null : refuse('not_a_coordinator');
}
