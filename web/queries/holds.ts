/** Holds that stand, and what waits under them. */
import type { WaitingKind } from '../../domain/hold.ts';
import type { Locale } from '../../domain/names.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { readHeld, type StoredHold, standingHolds } from '../../prisma/holds.ts';

export interface StandingHold {
  readonly hold: StoredHold;
  /** In the reader's language; null where it is about no one agency. */
  readonly agencyName: string | null;
  /** Who made it; null: the breaker. */
  readonly by: string | null;
}

export interface WaitingUnder extends StandingHold {
  readonly waiting: readonly WaitingKind[];
}

export async function readStanding(database: Database, locale: Locale, at: IsoInstant): Promise<StandingHold[]> {
  const holds = await standingHolds(database, at);
  if (holds.length === 0) return [];
  const [agencies, people] = await Promise.all([
    database.agency.findMany({ where: { code: { in: holds.flatMap(({ agency }) => agency ?? []) } } }),
    database.person.findMany({ where: { email: { in: holds.flatMap(({ by }) => by ?? []) } } }),
  ]);
  const nameOf = (row: (typeof agencies)[number]) => ({ vi: row.nameVi, en: row.nameEn, fr: row.nameFr })[locale];
  return holds.map((hold) => {
    const agency = agencies.find(({ code }) => code === hold.agency);
    const by = people.find(({ email }) => email === hold.by);
    return { hold, agencyName: agency === undefined ? null : nameOf(agency), by: hold.by === null ? null : (by?.name ?? hold.by) };
  });
}

export async function readWaiting(database: Database, standing: readonly StandingHold[]): Promise<WaitingUnder[]> {
  return Promise.all(standing.map(async (each) => ({ ...each, waiting: await readHeld(database, each.hold.id) })));
}
