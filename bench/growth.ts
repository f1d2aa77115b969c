/** How a cost grows with the size, against the smallest. Pure. */
import { rounded } from './rounded.ts';

/** What scales may cost this many times as much at the largest size, no more. */
export const GROWTH_MAX = 1.2;

export interface Growth {
  /** The largest of its costs, each divided by that of the smallest size. */
  readonly growth: number;
  /** The name of that cost. */
  readonly growsMost: string;
}

/** @throws Error naming a cost of nothing, with which nothing can be compared */
export function growthOf<Costs extends object>(smallest: Costs, costs: Costs): Growth {
  const before = new Map(Object.entries(smallest));
  const growths = Object.entries(costs).map(([name, cost]) => {
    const first = before.get(name);
    if (!(first > 0)) throw new Error(`${name} was ${first} at the smallest size`);
    return { growsMost: name, growth: rounded(cost / first, 2) ?? 0 };
  });
  return growths.reduce((most, each) => (each.growth > most.growth ? each : most));
}
