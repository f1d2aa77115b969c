/** The directory in memory: a few hundred people and agencies, read anew after a minute. */
import type { Agency, Person } from '../domain/directory.ts';
import type { Directory } from '../domain/plan.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';

export interface LoadedDirectory extends Directory {
  readonly people: ReadonlyMap<string, Person>;
  readonly agencies: ReadonlyMap<string, Agency>;
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
    const [people, agencies, absences] = await Promise.all([
      database.person.findMany(),
      database.agency.findMany(),
      database.absence.findMany({ where: { endedAt: null }, orderBy: { enteredAt: 'asc' } }),
    ]);
    // The columns are checked by the database against the same lists as the domain's types.
    const byEmail = new Map(people.map(({ agencyCode, slackDm: _dm, ...row }) => [row.email, { ...row, agency: agencyCode } as Person]));
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
    const substituteOf = (email: string, date: string) =>
      away.findLast((each) => each.person === email && each.from <= date && date <= each.to)?.substitute;
    return {
      people: byEmail,
      agencies: byCode,
      changes: new Set(changes.map(({ id, undoneAt }) => changeMark(id, undoneAt === null ? 'AgenciesChanged' : 'AgencyChangeUndone'))),
      person,
      agency: (code) => byCode.get(code),
      standIn(email, at) {
        const date = localDate(at, COMMITTEE_TIME_ZONE);
        // A substitute may be away too; two who stand in for each other end with the second.
        const passed = new Set<string>([email]);
        let found: string | undefined;
        for (let next = substituteOf(email, date); next !== undefined && !passed.has(next); next = substituteOf(next, date)) {
          found = next;
          passed.add(next);
        }
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
