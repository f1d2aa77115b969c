/** The buckets of `domain/rate-limit.ts` in the store: whoever sends takes from the same one, in whichever process. */
import { type Bucket, fullBucket, type RateLimit, refused, take } from '../domain/rate-limit.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';

export interface RateLimits {
  /** @param name of what is limited: a provider and its method, for example `slack:chat.postMessage` */
  take(name: string, limit: RateLimit, wanted: number, now: IsoInstant): Promise<{ granted: number; nextAt: IsoInstant }>;
  /** The provider has answered that it takes no more for a while. */
  refused(name: string, limit: RateLimit, retryAfterMs: number, now: IsoInstant): Promise<void>;
}

interface Row {
  readonly tokens: number;
  readonly pace: number;
  readonly at: Date;
  readonly blocked_until: Date | null;
}

export function createRateLimits(database: Database): RateLimits {
  /** One after the other: the row is locked between what is read and what is written. */
  function change<T>(name: string, limit: RateLimit, now: IsoInstant, act: (bucket: Bucket) => { bucket: Bucket; answer: T }): Promise<T> {
    return database.$transaction(async (transaction) => {
      const { bucket, answer } = act(await locked(transaction, name, limit, now));
      await transaction.$executeRaw`
        UPDATE rate_limit SET tokens = ${bucket.tokens}, pace = ${bucket.pace}, at = ${bucket.at}::timestamptz,
          blocked_until = ${bucket.blockedUntil}::timestamptz WHERE name = ${name}`;
      return answer;
    });
  }

  return {
    take: (name, limit, wanted, now) =>
      change(name, limit, now, (held) => {
        const { granted, nextAt, bucket } = take(held, { now, wanted, limit });
        return { bucket, answer: { granted, nextAt } };
      }),
    refused: (name, limit, retryAfterMs, now) =>
      change(name, limit, now, (held) => ({ bucket: refused(held, { now, retryAfterMs, limit }), answer: undefined })),
  };
}

async function locked(transaction: Transaction, name: string, limit: RateLimit, now: IsoInstant): Promise<Bucket> {
  const full = fullBucket(limit, now);
  await transaction.$executeRaw`
    INSERT INTO rate_limit (name, tokens, pace, at) VALUES (${name}, ${full.tokens}, ${full.pace}, ${now}::timestamptz) ON CONFLICT DO NOTHING`;
  const [row] = await transaction.$queryRaw<Row[]>`SELECT tokens, pace, at, blocked_until FROM rate_limit WHERE name = ${name} FOR UPDATE`;
  if (row === undefined) return full;
  const instant = (date: Date) => instantFromEpochMs(date.getTime());
  return {
    tokens: row.tokens,
    pace: row.pace,
    at: instant(row.at),
    blockedUntil: row.blocked_until === null ? null : instant(row.blocked_until),
  };
}
