/** Who will be told what and when of one task: a pure function of its state, its policy, the calendar and the directory. */
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar, nextWorkingInstant } from './calendar.ts';
import { missingProducts } from './completion.ts';
import { type Agency, isReachable, type Person } from './directory.ts';
import type { ClockInput, TacitAnswer } from './event.ts';
import { type AgencyCode, CHANNELS, type Channel, type Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import { unverified } from './period.ts';
import type { Audience, Policy, Step, Tacit } from './policy.ts';
import { isOpen, type OpenTask, type Period, type Task } from './task.ts';
import { type IsoDate, type IsoInstant, localDate } from './time.ts';

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
  /** Who stands in for a person who is absent at that instant or has left; undefined where nobody has to, or could. */
  standIn(email: Email, at: IsoInstant, coordinator?: Email): Person | undefined;
  /** Who names another assignee in place of one who has left; undefined where nobody could. */
  askedToName(left: Email, coordinator: Email, at: IsoInstant): Person | undefined;
}

export interface PlanInput {
  readonly task: Task;
  readonly policy: Policy;
  readonly calendar: Calendar;
  readonly directory: Directory;
  readonly from: IsoInstant;
  /** Who answers for tasks that wait for this one. */
  readonly waiting: readonly Email[];
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

interface Anchor {
  /** Of the event that made the anchor: the same step of a later anchor is another occurrence. */
  readonly id: string;
  readonly at: IsoInstant;
  /** Where the anchor is a date that someone set, not a moment that came. */
  readonly date?: IsoDate;
  /** Steps that lie before it, or at it, are left out: it was not yet so, or something else said it. */
  readonly since?: IsoInstant;
  /** Whom it concerns, where that is neither the lead agency nor the receiving one. */
  readonly agency?: AgencyCode;
}

interface Occurrence {
  readonly step: Step;
  readonly anchor: Anchor;
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
  const all = occurrences(task, input.policy)
    .map((occurrence) => ({
      ...occurrence,
      at: offsetInstant(occurrence.step, occurrence.anchor, input.calendar, input.calendar.timeZone),
    }))
    .filter(({ step, at }) => step.kind !== 'reminder' || at >= task.heldSince)
    .filter(({ anchor, at }) => anchor.since === undefined || at > anchor.since)
    .sort((a, b) => compare(a.at, b.at));
  // From the first reminder of the deadline on its own ladder speaks: nobody is asked for news beside it.
  const reminded = all.find(({ step }) => step.kind === 'reminder')?.at ?? task.deadlineAt;
  const timed = all.filter(({ step, at }) => step.when !== 'quiet' || at < reminded);
  const latestPassed = new Map(timed.filter((occurrence) => occurrence.at <= from).map((occurrence) => [ladderOf(occurrence), occurrence]));
  const applicable = timed.filter((occurrence) => occurrence.at > from || latestPassed.get(ladderOf(occurrence)) === occurrence);

  const notifications: PlannedNotification[] = [];
  const silences: Silence[] = [];
  for (const occurrence of applicable) {
    for (const { recipient, due, insteadOf } of recipients(occurrence, input, silences)) {
      if (due > horizon) continue;
      for (const channel of channels(occurrence.step, recipient, silences)) {
        notifications.push(notification(occurrence, { recipient, due, insteadOf }, channel, input));
      }
    }
  }
  notifications.push(...question(input, task));
  return { notifications, wakes: wakes(input, task, timed, horizon), silences };
}

/** What lies between assignment and deadline is one ladder; each request, answer, milestone and obstacle has its own. */
function ladderOf({ step, anchor }: Occurrence): string {
  if (step.anchor === 'assignment' || step.anchor === 'deadline') return ladderOfTask(step);
  // From its opening to what follows its date a period is one ladder.
  return `${step.anchor === 'period_deadline' ? 'period' : step.anchor}/${anchor.id}`;
}

/** Who waits for this task hears of its deadline beside those who answer for it. */
function ladderOfTask({ audience }: Step): string {
  return audience.includes('waiting') ? 'waiting' : 'task';
}

function occurrences(task: OpenTask, policy: Policy): Occurrence[] {
  return policy.steps.flatMap((step) => (applies(step, task) ? anchorsOf(step, task).map((anchor) => ({ step, anchor })) : []));
}

function applies(step: Step, task: OpenTask): boolean {
  switch (step.when) {
    case 'unacknowledged':
      return task.status === 'assigned' && task.transfer === null;
    case 'unreported':
    case 'unanswered':
    case 'overdue':
      return task.status !== 'reported';
    case 'quiet':
      return (
        !task.regular && task.status === 'acknowledged' && task.transfer === null && task.extension === null && task.obstacles.length === 0
      );
    case 'reported':
      return task.status === 'reported';
    case 'undecided':
      return task.transfer !== null && task.transfer.approved === null;
    case 'unaccepted':
      return task.transfer !== null && task.transfer.approved !== null;
    case 'unextended':
      return task.extension !== null;
  }
}

/** What a step counts from; none while that has not happened, several where it can stand open more than once. */
function anchorsOf(step: Step, task: OpenTask): Anchor[] {
  const { transfer, extension, extensionAnswer } = task;
  switch (step.anchor) {
    case 'assignment':
      return [{ id: String(task.heldSinceSeq), at: task.heldSince }];
    case 'deadline':
      return [{ id: String(Math.max(task.heldSinceSeq, task.deadlineSeq)), at: task.deadlineAt, date: task.deadline }];
    case 'report':
      return task.status === 'reported' ? [anchorAt({ seq: task.reportedSeq, at: task.reportedAt })] : [];
    case 'return':
      return task.returnedBecause === null ? [] : [{ id: String(task.heldSinceSeq), at: task.heldSince }];
    case 'rework':
      return task.rework === null ? [] : [{ id: String(task.rework.seq), at: task.rework.deadlineAt, date: task.rework.deadline }];
    case 'transfer_request':
      return transfer === null ? [] : [anchorAt({ seq: transfer.requestedSeq, at: transfer.requestedAt })];
    case 'transfer_approval':
      return transfer?.approved == null ? [] : [anchorAt(transfer.approved)];
    case 'transfer_refusal':
      return whereAsked(task.transferRefusal);
    case 'extension_request':
      return extension === null ? [] : [anchorAt({ seq: extension.requestedSeq, at: extension.requestedAt })];
    case 'extension_grant':
      return extensionAnswer?.granted === true ? [anchorAt(extensionAnswer)] : [];
    case 'extension_refusal':
      return extensionAnswer?.granted === false ? [anchorAt(extensionAnswer)] : [];
    case 'obstacle':
      return task.obstacles.map(anchorAt);
    case 'obstacle_answer':
      return whereAsked(task.obstacleAnswer);
    case 'question':
      return task.questions.map(anchorAt);
    case 'question_answer':
      return whereAsked(task.questionAnswer);
    case 'contribution':
      return task.contributions.map((each) => ({ ...anchorAt(each), agency: each.agency }));
    case 'contribution_deadline':
      return task.contributions.map(({ seq, agency, deadline, deadlineAt }) => ({
        id: String(seq),
        at: deadlineAt,
        date: deadline,
        agency,
      }));
    case 'contribution_given':
      return whereAsked(task.contributionGiven);
    case 'activity':
      return [anchorAt(task.activity)];
    case 'milestone':
      return milestonesOf(task);
    case 'nudge':
      return whereAsked(task.nudge);
    case 'period':
      return openPeriods(task).map(({ period, opens, opensAt }) => ({ id: period, at: opensAt, date: opens }));
    case 'period_deadline':
      return openPeriods(task).map(periodDeadline);
    case 'period_report':
      return unverified(task).map(({ since }) => anchorAt(since));
    case 'period_return':
      return openPeriods(task).flatMap(({ returnedBecause, since }) => (returnedBecause === null ? [] : [anchorAt(since)]));
  }
}

function anchorAt({ seq, at }: { readonly seq: number; readonly at: IsoInstant }): Anchor {
  return { id: String(seq), at };
}

function whereAsked(happened: { readonly seq: number; readonly at: IsoInstant } | null): Anchor[] {
  return happened === null ? [] : [anchorAt(happened)];
}

/** Milestones not reached, and products with a date of their own that are neither given nor waived. */
function milestonesOf(task: OpenTask): Anchor[] {
  const missing = missingProducts(task, []).flatMap(({ id, due }) => (due === null ? [] : [{ id, due }]));
  const ahead = task.milestones.filter(({ reachedAt }) => reachedAt === null);
  return [...ahead, ...missing].map(({ id, due: { deadline, deadlineAt } }) => ({
    // A date that is moved makes another occurrence; a new holder is told anew.
    id: `${task.heldSinceSeq}.${id}.${deadline}`,
    at: deadlineAt,
    date: deadline,
  }));
}

function openPeriods({ periods }: OpenTask): Period[] {
  return periods.filter(({ status }) => status === 'open');
}

/** Of its date only what lies after it was opened (late, perhaps, by an outage) or returned: what lies before was not the assignee's to keep. */
function periodDeadline({ period, opensAt, deadline, deadlineAt, since }: Period): Anchor {
  return { id: period, at: deadlineAt, date: deadline, since: since.at > opensAt ? since.at : opensAt };
}

/** The instant that lies an offset from an anchor in a zone, before office hours are considered. */
function offsetInstant(
  { offset: { count, unit }, at }: Pick<Step, 'offset' | 'at'>,
  anchor: Anchor,
  calendar: Calendar,
  timeZone: string,
): IsoInstant {
  if (unit === 'm') return addMinutes(anchor.at, count);
  if (unit === 'h') return addMinutes(anchor.at, count * 60);
  const anchorDate = anchor.date ?? localDate(anchor.at, calendar.timeZone);
  const date = unit === 'd' ? addDays(anchorDate, count) : addWorkingDays(calendar, anchorDate, count);
  return atLocalTime(date, at ?? calendar.officeHours[0]?.from ?? '08:00', timeZone);
}

function sendAt(occurrence: Occurrence, recipient: Person, { policy, calendar, from }: PlanInput): IsoInstant {
  const own = offsetInstant(occurrence.step, occurrence.anchor, calendar, recipient.timeZone);
  const late = !occurrence.step.urgent && own < addMinutes(from, -GATHER_MINUTES);
  const due = late ? addMinutes(from, GATHER_MINUTES) : own > from ? own : from;
  return policy.timing === 'any_time' ? due : nextWorkingInstant(calendar, due, recipient.timeZone);
}

interface Reader {
  readonly recipient: Person;
  readonly due: IsoInstant;
  /** Who is absent, where a substitute is told. */
  readonly insteadOf: Email | null;
}

function recipients(occurrence: Occurrence, input: PlanInput, silences: Silence[]): Reader[] {
  const { task, directory } = input;
  const { step } = occurrence;
  const found = new Map<Email, Reader>();
  for (const audience of step.audience) {
    const addresses = addressesOf(audience, occurrence, input, task);
    if (addresses.length === 0 && audience !== 'waiting') silences.push({ step: step.id, recipient: null, because: 'nobody_in_role' });
    for (const address of addresses) {
      const person = directory.person(address);
      if (person === undefined) {
        silences.push({ step: step.id, recipient: address, because: 'unknown_person' });
        continue;
      }
      const due = sendAt(occurrence, person, input);
      const substitute = directory.standIn(person.email, due, task.coordinator);
      const reader =
        substitute === undefined
          ? { recipient: person, due, insteadOf: null }
          : { recipient: substitute, due: sendAt(occurrence, substitute, input), insteadOf: person.email };
      if (!found.has(reader.recipient.email)) found.set(reader.recipient.email, reader);
    }
  }
  return [...found.values()];
}

function addressesOf(audience: Audience, { anchor }: Occurrence, { directory, waiting }: PlanInput, task: Task): Email[] {
  if (audience === 'waiting') return waiting.filter((address) => address !== task.assignee);
  const address = addressOf(audience, anchor, task, directory);
  return address === null ? [] : [address];
}

function addressOf(audience: Exclude<Audience, 'waiting'>, anchor: Anchor, task: Task, directory: Directory): Email | null {
  const headOf = (code: AgencyCode | undefined) => (code === undefined ? null : (directory.agency(code)?.head ?? null));
  switch (audience) {
    case 'assignee':
      return task.assignee;
    case 'supervisor':
      return task.supervisor;
    case 'coordinator':
      return task.coordinator;
    case 'head':
      return headOf(task.leadAgency);
    case 'committee_head':
      return headOf(directory.person(task.coordinator)?.agency);
    case 'receiving_head':
      return headOf(task.transfer?.toAgency);
    case 'contributing_head':
      return headOf(anchor.agency);
  }
}

function channels(step: Step, recipient: Person, silences: Silence[]): Channel[] {
  const wished = step.channels.order.filter((channel) => isReachable(recipient, channel));
  // In place of a channel that is gone, any other that is left.
  const isLost = wished.length === 0 && step.channels.order.some((channel) => recipient.lost?.includes(channel));
  const reachable = isLost ? CHANNELS.filter((channel) => isReachable(recipient, channel)) : wished;
  if (reachable.length === 0) silences.push({ step: step.id, recipient: recipient.email, because: 'no_channel' });
  return step.channels.use === 'all' ? reachable : reachable.slice(0, 1);
}

function notification(
  { step, anchor }: Occurrence,
  { recipient, due, insteadOf }: Reader,
  channel: Channel,
  { task, policy }: PlanInput,
): PlannedNotification {
  const rule = `${step.offset.count}${step.offset.unit} from ${step.anchor}`;
  return {
    key: `${task.code}/${step.id}/${anchor.id}/${recipient.email}/${channel}`,
    code: task.code,
    kind: step.kind,
    step: step.id,
    recipient: recipient.email,
    channel,
    sendAt: due,
    urgent: step.urgent,
    reason: `${policy.name} v${policy.version}, step ${step.id}: ${rule}, while ${step.when}${insteadOf === null ? '' : `, in place of ${insteadOf}`}`,
  };
}

/** Of what is asked in place of who has left; not a step of a policy. */
const GONE_STEP = 'assignee-gone';

/** For whom a question asks another to be named: its key is one for all tasks of who has left. Null where it asks for something else. */
export function goneOf({ kind, key }: Pick<PlannedNotification, 'kind' | 'key'>): Email | null {
  // Written below.
  return kind === 'assignee_gone' ? ((key.split('/')[1] ?? null) as Email | null) : null;
}

/** An assignee who has left: whoever leads the agency is asked once, by every channel, to name another for all open tasks. */
function question({ directory, policy, calendar, from }: PlanInput, task: OpenTask): PlannedNotification[] {
  const goneAt = directory.person(task.assignee)?.goneAt ?? null;
  const asked = goneAt === null ? undefined : directory.askedToName(task.assignee, task.coordinator, from);
  if (goneAt === null || asked === undefined) return [];
  const due = policy.timing === 'any_time' ? from : nextWorkingInstant(calendar, from, asked.timeZone);
  return CHANNELS.filter((channel) => isReachable(asked, channel)).map((channel) => ({
    key: `${GONE_STEP}/${task.assignee}/${goneAt}/${asked.email}/${channel}`,
    code: task.code,
    kind: 'assignee_gone',
    step: GONE_STEP,
    recipient: asked.email,
    channel,
    sendAt: due,
    urgent: true,
    reason: `${task.assignee} has left`,
  }));
}

function wakes(input: PlanInput, task: OpenTask, timed: readonly (Occurrence & { at: IsoInstant })[], horizon: IsoInstant): Wake[] {
  const { from } = input;
  const found: Wake[] = [];
  const later = (at: IsoInstant) => (at > from ? at : from);
  if (!task.deadlinePassed) found.push({ at: later(task.deadlineAt), input: { type: 'PassDeadline' } });
  for (const { step, at } of timed) {
    if (step.escalation === null || step.escalation <= task.escalationLevel) continue;
    found.push({ at: later(at), input: { type: 'RaiseEscalation', level: step.escalation, step: step.id } });
  }
  const tacit = tacitAnswer(task, input);
  if (tacit !== null) found.push({ at: later(tacit.at), input: { type: 'AnswerTacitly', answer: tacit.answer } });
  if (timed.some(({ at }) => at > horizon)) found.push({ at: horizon, input: { type: 'ExtendHorizon' } });
  return found.sort((a, b) => compare(a.at, b.at));
}

/** When silence becomes an answer to what is asked now, and which; null where the policy waits for ever. */
function tacitAnswer(
  { transfer, extension }: OpenTask,
  { policy: { tacit }, calendar, directory }: PlanInput,
): { at: IsoInstant; answer: TacitAnswer } | null {
  const at = (rule: Tacit, asked: { seq: number; at: IsoInstant }) =>
    offsetInstant({ offset: rule.after, at: rule.at }, anchorAt(asked), calendar, calendar.timeZone);
  if (transfer !== null && transfer.approved === null) {
    const rule = (transfer.early ? tacit.early_transfer_decision : undefined) ?? tacit.transfer_decision;
    const asked = { seq: transfer.requestedSeq, at: transfer.requestedAt };
    return rule === undefined ? null : { at: at(rule, asked), answer: { matter: 'transfer_decision', seq: asked.seq, means: rule.means } };
  }
  if (transfer?.approved != null) {
    const rule = tacit.transfer_acceptance;
    if (rule === undefined) return null;
    const named = directory.agency(transfer.toAgency)?.head ?? null;
    const head = named === null || directory.person(named)?.goneAt != null ? null : named;
    const { seq } = transfer.approved;
    // Without anyone who could answer for it there, the task stays where it is: never is one without an answerable person.
    const answer: TacitAnswer =
      rule.means === 'accepted' && head !== null
        ? { matter: 'transfer_acceptance', seq, means: 'accepted', assignee: head }
        : { matter: 'transfer_acceptance', seq, means: 'declined' };
    return { at: at(rule, transfer.approved), answer };
  }
  const rule = tacit.extension_decision;
  if (extension === null || rule === undefined) return null;
  const asked = { seq: extension.requestedSeq, at: extension.requestedAt };
  return { at: at(rule, asked), answer: { matter: 'extension_decision', seq: asked.seq, means: rule.means } };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
