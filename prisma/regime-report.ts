/** The committee's report read from the store, and what it names. */
import type { Calendar } from '../domain/calendar.ts';
import type { AgencyCode, Locale } from '../domain/names.ts';
import { type RegimeFacts, type RegimeReport, regimeReport, yearEndOf } from '../domain/regime-report.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';
import { readLateRecords, readPresentAgencies, readTasksAt, underPresentAgencies } from './tasks-at.ts';

export interface Moments {
  readonly at: IsoInstant;
  /** Of the last report; null where nothing is compared. */
  readonly since: IsoInstant | null;
  readonly calendar: Calendar;
}

/** Names in a language, former agencies included; and what each ended one has become. */
export async function readAgencyNames(database: Database, locale: Locale) {
  const [agencies, presentOf] = await Promise.all([database.agency.findMany(), readPresentAgencies(database)]);
  const names = new Map(agencies.map(({ code, nameVi, nameEn, nameFr }) => [code, { vi: nameVi, en: nameEn, fr: nameFr }[locale]]));
  return { names, presentOf };
}

export async function readRegimeReport(
  database: Database,
  moments: Moments,
  agency: AgencyCode | null,
  presentOf: ReadonlyMap<string, AgencyCode>,
): Promise<RegimeReport> {
  return regimeReport({ ...(await readRegimeFacts(database, moments, presentOf)), agency });
}

/** What the report of every agency is reckoned from: one reading for all. */
export async function readRegimeFacts(
  database: Database,
  { at, since, calendar }: Moments,
  presentOf: ReadonlyMap<string, AgencyCode>,
): Promise<Omit<RegimeFacts, 'agency'>> {
  const [now = [], before] = await readTasksAt(database, since === null ? [at] : [at, since]);
  const tasks = underPresentAgencies(now, presentOf);
  return {
    at,
    yearEnd: yearEndOf(at),
    tasks,
    last: since === null || before === undefined ? null : { at: since, tasks: underPresentAgencies(before, presentOf) },
    records: await readLateRecords(database, tasks, at),
    calendar,
  };
}
