/** The calendars in force: the newest version of each name that was loaded, else the one that comes with dondoc. */
import { z } from 'zod';
import { assembleCalendars, shippedCalendars, yearsAround } from '../config/calendar.ts';
import { type CalendarFile, calendarFile } from '../config/calendar-file.ts';
import { readYaml } from '../config/yaml.ts';
import type { Calendars } from '../domain/calendar.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';

/** All calendars as they are now. @param around the instant in whose years holidays are wanted; absent: now */
export type ReadCalendars = (around?: IsoInstant) => Promise<Calendars>;

export interface CalendarInForce {
  readonly file: CalendarFile;
  readonly source: string;
  /** Counts the loads of its name; null for one that comes with dondoc. */
  readonly version: number | null;
  readonly storedAt: Date | null;
}

const newest = z.array(z.object({ name: z.string(), source: z.string(), version: z.int(), storedAt: z.date() }));

/** In the order of their names. */
export async function calendarsInForce(database: Database | Transaction): Promise<CalendarInForce[]> {
  const rows = newest.parse(
    await database.$queryRaw`
      SELECT DISTINCT ON (name) name, source, count(*) OVER (PARTITION BY name)::int AS version, stored_at AS "storedAt"
      FROM calendar_version ORDER BY name, serial DESC`,
  );
  const loaded = rows.map(({ name, source, version, storedAt }) => ({ file: stored(name, source), source, version, storedAt }));
  const shipped = shippedCalendars().filter(({ file }) => !loaded.some((each) => each.file.name === file.name));
  return [...loaded, ...shipped.map((each) => ({ ...each, version: null, storedAt: null }))].sort((a, b) =>
    a.file.name < b.file.name ? -1 : 1,
  );
}

/** @throws Error where what was good when it was loaded is so no more: a broken invariant, not a mistake of whoever asks */
function stored(name: string, source: string): CalendarFile {
  const read = readYaml(source, calendarFile);
  if ('errors' in read) throw new Error(`the stored calendar ${name} cannot be read: ${read.errors[0]?.message}`);
  return read.value;
}

/**
 * Asks the store at every reading whether anything was loaded since: whoever plans after a change plans by it, in every process,
 * and no message between them can be lost.
 */
export function createCalendars({ database, now }: { readonly database: Database; readonly now: () => IsoInstant }): ReadCalendars {
  let kept: { readonly mark: string; readonly calendars: Calendars } | undefined;
  return async (around = now()) => {
    const [row] = await database.$queryRaw<{ serial: number }[]>`SELECT coalesce(max(serial), 0)::int AS serial FROM calendar_version`;
    const years = yearsAround(around);
    const mark = `${row?.serial} ${years.from}`;
    if (kept?.mark !== mark) {
      const files = (await calendarsInForce(database)).map(({ file }) => file);
      kept = { mark, calendars: assembleCalendars(files, years) };
    }
    return kept.calendars;
  };
}
