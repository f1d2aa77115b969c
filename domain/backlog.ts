/**
 * A backlog: what is due on a channel and has not gone for longer than it should take. Why that is so, when a person has to know of it,
 * and by which channel: never the one that is late. Pure.
 */
import { addMinutes } from './calendar.ts';
import { isReachable, type Person } from './directory.ts';
import type { Channel } from './names.ts';
import type { PlannedNotice } from './notice.ts';
import { addMilliseconds, epochMs, type IsoInstant } from './time.ts';

export interface BacklogRule {
  /** So long after its moment something that has not gone is late, and every page says so. */
  readonly lateSeconds: number;
  /** So long after it the coordinators are told. */
  readonly alarmSeconds: number;
}

/** A whole register goes out within it at the pace that Slack takes: what is only a storm is shown, and alarms nobody. */
const STORM_MINUTES = 30;
/** A mailbox that is greylisted or full is one person's matter, and mostly passes; a mail server is asked again after half an hour. */
const FEW_MINUTES = 60;
/** A channel that comes and goes alarms once, not each time. */
const ALARM_MINUTES = 4 * 60;
/** Couriers take what is due within moments, or when a provider's minute is over: where nothing was tried for longer, none runs. */
const COURIER_SECONDS = 90;
/** What a courier writes to what no message could be made of. */
export const UNMADE = 'the message could not be made';

/** What the ledger says of what is late on a channel. */
export interface BacklogFacts {
  readonly channel: Channel;
  /** Notifications and notices, before any of them are merged. */
  readonly waiting: number;
  /** How many they are for. */
  readonly people: number;
  /** When the oldest of them was due. */
  readonly since: IsoInstant;
  /** Those that nobody has tried to send. */
  readonly untried: number;
  /** The latest attempt at one of them; `error` as it was written to the ledger. */
  readonly attempt: {
    readonly at: IsoInstant;
    readonly error: string | null;
    readonly retryAt: IsoInstant | null;
    /** The provider takes nothing from anybody for a while: that counts as no attempt. */
    readonly isForAll: boolean;
  } | null;
  /** Of one that nothing could be made of. */
  readonly isUnmade: boolean;
  /** As many as the provider takes in 24 hours have gone. */
  readonly isDayFull: boolean;
  /** The provider takes nothing before. */
  readonly blockedUntil: IsoInstant | null;
  /** When the channel last sent anything. */
  readonly sentAt: IsoInstant | null;
}

export type BacklogReason =
  /** The provider's code, where it gave one, when it is tried again, and whether that was said of all messages. */
  | { readonly reason: 'refused'; readonly answer: string | null; readonly until: IsoInstant | null; readonly isForAll: boolean }
  /** The same of these messages alone: others go. */
  | { readonly reason: 'partly'; readonly answer: string | null }
  /** What the provider takes in 24 hours is used up. */
  | { readonly reason: 'day_full' }
  /** A mistake of ours. */
  | { readonly reason: 'unmade' }
  /** They go, as fast as the provider takes them. */
  | { readonly reason: 'pace' }
  /** Nobody has them in hand. */
  | { readonly reason: 'no_courier' };

export type Backlog = Pick<BacklogFacts, 'channel' | 'waiting' | 'people' | 'since'> & BacklogReason;

export function backlogOf(facts: BacklogFacts, at: IsoInstant): Backlog {
  const { channel, waiting, people, since } = facts;
  return { channel, waiting, people, since, ...reasonOf(facts, at) };
}

function reasonOf({ attempt, untried, isUnmade, isDayFull, blockedUntil, sentAt }: BacklogFacts, at: IsoInstant): BacklogReason {
  const lately = addMilliseconds(at, -COURIER_SECONDS * 1_000);
  const isSending = sentAt !== null && sentAt > lately;
  const isTrying = attempt !== null && attempt.at > lately;
  const error = attempt?.error ?? null;
  const answer = error === null ? null : answerCode(error);
  const blocked = later(blockedUntil, at);
  const retry = error === null ? null : later(attempt?.retryAt ?? null, at);
  const until = blocked !== null && retry !== null ? (blocked > retry ? blocked : retry) : (blocked ?? retry);
  if (blocked !== null) return { reason: 'refused', answer, until, isForAll: true };
  if (isDayFull) return { reason: 'day_full' };
  if (isSending && untried > 0) return { reason: 'pace' };
  if (error !== null && (retry !== null || isTrying || isSending)) {
    const othersGo = sentAt !== null && attempt !== null && sentAt > attempt.at;
    return othersGo ? { reason: 'partly', answer } : { reason: 'refused', answer, until, isForAll: attempt?.isForAll === true };
  }
  if (isSending || isTrying) return { reason: 'pace' };
  return { reason: isUnmade ? 'unmade' : 'no_courier' };
}

/** An instant that is still to come. */
function later(instant: IsoInstant | null, at: IsoInstant): IsoInstant | null {
  return instant !== null && instant > at ? instant : null;
}

/**
 * The code in a provider's answer: Slack's, HTTP's, a connection's, or a mail server's replies (RFC 5321, RFC 3463). Null where there is
 * none. The rest of an answer may quote an address, and is never shown.
 */
export function answerCode(error: string): string | null {
  const whole = /^[a-z][a-z_]{2,39}$|^HTTP \d{3}$/.exec(error);
  const [word] = whole ?? /(?<![\w.<@-])(?:E[A-Z]{4,20}|UND_ERR_[A-Z_]{3,30})(?![\w.@-])/.exec(error) ?? [];
  if (word !== undefined) return word;
  const reply = /(?:^|[\s:])([245]\d\d)[ -](\d\.\d{1,3}\.\d{1,3}(?!\S))?/.exec(error);
  return reply === null ? null : [reply[1], reply[2]].filter((part) => part !== undefined).join(' ');
}

/** Whether it has lasted for so long that a person has to know. */
export function isAlarming(backlog: Backlog, at: IsoInstant, { alarmSeconds }: BacklogRule): boolean {
  return epochMs(at) - epochMs(backlog.since) >= Math.max(alarmSeconds, patienceMinutes(backlog) * 60) * 1_000;
}

/** How long it may last because it mostly passes by itself. */
function patienceMinutes(backlog: Backlog): number {
  if (backlog.reason === 'pace') return STORM_MINUTES;
  const isOfFew = backlog.reason === 'partly' || (backlog.reason === 'refused' && backlog.people === 1 && !backlog.isForAll);
  return isOfFew ? FEW_MINUTES : 0;
}

/** Whether the coordinators may be told of another backlog of a channel. */
export function mayAlarm(lastToldAt: IsoInstant | null, at: IsoInstant): boolean {
  return lastToldAt === null || addMinutes(lastToldAt, ALARM_MINUTES) <= at;
}

/**
 * What coordinators are told, each by one channel: not the late one, and one that is itself late only where there is no other. Who has only
 * the late one is told nothing: the pages say it, and `dondoc doctor`.
 * @param o.channels those that send
 */
export function alarms(
  { id, channel: late }: { readonly id: string; readonly channel: Channel },
  o: {
    readonly at: IsoInstant;
    readonly people: Iterable<Person>;
    readonly channels: readonly Channel[];
    readonly late: ReadonlySet<Channel>;
  },
): PlannedNotice[] {
  const others = o.channels.filter((channel) => channel !== late);
  const inOrder = [...others.filter((channel) => !o.late.has(channel)), ...others.filter((channel) => o.late.has(channel))];
  return [...o.people].flatMap((person): PlannedNotice[] => {
    const channel = inOrder.find((each) => isReachable(person, each));
    if (person.role !== 'coordinator' || person.goneAt != null || channel === undefined) return [];
    const { email: recipient } = person;
    return [
      { key: `backlog/${id}/${recipient}`, kind: 'backlog', recipient, channel, sendAt: o.at, notAfter: null, body: { backlog: id } },
    ];
  });
}
