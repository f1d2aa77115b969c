/**
 * What a provider takes: a bucket of tokens, one a message, shared by all who send. After a refusal it waits as long as the provider
 * says, goes on at half the pace and comes back to the whole one within minutes. Pure: instants come in.
 */
import { addMilliseconds, epochMs, type IsoInstant } from './time.ts';

export interface RateLimit {
  readonly perSecond: number;
  /** How many may go at once after a rest; at least 1. */
  readonly burst: number;
}

export interface Bucket {
  readonly tokens: number;
  /** The share of the limit that is used: 1, and less after refusals. */
  readonly pace: number;
  /** As of when the tokens are counted. */
  readonly at: IsoInstant;
  readonly blockedUntil: IsoInstant | null;
}

/** Slower than this is not of use: the provider's own `Retry-After` says how long to wait. */
const PACE_MIN = 1 / 16;
/** From the slowest to the whole pace. */
const RECOVERY_SECONDS = 600;

export function fullBucket(limit: RateLimit, now: IsoInstant): Bucket {
  return { tokens: limit.burst, pace: 1, at: now, blockedUntil: null };
}

/**
 * Takes up to `wanted` tokens. @returns how many were granted, the bucket after it, and the earliest instant at which one more can be
 * had; a clock that went back grants nothing more.
 */
export function take(
  bucket: Bucket,
  { now, wanted, limit }: { readonly now: IsoInstant; readonly wanted: number; readonly limit: RateLimit },
): { readonly granted: number; readonly bucket: Bucket; readonly nextAt: IsoInstant } {
  const filled = refill(bucket, now, limit);
  if (filled.blockedUntil !== null) return { granted: 0, bucket: filled, nextAt: filled.blockedUntil };
  const granted = Math.max(0, Math.min(wanted, Math.floor(filled.tokens)));
  const left = { ...filled, tokens: filled.tokens - granted };
  const missing = Math.max(0, 1 - left.tokens);
  return { granted, bucket: left, nextAt: addMilliseconds(left.at, Math.ceil((missing / (limit.perSecond * left.pace)) * 1_000)) };
}

/** The provider has refused: nothing goes before it says, and then at half the pace. Of refusals that were under way together the first slows. */
export function refused(
  bucket: Bucket,
  { now, retryAfterMs, limit }: { readonly now: IsoInstant; readonly retryAfterMs: number; readonly limit: RateLimit },
): Bucket {
  const filled = refill(bucket, now, limit);
  const until = addMilliseconds(now, retryAfterMs);
  const isFirst = filled.blockedUntil === null;
  return {
    tokens: 0,
    pace: isFirst ? Math.max(PACE_MIN, filled.pace / 2) : filled.pace,
    at: filled.at,
    blockedUntil: filled.blockedUntil === null || until > filled.blockedUntil ? until : filled.blockedUntil,
  };
}

function refill(bucket: Bucket, now: IsoInstant, limit: RateLimit): Bucket {
  // While it was blocked nothing came in: the wait is no credit.
  const from = bucket.blockedUntil !== null && bucket.blockedUntil > bucket.at ? bucket.blockedUntil : bucket.at;
  if (now < from) return bucket;
  const seconds = (epochMs(now) - epochMs(from)) / 1_000;
  const pace = Math.min(1, bucket.pace + seconds / RECOVERY_SECONDS);
  return { tokens: Math.min(limit.burst, bucket.tokens + seconds * limit.perSecond * bucket.pace), pace, at: now, blockedUntil: null };
}
