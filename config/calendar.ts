/** Builds Vietnam's calendar: public holidays from the library, swaps and extra days from `config/calendars/vn.yaml`. */
import { readFileSync } from 'node:fs';
import Holidays from 'date-holidays';
import { parse } from 'yaml';
import { z } from 'zod';
import { addDays, type Calendar } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, isoDate, localDate } from '../domain/time.ts';

const decisions = z.strictObject({ holidays: z.array(isoDate), workingDays: z.array(isoDate) });

/** Of Vietnam's agencies, with the lunch break; local times. */
export const OFFICE_HOURS: Calendar['officeHours'] = [
  { from: '08:00', to: '12:00' },
  { from: '13:00', to: '17:00' },
];

/** @param years inclusive span of calendar years for which holidays are known */
export function vietnamCalendar(years: { from: number; to: number }): Calendar {
  const file = new URL('./calendars/vn.yaml', import.meta.url);
  const decided = decisions.parse(parse(readFileSync(file, 'utf8')));
  const holidays = new Set<IsoDate>(decided.holidays);
  const library = new Holidays('VN', { timezone: COMMITTEE_TIME_ZONE });
  for (let year = years.from; year <= years.to; year += 1) {
    for (const holiday of library.getHolidays(year)) {
      if (holiday.type !== 'public') continue;
      // `date` is local text; `start` and `end` are instants whose distance is the number of days.
      const days = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
      for (let day = 0; day < days; day += 1) holidays.add(addDays(isoDate.parse(holiday.date.slice(0, 10)), day));
    }
  }
  return {
    timeZone: COMMITTEE_TIME_ZONE,
    officeHours: OFFICE_HOURS,
    weekend: [6, 7],
    holidays,
    workingDays: new Set(decided.workingDays),
  };
}

/** The calendar around an instant: a year back, two ahead. */
export function committeeCalendar(now: IsoInstant): Calendar {
  const year = Number(localDate(now, COMMITTEE_TIME_ZONE).slice(0, 4));
  return vietnamCalendar({ from: year - 2, to: year + 2 });
}
