/** How well estimates foretold what came: order, distance and calibration of estimates against outcomes. Pure. */

/** What was estimated before the end, and whether it came. */
export interface Foretold {
  /** Any number that is larger the likelier it seemed; a probability where a function says so. */
  readonly score: number;
  readonly came: boolean;
}

/** With fewer of either outcome a figure would be chance. */
export const OUTCOMES_MIN = 30;

/**
 * The area under the ROC curve: of all pairs of one that came and one that did not, the share in which the first had the larger
 * score, a tie counting half. 0.5 is a coin, 1 perfect order. Null where there is no such pair.
 * By the ranks (Mann–Whitney), so that the pairs themselves, a million for a few thousand tasks, are not gone through.
 */
export function areaUnderCurve(foretold: readonly Foretold[]): number | null {
  const sorted = foretold.toSorted((a, b) => a.score - b.score);
  const came = sorted.filter((each) => each.came).length;
  const stayed = sorted.length - came;
  if (came === 0 || stayed === 0) return null;
  let ranks = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    let tied = 0;
    for (; to < sorted.length && sorted[to]?.score === sorted[from]?.score; to += 1) if (sorted[to]?.came) tied += 1;
    // Those that are tied share the mean of their ranks, which count from 1.
    ranks += (tied * (from + 1 + to)) / 2;
    from = to;
  }
  return (ranks - (came * (came + 1)) / 2) / (came * stayed);
}

/** Brier's score of probabilities: the mean squared distance from what came (1) or did not (0). 0 is perfect. Null for none. */
export function brierScore(foretold: readonly Foretold[]): number | null {
  if (foretold.length === 0) return null;
  return foretold.reduce((sum, { score, came }) => sum + (score - (came ? 1 : 0)) ** 2, 0) / foretold.length;
}

export interface Bin {
  /** From this probability on, up to and without the next bin's; the last one includes its end. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** The mean of what was estimated, and the share that came: the same where the estimate is calibrated. */
  readonly estimated: number;
  readonly came: number;
}

/** Calibration by bins of equal width; a bin in which nothing fell is left out. */
export function calibration(foretold: readonly Foretold[], bins = 10): Bin[] {
  const groups = Map.groupBy(foretold, ({ score }) => Math.min(bins - 1, Math.floor(score * bins)));
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([index, group]) => ({
      from: index / bins,
      to: (index + 1) / bins,
      count: group.length,
      estimated: meanOf(group, ({ score }) => score),
      came: meanOf(group, ({ came }) => (came ? 1 : 0)),
    }));
}

/**
 * Probabilities for scores that are none: each fifth of the tasks, by order of their scores, is given the share that came in it.
 * This is the best that such a score can say, because it is fitted to what came; tied scores share a probability.
 */
export function byFifths(foretold: readonly Foretold[]): Foretold[] {
  const sorted = foretold.toSorted((a, b) => a.score - b.score);
  const size = sorted.length / 5;
  const fifthOf = new Map<number, number>();
  sorted.forEach(({ score }, index) => {
    if (!fifthOf.has(score)) fifthOf.set(score, Math.floor(index / size));
  });
  const groups = [...Map.groupBy(sorted, ({ score }) => fifthOf.get(score) ?? 0).values()];
  return groups.flatMap((group) => {
    const share = meanOf(group, ({ came }) => (came ? 1 : 0));
    return group.map(({ came }) => ({ score: share, came }));
  });
}

function meanOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
