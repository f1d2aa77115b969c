import fc from 'fast-check';
import { expect, it } from 'vitest';
import { killsOf, PARTS } from './kills.ts';

it('kills every part, in order, within the time, and the same for the same seed', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1_000, max: 600_000 }), (seed, forMs) => {
      const kills = killsOf(seed, forMs);
      expect(new Set(kills.map(({ part }) => part))).toEqual(new Set(PARTS));
      expect(kills).toEqual(kills.toSorted((a, b) => a.atMs - b.atMs));
      for (const { atMs, awayMs } of kills) {
        expect(atMs).toBeGreaterThanOrEqual(0);
        expect(atMs).toBeLessThanOrEqual(forMs);
        expect(awayMs).toBeLessThanOrEqual(3_000);
      }
      expect(killsOf(seed, forMs)).toEqual(kills);
    }),
  );
});

it('kills at other times for another seed, and the oftener the longer it lasts', () => {
  expect(killsOf('7', 180_000)).not.toEqual(killsOf('8', 180_000));
  expect(killsOf('7', 180_000).filter(({ part }) => part === 'worker-1')).toHaveLength(8);
  expect(killsOf('7', 180_000).filter(({ part }) => part === 'PostgreSQL')).toHaveLength(3);
});
