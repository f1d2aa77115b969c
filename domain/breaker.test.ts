/** When a day's volume waits for a person's word, by tables and by what must hold of any days. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { BREAKER_DAYS, BREAKER_DAYS_MIN, breaker, type DayVolume } from './breaker.ts';
import { addWorkingDays } from './calendar.ts';
import type { IsoDate } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2027 });
const rule = { factor: 3, minimum: 50 };
const MONDAY = '2026-03-30' as IsoDate;
/** The working days before a day, the last one first. */
const daysBefore = (day: IsoDate, counts: readonly number[]): DayVolume[] =>
  counts.map((count, index) => ({ day: addWorkingDays(calendar, day, -(index + 1)), count }));

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
  expect(breaker({ day: MONDAY, count: planned }, daysBefore(MONDAY, before), rule, calendar)).toMatchObject({ trips, usual, planned });
});

describe('the rhythm of a week', () => {
  /** Friday back to Monday, four times: 400 on Mondays, 20 on other days. */
  const week = [20, 20, 20, 20, 400];
  const month = Array.from({ length: 4 }, () => week).flat();
  it.each<[says: string, day: string, planned: number, before: number[], trips: boolean]>([
    ['a Monday like every Monday', '2026-03-30', 450, month, false],
    ['a Monday at three times the others', '2026-03-30', 1_201, month, true],
    ['a Tuesday as full as a Monday', '2026-03-31', 400, [400, ...month.slice(0, -1)], true],
    ['a Monday after one storm of a Monday', '2026-03-30', 1_300, [20, 20, 20, 20, 9_000, ...month.slice(5)], true],
    ['the second Monday of a system', '2026-03-30', 450, week, false],
    ['the first Monday, of which nothing is known', '2026-03-30', 450, [20, 20, 20, 20], true],
  ])('%s', (_, day, count, before, trips) =>
    expect(breaker({ day: day as IsoDate, count }, daysBefore(day as IsoDate, before), rule, calendar).trips).toBe(trips),
  );

  it('takes the first day after a holiday for a Monday', () => {
    // Hùng Kings' day is on Sunday 26 April 2026, free on Monday instead: it is Tuesday that has what the weekend left.
    const tuesday = '2026-04-28' as IsoDate;
    expect(breaker({ day: tuesday, count: 450 }, daysBefore(tuesday, month), rule, calendar)).toMatchObject({ trips: false, usual: 400 });
  });
});

describe('of any days', () => {
  const days = fc.array(fc.nat(2_000), { maxLength: BREAKER_DAYS }).map((counts) => daysBefore(MONDAY, counts));
  const planned = fc.nat(20_000);
  const rules = fc.record({ factor: fc.integer({ min: 1, max: 10 }), minimum: fc.nat(500) });
  const on = (count: number, before: readonly DayVolume[], given: typeof rule) => breaker({ day: MONDAY, count }, before, given, calendar);

  it('trips for more wherever it trips for less, whatever the order of the days', () => {
    fc.assert(
      fc.property(planned, planned, days, rules, (a, b, before, given) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        if (on(less, before, given).trips) expect(on(more, before, given).trips).toBe(true);
        expect(on(a, before, given)).toEqual(on(a, before.toReversed(), given));
      }),
    );
  });

  it('lets through the minimum, a day like those before, and everything while there is no usual', () => {
    fc.assert(
      fc.property(planned, days, rules, (count, before, given) => {
        expect(on(given.minimum, before, given).trips).toBe(false);
        const same = before.map((each) => ({ ...each, count }));
        expect(on(count, before.length < BREAKER_DAYS_MIN ? before : same, given).trips).toBe(false);
      }),
    );
  });
});
