/**
 * What many tasks tell, as the messages that couriers would send. It takes notifications in any order and grows with people and
 * moments, not with tasks. Pure: it changes nothing but itself.
 */
import type { Told } from './ledger.ts';
import { byDeadline, gathersUntil, messageOf } from './message.ts';
import type { Email } from './names.ts';
import { compareText } from './occurrences.ts';
import { type IsoDate, type IsoInstant, localDate } from './time.ts';

/** Of what goes out at one moment under one name: what the message says first. */
interface Moment {
  at: IsoInstant;
  first: Pick<Told, 'deadlineAt'> & { readonly key: string; readonly code: Told['notification']['code'] };
}

/** Messages to one person, in all and on the fullest day. */
export interface PersonLoad {
  readonly recipient: Email;
  readonly messages: number;
  readonly perDayMax: number;
}

export class Outbox {
  private readonly moments = new Map<string, { readonly recipient: Email; readonly at: Map<IsoInstant, Moment> }>();
  private settled = false;

  add({ notification, deadlineAt }: Told): void {
    const { key, code, recipient, sendAt } = notification;
    const name = messageOf(notification);
    let kept = this.moments.get(name);
    if (kept === undefined) {
      kept = { recipient, at: new Map() };
      this.moments.set(name, kept);
    }
    const moment = kept.at.get(sendAt);
    const first = { deadlineAt, code, key };
    if (moment === undefined) kept.at.set(sendAt, { at: sendAt, first });
    else if (goesBefore(first, moment.first)) moment.first = first;
    this.settled = false;
  }

  /** The key of the notification whose message carries this one; null where it is that one itself. */
  mergedInto({ notification }: Told): string | null {
    this.settle();
    const head = this.moments.get(messageOf(notification))?.at.get(notification.sendAt)?.first.key ?? notification.key;
    return head === notification.key ? null : head;
  }

  /** Messages by person and local day. @param timeZoneOf of a recipient */
  days(timeZoneOf: (recipient: Email) => string): Map<Email, Map<IsoDate, number>> {
    this.settle();
    const people = new Map<Email, Map<IsoDate, number>>();
    for (const { recipient, at } of this.moments.values()) {
      const days = people.get(recipient) ?? new Map<IsoDate, number>();
      people.set(recipient, days);
      const sent = new Set([...at.values()].map((moment) => moment.at));
      for (const instant of sent) {
        const day = localDate(instant, timeZoneOf(recipient));
        days.set(day, (days.get(day) ?? 0) + 1);
      }
    }
    return people;
  }

  /** What lies within a message's moment joins it: all its instants have the message's own, and one first notification. */
  private settle(): void {
    if (this.settled) return;
    this.settled = true;
    for (const { at } of this.moments.values()) {
      if (at.size < 2) continue;
      let head: Moment | undefined;
      let joined: IsoInstant[] = [];
      for (const instant of [...at.keys()].sort(compareText)) {
        const moment = at.get(instant) as Moment; // its own key
        if (head === undefined || instant > gathersUntil(head.at)) {
          head = { at: instant, first: moment.first };
          joined = [];
        } else if (goesBefore(moment.first, head.first)) head.first = moment.first;
        joined.push(instant);
        for (const each of joined) at.set(each, head);
      }
    }
  }
}

/** The heaviest first. */
export function loads(days: ReadonlyMap<Email, ReadonlyMap<IsoDate, number>>): PersonLoad[] {
  return [...days]
    .map(([recipient, of]) => ({
      recipient,
      messages: [...of.values()].reduce((sum, count) => sum + count, 0),
      perDayMax: Math.max(...of.values()),
    }))
    .sort((a, b) => b.perDayMax - a.perDayMax || b.messages - a.messages || compareText(a.recipient, b.recipient));
}

/** Messages of all people by day, the fullest first. */
export function fullestDays(days: ReadonlyMap<Email, ReadonlyMap<IsoDate, number>>): { day: IsoDate; messages: number }[] {
  const all = new Map<IsoDate, number>();
  for (const of of days.values()) for (const [day, count] of of) all.set(day, (all.get(day) ?? 0) + count);
  return [...all].map(([day, messages]) => ({ day, messages })).sort((a, b) => b.messages - a.messages || (a.day < b.day ? -1 : 1));
}

function goesBefore(a: Moment['first'], b: Moment['first']): boolean {
  if (a.code === b.code && a.deadlineAt === b.deadlineAt) return a.key < b.key;
  return byDeadline(a, b) < 0;
}
