/** When which part is killed, and how long it stays away: decided by the seed alone. Pure. */
import { chance } from '../../rehearsal/chance.ts';

export const PARTS = ['worker-1', 'worker-2', 'bot-1', 'bot-2', 'proxy', 'PostgreSQL', 'Temporal'] as const;
export type Part = (typeof PARTS)[number];

export interface Kill {
  readonly part: Part;
  /** Since the beginning of the chaos. */
  readonly atMs: number;
  readonly awayMs: number;
}

/** How often each part is killed, on the average. What all the others stand on is away more rarely: while it is, nothing else can go wrong. */
const EVERY_MS: Readonly<Record<Part, number>> = {
  'worker-1': 22_000,
  'worker-2': 22_000,
  'bot-1': 30_000,
  'bot-2': 30_000,
  proxy: 25_000,
  PostgreSQL: 60_000,
  Temporal: 60_000,
};
const AWAY_MS_MIN = 200;
const AWAY_MS_MAX = 3_000;

/** Every part at least once, each time somewhere in its own share of the time; in order. */
export function killsOf(seed: string, forMs: number): Kill[] {
  return PARTS.flatMap((part) => {
    const random = chance(`${seed}/kill/${part}`);
    const count = Math.max(1, Math.round(forMs / EVERY_MS[part]));
    return Array.from({ length: count }, (_, index) => ({
      part,
      atMs: Math.round(((index + random()) * forMs) / count),
      awayMs: Math.round(AWAY_MS_MIN + random() * (AWAY_MS_MAX - AWAY_MS_MIN)),
    }));
  }).sort((a, b) => a.atMs - b.atMs);
}
