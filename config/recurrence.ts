/**
 * Reads rules of recurrence (RFC 5545) and gives the periods that they mean. The library counts; which parts a rule may have is
 * checked here, since it passes over what it does not know.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { addDays, addWorkingDays, type Calendar } from '../domain/calendar.ts';
import { type PeriodDates, periodsOf, type Recurrence } from '../domain/recurrence.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import type { IsoDate } from '../domain/time.ts';

/** How far ahead a rule is tried before it is taken: a year of months, with its holidays, and the next. */
const TRIED_DAYS = 730;

const list = (item: string) => new RegExp(`^(${item})(,(${item}))*$`);
const YEAR_DAY = '-?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])';
/** Days and larger, as RFC 5545 has them. Weeks by number are left out: nobody in the field counts so. */
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9]\d?$/,
  BYMONTH: list('[1-9]|1[0-2]'),
  BYMONTHDAY: list('-?([1-9]|[12]\\d|3[01])'),
  BYYEARDAY: list(YEAR_DAY),
  BYDAY: list('(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)'),
  BYSETPOS: list(YEAR_DAY),
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
};
const BOUNDS: readonly string[] = ['COUNT', 'UNTIL'];
const OFTENER_THAN_DAILY = /^(FREQ=(HOURLY|MINUTELY|SECONDLY)|BY(HOUR|MINUTE|SECOND)=.*)$/;

/** Why a rule cannot be taken for a task; null where it can. @param since the date from which it holds */
export function refuseRecurrence(recurrence: Recurrence, since: IsoDate, deadline: IsoDate, calendar: Calendar): Refusal | null {
  const { rule, due } = recurrence;
  const unreadable = refuseParts(rule) ?? (read(rule, since) === null ? refuse('recurrence_unreadable', { part: rule }) : null);
  if (unreadable !== null) return unreadable;
  const tried = addDays(since, TRIED_DAYS);
  const periods = periodsUntil(recurrence, since, deadline < tried ? deadline : tried, calendar);
  if (periods?.some(({ opens }) => opens <= deadline) !== true) return refuse('recurrence_never', { rule, deadline });
  // Cut short now and then, by holidays or a short month, is no mistake; always is.
  const isCut = ({ opens, deadline: cut }: PeriodDates) => cut < addWorkingDays(calendar, opens, due);
  return periods.every(isCut) ? refuse('recurrence_due_too_long', { due: String(due) }) : null;
}

/**
 * The periods that a rule gives from a date to another one, in order; null where the rule contradicts itself (30 February).
 * @param since the date from which the rule holds, its DTSTART; it is an occurrence only where the rule names it
 */
export function periodsUntil({ rule, due }: Recurrence, since: IsoDate, until: IsoDate, calendar: Calendar): PeriodDates[] | null {
  const dates = datesUntil(rule, since, until);
  return dates === null ? null : periodsOf(dates, due, calendar);
}

/** The rule's dates up to one, and the one after it, which bounds the last period. */
function datesUntil(rule: string, since: IsoDate, until: IsoDate): IsoDate[] | null {
  // Dates have no zone; in UTC no day is longer or shorter than another.
  const midnight = (date: IsoDate) => new Date(`${date}T00:00:00Z`);
  const dates = read(rule, since);
  if (dates === null) return null;
  try {
    const next = dates.next(midnight(until));
    const found = dates.between(midnight(since), midnight(until), true);
    return [...found, ...(next === null ? [] : [next])].map((at) => at.toString().slice(0, 10) as IsoDate); // an ISO text begins with its date
  } catch {
    // It looked through more years than there are: the library throws nothing but `Error`.
    return null;
  }
}

function read(rule: string, since: IsoDate): RRuleTemporal | null {
  try {
    return new RRuleTemporal({ rruleString: `DTSTART:${since.replaceAll('-', '')}T000000Z\nRRULE:${rule}`, strict: true });
  } catch {
    // Parts that do not go together; the library throws nothing but `Error`.
    return null;
  }
}

function refuseParts(rule: string): Refusal | null {
  const seen = new Set<string>();
  for (const part of rule.split(';')) {
    const [name = '', value = '', ...rest] = part.split('=');
    if (BOUNDS.includes(name)) return refuse('recurrence_bounded', { part: name });
    if (OFTENER_THAN_DAILY.test(part)) return refuse('recurrence_too_often', { part });
    if (seen.has(name) || rest.length > 0 || PARTS[name]?.test(value) !== true) return refuse('recurrence_unreadable', { part });
    seen.add(name);
  }
  return seen.has('FREQ') ? null : refuse('recurrence_unreadable', { part: rule });
}
