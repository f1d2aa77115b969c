/** The weekly word to an agency's head: figures as of the morning, so that all heads of a morning are told from one reading. */
import { weekNotice } from '../../config/week-text.ts';
import { agencyWeek } from '../../domain/agency-week.ts';
import { addMinutes } from '../../domain/calendar.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import { readAgencyNames, readRegimeFacts } from '../../prisma/regime-report.ts';
import { keepLast } from './kept.ts';
import type { Make } from './maker.ts';

const WEEK_MINUTES = 7 * 24 * 60;

export interface WeekDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly webUrl: () => string;
}

export function makeWeek({ database, calendars, webUrl }: WeekDependencies): Make<'week'> {
  const kept = keepLast<Awaited<ReturnType<typeof read>>>();
  return async ({ day, agency, at }, { key, recipient: { locale }, channel }) => {
    const facts = await kept(at, () => read(at));
    const week = agencyWeek(agency, facts);
    if (week === null) return { leftOut: 'nothing is late, due soon, or has changed' };
    const { names } = await readAgencyNames(database, locale);
    const agencyName = names.get(agency) ?? agency;
    return weekNotice(week, { key, locale, channel, day, calendar: facts.calendar, agencyName, webUrl: webUrl() });
  };

  async function read(at: IsoInstant) {
    const { main: calendar } = await calendars(at);
    const { presentOf } = await readAgencyNames(database, 'vi');
    const { last, ...facts } = await readRegimeFacts(database, { at, since: addMinutes(at, -WEEK_MINUTES), calendar }, presentOf);
    if (last === null) throw new Error('a week is compared with the one before it');
    return { ...facts, last };
  }
}
