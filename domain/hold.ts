/** A hold: sending suspended for everybody, for the people of an agency or on a channel, and always with an end. Pure. */
import { addMinutes, atLocalTime, type Calendar, endOfOfficeHours } from './calendar.ts';
import type { AgencyCode, Channel, Email } from './names.ts';
import type { NotificationKind } from './notification.ts';
import { Instant, type IsoInstant, isoDate, PlainTime, toIsoInstant } from './time.ts';

/** Longer than any closure; what should be held for longer is another policy. */
export const HOLD_DAYS_MAX = 31;

/** What a hold is about; a part that is null stands for every one. */
export interface HoldScope {
  /** Of the people written to, not of the task: a person's messages are held together or not at all. */
  readonly agency: AgencyCode | null;
  readonly channel: Channel | null;
  readonly exceptUrgent: boolean;
}

export interface Hold extends HoldScope {
  readonly id: string;
  readonly madeAt: IsoInstant;
  readonly until: IsoInstant;
  /** Let go before its end. */
  readonly releasedAt: IsoInstant | null;
  readonly reason: string;
  /** Null where the breaker made it. */
  readonly by: Email | null;
}

/** Notifications of one kind on one channel that wait under a hold. */
export interface WaitingKind {
  readonly kind: NotificationKind;
  readonly channel: Channel;
  readonly notifications: number;
  readonly people: number;
}

/** A notification as far as a hold looks at it; `agency` is the recipient's. */
export interface Holdable {
  readonly agency: string;
  readonly channel: string;
  readonly urgent: boolean;
}

export function covers({ agency, channel, exceptUrgent }: HoldScope, told: Holdable): boolean {
  return (agency === null || agency === told.agency) && (channel === null || channel === told.channel) && !(exceptUrgent && told.urgent);
}

/** From when on something could go that was meant for a moment: after the hold that stood then, and after any that stood at its end. */
export function freeFrom(moment: IsoInstant, told: Holdable, holds: readonly Hold[]): IsoInstant {
  const hold = heldBy(holds, told, moment);
  return hold === undefined ? moment : freeFrom(endOf(hold), told, holds);
}

/** From when on it holds nothing any more. */
export function endOf({ until, releasedAt }: Pick<Hold, 'until' | 'releasedAt'>): IsoInstant {
  return releasedAt !== null && releasedAt < until ? releasedAt : until;
}

export function stands(hold: Pick<Hold, 'madeAt' | 'until' | 'releasedAt'>, at: IsoInstant): boolean {
  return hold.madeAt <= at && at < endOf(hold);
}

/** Of the holds that stand over a notification the one that ends last; undefined where it is free to go. */
export function heldBy<T extends Hold>(holds: readonly T[], told: Holdable, at: IsoInstant): T | undefined {
  return holds
    .filter((hold) => stands(hold, at) && covers(hold, told))
    .reduce<T | undefined>((last, hold) => (last === undefined || endOf(hold) > endOf(last) ? hold : last), undefined);
}

/**
 * The end of a hold as a person writes it: `+90m`, `+2h`, `+3d`, an instant with its zone, a local time `2026-03-20T14:00` of the
 * committee, or a date, which means the end of that day's office hours as it does for deadlines. Null where it is none of these.
 */
export function readUntil(given: string, now: IsoInstant, calendar: Calendar): IsoInstant | null {
  const span = /^\+(\d{1,4})([mhd])$/.exec(given);
  if (span !== null) return addMinutes(now, Number(span[1]) * { m: 1, h: 60, d: 24 * 60 }[span[2] as 'm' | 'h' | 'd']); // the pattern
  const date = isoDate.safeParse(given);
  if (date.success) return endOfOfficeHours(calendar, date.data);
  const local = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/.exec(given);
  try {
    if (local === null) return toIsoInstant(Instant.from(given));
    return atLocalTime(
      isoDate.parse(local[1]),
      PlainTime.from(local[2] ?? '')
        .toString()
        .slice(0, 5),
      calendar.timeZone,
    );
  } catch {
    return null;
  }
}

/** Whether an end is in time and near enough: `passed`, `too_far`, or null. */
export function endRefused(until: IsoInstant, now: IsoInstant): 'passed' | 'too_far' | null {
  if (until <= now) return 'passed';
  return until > addMinutes(now, HOLD_DAYS_MAX * 24 * 60) ? 'too_far' : null;
}
