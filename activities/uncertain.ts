/** Asks providers about messages of which nobody knows whether they arrived; none is sent again before that is settled. */
import { addMilliseconds, epochMs, type IsoInstant } from '../domain/time.ts';
import type { RateLimits } from '../prisma/rate-limits.ts';
import type { ReadyMessage, Sender, SendOutcome, Sought } from './sender.ts';
import { UNMADE_RETRY_MS } from './unmade.ts';

/** A message that is not found is looked for once more so long after its attempt, and only then surely not sent (Slack shows it late). */
export const CERTAIN_AFTER_MS = 60_000;
const ASKED_AT_ONCE_MAX = 16;
const REPEAT_AGAIN_MS = 30_000;
/** A hold may be let go before its end. */
const HELD_AGAIN_MS_MAX = 60_000;

/** One message in doubt, as whoever keeps it knows it. What it writes it writes only while the message is still in doubt. */
export interface Doubt {
  readonly sought: Sought;
  /** Makes it once more under its own id; null where nothing of it applies any more. */
  remake(): Promise<ReadyMessage | null>;
  /** Until when a hold keeps it; null where none does. */
  heldUntil(at: IsoInstant): Promise<IsoInstant | null>;
  /** It has arrived, or never will. */
  settle(result: Extract<SendOutcome, { readonly outcome: 'sent' | 'permanent' }>, at: IsoInstant): Promise<void>;
  /** It stays in doubt. @param retryAt null: nobody is asked any more, and it is shown with what is said of it */
  keep(retryAt: IsoInstant | null, error?: string): Promise<void>;
  /** It was surely not sent: it is planned again, under another id. */
  planAgain(error: string): Promise<void>;
}

/** @returns those that are to be asked about at an instant */
export type ReadDoubts = (at: IsoInstant) => Promise<readonly Doubt[]>;

export interface UncertainDependencies {
  readonly sender: Pick<Sender, 'channel' | 'pace' | 'find'>;
  readonly doubts: readonly ReadDoubts[];
  readonly rateLimits: RateLimits;
  readonly now: () => IsoInstant;
}

/**
 * Twice: what is settled is not uncertain any more. Fails: it stays uncertain and is asked about again; what was posted once more by then is
 * posted under the same id. What a provider cannot tell stays uncertain for ever, and is shown.
 */
export function createAsk({ sender, doubts, rateLimits, now }: UncertainDependencies) {
  /** @returns whether anything was asked about */
  return async (): Promise<boolean> => {
    const found = (await Promise.all(doubts.map((read) => read(now())))).flat();
    const left = found.values();
    await Promise.all(
      Array.from({ length: ASKED_AT_ONCE_MAX }, async () => {
        for (const doubt of left) await ask(doubt);
      }),
    );
    return found.length > 0;
  };

  async function ask(doubt: Doubt): Promise<void> {
    const { attemptedAt } = doubt.sought;
    const found = await sender.find(doubt.sought);
    const at = now();
    if (found.arrived === true) await doubt.settle({ outcome: 'sent', providerId: found.providerId }, at);
    else if (found.arrived === 'ask_again') await doubt.keep(addMilliseconds(at, found.retryAfterMs));
    else if (found.arrived === 'repeatable' && at < addMilliseconds(attemptedAt, found.forMs)) await repeat(doubt);
    else if (found.arrived !== false) await doubt.keep(null, 'unknown: the provider cannot tell whether it arrived');
    else {
      const certainAt = addMilliseconds(attemptedAt, CERTAIN_AFTER_MS);
      if (at < certainAt) await doubt.keep(certainAt);
      else await doubt.planAgain('surely not sent; planned again');
    }
  }

  /** Posts it once more under its own id. It stays uncertain until the provider has answered: whichever of the two arrived counts. */
  async function repeat(doubt: Doubt): Promise<void> {
    const waitMs = await repeatWait(doubt);
    if (waitMs > 0) return again(doubt, waitMs);
    const ready = await doubt.remake();
    if (ready === null) return doubt.keep(null, 'unknown: nothing of it applies any more');
    if ('unmade' in ready) return again(doubt, UNMADE_RETRY_MS);
    const result = await ready.post();
    if (result.outcome === 'sent' || result.outcome === 'permanent') return doubt.settle(result, now());
    const { limit } = sender.pace;
    if (result.outcome === 'limited' && limit !== null) await rateLimits.refused(sender.channel, limit, result.retryAfterMs, now());
    await again(doubt, result.outcome === 'ambiguous' ? REPEAT_AGAIN_MS : (result.retryAfterMs ?? REPEAT_AGAIN_MS));
  }

  /** How long a hold, or what the provider takes from all who send, keeps it; 0 where nothing does. */
  async function repeatWait(doubt: Doubt): Promise<number> {
    const at = now();
    const held = await doubt.heldUntil(at);
    if (held !== null) return Math.min(HELD_AGAIN_MS_MAX, epochMs(held) - epochMs(at));
    const { limit } = sender.pace;
    if (limit === null) return 0;
    const { granted, nextAt } = await rateLimits.take(sender.channel, limit, { urgent: 1, routine: 0 }, at);
    return granted === 1 ? 0 : Math.max(1, epochMs(nextAt) - epochMs(at));
  }

  function again(doubt: Doubt, afterMs: number): Promise<void> {
    return doubt.keep(addMilliseconds(now(), afterMs));
  }
}
