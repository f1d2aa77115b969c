/**
 * What stands in the ledger of one task, as `record` writes it and the couriers send from it (activities/record.ts and
 * activities/deliver.ts say the same to PostgreSQL; test/simulate.test.ts compares them). Pure: it changes nothing but itself.
 */
import { addMinutes } from './calendar.ts';

import { gathersUntil, messageOf } from './message.ts';
import type { Channel, Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import { compareText, GATHER_MINUTES } from './occurrences.ts';
import type { Directory } from './plan.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

/** A notification that went out, and when. */
export interface Told {
  readonly notification: PlannedNotification;
  readonly at: IsoInstant;
  /** The task's then. */
  readonly deadlineAt: IsoInstant;
}

interface Row {
  notification: PlannedNotification;
  status: 'planned' | 'told' | 'cancelled';
}

/** The parts of a notification's key, as the plan builds it. */
export function partsOfKey(key: string): { step: string; occurrence: string; recipient: Email; channel: Channel } {
  const [, step = '', occurrence = '', recipient = '', channel = ''] = key.split('/');
  return { step, occurrence, recipient: recipient as Email, channel: channel as Channel }; // made of these by the plan
}

export class Ledger {
  private readonly rows = new Map<string, Row>();
  /** Keys that are told for ever, by step and occurrence: also those of a time that is not looked at. */
  private readonly toldOf = new Map<string, Set<string>>();
  private earliest: IsoInstant | null = null;
  private readonly freeAt: (notification: PlannedNotification) => IsoInstant;

  /**
   * @param told keys of what was told before
   * @param freeAt from when on it may go: later than its moment where something keeps it back
   */
  constructor(told: Iterable<string> = [], freeAt: (notification: PlannedNotification) => IsoInstant = ({ sendAt }) => sendAt) {
    this.freeAt = freeAt;
    for (const key of told) this.keep(key);
  }

  /** The earliest instant at which something that is planned goes out. */
  nextDue(): IsoInstant | null {
    return this.earliest;
  }

  /**
   * Replaces what is only planned. A key that was cancelled and applies again is planned again; one that was told is told for ever.
   * @param o.byClock only the task's clock has spoken: what falls due at this very moment goes out all the same
   * @param o.stillToHear keys of what passed and, planned before, is to be heard all the same; asked for where something would be cancelled
   */
  replace(
    planned: readonly PlannedNotification[],
    o: { now: IsoInstant; byClock: boolean; directory: Directory; stillToHear: () => readonly string[] },
  ): void {
    const keys = new Set(planned.map(({ key }) => key));
    const justDue = addMinutes(o.now, -GATHER_MINUTES);
    let kept: ReadonlySet<string> | undefined;
    for (const row of this.rows.values()) {
      const { key, sendAt } = row.notification;
      if (row.status !== 'planned' || keys.has(key)) continue;
      if (o.byClock && sendAt > justDue && sendAt <= o.now) continue;
      kept ??= new Set(o.stillToHear());
      if (!kept.has(key)) row.status = 'cancelled';
    }
    const soon = addMinutes(o.now, GATHER_MINUTES);
    for (const notification of planned) {
      if (this.isTold(notification, keys, o.directory)) continue;
      const row = this.rows.get(notification.key);
      if (row === undefined) this.rows.set(notification.key, { notification, status: 'planned' });
      else if (row.status === 'planned' && row.notification.sendAt <= soon) {
        // What is about to be sent keeps its place in the queue.
        if (notification.sendAt < row.notification.sendAt) row.notification = notification;
      } else {
        row.notification = notification;
        row.status = 'planned';
      }
    }
    this.lookAhead();
  }

  /**
   * Sends what is due until an instant, or before it, and with each message what the same person would be sent within the next moments.
   * @returns in the order of sending
   */
  tell(until: IsoInstant, { task, inclusive }: { task: Task | null; inclusive: boolean }): Told[] {
    if (task === null || this.earliest === null || this.earliest > until) return [];
    const told: Told[] = [];
    const windows = new Map<string, { readonly at: IsoInstant; readonly end: IsoInstant }>();
    for (const row of this.inOrder()) {
      const { notification } = row;
      const message = messageOf(notification);
      const due = this.freeAt(notification);
      let window = windows.get(message);
      if (window === undefined || due > window.end) {
        if (due > until || (due === until && !inclusive)) continue;
        window = { at: due, end: gathersUntil(due) };
        windows.set(message, window);
      }
      row.status = 'told';
      this.keep(notification.key);
      told.push({ notification, at: window.at, deadlineAt: task.deadlineAt });
    }
    this.lookAhead();
    return told;
  }

  /** What is planned and has not gone out. */
  planned(): PlannedNotification[] {
    return this.inOrder().map(({ notification }) => notification);
  }

  cancelled(): PlannedNotification[] {
    return [...this.rows.values()].filter(({ status }) => status === 'cancelled').map(({ notification }) => notification);
  }

  private inOrder(): Row[] {
    return [...this.rows.values()]
      .filter(({ status }) => status === 'planned')
      .sort((a, b) => compareText(this.freeAt(a.notification), this.freeAt(b.notification)));
  }

  private lookAhead(): void {
    let earliest: IsoInstant | null = null;
    for (const { status, notification } of this.rows.values()) {
      if (status !== 'planned') continue;
      const due = this.freeAt(notification);
      if (earliest === null || due < earliest) earliest = due;
    }
    this.earliest = earliest;
  }

  private keep(key: string): void {
    const { step, occurrence } = partsOfKey(key);
    const of = `${step}/${occurrence}`;
    const kept = this.toldOf.get(of);
    if (kept === undefined) this.toldOf.set(of, new Set([key]));
    else kept.add(key);
  }

  /** Told to an agency's head, it is told: where agencies were merged, the new head is not told of the same step again. */
  private isTold({ key, recipient }: PlannedNotification, keys: ReadonlySet<string>, directory: Directory): boolean {
    const { step, occurrence } = partsOfKey(key);
    const told = this.toldOf.get(`${step}/${occurrence}`);
    if (told === undefined) return false;
    if (told.has(key)) return true;
    const agency = directory.person(recipient)?.agency;
    if (agency === undefined || directory.agency(agency)?.head !== recipient) return false;
    return [...told].some((former) => !keys.has(former) && directory.person(partsOfKey(former).recipient)?.role === 'head');
  }
}
