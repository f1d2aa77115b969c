/** Proves that no more is granted than a provider takes, by whomever and in whatever steps it is asked for. Does not prove the sharing: see prisma/rate-limits.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeOf, limitPerDay, limitPerSecond, type RateLimit, refused, returned, take, type Usage, unused } from './rate-limit.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from './time.ts';

const START = epochMs('2026-11-26T01:00:00.000Z' as IsoInstant);
const at = (ms: number) => instantFromEpochMs(START + ms);
const TEN: RateLimit = { max: 10, windowMs: 60_000 };
const WINDOW_OVER_MS = 62_000;

/** What is granted of wants one after another, each so many milliseconds after the start. */
function granted(limit: RateLimit, ...wants: readonly (readonly [ms: number, urgent: number, routine: number])[]): number[] {
  let usage = unused(at(0));
  return wants.map(([ms, urgent, routine]) => {
    const taken = take(usage, { now: at(ms), wanted: { urgent, routine }, limit });
    usage = taken.usage;
    return taken.granted;
  });
}

describe('a limit', () => {
  const withReserve: RateLimit = { ...TEN, reserved: 3 };
  it.each<{ name: string; limit?: RateLimit; wants: (readonly [number, number, number])[]; gives: number[] }>([
    { name: 'lets everything go at once that a window takes', wants: [[0, 0, 25]], gives: [10] },
    { name: 'lets nothing more go in the same window', wants: [[0, 0, 8], [30_000, 0, 8], [59_999, 0, 8]], gives: [8, 2, 0] }, // biome-ignore format: a row of a table
    { name: 'gives back each when its window is over', wants: [[0, 0, 4], [30_000, 0, 6], [WINDOW_OVER_MS, 0, 9], [30_000 + WINDOW_OVER_MS, 0, 9]], gives: [4, 6, 4, 6] }, // biome-ignore format: a row of a table
    { name: 'gives no credit for a rest', wants: [[3_600_000, 0, 99]], gives: [10] },
    { name: 'lets the urgent go first', limit: withReserve, wants: [[0, 2, 20], [1, 0, 1], [1, 5, 0]], gives: [7, 0, 3] }, // biome-ignore format: a row of a table
    { name: 'lets the urgent have all of it', limit: withReserve, wants: [[0, 20, 20]], gives: [10] },
    { name: 'grants nothing more for a clock that went back', wants: [[0, 0, 10], [-60_000, 0, 1]], gives: [10, 0] }, // biome-ignore format: a row of a table
  ])('$name', ({ limit = TEN, wants, gives }) => {
    expect(granted(limit, ...wants)).toEqual(gives);
  });

  it('says when one more may go', () => {
    const { usage, nextAt } = take(unused(at(0)), { now: at(0), wanted: { urgent: 0, routine: 4 }, limit: TEN });
    expect(nextAt).toBe(at(0));
    const short = take(usage, { now: at(500), wanted: { urgent: 0, routine: 7 }, limit: TEN });
    expect(short).toMatchObject({ granted: 6, nextAt: at(WINDOW_OVER_MS) });
    expect(take(short.usage, { now: short.nextAt, wanted: { urgent: 0, routine: 1 }, limit: TEN }).granted).toBe(1);
  });

  it('waits as long as the provider says, goes on with half, and is whole again after minutes', () => {
    const blocked = refused(unused(at(0)), { now: at(0), retryAfterMs: 30_000, limit: TEN });
    const wanted = { urgent: 0, routine: 9 };
    expect(take(blocked, { now: at(29_999), wanted, limit: TEN })).toMatchObject({ granted: 0, nextAt: at(30_000) });
    expect(take(blocked, { now: at(30_000), wanted, limit: TEN }).granted).toBe(5);
    expect(take(blocked, { now: at(30_000 + 600_000), wanted, limit: TEN })).toMatchObject({ granted: 9, usage: { pace: 1 } });
  });

  it('is slowed once by refusals that were under way together, and keeps the longest wait', () => {
    let usage = unused(at(0));
    for (const retryAfterMs of [1_000, 30_000, 2_000]) usage = refused(usage, { now: at(10), retryAfterMs, limit: TEN });
    expect(usage).toMatchObject({ pace: 0.5, blockedUntil: at(30_010) });
  });

  it('takes back what did not go, the latest first, and never more than was granted', () => {
    const limit = limitPerDay(10);
    const first = take(unused(at(0)), { now: at(0), wanted: { urgent: 0, routine: 3 }, limit }).usage;
    const { usage } = take(first, { now: at(3_600_000), wanted: { urgent: 0, routine: 4 }, limit });
    const free = (of: Usage, hours: number) => freeOf(of, at(hours * 3_600_000), limit);
    expect([free(usage, 1), free(returned(usage, 5), 1), free(returned(usage, 99), 1)]).toEqual([3, 8, 10]);
    // Of the three of the first hour two are left: they are over with their own day.
    expect(free(returned(usage, 5), 25)).toBe(10);
    expect(free(returned(usage, 2), 25)).toBe(8);
  });

  it('has nothing free while the provider asks for patience', () => {
    const blocked = refused(unused(at(0)), { now: at(0), retryAfterMs: 30_000, limit: TEN });
    expect([freeOf(blocked, at(1), TEN), freeOf(blocked, at(30_000), TEN)]).toEqual([0, 5]);
  });

  it.each([
    [10, { max: 10, windowMs: 1_000 }],
    [2.5, { max: 2, windowMs: 800 }],
    [0.5, { max: 1, windowMs: 2_000 }],
  ])('of %d a second is a window', (count, limit) => {
    expect(limitPerSecond(count)).toEqual(limit);
  });
});

it('never grants more in any window, in whatever steps it is asked, and waits no longer than it says', () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 5_000 }),
    wanted: fc.record({ urgent: fc.integer({ min: 0, max: 20 }), routine: fc.integer({ min: 0, max: 50 }) }),
    refusal: fc.boolean(),
  });
  const limits = fc.record({
    max: fc.integer({ min: 1, max: 50 }),
    windowMs: fc.integer({ min: 100, max: 20_000 }),
    reserved: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 60 }), (limit, steps) => {
      let usage: Usage = unused(at(0));
      let ms = 0;
      const all: { ms: number; granted: number }[] = [];
      for (const each of steps) {
        ms += each.ms;
        const taken = take(usage, { now: at(ms), wanted: each.wanted, limit });
        if (usage.blockedUntil !== null && at(ms) < usage.blockedUntil) expect(taken.granted).toBe(0);
        if (taken.granted < each.wanted.urgent + each.wanted.routine) expect(taken.nextAt > at(ms)).toBe(true);
        all.push({ ms, granted: taken.granted });
        usage = each.refusal ? refused(taken.usage, { now: at(ms), retryAfterMs: 1_000, limit }) : taken.usage;
      }
      for (const { ms: end } of all) {
        const within = all.filter((each) => each.ms <= end && each.ms > end - limit.windowMs);
        expect(within.reduce((sum, each) => sum + each.granted, 0)).toBeLessThanOrEqual(limit.max);
      }
    }),
  );
});
