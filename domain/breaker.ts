/** Whether a day's volume is so far above the usual that a person should look before it goes out. Pure. */

/** Of how many working days the usual is taken. */
export const BREAKER_DAYS = 10;
/** Below so many days there is no usual volume yet: the first import of a register must not wait for a word. */
export const BREAKER_DAYS_MIN = 3;

export interface BreakerRule {
  /** How many times the usual is too much. */
  readonly factor: number;
  /** Up to so many notifications nobody need look. */
  readonly minimum: number;
}

export interface BreakerVerdict {
  readonly trips: boolean;
  readonly planned: number;
  /** The median; null where there are too few days to tell. */
  readonly usual: number | null;
  /** More than so many trip it. */
  readonly limit: number;
}

/**
 * @param planned notifications due on the day that are not urgent, those that went out already included
 * @param before the same of each of the last working days, in any order
 */
export function breaker(planned: number, before: readonly number[], { factor, minimum }: BreakerRule): BreakerVerdict {
  const usual = before.length < BREAKER_DAYS_MIN ? null : median(before);
  const limit = Math.max(minimum, Math.ceil(factor * (usual ?? 0)));
  return { trips: usual !== null && planned > limit, planned, usual, limit };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
