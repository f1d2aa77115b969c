/** Proves that no more is granted than a provider takes, by whomever and in whatever steps it is asked for. Does not prove the sharing: see prisma/rate-limits.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, fullBucket, type RateLimit, refused, take } from './rate-limit.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from './time.ts';

const START = epochMs('2026-11-26T01:00:00.000Z' as IsoInstant);
const at = (ms: number) => instantFromEpochMs(START + ms);
const FIVE: RateLimit = { perSecond: 5, burst: 5 };

describe('a bucket', () => {
  it.each([
    { name: 'is full at first', wanted: 3, afterMs: 0, granted: 3, nextMs: 0 },
    { name: 'gives no more than it holds', wanted: 9, afterMs: 0, granted: 5, nextMs: 200 },
    { name: 'holds no more than its burst, however long nobody asks', wanted: 9, afterMs: 3_600_000, granted: 5, nextMs: 3_600_200 },
  ])('$name', ({ wanted, afterMs, granted, nextMs }) => {
    const taken = take(fullBucket(FIVE, at(0)), { now: at(afterMs), wanted, limit: FIVE });
    expect([taken.granted, taken.nextAt]).toEqual([granted, at(nextMs)]);
  });

  it('fills at its pace', () => {
    const { bucket } = take(fullBucket(FIVE, at(0)), { now: at(0), wanted: 5, limit: FIVE });
    expect(take(bucket, { now: at(199), wanted: 5, limit: FIVE }).granted).toBe(0);
    expect(take(bucket, { now: at(400), wanted: 5, limit: FIVE }).granted).toBe(2);
  });

  it('waits as long as the provider says, goes on at half the pace, and is whole again after minutes', () => {
    const blocked = refused(fullBucket(FIVE, at(0)), { now: at(0), retryAfterMs: 30_000, limit: FIVE });
    expect(take(blocked, { now: at(29_999), wanted: 1, limit: FIVE })).toMatchObject({ granted: 0, nextAt: at(30_000) });
    const after = take(blocked, { now: at(30_400), wanted: 9, limit: FIVE });
    expect(after.granted).toBe(1);
    expect(take(blocked, { now: at(30_399), wanted: 9, limit: FIVE }).granted).toBe(0);
    expect(take(after.bucket, { now: at(30_000 + 600_000), wanted: 1, limit: FIVE }).bucket.pace).toBe(1);
  });

  it('is slowed once by refusals that were under way together, and keeps the longest wait', () => {
    let bucket = fullBucket(FIVE, at(0));
    for (const retryAfterMs of [1_000, 30_000, 2_000]) bucket = refused(bucket, { now: at(10), retryAfterMs, limit: FIVE });
    expect(bucket).toMatchObject({ pace: 0.5, blockedUntil: at(30_010), tokens: 0 });
  });

  it('grants nothing for a clock that went back', () => {
    const { bucket } = take(fullBucket(FIVE, at(0)), { now: at(0), wanted: 5, limit: FIVE });
    expect(take(bucket, { now: at(-60_000), wanted: 1, limit: FIVE }).granted).toBe(0);
  });
});

it('never grants more than its burst and what has come in since, in whatever steps it is asked', () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 5_000 }), wanted: fc.integer({ min: 0, max: 50 }), refusal: fc.boolean() });
  const limits = fc.record({ perSecond: fc.double({ min: 0.2, max: 50, noNaN: true }), burst: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 60 }), (limit, steps) => {
      let bucket: Bucket = fullBucket(limit, at(0));
      let [ms, total] = [0, 0];
      for (const each of steps) {
        ms += each.ms;
        const taken = take(bucket, { now: at(ms), wanted: each.wanted, limit });
        if (bucket.blockedUntil !== null && at(ms) < bucket.blockedUntil) expect(taken.granted).toBe(0);
        total += taken.granted;
        bucket = each.refusal ? refused(taken.bucket, { now: at(ms), retryAfterMs: 1_000, limit }) : taken.bucket;
      }
      expect(total).toBeLessThanOrEqual(limit.burst + (ms / 1_000) * limit.perSecond + 1e-6);
    }),
  );
});
