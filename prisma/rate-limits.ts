/** What `domain/rate-limit.ts` counts, in the store: whoever sends counts together, in whichever process. */
import type { Channel } from '../domain/names.ts';
import { freeOf, type RateLimit, refused, returned, type Slot, take, type Usage, unused, type Wanted } from '../domain/rate-limit.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';

export interface RateLimits {
  /** @param name of what is limited: a provider and its method, for example `slack:chat.postMessage` */
  take(name: string, limit: RateLimit, wanted: Wanted, now: IsoInstant): Promise<{ granted: number; nextAt: IsoInstant }>;
  /** Of what was taken so many surely did not go out. */
  giveBack(name: string, count: number, now: IsoInstant): Promise<void>;
  /** The provider has answered that it takes no more for a while. */
  refused(name: string, limit: RateLimit, retryAfterMs: number, now: IsoInstant): Promise<void>;
}

/** What a channel takes in any 24 hours is counted under this name. */
export function nameOfDay(channel: Channel): string {
  return `${channel}/day`;
}

/** How many more may go at an instant; what nobody has taken of yet is free. */
export async function readFree(database: Database, name: string, limit: RateLimit, now: IsoInstant): Promise<number> {
  const [row] = await database.$queryRaw<Row[]>`SELECT slots, pace, at, blocked_until FROM rate_limit WHERE name = ${name}`;
  return freeOf(row === undefined ? unused(now) : usageOf(row), now, limit);
}

interface Row {
  readonly slots: Slot[];
  readonly pace: number;
  readonly at: Date;
  readonly blocked_until: Date | null;
}

export function createRateLimits(database: Database): RateLimits {
  /** One after the other: the row is locked between what is read and what is written. */
  function change<T>(name: string, now: IsoInstant, act: (usage: Usage) => { usage: Usage; answer: T }): Promise<T> {
    return database.$transaction(async (transaction) => {
      const { usage, answer } = act(await locked(transaction, name, now));
      await transaction.$executeRaw`
        UPDATE rate_limit SET slots = ${JSON.stringify(usage.slots)}::jsonb, pace = ${usage.pace}, at = ${usage.at}::timestamptz,
          blocked_until = ${usage.blockedUntil}::timestamptz WHERE name = ${name}`;
      return answer;
    });
  }

  return {
    take: (name, limit, wanted, now) =>
      change(name, now, (before) => {
        const { granted, nextAt, usage } = take(before, { now, wanted, limit });
        return { usage, answer: { granted, nextAt } };
      }),
    giveBack: (name, count, now) => change(name, now, (before) => ({ usage: returned(before, count), answer: undefined })),
    refused: (name, limit, retryAfterMs, now) =>
      change(name, now, (before) => ({ usage: refused(before, { now, retryAfterMs, limit }), answer: undefined })),
  };
}

async function locked(transaction: Transaction, name: string, now: IsoInstant): Promise<Usage> {
  const first = unused(now);
  await transaction.$executeRaw`
    INSERT INTO rate_limit (name, pace, at) VALUES (${name}, ${first.pace}, ${now}::timestamptz) ON CONFLICT DO NOTHING`;
  const [row] = await transaction.$queryRaw<Row[]>`SELECT slots, pace, at, blocked_until FROM rate_limit WHERE name = ${name} FOR UPDATE`;
  return row === undefined ? first : usageOf(row);
}

function usageOf(row: Row): Usage {
  const instant = (date: Date) => instantFromEpochMs(date.getTime());
  return {
    slots: row.slots,
    pace: row.pace,
    at: instant(row.at),
    blockedUntil: row.blocked_until === null ? null : instant(row.blocked_until),
  };
}
