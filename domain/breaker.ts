/** Whether a day's volume is so far above the usual that a person should look before it goes out. Pure. */
import { addDays, type Calendar, isWorkingDay } from './calendar.ts';
import { type IsoDate, PlainDate } from './time.ts';

/** Of how many working days the usual is taken: of four weeks, so that among the days of one kind, too, a single storm is not the usual. */
export const BREAKER_DAYS = 20;
/** Below so many days there is no usual volume yet: the first import of a register must not wait for a word. */
export const BREAKER_DAYS_MIN = 3;

export interface BreakerRule {
  /** How many times the usual is too much. */
  readonly factor: number;
  /** Up to so many notifications nobody need look. */
  readonly minimum: number;
}

/** A working day's volume. */
export interface DayVolume {
  readonly day: IsoDate;
  readonly count: number;
}

export interface BreakerVerdict {
  readonly trips: boolean;
  readonly planned: number;
  /** The median of all days, or of those like this one where that is more; null where there are too few days to tell. */
  readonly usual: number | null;
  /** More than so many trip it. */
  readonly limit: number;
}

/**
 * A week has its own rhythm: what fell due at the weekend goes out on Monday, what is weekly on its day. So a day is compared with
 * all, and with those like it.
 * @param planned notifications due on the day that are not urgent, those that went out already included
 * @param before the same of each of the last working days, in any order
 */
export function breaker(
  { day, count: planned }: DayVolume,
  before: readonly DayVolume[],
  { factor, minimum }: BreakerRule,
  calendar: Calendar,
): BreakerVerdict {
  const counts = (days: readonly DayVolume[]) => days.map(({ count }) => count);
  const kind = kindOf(calendar, day);
  const alike = before.filter((each) => kindOf(calendar, each.day) === kind);
  const usual = before.length < BREAKER_DAYS_MIN ? null : Math.max(median(counts(before)), alike.length === 0 ? 0 : median(counts(alike)));
  const limit = Math.max(minimum, Math.ceil(factor * (usual ?? 0)));
  return { trips: usual !== null && planned > limit, planned, usual, limit };
}

/** The first day after free ones is of one kind, whatever its weekday. */
function kindOf(calendar: Calendar, day: IsoDate): number {
  return isWorkingDay(calendar, addDays(day, -1)) ? PlainDate.from(day).dayOfWeek : 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
