/** When a day's volume waits for a person's word, by a table and by what must hold of any days. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BREAKER_DAYS_MIN, breaker } from './breaker.ts';

const rule = { factor: 3, minimum: 50 };

it.each([
  ['a usual day', 110, [100, 90, 110], false, 100],
  ['three times the usual is let through', 300, [100, 90, 110], false, 100],
  ['one more is not', 301, [100, 90, 110], true, 100],
  ['the median, not the mean: one storm before is not the usual', 400, [100, 100, 100, 5_000], true, 100],
  ['between two days lies their middle', 316, [100, 110, 90, 120], true, 105],
  ['below the minimum nobody looks', 50, [1, 1, 1], false, 1],
  ['above the minimum after quiet days', 51, [0, 0, 0, 0], true, 0],
  ['too few days to tell', 100_000, [1, 1], false, null],
  ['no day at all', 100_000, [], false, null],
] satisfies [string, number, number[], boolean, number | null][])('%s', (_, planned, before, trips, usual) => {
  expect(breaker(planned, before, rule)).toMatchObject({ trips, usual, planned });
});

describe('of any days', () => {
  const days = fc.array(fc.nat(2_000), { maxLength: 12 });
  const planned = fc.nat(20_000);
  const rules = fc.record({ factor: fc.integer({ min: 1, max: 10 }), minimum: fc.nat(500) });

  it('trips for more wherever it trips for less, whatever the order of the days', () => {
    fc.assert(
      fc.property(planned, planned, days, rules, (a, b, before, given) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        if (breaker(less, before, given).trips) expect(breaker(more, before, given).trips).toBe(true);
        expect(breaker(a, before, given)).toEqual(breaker(a, before.toReversed(), given));
      }),
    );
  });

  it('lets through the minimum, a day like those before, and everything while there is no usual', () => {
    fc.assert(
      fc.property(planned, days, rules, (count, before, given) => {
        expect(breaker(given.minimum, before, given).trips).toBe(false);
        if (before.length < BREAKER_DAYS_MIN) expect(breaker(count, before, given).trips).toBe(false);
        else
          expect(
            breaker(
              count,
              before.map(() => count),
              given,
            ).trips,
          ).toBe(false);
      }),
    );
  });
});
