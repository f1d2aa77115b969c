/** When the committee's report is due: each week on a day of the week, each month on a day of the month, at a local time. Pure. */
import { addDays, atLocalTime, type Calendar, mondayOf, morningFrom } from './calendar.ts';
import { type IsoDate, type IsoInstant, localDate, PlainDate } from './time.ts';

export const RHYTHMS = ['weekly', 'monthly'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

export interface ReportRule {
  /** ISO day of the week (1 = Monday), or day of the month; a month that is shorter ends with its last day. */
  readonly day: number;
  /** Local time `HH:MM` of the committee. */
  readonly time: string;
}

/** Null: that one is not sent. */
export type ReportRules = { readonly [Each in Rhythm]: ReportRule | null };

export interface DueReport {
  readonly rhythm: Rhythm;
  /** The Monday of its week, or the first of its month: what the report is of, however its rule is changed meanwhile. */
  readonly period: IsoDate;
  /** The instant of its figures, at which it is sent. */
  readonly at: IsoInstant;
  /** That of the report before it. */
  readonly since: IsoInstant;
}

/** Before and after the instant asked for; more than free days can move a report. */
const PERIODS_AROUND = 4;

/**
 * The last report of a rhythm that is due by an instant. One that falls on a free day is due on the next working day; where free days
 * bring it to the next one's day, that one speaks for both.
 */
export function reportDue(rhythm: Rhythm, { day, time }: ReportRule, calendar: Calendar, until: IsoInstant): DueReport {
  const today = localDate(until, calendar.timeZone);
  const periods = Array.from({ length: 2 * PERIODS_AROUND + 1 }, (_, index) => periodAround(rhythm, today, index - PERIODS_AROUND));
  const due = new Map<IsoInstant, IsoDate>();
  for (const period of periods) {
    const nominal = atLocalTime(dayOf(rhythm, period, day), time, calendar.timeZone);
    due.set(morningFrom(calendar, nominal, time, calendar.timeZone), period);
  }
  const [last, before] = [...due].filter(([at]) => at <= until).toReversed();
  if (last === undefined || before === undefined) throw new Error(`calendar broken: no report was due around ${until}`);
  return { rhythm, period: last[1], at: last[0], since: before[0] };
}

function periodAround(rhythm: Rhythm, today: IsoDate, distance: number): IsoDate {
  if (rhythm === 'weekly') return addDays(mondayOf(today), 7 * distance);
  return PlainDate.from(today).with({ day: 1 }).add({ months: distance }).toString() as IsoDate; // a date's text
}

function dayOf(rhythm: Rhythm, period: IsoDate, day: number): IsoDate {
  if (rhythm === 'weekly') return addDays(period, day - 1);
  return PlainDate.from(period).with({ day }, { overflow: 'constrain' }).toString() as IsoDate; // a date's text
}
