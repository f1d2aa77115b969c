/** Working days and office hours, as plain data: whoever builds a calendar (holidays, swaps) stands outside the domain. */
import type { AgencyCode } from './names.ts';
import {
  addMilliseconds,
  epochMs,
  type IsoDate,
  type IsoInstant,
  localDate,
  PlainDate,
  PlainTime,
  remembered,
  toIsoInstant,
} from './time.ts';

export interface Calendar {
  readonly timeZone: string;
  /** Local times `HH:MM`, in order, not overlapping. */
  readonly officeHours: readonly { readonly from: string; readonly to: string }[];
  /** ISO days of the week (1 = Monday) that are free. */
  readonly weekend: readonly number[];
  readonly holidays: ReadonlySet<IsoDate>;
  /** Free days made working days by decision. */
  readonly workingDays: ReadonlySet<IsoDate>;
}

/** A calendar by its name, and the years of which all decisions are in it. */
export interface KnownYears {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Every calendar in force. */
export interface Calendars {
  /** The committee's: a deadline's end of office hours, the time that counts for who holds a task, and every agency without one of its own. */
  readonly main: Calendar;
  /** An agency's own, or the committee's. */
  readonly of: (agency: AgencyCode) => Calendar;
  readonly known: readonly KnownYears[];
}

/** The same calendar for everybody. */
export function oneCalendar(calendar: Calendar): Calendars {
  return { main: calendar, of: () => calendar, known: [] };
}

/** So long before a year begins its free days must be known: plans reach four weeks ahead, and a decision takes its time to come. */
export const YEAR_WARNING_DAYS = 60;

/** The first year that a calendar does not know although it has begun or is near; null where there is none. */
export function missingYear({ to }: KnownYears, today: IsoDate): number | null {
  const near = Number(addDays(today, YEAR_WARNING_DAYS).slice(0, 4));
  return to < near ? to + 1 : null;
}

/** Which calendars lack a year that is near, and the first such year of each. */
export function missingYears({ known }: Calendars, today: IsoDate): { readonly name: string; readonly year: number }[] {
  return known.flatMap((each) => {
    const year = missingYear(each, today);
    return year === null ? [] : [{ name: each.name, year }];
  });
}

const dates = remembered<IsoDate>();
const weekdays = remembered<number>();
const instants = remembered<IsoInstant>();

/** No run of free days is longer; a calendar that says otherwise is broken and must not loop. */
const FREE_DAYS_MAX = 60;

export function isWorkingDay(calendar: Calendar, date: IsoDate): boolean {
  if (calendar.workingDays.has(date)) return true;
  if (calendar.holidays.has(date)) return false;
  return !calendar.weekend.includes(weekdays(date, () => PlainDate.from(date).dayOfWeek));
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return dates(`${date} ${days}`, () => PlainDate.from(date).add({ days }).toString() as IsoDate);
}

/** The Monday on or before a date: the ISO week's first day. */
export function mondayOf(date: IsoDate): IsoDate {
  return addDays(date, 1 - weekdays(date, () => PlainDate.from(date).dayOfWeek));
}

/** The date that lies `count` working days after (before, when negative) a date; the date itself for 0. */
export function addWorkingDays(calendar: Calendar, date: IsoDate, count: number): IsoDate {
  let current = date;
  const step = Math.sign(count);
  for (let left = Math.abs(count); left > 0; left -= 1) current = skipFree(calendar, addDays(current, step), step);
  return current;
}

function skipFree(calendar: Calendar, date: IsoDate, step: number): IsoDate {
  let current = date;
  for (let free = 0; !isWorkingDay(calendar, current); free += 1) {
    if (free > FREE_DAYS_MAX) throw new Error(`calendar broken: no working day within ${FREE_DAYS_MAX} days of ${date}`);
    current = addDays(current, step);
  }
  return current;
}

/**
 * The instant of a local date and time `HH:MM` in a zone: the earlier one where a clock change repeats it; where one leaves it out,
 * as late after the change as it would have been without it.
 */
export function atLocalTime(date: IsoDate, time: string, timeZone: string): IsoInstant {
  return instants(`${date} ${time} ${timeZone}`, () =>
    toIsoInstant(
      PlainDate.from(date)
        .toZonedDateTime({ timeZone, plainTime: PlainTime.from(time) })
        .toInstant(),
    ),
  );
}

/** A deadline given as a date means the end of that day's office hours (working day or not). */
export function endOfOfficeHours(calendar: Calendar, date: IsoDate): IsoInstant {
  const last = calendar.officeHours.at(-1);
  if (last === undefined) throw new Error('calendar broken: no office hours');
  return atLocalTime(date, last.to, calendar.timeZone);
}

/** When people may be told: office hours of working days, or between two local times of working or of all days. */
export type OpenHours = 'office_hours' | { readonly from: string; readonly to: string; readonly days: 'working' | 'all' };

/** The earliest instant within hours that is not before the given one. */
export function nextOpenInstant(calendar: Calendar, instant: IsoInstant, open: OpenHours, timeZone: string): IsoInstant {
  const hours = open === 'office_hours' ? calendar.officeHours : [open];
  const everyDay = open !== 'office_hours' && open.days === 'all';
  const today = localDate(instant, timeZone);
  for (let offset = 0; offset <= FREE_DAYS_MAX; offset += 1) {
    const date = addDays(today, offset);
    if (!everyDay && !isWorkingDay(calendar, date)) continue;
    for (const { from, to } of hours) {
      const opens = atLocalTime(date, from, timeZone);
      const closes = atLocalTime(date, to, timeZone);
      // A clock change can leave out all that is between them.
      if (instant < closes && opens < closes) return instant > opens ? instant : opens;
    }
  }
  throw new Error(`calendar broken: no working instant within ${FREE_DAYS_MAX} days of ${instant}`);
}

/** The first working morning, at a local time, that is not before an instant. */
export function morningFrom(calendar: Calendar, instant: IsoInstant, time: string, timeZone: string): IsoInstant {
  const today = localDate(instant, timeZone);
  const first = atLocalTime(today, time, timeZone) < instant ? addDays(today, 1) : today;
  return atLocalTime(skipFree(calendar, first, 1), time, timeZone);
}

/** An instant moved by elapsed time. */
export function addMinutes(instant: IsoInstant, minutes: number): IsoInstant {
  return addMilliseconds(instant, minutes * 60_000);
}

/** The minutes of office hours between two instants, in the calendar's zone; 0 where the second is not later. */
export function workingMinutes(calendar: Calendar, from: IsoInstant, to: IsoInstant): number {
  if (to <= from) return 0;
  const last = localDate(to, calendar.timeZone);
  let ms = 0;
  for (let date = localDate(from, calendar.timeZone); date <= last; date = addDays(date, 1)) {
    if (!isWorkingDay(calendar, date)) continue;
    for (const hours of calendar.officeHours) {
      const opens = atLocalTime(date, hours.from, calendar.timeZone);
      const closes = atLocalTime(date, hours.to, calendar.timeZone);
      const begin = opens > from ? opens : from;
      const end = closes < to ? closes : to;
      if (end > begin) ms += epochMs(end) - epochMs(begin);
    }
  }
  return ms / 60_000;
}

/**
 * The working days that have begun since the day of one instant, up to and with the day of another; 0 where that is not later.
 * @param max more need not be counted
 */
export function workingDaysSince(calendar: Calendar, from: IsoInstant, to: IsoInstant, max = Number.POSITIVE_INFINITY): number {
  const last = localDate(to, calendar.timeZone);
  let days = 0;
  for (let date = addDays(localDate(from, calendar.timeZone), 1); date <= last && days < max; date = addDays(date, 1))
    if (isWorkingDay(calendar, date)) days += 1;
  return days;
}

/** The minutes of a full working day, by which minutes become days. */
export function minutesOfDay({ officeHours }: Calendar): number {
  const minutes = (time: string) => PlainTime.from(time).hour * 60 + PlainTime.from(time).minute;
  return officeHours.reduce((sum, { from, to }) => sum + minutes(to) - minutes(from), 0);
}
