/** The directory in memory: a few hundred people and agencies, read anew after a minute. */
import type { Agency, Person } from '../domain/directory.ts';
import type { Channel, Email } from '../domain/names.ts';
import type { Directory } from '../domain/plan.ts';
import { askedToName, type Staff, standInFor } from '../domain/stand-in.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { personOf, servedChannels } from '../prisma/people.ts';

export interface LoadedDirectory extends Directory {
  readonly people: ReadonlyMap<string, Person>;
  readonly agencies: ReadonlyMap<string, Agency>;
  /** By which channels somebody sends. */
  readonly served: readonly Channel[];
  /** The changes of agencies that it shows, as `changeMark` names them. */
  readonly changes: ReadonlySet<string>;
}

/** Names a change of agencies, or its undoing, to who must not plan from an older directory. */
export function changeMark(change: string, what: 'AgenciesChanged' | 'AgencyChangeUndone'): string {
  return `${change} ${what}`;
}

const FRESH_MS = 60_000;

function dateOf(column: Date): string {
  return column.toISOString().slice(0, 10);
}

/** @param elapsed milliseconds of a monotonic clock */
export function createDirectory(database: Database, elapsed: () => number = () => performance.now()) {
  let loaded: { at: number; directory: Promise<LoadedDirectory> } | undefined;
  const read = async (): Promise<LoadedDirectory> => {
    // Read first: a change that comes in between is then missing here, never in what is read after it.
    const changes = await database.agencyChange.findMany({ select: { id: true, undoneAt: true } });
    const [people, agencies, absences, served] = await Promise.all([
      database.person.findMany(),
      database.agency.findMany(),
      database.absence.findMany({ where: { endedAt: null }, orderBy: { enteredAt: 'asc' } }),
      servedChannels(database),
    ]);
    const byEmail = new Map(people.map((row) => [row.email, personOf(row, served)]));
    const byCode = new Map(
      agencies.map((row) => [
        row.code,
        {
          code: row.code,
          kind: row.kind,
          head: row.headEmail,
          name: { vi: row.nameVi, en: row.nameEn, fr: row.nameFr },
          hasEnded: row.endedOn !== null,
          succeededBy: row.succeededBy,
        } as Agency,
      ]),
    );
    const person = (email: string) => byEmail.get(email);
    const away = absences.map((row) => ({ ...row, from: dateOf(row.fromDate), to: dateOf(row.toDate) }));
    const staffOn = (date: string): Staff => ({
      // Stored addresses.
      substituteOf: (email) =>
        away.findLast((each) => each.person === email && each.from <= date && date <= each.to)?.substitute as Email | undefined,
      isGone: (email) => person(email)?.goneAt != null,
      headOf: (email) => byCode.get(person(email)?.agency ?? '')?.head ?? null,
    });
    return {
      people: byEmail,
      agencies: byCode,
      served,
      changes: new Set(changes.map(({ id, undoneAt }) => changeMark(id, undoneAt === null ? 'AgenciesChanged' : 'AgencyChangeUndone'))),
      person,
      agency: (code) => byCode.get(code),
      standIn(email, at, coordinator) {
        const found = standInFor(email, staffOn(localDate(at, COMMITTEE_TIME_ZONE)), coordinator);
        return found === undefined ? undefined : person(found);
      },
      askedToName(left, coordinator, at) {
        const found = askedToName(left, coordinator, staffOn(localDate(at, COMMITTEE_TIME_ZONE)));
        return found === undefined ? undefined : person(found);
      },
    };
  };
  const cached = (): Promise<LoadedDirectory> => {
    if (loaded === undefined || elapsed() - loaded.at > FRESH_MS) {
      const directory = read();
      loaded = { at: elapsed(), directory };
      directory.catch(() => {
        loaded = undefined;
      });
    }
    return loaded.directory;
  };
  return {
    /** @param mark a change that the caller already knows of: an older directory is read anew */
    async get(mark?: string): Promise<LoadedDirectory> {
      const seen = cached();
      const directory = await seen;
      if (mark === undefined || directory.changes.has(mark)) return directory;
      // Of several who find it too old, the first has it read anew.
      if (loaded?.directory === seen) loaded = undefined;
      return cached();
    },
    forget(): void {
      loaded = undefined;
    },
  };
}
