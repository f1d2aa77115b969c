/**
 * On which working days the periods of a regular task open and are due. The rule (RFC 5545) is read at the edge; here there are
 * dates. Pure.
 */
import { z } from 'zod';
import { addWorkingDays, atLocalTime, type Calendar, endOfOfficeHours, isWorkingDay } from './calendar.ts';
import { type IsoDate, type IsoInstant, isoDate, isoInstant } from './time.ts';

/** Longer than a quarter is another task. */
export const DUE_MAX = 66;

/** A regular task's rhythm: a rule of RFC 5545 without its start, and within how many working days each period is to be reported. */
export const recurrence = z.object({
  rule: z
    .string()
    .trim()
    .toUpperCase()
    .transform((text) => text.replace(/^RRULE:/, ''))
    .pipe(z.string().min(1).max(200)),
  due: z.int().min(0).max(DUE_MAX),
});
export type Recurrence = z.infer<typeof recurrence>;

/**
 * One round of a regular task. `period` is the date that the rule gives, whatever day it was moved to: a free day that is
 * declared later cannot make a second period of the first.
 */
export const periodDates = z.object({
  period: isoDate,
  /** The working day on which it opens, and the start of its office hours. */
  opens: isoDate,
  opensAt: isoInstant,
  deadline: isoDate,
  deadlineAt: isoInstant,
});
export type PeriodDates = z.infer<typeof periodDates>;

/**
 * The periods of a rule's dates, in order. A start on a free day moves to the next working day; starts that move to one day are one
 * period, named after the last. A period is due before the next opens, however many working days it was given: one report at a time.
 * @param dates in order; the last one only bounds the period before it
 */
export function periodsOf(dates: readonly IsoDate[], due: number, calendar: Calendar): PeriodDates[] {
  const starts = dates.map((period) => ({ period, opens: onWorkingDay(calendar, period) }));
  const apart = starts.filter(({ opens }, index) => opens !== starts[index + 1]?.opens);
  return apart.slice(0, -1).map(({ period, opens }, index) => {
    const wanted = addWorkingDays(calendar, opens, due);
    const last = addWorkingDays(calendar, apart[index + 1]?.opens ?? opens, -1);
    const deadline = wanted < last ? wanted : last;
    return { period, opens, opensAt: startOfOfficeHours(calendar, opens), deadline, deadlineAt: endOfOfficeHours(calendar, deadline) };
  });
}

/**
 * The period that now applies, and those before it that nobody opened (the system was down); null where there is nothing new.
 * @param o.followedSince the date on which a task that was followed elsewhere came here: what ended before it was theirs
 */
export function periodDue(
  periods: readonly PeriodDates[],
  o: { readonly after: IsoDate | null; readonly today: IsoDate; readonly until: IsoDate; readonly followedSince?: IsoDate },
): { readonly due: PeriodDates; readonly missed: readonly PeriodDates[] } | null {
  const { followedSince = '' } = o;
  const come = periods.filter(
    ({ period, opens, deadline }) =>
      (o.after === null || period > o.after) && opens <= o.today && opens <= o.until && deadline >= followedSince,
  );
  const due = come.at(-1);
  return due === undefined ? null : { due, missed: come.slice(0, -1) };
}

function onWorkingDay(calendar: Calendar, date: IsoDate): IsoDate {
  return isWorkingDay(calendar, date) ? date : addWorkingDays(calendar, date, 1);
}

function startOfOfficeHours(calendar: Calendar, date: IsoDate): IsoInstant {
  const [first] = calendar.officeHours;
  if (first === undefined) throw new Error('calendar broken: no office hours');
  return atLocalTime(date, first.from, calendar.timeZone);
}
