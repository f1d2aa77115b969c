/**
 * What a provider takes: so many in any window of time, as providers say it, counted by all who send together. What is rare goes at once;
 * after a refusal they wait as long as the provider says, go on with half as many and come back to all of them within minutes. Pure: instants
 * come in.
 */
import { addMilliseconds, epochMs, type IsoInstant, instantFromEpochMs } from './time.ts';

export interface RateLimit {
  /** At least 1. */
  readonly max: number;
  /** In any so many milliseconds. */
  readonly windowMs: number;
  /** So many are always left to what is urgent: it does not wait for a window to end. */
  readonly reserved?: number;
}

export interface Wanted {
  readonly urgent: number;
  readonly routine: number;
}

/** What was granted within a slot of time. */
export interface Slot {
  readonly from: IsoInstant;
  readonly count: number;
}

export interface Usage {
  /** Within a window, oldest first. */
  readonly slots: readonly Slot[];
  /** The share of the limit that is used: 1, and less after refusals. */
  readonly pace: number;
  /** As of when this was so. */
  readonly at: IsoInstant;
  readonly blockedUntil: IsoInstant | null;
}

/** Slower than this is not of use: the provider's own `Retry-After` says how long to wait. */
const PACE_MIN = 1 / 16;
/** From the slowest to the whole pace. */
const RECOVERY_SECONDS = 600;
/** A window is counted in so many. */
const SLOTS = 60;
/** Until it is forgotten, after its window: what was granted at its end has not left before, nor arrived at once. */
const SLOTS_MORE = 2;

/** So many a second, a fraction too. */
export function limitPerSecond(count: number): RateLimit {
  const max = Math.max(1, Math.floor(count));
  return { max, windowMs: Math.ceil((max / count) * 1_000) };
}

/** So many in any 24 hours. */
export function limitPerDay(max: number): RateLimit {
  return { max, windowMs: 24 * 3_600_000 };
}

export function unused(now: IsoInstant): Usage {
  return { slots: [], pace: 1, at: now, blockedUntil: null };
}

/**
 * Takes what is wanted as far as it is free, the urgent first. @returns how many were granted, the usage after it, and the earliest
 * instant at which one more may be; a clock that went back waits until it has come on again.
 */
export function take(
  usage: Usage,
  { now, wanted, limit }: { readonly now: IsoInstant; readonly wanted: Wanted; readonly limit: RateLimit },
): { readonly granted: number; readonly usage: Usage; readonly nextAt: IsoInstant } {
  const current = asOf(usage, now, limit);
  if (current.blockedUntil !== null) return { granted: 0, usage: current, nextAt: current.blockedUntil };
  const free = freeIn(current, limit);
  const urgent = Math.min(wanted.urgent, free);
  const kept = Math.min(limit.reserved ?? 0, mostOf(current, limit) - 1);
  const routine = Math.max(0, Math.min(wanted.routine, free - urgent - kept));
  const granted = urgent + routine;
  const [oldest] = current.slots;
  const isShort = granted < wanted.urgent + wanted.routine;
  const after = { ...current, slots: granted === 0 ? current.slots : counted(current.slots, current.at, granted, limit) };
  return { granted, usage: after, nextAt: isShort ? goneAt(oldest ?? after.slots[0], current.at, limit) : current.at };
}

/** How many more may go; 0 also while the provider has asked for patience. */
export function freeOf(usage: Usage, now: IsoInstant, limit: RateLimit): number {
  const current = asOf(usage, now, limit);
  return current.blockedUntil === null ? freeIn(current, limit) : 0;
}

/** Gives back what was granted last and surely did not go out. */
export function returned(usage: Usage, count: number): Usage {
  let left = count;
  const slots: Slot[] = [];
  for (const slot of usage.slots.toReversed()) {
    const kept = Math.max(0, slot.count - left);
    left -= slot.count - kept;
    if (kept > 0) slots.unshift({ ...slot, count: kept });
  }
  return { ...usage, slots };
}

/** The provider has refused: nothing goes before it says, and then half as many. Of refusals that were under way together the first slows. */
export function refused(
  usage: Usage,
  { now, retryAfterMs, limit }: { readonly now: IsoInstant; readonly retryAfterMs: number; readonly limit: RateLimit },
): Usage {
  const current = asOf(usage, now, limit);
  const until = addMilliseconds(now, retryAfterMs);
  const isFirst = current.blockedUntil === null;
  return {
    ...current,
    pace: isFirst ? Math.max(PACE_MIN, current.pace / 2) : current.pace,
    blockedUntil: current.blockedUntil === null || until > current.blockedUntil ? until : current.blockedUntil,
  };
}

function mostOf({ pace }: Usage, { max }: RateLimit): number {
  return Math.max(1, Math.floor(max * pace));
}

function freeIn(usage: Usage, limit: RateLimit): number {
  return Math.max(0, mostOf(usage, limit) - usage.slots.reduce((sum, { count }) => sum + count, 0));
}

function asOf(usage: Usage, now: IsoInstant, limit: RateLimit): Usage {
  const at = now > usage.at ? now : usage.at;
  const blockedUntil = usage.blockedUntil !== null && usage.blockedUntil > at ? usage.blockedUntil : null;
  // While it was blocked nothing came back: the wait is no credit.
  const from = usage.blockedUntil !== null && usage.blockedUntil > usage.at ? usage.blockedUntil : usage.at;
  const seconds = Math.max(0, epochMs(at) - epochMs(from)) / 1_000;
  return {
    slots: usage.slots.filter((slot) => goneAt(slot, at, limit) > at),
    pace: Math.min(1, usage.pace + seconds / RECOVERY_SECONDS),
    at,
    blockedUntil,
  };
}

function slotMs({ windowMs }: RateLimit): number {
  return Math.ceil(windowMs / SLOTS);
}

function goneAt(slot: Slot | undefined, at: IsoInstant, limit: RateLimit): IsoInstant {
  return slot === undefined ? at : addMilliseconds(slot.from, limit.windowMs + SLOTS_MORE * slotMs(limit));
}

function counted(slots: readonly Slot[], at: IsoInstant, count: number, limit: RateLimit): readonly Slot[] {
  const length = slotMs(limit);
  const from = instantFromEpochMs(Math.floor(epochMs(at) / length) * length);
  const last = slots.at(-1);
  return last !== undefined && last.from >= from
    ? [...slots.slice(0, -1), { ...last, count: last.count + count }]
    : [...slots, { from, count }];
}
