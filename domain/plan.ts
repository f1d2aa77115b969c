/** Who will be told what and when of one task: a pure function of its state, its policy, the calendar and the directory. */
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar, nextWorkingInstant } from './calendar.ts';
import type { Agency, Person } from './directory.ts';
import type { AgencyCode, Channel, Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import type { Audience, Policy, Step } from './policy.ts';
import { type ClockInput, isOpen, type OpenTask, type Task } from './task.ts';
import { type IsoInstant, localDate } from './time.ts';

/**
 * How far ahead notifications stand in the ledger. Long enough that a month's plan can be read there and that a
 * waking costs each task a dozen times a year, short enough that a change of calendar or staff re-plans little.
 */
export const HORIZON_DAYS = 28;

/**
 * What is late already (after an import, an outage) waits this long for the person's other late ones, so that all of them
 * make one message; long enough to arm 1,287 tasks.
 */
export const GATHER_MINUTES = 1;

export interface Directory {
  person(email: Email): Person | undefined;
  agency(code: AgencyCode): Agency | undefined;
}

export interface PlanInput {
  readonly task: Task;
  readonly policy: Policy;
  readonly calendar: Calendar;
  readonly directory: Directory;
  readonly from: IsoInstant;
}

/** A moment at which the task's workflow must wake, and what it then asks of the domain. */
export interface Wake {
  readonly at: IsoInstant;
  readonly input: ClockInput | { readonly type: 'ExtendHorizon' };
}

/** Someone whom a step names and who will not be told, and why. */
export interface Silence {
  readonly step: string;
  readonly recipient: Email | null;
  readonly because: 'nobody_in_role' | 'unknown_person' | 'no_channel';
}

export interface Plan {
  readonly notifications: readonly PlannedNotification[];
  readonly wakes: readonly Wake[];
  readonly silences: readonly Silence[];
}

interface Occurrence {
  readonly step: Step;
  /** The number of the event that made the anchor: the same step of a later anchor is another occurrence. */
  readonly anchorSeq: number;
  readonly anchorAt: IsoInstant;
}

/**
 * The plan from an instant on. A reminder that would have come before its reader had the task is no reminder: it is left out.
 * Keys do not depend on `from`, so planning anew never tells anyone twice.
 * Of the steps of one ladder that have passed only the latest is kept, due now: the one that applies, never the series of missed ones.
 */
export function plan(input: PlanInput): Plan {
  const { task, from } = input;
  if (!isOpen(task)) return { notifications: [], wakes: [], silences: [] };
  const horizon = addMinutes(from, HORIZON_DAYS * 24 * 60);
  const timed = occurrences(task, input.policy)
    .map((occurrence) => ({ ...occurrence, at: stepInstant(occurrence, task, input.calendar, input.calendar.timeZone) }))
    .filter(({ step, at }) => step.kind !== 'reminder' || at >= task.heldSince)
    .sort((a, b) => compare(a.at, b.at));
  const latestPassed = new Map(timed.filter((occurrence) => occurrence.at <= from).map((occurrence) => [ladderOf(occurrence), occurrence]));
  const applicable = timed.filter((occurrence) => occurrence.at > from || latestPassed.get(ladderOf(occurrence)) === occurrence);

  const notifications: PlannedNotification[] = [];
  const silences: Silence[] = [];
  for (const occurrence of applicable) {
    for (const recipient of recipients(occurrence.step, input, silences)) {
      const due = sendAt(occurrence, recipient, input);
      if (due > horizon) continue;
      for (const channel of channels(occurrence.step, recipient, silences)) {
        notifications.push(notification(occurrence, recipient, channel, due, input));
      }
    }
  }
  return { notifications, wakes: wakes(task, timed, from, horizon), silences };
}

/** What lies between assignment and deadline is one ladder; each request, answer and obstacle has its own. */
function ladderOf({ step: { anchor }, anchorSeq }: Occurrence): string {
  return anchor === 'assignment' || anchor === 'deadline' ? 'task' : `${anchor}/${anchorSeq}`;
}

function occurrences(task: OpenTask, policy: Policy): Occurrence[] {
  return policy.steps.flatMap((step) => (applies(step, task) ? anchorsOf(step, task).map((anchor) => ({ step, ...anchor })) : []));
}

function applies(step: Step, task: OpenTask): boolean {
  switch (step.when) {
    case 'unacknowledged':
      return task.status === 'assigned' && task.transfer === null;
    case 'unreported':
      return task.status !== 'reported';
    case 'reported':
      return task.status === 'reported';
    case 'undecided':
      return task.transfer !== null && task.transfer.approved === null;
    case 'unaccepted':
      return task.transfer !== null && task.transfer.approved !== null;
    case 'unextended':
      return task.extension !== null;
    case 'unanswered':
      return task.obstacles.length > 0 && task.status !== 'reported';
  }
}

interface Anchor {
  readonly anchorSeq: number;
  readonly anchorAt: IsoInstant;
}

/** What a step counts from; none while that has not happened, several where it can stand open more than once. */
function anchorsOf(step: Step, task: OpenTask): Anchor[] {
  const { transfer, extension, extensionAnswer } = task;
  switch (step.anchor) {
    case 'assignment':
      return [{ anchorSeq: task.heldSinceSeq, anchorAt: task.heldSince }];
    case 'deadline':
      return [{ anchorSeq: Math.max(task.heldSinceSeq, task.deadlineSeq), anchorAt: task.deadlineAt }];
    case 'report':
      return task.status === 'reported' ? [{ anchorSeq: task.reportedSeq, anchorAt: task.reportedAt }] : [];
    case 'return':
      return task.returnedBecause === null ? [] : [{ anchorSeq: task.heldSinceSeq, anchorAt: task.heldSince }];
    case 'transfer_request':
      return transfer === null ? [] : [{ anchorSeq: transfer.requestedSeq, anchorAt: transfer.requestedAt }];
    case 'transfer_approval':
      return transfer?.approved == null ? [] : [at(transfer.approved)];
    case 'transfer_refusal':
      return task.transferRefusal === null ? [] : [at(task.transferRefusal)];
    case 'extension_request':
      return extension === null ? [] : [{ anchorSeq: extension.requestedSeq, anchorAt: extension.requestedAt }];
    case 'extension_grant':
      return extensionAnswer?.granted === true ? [at(extensionAnswer)] : [];
    case 'extension_refusal':
      return extensionAnswer?.granted === false ? [at(extensionAnswer)] : [];
    case 'obstacle':
      return task.obstacles.map(at);
    case 'obstacle_answer':
      return task.obstacleAnswer === null ? [] : [at(task.obstacleAnswer)];
  }
}

function at(event: { readonly seq: number; readonly at: IsoInstant }): Anchor {
  return { anchorSeq: event.seq, anchorAt: event.at };
}

/** The instant of a step in a zone, before office hours are considered. */
function stepInstant({ step, anchorAt }: Occurrence, task: OpenTask, calendar: Calendar, timeZone: string): IsoInstant {
  const { count, unit } = step.offset;
  if (unit === 'm') return addMinutes(anchorAt, count);
  if (unit === 'h') return addMinutes(anchorAt, count * 60);
  const anchorDate = step.anchor === 'deadline' ? task.deadline : localDate(anchorAt, calendar.timeZone);
  const date = unit === 'd' ? addDays(anchorDate, count) : addWorkingDays(calendar, anchorDate, count);
  return atLocalTime(date, step.at ?? calendar.officeHours[0]?.from ?? '08:00', timeZone);
}

function sendAt(occurrence: Occurrence, recipient: Person, { task, policy, calendar, from }: PlanInput): IsoInstant {
  if (!isOpen(task)) return from;
  const own = stepInstant(occurrence, task, calendar, recipient.timeZone);
  const late = !occurrence.step.urgent && own < addMinutes(from, -GATHER_MINUTES);
  const due = late ? addMinutes(from, GATHER_MINUTES) : own > from ? own : from;
  return policy.timing === 'any_time' ? due : nextWorkingInstant(calendar, due, recipient.timeZone);
}

function recipients(step: Step, { task, directory }: PlanInput, silences: Silence[]): Person[] {
  const found = new Map<Email, Person>();
  for (const audience of step.audience) {
    const address = addressOf(audience, task, directory);
    if (address === null) {
      silences.push({ step: step.id, recipient: null, because: 'nobody_in_role' });
      continue;
    }
    const person = directory.person(address);
    if (person === undefined) silences.push({ step: step.id, recipient: address, because: 'unknown_person' });
    else found.set(person.email, person);
  }
  return [...found.values()];
}

function addressOf(audience: Audience, task: Task, directory: Directory): Email | null {
  switch (audience) {
    case 'assignee':
      return task.assignee;
    case 'supervisor':
      return task.supervisor;
    case 'coordinator':
      return task.coordinator;
    case 'head':
      return directory.agency(task.leadAgency)?.head ?? null;
    case 'receiving_head':
      return task.transfer === null ? null : (directory.agency(task.transfer.toAgency)?.head ?? null);
  }
}

function channels(step: Step, recipient: Person, silences: Silence[]): Channel[] {
  const reachable = step.channels.order.filter((channel) => channel === 'email' || recipient.slackId !== null);
  if (reachable.length === 0) silences.push({ step: step.id, recipient: recipient.email, because: 'no_channel' });
  return step.channels.use === 'all' ? reachable : reachable.slice(0, 1);
}

function notification(occurrence: Occurrence, recipient: Person, channel: Channel, due: IsoInstant, input: PlanInput): PlannedNotification {
  const { step, anchorSeq } = occurrence;
  const { task, policy } = input;
  const rule = `${step.offset.count}${step.offset.unit} from ${step.anchor}`;
  return {
    key: `${task.code}/${step.id}/${anchorSeq}/${recipient.email}/${channel}`,
    code: task.code,
    kind: step.kind,
    step: step.id,
    recipient: recipient.email,
    channel,
    sendAt: due,
    urgent: step.urgent,
    reason: `${policy.name} v${policy.version}, step ${step.id}: ${rule}, while ${step.when}`,
  };
}

function wakes(task: OpenTask, timed: readonly (Occurrence & { at: IsoInstant })[], from: IsoInstant, horizon: IsoInstant): Wake[] {
  const found: Wake[] = [];
  const later = (at: IsoInstant) => (at > from ? at : from);
  if (!task.deadlinePassed) found.push({ at: later(task.deadlineAt), input: { type: 'PassDeadline' } });
  for (const { step, at } of timed) {
    if (step.escalation === null || step.escalation <= task.escalationLevel) continue;
    found.push({ at: later(at), input: { type: 'RaiseEscalation', level: step.escalation, step: step.id } });
  }
  if (timed.some(({ at }) => at > horizon)) found.push({ at: horizon, input: { type: 'ExtendHorizon' } });
  return found.sort((a, b) => compare(a.at, b.at));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
