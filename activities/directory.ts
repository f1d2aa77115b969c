/** The directory in memory: a few hundred people and agencies, read anew after a minute. */
import type { Agency, Person } from '../domain/directory.ts';
import type { Directory } from '../domain/plan.ts';
import type { Database } from '../prisma/database.ts';

export interface LoadedDirectory extends Directory {
  readonly people: ReadonlyMap<string, Person>;
  readonly agencies: ReadonlyMap<string, Agency>;
}

const FRESH_MS = 60_000;

/** @param elapsed milliseconds of a monotonic clock */
export function createDirectory(database: Database, elapsed: () => number = () => performance.now()) {
  let loaded: { at: number; directory: Promise<LoadedDirectory> } | undefined;
  const read = async (): Promise<LoadedDirectory> => {
    const [people, agencies] = await Promise.all([database.person.findMany(), database.agency.findMany()]);
    // The columns are checked by the database against the same lists as the domain's types.
    const byEmail = new Map(people.map(({ agencyCode, slackDm: _dm, ...row }) => [row.email, { ...row, agency: agencyCode } as Person]));
    const byCode = new Map(
      agencies.map((row) => [
        row.code,
        { code: row.code, kind: row.kind, head: row.headEmail, name: { vi: row.nameVi, en: row.nameEn, fr: row.nameFr } } as Agency,
      ]),
    );
    return { people: byEmail, agencies: byCode, person: (email) => byEmail.get(email), agency: (code) => byCode.get(code) };
  };
  return {
    get(): Promise<LoadedDirectory> {
      if (loaded === undefined || elapsed() - loaded.at > FRESH_MS) {
        const directory = read();
        loaded = { at: elapsed(), directory };
        directory.catch(() => {
          loaded = undefined;
        });
      }
      return loaded.directory;
    },
    forget(): void {
      loaded = undefined;
    },
  };
}
