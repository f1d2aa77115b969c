/** Figures and moments as each language writes them. */
import { formatDate, text } from '../config/text.ts';
import type { Locale, Status } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate, PlainDate } from '../domain/time.ts';

const tag = (locale: Locale) => (locale === 'en' ? 'en-GB' : locale);

export { formatNumber } from '../config/text.ts';

/** Working days, to one decimal: `2.5`, `2,5`. */
export function formatDays(locale: Locale, days: number): string {
  return new Intl.NumberFormat(tag(locale), { maximumFractionDigits: 1 }).format(days);
}

/** A share with one decimal: `46.7%`, `46,7 %`. Of nothing there is no share. */
export function formatShare(locale: Locale, part: number, whole: number): string {
  if (whole === 0) return '–';
  return new Intl.NumberFormat(tag(locale), { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(part / whole);
}

/** The day of a moment in the committee's zone. */
export function formatDay(locale: Locale, instant: IsoInstant): string {
  return formatDate(locale, localDate(instant, COMMITTEE_TIME_ZONE));
}

/** From this many days on a deadline is near. */
const SOON_DAYS = 3;

export interface DeadlineWords {
  readonly words: string;
  readonly tone: 'late' | 'soon' | 'calm' | 'over';
}

export interface DeadlineFacts {
  readonly status: Status;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly completedAt: IsoInstant | null;
  readonly cancelledAt: IsoInstant | null;
}

/** The days left or overdue, counted in local dates as people count them; of a task that ended, when it did. */
export function deadlineWords(locale: Locale, task: DeadlineFacts, now: IsoInstant): DeadlineWords {
  if (task.completedAt !== null)
    return { words: text(locale, 'web.completed_on', { date: formatDay(locale, task.completedAt) }), tone: 'over' };
  if (task.cancelledAt !== null)
    return { words: text(locale, 'web.cancelled_on', { date: formatDay(locale, task.cancelledAt) }), tone: 'over' };
  const days = PlainDate.from(localDate(now, COMMITTEE_TIME_ZONE)).until(PlainDate.from(task.deadline), { largestUnit: 'days' }).days;
  if (now > task.deadlineAt) {
    const words = days >= 0 ? text(locale, 'web.overdue_today') : text(locale, 'days.overdue', { days: -days });
    return { words, tone: 'late' };
  }
  return { words: text(locale, 'days.left', { days: Math.max(0, days) }), tone: days <= SOON_DAYS ? 'soon' : 'calm' };
}
