/** Builds calendars: public holidays from the library, and what was decided beside them from files. */
import { readdirSync, readFileSync } from 'node:fs';
import Holidays from 'date-holidays';
import { addDays, addWorkingDays, type Calendar, type Calendars, isWorkingDay, type KnownYears } from '../domain/calendar.ts';
import type { AgencyCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, isoDate, localDate } from '../domain/time.ts';
import { type CalendarFile, calendarFile } from './calendar-file.ts';
import { type Issue, type Read, readYaml } from './yaml.ts';

/** The committee's. */
export const MAIN_CALENDAR = 'vn';
const FOLDER = new URL('./calendars/', import.meta.url);

/** Of Vietnam's agencies, with the lunch break; local times. */
export const OFFICE_HOURS: Calendar['officeHours'] = [
  { from: '08:00', to: '12:00' },
  { from: '13:00', to: '17:00' },
];

/** Inclusive. */
export interface Years {
  readonly from: number;
  readonly to: number;
}

/** A day that is not what its weekday says, and why. */
export interface SpecialDay {
  readonly date: IsoDate;
  readonly working: boolean;
  readonly because: 'holiday' | 'compensation' | 'decision';
  /** The holiday's name, or the decision. */
  readonly reason: string;
  /** In which calendar it is written. */
  readonly of: string;
}

/** A calendar with everything that it takes from others. */
interface Whole {
  readonly country: string | null;
  readonly timeZone: string;
  readonly weekend: readonly number[];
  readonly officeHours: Calendar['officeHours'];
  readonly compensated: boolean;
  readonly known: Years;
  /** Itself last. */
  readonly lineage: readonly CalendarFile[];
}

/** @throws Error where one extends what is not there; `readCalendar` has told whoever wrote it */
function whole(file: CalendarFile, files: readonly CalendarFile[]): Whole {
  const parent = file.extends === null ? undefined : whole(named(file.extends, files), files);
  const own = { ...parent, ...Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined)) } as Partial<Whole>;
  const { country = null, timeZone, weekend, officeHours, compensated = false, known } = own;
  if (timeZone === undefined || weekend === undefined || officeHours === undefined || known === undefined)
    throw new Error(`calendar ${file.name} says too little`);
  return { country, timeZone, weekend, officeHours, compensated, known, lineage: [...(parent?.lineage ?? []), file] };
}

function named(name: string, files: readonly CalendarFile[]): CalendarFile {
  const found = files.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no calendar ${name}`);
  return found;
}

/** The library computes a year in milliseconds, and many calendars share a country. */
const libraries = new Map<string, Holidays>();
const publicHolidays = new Map<string, readonly { readonly date: IsoDate; readonly name: string }[]>();

function holidaysOf(country: string, timeZone: string, year: number) {
  const key = `${country} ${timeZone}`;
  const kept = publicHolidays.get(`${key} ${year}`);
  if (kept !== undefined) return kept;
  const library = libraries.get(key) ?? new Holidays(country, { timezone: timeZone });
  libraries.set(key, library);
  const found = library.getHolidays(year).flatMap((holiday) => {
    if (holiday.type !== 'public') return [];
    // `date` is local text; `start` and `end` are instants whose distance is the number of days.
    const days = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
    const first = isoDate.parse(holiday.date.slice(0, 10));
    return Array.from({ length: days }, (_, day) => ({ date: addDays(first, day), name: holiday.name }));
  });
  publicHolidays.set(`${key} ${year}`, found);
  return found;
}

/** What the law gives without any decision. */
function byLaw({ country, timeZone, weekend, compensated }: Whole, name: string, years: Years): SpecialDay[] {
  if (country === null) return [];
  const found = new Map<IsoDate, SpecialDay>();
  for (let year = years.from; year <= years.to; year += 1)
    for (const holiday of holidaysOf(country, timeZone, year))
      if (!found.has(holiday.date))
        found.set(holiday.date, { date: holiday.date, working: false, because: 'holiday', reason: holiday.name, of: name });
  if (compensated) {
    const free = new Set(found.keys());
    const lawful: Calendar = { timeZone, officeHours: [], weekend, holidays: free, workingDays: new Set() };
    const onWeekend = { ...lawful, holidays: new Set<IsoDate>() };
    for (const { date, reason } of [...found.values()].sort((a, b) => (a.date < b.date ? -1 : 1))) {
      if (isWorkingDay(onWeekend, date)) continue;
      const next = addWorkingDays(lawful, date, 1);
      free.add(next);
      found.set(next, { date: next, working: false, because: 'compensation', reason, of: name });
    }
  }
  return [...found.values()];
}

function decisionsOf({ name, daysOff, workingDays, swaps }: CalendarFile): SpecialDay[] {
  const day = (date: IsoDate, working: boolean, reason: string): SpecialDay => ({ date, working, because: 'decision', reason, of: name });
  return [
    ...daysOff.flatMap(({ date, to, reason }) => daysBetween(date, to ?? date).map((each) => day(each, false, reason))),
    ...workingDays.map(({ date, reason }) => day(date, true, reason)),
    ...swaps.flatMap(({ off, working, reason }) => [day(off, false, reason), day(working, true, reason)]),
  ];
}

function daysBetween(from: IsoDate, to: IsoDate): IsoDate[] {
  const days: IsoDate[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) days.push(date);
  return days;
}

/** In order; of one date the last word: the law, then the decisions of what is extended, then its own. */
export function specialDays(file: CalendarFile, files: readonly CalendarFile[], years: Years): SpecialDay[] {
  const inYears = ({ date }: SpecialDay) => years.from <= Number(date.slice(0, 4)) && Number(date.slice(0, 4)) <= years.to;
  return allSpecialDays(file, files, years)
    .filter(inYears)
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}

function allSpecialDays(file: CalendarFile, files: readonly CalendarFile[], years: Years): SpecialDay[] {
  const rules = whole(file, files);
  const [root] = rules.lineage;
  const days = [...byLaw(rules, root?.name ?? file.name, years), ...rules.lineage.flatMap(decisionsOf)];
  return [...new Map(days.map((day) => [day.date, day])).values()];
}

/** @param years of which holidays are computed; decisions hold in any */
export function buildCalendar(file: CalendarFile, files: readonly CalendarFile[], years: Years): Calendar {
  const { timeZone, officeHours, weekend } = whole(file, files);
  const days = allSpecialDays(file, files, years);
  return {
    timeZone,
    officeHours: officeHours.map(({ from, to }) => ({ from, to })),
    weekend,
    holidays: new Set(days.filter(({ working }) => !working).map(({ date }) => date)),
    workingDays: new Set(days.filter(({ working }) => working).map(({ date }) => date)),
  };
}

export function knownYears(file: CalendarFile, files: readonly CalendarFile[]): KnownYears {
  return { name: file.name, ...whole(file, files).known };
}

/** All of them, each agency with its own. */
export function assembleCalendars(files: readonly CalendarFile[], years: Years): Calendars {
  const main = buildCalendar(named(MAIN_CALENDAR, files), files, years);
  const own = new Map<AgencyCode, Calendar>(
    files
      .filter(({ agencies }) => agencies.length > 0)
      .flatMap((file) => {
        const calendar = buildCalendar(file, files, years);
        return file.agencies.map((agency) => [agency, calendar] as const);
      }),
  );
  return { main, of: (agency) => own.get(agency) ?? main, known: files.map((file) => knownYears(file, files)) };
}

/**
 * Checks a calendar's text.
 * @param others the calendars beside it; one of the same name is the one that it replaces
 * @param agencies those that there are; absent where nobody knows
 */
export function readCalendar(text: string, others: readonly CalendarFile[], agencies?: ReadonlySet<string>): Read<CalendarFile> {
  const check = (file: CalendarFile) => {
    const beside = others.filter(({ name }) => name !== file.name);
    const places = misplaced(file, beside, agencies);
    return places.length > 0 ? places : idleDecisions(file, [...beside, file]);
  };
  return readYaml(text, calendarFile, { check });
}

function misplaced(file: CalendarFile, beside: readonly CalendarFile[], agencies: ReadonlySet<string> | undefined): Issue[] {
  const found: Issue[] = [];
  if (file.name === MAIN_CALENDAR) {
    if (file.extends !== null) found.push({ path: ['extends'], message: `${MAIN_CALENDAR} is the committee's own; it extends none` });
    if (file.timeZone !== COMMITTEE_TIME_ZONE)
      found.push({ path: ['timeZone'], message: `the committee's is ${COMMITTEE_TIME_ZONE}; give another zone to a calendar of its own` });
    if (file.agencies.length > 0)
      found.push({ path: ['agencies'], message: `${MAIN_CALENDAR} is of every agency without one of its own; leave them out` });
  }
  if (file.extends !== null) {
    const names = beside.map(({ name }) => name).sort();
    const passed: string[] = [file.name];
    for (let next: string | null = file.extends; next !== null; next = beside.find(({ name }) => name === next)?.extends ?? null) {
      if (passed.includes(next) || !names.includes(next)) {
        const why = passed.includes(next) ? `a circle: ${[...passed, next].join(' → ')}` : `there is no calendar ${next}`;
        found.push({ path: ['extends'], message: `${why}; write one of ${names.join(', ')}` });
        break;
      }
      passed.push(next);
    }
  }
  file.agencies.forEach((agency, index) => {
    const path = ['agencies', index];
    const holder = beside.find((other) => other.agencies.includes(agency));
    if (agencies?.has(agency) === false) found.push({ path, message: `there is no agency ${agency}; dondoc agency list names them` });
    if (holder !== undefined) found.push({ path, message: `${agency} has the calendar ${holder.name}; take it out there first` });
    if (file.agencies.indexOf(agency) < index) found.push({ path, message: `${agency} is written twice` });
  });
  return found;
}

/** A decision that changes nothing is a slip: a wrong year, a Saturday taken for a Friday. */
function idleDecisions(file: CalendarFile, files: readonly CalendarFile[]): Issue[] {
  const dates = decisionsOf(file).map(({ date }) => date);
  const years = dates.map((date) => Number(date.slice(0, 4)));
  if (years.length === 0) return [];
  const bare = { ...file, daysOff: [], workingDays: [], swaps: [] };
  const without = buildCalendar(
    bare,
    files.map((each) => (each === file ? bare : each)),
    { from: Math.min(...years) - 1, to: Math.max(...years) + 1 },
  );
  const already = (date: IsoDate, working: boolean) => isWorkingDay(without, date) === working;
  const free = (date: IsoDate) => `${date} is free already; write the working day that becomes free`;
  const worked = (date: IsoDate) => `${date} is a working day already; write the free day that is worked`;
  const found: Issue[] = [];
  file.daysOff.forEach(({ date, to }, index) => {
    if (daysBetween(date, to ?? date).every((each) => already(each, false)))
      found.push({ path: ['daysOff', index, 'date'], message: free(date) });
  });
  file.workingDays.forEach(({ date }, index) => {
    if (already(date, true)) found.push({ path: ['workingDays', index, 'date'], message: worked(date) });
  });
  file.swaps.forEach(({ off, working }, index) => {
    if (already(off, false)) found.push({ path: ['swaps', index, 'off'], message: free(off) });
    if (already(working, true)) found.push({ path: ['swaps', index, 'working'], message: worked(working) });
  });
  const twice = dates.find((date, index) => dates.indexOf(date) < index);
  if (twice !== undefined) found.push({ path: [], message: `${twice} is written twice; leave out one` });
  return found;
}

/** The calendars that come with dondoc. @throws Error naming file, line and column of each mistake */
export function shippedCalendars(): { readonly file: CalendarFile; readonly source: string }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const source = readFileSync(new URL(name, FOLDER), 'utf8');
      const read = readYaml(source, calendarFile);
      if ('errors' in read) throw new Error(read.errors.map((e) => `${name}:${e.line}:${e.column}: ${e.message}`).join('\n'));
      return { file: read.value, source };
    });
}

/** The committee's calendar as it comes with dondoc. */
export function vietnamCalendar(years: Years): Calendar {
  const files = shippedCalendars().map(({ file }) => file);
  return buildCalendar(named(MAIN_CALENDAR, files), files, years);
}

/** The years around an instant of which plans and records speak. */
export function yearsAround(now: IsoInstant): Years {
  const year = Number(localDate(now, COMMITTEE_TIME_ZONE).slice(0, 4));
  return { from: year - 2, to: year + 2 };
}
