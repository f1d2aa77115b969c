/** Who will be told what and when of one task: a pure function of its state, its policy, the calendar and the directory. */
import { addMinutes, type Calendar, morningFrom, nextOpenInstant } from './calendar.ts';
import type { Agency, Person } from './directory.ts';
import type { ClockInput, TacitAnswer } from './event.ts';
import type { AgencyCode, Channel, Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import { type Anchor, anchorAt, compareText, instantOf, ladderOf, type Occurrence, occurrences, offsetInstant } from './occurrences.ts';
import type { Audience, AudienceRole, Policy, Rota, Step, Tacit } from './policy.ts';
import { factsOfAction } from './policy-action.ts';
import { isOpen, type OpenTask, type Task } from './task.ts';
import { type IsoDate, type IsoInstant, localDate, PlainDate } from './time.ts';

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
  /** Who stands in for a person who is absent at that instant; undefined where nobody has to. */
  standIn(email: Email, at: IsoInstant): Person | undefined;
}

export interface PlanInput {
  readonly task: Task;
  readonly policy: Policy;
  readonly calendar: Calendar;
  readonly directory: Directory;
  readonly from: IsoInstant;
  /** How far ahead; absent: the ledger's horizon. */
  readonly until?: IsoInstant | undefined;
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

/**
 * The plan from an instant on. A reminder that would have come before its reader had the task is no reminder: it is left out.
 * Keys do not depend on `from`, so planning anew never tells anyone twice.
 * Of the steps of one ladder that have passed only the latest is kept, due now: the one that applies, never the series of missed ones.
 */
export function plan(input: PlanInput): Plan {
  const { task, from } = input;
  if (!isOpen(task)) return { notifications: [], wakes: [], silences: [] };
  const horizon = input.until ?? addMinutes(from, HORIZON_DAYS * 24 * 60);
  const all = occurrences(task, input.policy, input.calendar)
    .filter(({ step, at }) => step.kind !== 'reminder' || at >= task.heldSince)
    .filter(({ anchor, at }) => anchor.since === undefined || at > anchor.since);
  // From the first reminder of the deadline on its own ladder speaks: nobody is asked for news beside it.
  const reminded = all.find(({ step }) => step.kind === 'reminder')?.at ?? task.deadlineAt;
  const timed = all.filter(({ step, at }) => step.when !== 'quiet' || at < reminded);
  const latestPassed = new Map(timed.filter((occurrence) => occurrence.at <= from).map((occurrence) => [ladderOf(occurrence), occurrence]));
  // What came within this very moment is not missed: planned a second earlier it would have been told, beside what came with it.
  const missed = addMinutes(from, -GATHER_MINUTES);
  const applicable = timed.filter((occurrence) => occurrence.at >= missed || latestPassed.get(ladderOf(occurrence)) === occurrence);

  const notifications: PlannedNotification[] = [];
  const silences: Silence[] = [];
  let isCut = false;
  for (const occurrence of applicable) {
    for (const reader of recipients(occurrence, input, silences)) {
      channels(occurrence.step, reader.recipient, silences).forEach((channel, turn) => {
        const due = turn === 0 ? reader.due : sendAt(occurrence, reader.recipient, input, turn);
        if (due > horizon) isCut = true;
        else notifications.push(notification(occurrence, { ...reader, due }, channel, input));
      });
    }
  }
  return { notifications, wakes: wakes(input, task, timed, isCut || timed.some(({ at }) => at > horizon) ? horizon : null), silences };
}

/** @param turn how many channels were tried in vain before */
function sendAt(occurrence: Occurrence, recipient: Person, { policy, calendar, from }: PlanInput, turn = 0): IsoInstant {
  const { step } = occurrence;
  const allowed = (at: IsoInstant) => whenAllowed(policy, step, at, calendar, recipient.timeZone);
  const first = instantOf(occurrence, calendar, recipient.timeZone);
  const { after } = step.channels;
  const own =
    turn === 0 || after === null
      ? first
      : offsetInstant(
          { offset: { count: after.count * turn, unit: after.unit }, at: step.at },
          { at: allowed(first) },
          calendar,
          recipient.timeZone,
        );
  const late = !step.urgent && own < addMinutes(from, -GATHER_MINUTES);
  return allowed(late ? addMinutes(from, GATHER_MINUTES) : own > from ? own : from);
}

/** The earliest moment from one on at which the policy lets a person be told. */
function whenAllowed({ timing, digestAt }: Policy, { delivery }: Step, at: IsoInstant, calendar: Calendar, timeZone: string): IsoInstant {
  if (delivery === 'digest') return morningFrom(calendar, at, digestAt, timeZone);
  return timing === 'any_time' ? at : nextOpenInstant(calendar, at, timing, timeZone);
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
      const substitute = directory.standIn(person.email, due);
      const reader =
        substitute === undefined
          ? { recipient: person, due, insteadOf: null }
          : { recipient: substitute, due: sendAt(occurrence, substitute, input), insteadOf: person.email };
      if (!found.has(reader.recipient.email)) found.set(reader.recipient.email, reader);
    }
  }
  return [...found.values()];
}

function addressesOf(
  audience: Audience,
  { anchor, at }: Occurrence,
  { directory, policy, calendar, waiting }: PlanInput,
  task: Task,
): Email[] {
  if (audience === 'waiting') return waiting.filter((address) => address !== task.assignee);
  if (typeof audience === 'object')
    return 'person' in audience ? [audience.person] : onTurn(policy.rotas[audience.rota], localDate(at, calendar.timeZone));
  const address = addressOf(audience, anchor, task, directory);
  return address === null ? [] : [address];
}

/** Whose turn it is on a local date; before the first turn the first one's. */
export function onTurn(rota: Rota | undefined, date: IsoDate): Email[] {
  if (rota === undefined) return [];
  const days = PlainDate.from(rota.from).until(PlainDate.from(date), { largestUnit: 'days' }).days;
  const person = rota.people[Math.max(0, Math.floor(days / rota.turnDays)) % rota.people.length];
  return person === undefined ? [] : [person];
}

function addressOf(audience: Exclude<AudienceRole, 'waiting'>, anchor: Anchor, task: Task, directory: Directory): Email | null {
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
  const reachable = step.channels.order.filter((channel) => channel === 'email' || recipient.slackId !== null);
  if (reachable.length === 0) silences.push({ step: step.id, recipient: recipient.email, because: 'no_channel' });
  return step.channels.use === 'first' ? reachable.slice(0, 1) : reachable;
}

function notification(
  { step, anchor, round }: Occurrence,
  { recipient, due, insteadOf }: Reader,
  channel: Channel,
  { task, policy }: PlanInput,
): PlannedNotification {
  const rule = `${step.offset.count}${step.offset.unit} from ${step.anchor}${round === 0 ? '' : `, time ${round + 1}`}`;
  return {
    key: `${task.code}/${step.id}/${anchor.id}${round === 0 ? '' : `+${round}`}/${recipient.email}/${channel}`,
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

/** @param horizon where something lies beyond it */
function wakes(input: PlanInput, task: OpenTask, timed: readonly Occurrence[], horizon: IsoInstant | null): Wake[] {
  const { from } = input;
  const found: Wake[] = [];
  const later = (at: IsoInstant) => (at > from ? at : from);
  if (!task.deadlinePassed) found.push({ at: later(task.deadlineAt), input: { type: 'PassDeadline' } });
  for (const { step, at } of timed) {
    if (step.escalation === null || step.escalation <= task.escalationLevel) continue;
    found.push({ at: later(at), input: { type: 'RaiseEscalation', level: step.escalation, step: step.id } });
  }
  for (const { step, at } of timed) {
    for (const action of step.actions) {
      const asked = { action, step: step.id, to: action === 'hand_over' ? addressOf('head', { id: '', at }, task, input.directory) : null };
      // What has nothing left to do is not woken for.
      if (factsOfAction(task, asked).length > 0) found.push({ at: later(at), input: { type: 'TakeAction', ...asked } });
    }
  }
  const tacit = tacitAnswer(task, input);
  if (tacit !== null) found.push({ at: later(tacit.at), input: { type: 'AnswerTacitly', answer: tacit.answer } });
  if (horizon !== null) found.push({ at: horizon, input: { type: 'ExtendHorizon' } });
  return found.sort((a, b) => compareText(a.at, b.at));
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
    const head = directory.agency(transfer.toAgency)?.head ?? null;
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
