/**
 * How modelled people answer: with which probability and after how many working hours in the mean, by role and by what they are asked.
 * The figures are assumptions, not measurements; whoever knows the own people better changes this table.
 */

import { isEarlyTransfer } from '../domain/approval.ts';
import { addDays, addMinutes, type Calendar, endOfOfficeHours, nextOpenInstant } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { Person } from '../domain/directory.ts';
import type { Told } from '../domain/ledger.ts';
import type { AgencyCode } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import type { Act } from '../domain/simulate.ts';
import type { Task } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import { chance, oneOf } from './chance.ts';
import type { ModelOffice } from './office.ts';

type Reply =
  | 'acknowledge'
  | 'progress'
  | 'report'
  | 'transfer'
  | 'extend'
  | 'obstacle'
  | 'verify'
  | 'return'
  | 'grant'
  | 'refuse_extension'
  | 'approve'
  | 'refuse_transfer'
  | 'accept'
  | 'decline'
  | 'answer_obstacle';

interface Habit {
  readonly reply: Reply;
  readonly probability: number;
  /** In the mean, of working time. */
  readonly hours: number;
}

/** By who is asked; at most one reply to one telling, the probabilities of a row are of exclusive replies. */
const HABITS: Readonly<Record<'assignee' | 'coordinator' | 'receiving_head', Partial<Record<NotificationKind, readonly Habit[]>>>> = {
  assignee: {
    assignment: [
      { reply: 'acknowledge', probability: 0.6, hours: 4 },
      { reply: 'transfer', probability: 0.03, hours: 8 },
    ],
    acknowledgment_reminder: [{ reply: 'acknowledge', probability: 0.6, hours: 3 }],
    reminder: [
      { reply: 'report', probability: 0.25, hours: 8 },
      { reply: 'extend', probability: 0.08, hours: 6 },
      { reply: 'obstacle', probability: 0.05, hours: 6 },
      { reply: 'progress', probability: 0.2, hours: 6 },
    ],
    escalation: [
      { reply: 'acknowledge', probability: 0.5, hours: 3 },
      { reply: 'report', probability: 0.3, hours: 12 },
    ],
    progress_request: [{ reply: 'progress', probability: 0.6, hours: 6 }],
    inactivity_escalation: [{ reply: 'progress', probability: 0.8, hours: 4 }],
    returned: [{ reply: 'report', probability: 0.7, hours: 16 }],
    extension_refused: [{ reply: 'report', probability: 0.4, hours: 16 }],
    obstacle_answered: [{ reply: 'progress', probability: 0.4, hours: 8 }],
  },
  coordinator: {
    verification_request: [
      { reply: 'verify', probability: 0.6, hours: 8 },
      { reply: 'return', probability: 0.1, hours: 8 },
    ],
    transfer_decision_request: [
      { reply: 'approve', probability: 0.3, hours: 8 },
      { reply: 'refuse_transfer', probability: 0.3, hours: 8 },
    ],
    extension_decision_request: [
      { reply: 'grant', probability: 0.45, hours: 8 },
      { reply: 'refuse_extension', probability: 0.2, hours: 8 },
    ],
    obstacle_reported: [{ reply: 'answer_obstacle', probability: 0.5, hours: 10 }],
  },
  receiving_head: {
    transfer_acceptance_request: [
      { reply: 'accept', probability: 0.5, hours: 8 },
      { reply: 'decline', probability: 0.2, hours: 8 },
    ],
  },
};
/** When the work itself is done, as a share of the time given; above 1 it is late. */
const DONE_FROM = 0.55;
const DONE_TO = 1.3;
const EXTENSION_DAYS = 21;
/** Acts lie some seconds after a minute, away from the full hour: people do not act with the clock's own messages. */
const SECOND = 10;

export interface PeopleModel {
  readonly office: ModelOffice;
  readonly calendar: Calendar;
  readonly seed: string;
}

/** The answers of one task's people: hand it to `simulate`. Each telling is answered once, whatever channels it came by. */
export function answering({ office, calendar, seed }: PeopleModel): (told: Told, task: Task) => Act[] {
  const heard = new Set<string>();
  return ({ notification: { kind, key, recipient, channel }, at }, task) => {
    const telling = key.slice(0, -channel.length);
    const person = office.directory.person(recipient);
    if (heard.has(telling) || person === undefined) return [];
    heard.add(telling);
    const random = chance(`${seed}/answer/${telling}`);
    const acts: Act[] = [];
    const act = (by: Person, when: IsoInstant, request: Request) =>
      void acts.push({ at: when, input: { kind: 'command', id: `${telling}${acts.length}`, actor: actorOf(by), via: 'slack', request } });
    if (kind === 'assignment' && recipient === task.assignee) {
      const share = DONE_FROM + random() * (DONE_TO - DONE_FROM);
      const done = instantFromEpochMs(epochMs(at) + (epochMs(task.deadlineAt) - epochMs(at)) * share);
      act(person, whenWorking(done, 0, calendar, random), report());
    }
    const habit = chosen(HABITS[partOf(recipient, task)]?.[kind] ?? [], random());
    if (habit !== undefined) {
      const when = whenWorking(at, -Math.log(1 - random()) * habit.hours, calendar, random);
      const request = requestOf(habit.reply, { task, when, office, calendar, random });
      if (request !== null) act(person, when, request);
    }
    return acts;
  };
}

function partOf(recipient: string, task: Task): keyof typeof HABITS {
  if (recipient === task.coordinator) return 'coordinator';
  return recipient === task.assignee ? 'assignee' : 'receiving_head';
}

function chosen(habits: readonly Habit[], dice: number): Habit | undefined {
  let sum = 0;
  return habits.find(({ probability }) => {
    sum += probability;
    return dice < sum;
  });
}

/** So many working hours later, in office hours, at some minute that is not the first of an hour. */
function whenWorking(at: IsoInstant, hours: number, calendar: Calendar, random: () => number): IsoInstant {
  let left = Math.max(2, hours * 60);
  let now = nextOpenInstant(calendar, at, 'office_hours', calendar.timeZone);
  // An office hour at a time: never more than some days.
  while (left > 60) {
    now = nextOpenInstant(calendar, addMinutes(now, 60), 'office_hours', calendar.timeZone);
    left -= 60;
  }
  const minute = 2 + Math.floor(random() * 50);
  const hour = Math.floor(epochMs(now) / 3_600_000) * 3_600_000;
  const when = instantFromEpochMs(hour + minute * 60_000 + SECOND * 1_000);
  return when > at ? when : addMinutes(when, 60);
}

interface Asked {
  readonly task: Task;
  readonly when: IsoInstant;
  readonly office: ModelOffice;
  readonly calendar: Calendar;
  readonly random: () => number;
}

function requestOf(reply: Reply, { task, when, office, calendar, random }: Asked): Request | null {
  const text = 'theo mô phỏng';
  switch (reply) {
    case 'acknowledge':
      return { type: 'AcknowledgeTask' };
    case 'progress':
      return { type: 'ReportProgress', percent: 50, milestone: null, text, forecast: null };
    case 'report':
      return report();
    case 'transfer': {
      const others = office.agencies.filter(({ code, kind, head }) => code !== task.leadAgency && head !== null && kind !== '');
      const toAgency = oneOf(random, others.length > 1 ? others.slice(1) : others).code;
      return toAgency === task.leadAgency
        ? null
        : { type: 'RequestTransfer', toAgency, reason: text, early: isEarlyTransfer(task.heldSince, when, calendar) };
    }
    case 'extend': {
      const deadline = addDays(localDate(when > task.deadlineAt ? when : task.deadlineAt, calendar.timeZone), EXTENSION_DAYS);
      return { type: 'RequestExtension', deadline, deadlineAt: endOfOfficeHours(calendar, deadline), reason: text, basis: '' };
    }
    case 'obstacle':
      return { type: 'ReportObstacle', kind: 'coordination', text };
    case 'verify':
      return { type: 'VerifyTask', note: '' };
    case 'return':
      return { type: 'ReturnTask', reason: text };
    case 'grant':
      return { type: 'DecideExtension', decision: 'grant', until: null, reason: '' };
    case 'refuse_extension':
      return { type: 'DecideExtension', decision: 'refuse', until: null, reason: text };
    case 'approve':
      return { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' };
    case 'refuse_transfer':
      return { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: text };
    case 'accept': {
      const there = office.assignees.filter(({ person }) => person.agency === task.transfer?.toAgency);
      if (there.length === 0) return null;
      const { person, supervisor } = oneOf(random, there);
      return { type: 'AcceptTransfer', assignee: person.email, assigneeAgency: person.agency, supervisor };
    }
    case 'decline':
      return { type: 'DeclineTransfer', reason: text };
    case 'answer_obstacle':
      return { type: 'AnswerObstacle', obstacle: null, text };
  }
}

function report(): Request {
  return { type: 'ReportDone', evidence: [{ type: 'text', text: 'theo mô phỏng' }], openParts: [] };
}

export function actorOf({
  email,
  role,
  agency,
}: {
  email: Person['email'];
  role: Person['role'];
  agency: AgencyCode;
}): Act['input']['actor'] {
  return { email, role, agency };
}
