/** Who will be told what and when of one task: a pure function of its state, its policy, the calendar and the directory. */
import { addMinutes, type Calendar, type Calendars, morningFrom, nextOpenInstant } from './calendar.ts';
import { type Agency, isReachable, type Person, reachedBy } from './directory.ts';
import type { ClockInput, TacitAnswer } from './event.ts';
import type { AgencyCode, Channel, Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import {
  type Anchor,
  anchorAt,
  comesBefore,
  compareText,
  GATHER_MINUTES,
  instantOf,
  isOfOneUnit,
  isOutOfTurn,
  type JudgedOccurrence,
  judgedOccurrences,
  ladderOf,
  type Occurrence,
  offsetInstant,
} from './occurrences.ts';
import type { Action, Audience, AudienceRole, Policy, Rota, Step, Tacit } from './policy.ts';
import { factsOfAction } from './policy-action.ts';
import type { Outlook } from './risk.ts';
import { isOpen, type OpenTask, type Task } from './task.ts';
import { type IsoDate, type IsoInstant, localDate, PlainDate } from './time.ts';

/**
 * How far ahead notifications stand in the ledger. Long enough that a month's plan can be read there and that looking further costs each
 * task 12 turns a year, short enough that a change of calendar or staff writes 7 rows of it anew (bench:horizon).
 */
export const HORIZON_DAYS = 28;

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
  /** The lead agency's: by it the steps' working days are counted. */
  readonly calendar: Calendar;
  /** By which an agency's people may be told; absent: `calendar`. */
  readonly calendarOf?: (agency: AgencyCode) => Calendar;
  readonly directory: Directory;
  readonly from: IsoInstant;
  /** How far ahead; absent: the ledger's horizon. */
  readonly until?: IsoInstant | undefined;
  /** Who answers for tasks that wait for this one. */
  readonly waiting: readonly Email[];
  /** What the risk is worked out from; wanted where the policy asks for it. */
  readonly outlook?: Outlook | undefined;
}

/** By which calendars a task is planned: its lead agency's counts the days of a step, a reader's own says when to tell. */
export function calendarsFor({ leadAgency }: Pick<Task, 'leadAgency'>, { of }: Calendars): Pick<PlanInput, 'calendar' | 'calendarOf'> {
  return { calendar: of(leadAgency), calendarOf: of };
}

/** A moment at which the task's workflow must wake, and what it then asks of the domain. */
export interface Wake {
  readonly at: IsoInstant;
  readonly input: ClockInput | { readonly type: 'ExtendHorizon' };
}

/** Someone whom a step names and who will not be told, or not by a further channel, and why. */
export interface Silence {
  readonly step: string;
  readonly recipient: Email | null;
  readonly because: 'nobody_in_role' | 'unknown_person' | 'no_channel' | 'answered';
}

export interface Plan {
  readonly notifications: readonly PlannedNotification[];
  readonly wakes: readonly Wake[];
  readonly silences: readonly Silence[];
}

/**
 * The plan from an instant on. A reminder that would have come before its reader had the task is no reminder: it is left out.
 * Keys do not depend on `from`, so planning anew never tells anyone twice.
 * What applies and has passed is due now.
 */
export function plan(input: PlanInput): Plan {
  const { task, from } = input;
  if (!isOpen(task)) return { notifications: [], wakes: [], silences: [] };
  const horizon = input.until ?? addMinutes(from, HORIZON_DAYS * 24 * 60);
  const judged = judgedOccurrences(task, input.policy, input.calendar, from, input.outlook);
  const notifications: PlannedNotification[] = [];
  const silences: Silence[] = [];
  let isCut = false;
  for (const occurrence of judged) {
    if (occurrence.fate !== 'applies') continue;
    for (const telling of tellings(occurrence, input, silences)) {
      if (isOvertaken(telling, occurrence, judged, input)) continue;
      if (telling.due > horizon) isCut = true;
      else notifications.push(notification(occurrence, telling, input));
    }
  }
  notifications.push(...question(input, task));
  for (const each of letters(input, task, judged, silences)) {
    if (each.sendAt > horizon) isCut = true;
    else notifications.push(each);
  }
  const timed = judged.filter(({ fate }) => fate === 'applies' || fate === 'superseded');
  return { notifications, wakes: wakes(input, task, timed, isCut || timed.some(({ at }) => at > horizon) ? horizon : null), silences };
}

/** One person told by one channel at one moment. */
export interface Telling extends Reader {
  readonly channel: Channel;
}

/** Whom an occurrence tells, when and how, whether or not it applies; who cannot be told is added to the silences. */
export function tellings(occurrence: Occurrence, input: PlanInput, silences: Silence[]): Telling[] {
  const { step } = occurrence;
  return recipients(occurrence, input, silences).flatMap((reader) =>
    channels(step, reader.recipient, silences).flatMap((channel, turn) => {
      if (turn === 0) return [{ ...reader, channel }];
      if (step.channels.use === 'in_turn' && isAnswered(occurrence, reader, input)) {
        silences.push({ step: step.id, recipient: reader.recipient.email, because: 'answered' });
        return [];
      }
      return [{ ...reader, channel, due: sendAt(occurrence, reader.recipient, input, turn) }];
    }),
  );
}

/** Whether an assignee was heard of since the first channel told them: the next one would ask again. */
function isAnswered(occurrence: Occurrence, { recipient }: Reader, { task, policy, calendar, calendarOf = () => calendar }: PlanInput) {
  if (recipient.email !== task.assignee || !isOpen(task)) return false;
  const { timeZone } = recipient;
  const first = whenAllowed(policy, occurrence.step, instantOf(occurrence, calendar, timeZone), calendarOf(recipient.agency), timeZone);
  return task.activity.at > first;
}

/**
 * Whether a person hears of a later step of the same anchor first: the reader's hours, the digest or free days have moved the telling behind
 * it. Then it is not told at all.
 */
export function isOvertaken(
  { recipient, due }: Telling,
  occurrence: Occurrence,
  judged: readonly JudgedOccurrence[],
  input: PlanInput,
): boolean {
  for (const other of judged) {
    // In order of their moments.
    if (other.at >= due) return false;
    if (other === occurrence || (other.fate !== 'applies' && other.fate !== 'superseded')) continue;
    if (other.at <= occurrence.at && isOfOneUnit(other, occurrence)) continue;
    if (!comesBefore(occurrence, other)) continue;
    // What has passed was told in its own time.
    const then = other.at < input.from ? { ...input, from: other.at } : input;
    if (tellings(other, then, []).some((each) => each.recipient.email === recipient.email && each.due < due)) return true;
  }
  return false;
}

/**
 * Keys of what has passed while a later step told somebody else: who has not heard it yet (a hold, the morning's digest) is still to
 * hear the last that was meant for them, and nothing before it. Nothing of it is planned that was not planned before.
 */
export function stillToHear(input: PlanInput): string[] {
  const { task, from } = input;
  if (!isOpen(task)) return [];
  const keys: string[] = [];
  const heard = new Set<string>();
  const passed = judgedOccurrences(task, input.policy, input.calendar, from, input.outlook).filter(
    ({ at, fate }) => at <= from && (fate === 'applies' || fate === 'superseded'),
  );
  const latestFirst = passed.toReversed();
  for (const occurrence of [
    ...latestFirst.filter((each) => !isOutOfTurn(each, passed)),
    ...latestFirst.filter((each) => isOutOfTurn(each, passed)),
  ]) {
    const told = tellings(occurrence, input, []);
    const isNew = ({ recipient }: Telling) => !heard.has(`${ladderOf(occurrence)} ${recipient.email}`);
    if (occurrence.fate === 'superseded') keys.push(...told.filter(isNew).map((telling) => notification(occurrence, telling, input).key));
    for (const { recipient } of told) heard.add(`${ladderOf(occurrence)} ${recipient.email}`);
  }
  return keys;
}

/** @param turn how many channels were tried in vain before */
function sendAt(occurrence: Occurrence, recipient: Person, input: PlanInput, turn = 0): IsoInstant {
  const { policy, calendar, calendarOf = () => calendar, from } = input;
  const { step } = occurrence;
  const allowed = (at: IsoInstant) => whenAllowed(policy, step, at, calendarOf(recipient.agency), recipient.timeZone);
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
  return opensAt(timing, at, calendar, timeZone);
}

/** The earliest moment from one on that lies in a policy's hours. */
export function opensAt(timing: Policy['timing'], at: IsoInstant, calendar: Calendar, timeZone: string): IsoInstant {
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
      const substitute = directory.standIn(person.email, due, task.coordinator) ?? inPlaceOfUnreachable(step, person, directory, silences);
      const reader =
        substitute === undefined
          ? { recipient: person, due, insteadOf: null }
          : { recipient: substitute, due: sendAt(occurrence, substitute, input), insteadOf: person.email };
      if (!found.has(reader.recipient.email)) found.set(reader.recipient.email, reader);
    }
  }
  return [...found.values()];
}

/** The agency's head, at once, for who has none of the step's channels; nobody where the head has none either. */
function inPlaceOfUnreachable(step: Step, person: Person, directory: Directory, silences: Silence[]): Person | undefined {
  if (reachableBy(step, person).length > 0) return undefined;
  const address = directory.agency(person.agency)?.head ?? null;
  const head = address === null || address === person.email ? undefined : directory.person(address);
  if (head === undefined || reachableBy(step, head).length === 0) return undefined;
  silences.push({ step: step.id, recipient: person.email, because: 'no_channel' });
  return head;
}

/** Whom an audience means at a moment of a task; nobody where the role is empty. */
export function addressesOf(
  audience: Audience,
  { anchor, at }: Pick<Occurrence, 'anchor' | 'at'>,
  { directory, policy, calendar, waiting }: PlanInput,
  task: Task,
): Email[] {
  if (audience === 'waiting') return waiting.filter((address) => address !== task.assignee);
  if (typeof audience === 'object')
    return 'person' in audience
      ? [audience.person]
      : 'channel' in audience
        ? [audience.channel]
        : onTurn(policy.rotas[audience.rota], localDate(at, calendar.timeZone));
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
  const reachable = reachableBy(step, recipient);
  if (reachable.length === 0) silences.push({ step: step.id, recipient: recipient.email, because: 'no_channel' });
  return step.channels.use === 'first' ? reachable.slice(0, 1) : reachable;
}

/** The step's channels that reach a person; in place of one that is gone, any other that is left. */
function reachableBy({ channels: { order } }: Step, person: Person): Channel[] {
  const wished = reachedBy(person, order);
  const isLost = wished.length === 0 && order.some((channel) => person.lost?.includes(channel));
  return isLost ? reachedBy(person) : wished;
}

function notification(
  { step, anchor, round }: Occurrence,
  { recipient, due, insteadOf, channel }: Telling,
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

/** Of what is asked in place of who has left; not a step of a policy. */
const GONE_STEP = 'assignee-gone';

/** For whom a question asks another to be named: its key is one for all tasks of who has left. Null where it asks for something else. */
export function goneOf({ kind, key }: Pick<PlannedNotification, 'kind' | 'key'>): Email | null {
  // Written below.
  return kind === 'assignee_gone' ? ((key.split('/')[1] ?? null) as Email | null) : null;
}

/** An assignee who has left: whoever leads the agency is asked once, by every channel, to name another for all open tasks. */
function question({ directory, policy, calendar, calendarOf = () => calendar, from }: PlanInput, task: OpenTask): PlannedNotification[] {
  const goneAt = directory.person(task.assignee)?.goneAt ?? null;
  const asked = goneAt === null ? undefined : directory.askedToName(task.assignee, task.coordinator, from);
  if (goneAt === null || asked === undefined) return [];
  const due = policy.timing === 'any_time' ? from : nextOpenInstant(calendarOf(asked.agency), from, policy.timing, asked.timeZone);
  return reachedBy(asked).map((channel) => ({
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

/** A letter that could not go out for so long is out of date: a later moment of the policy asks for another. */
const LETTER_DAYS = 7;

/** To which agency a nudge letter goes, and of which of the committee's days it is; null where a notification is none. */
export function letterOf({ key }: Pick<PlannedNotification, 'key'>): { readonly agency: AgencyCode; readonly day: IsoDate } | null {
  const { agency, day } = /\/letter\.(?<agency>[^/]+)\.(?<day>\d{4}-\d\d-\d\d)\//.exec(key)?.groups ?? {};
  return agency === undefined || day === undefined ? null : { agency: agency as AgencyCode, day: day as IsoDate }; // written below
}

/**
 * The letters of a task that is late and in its agency's hands: the one that it has asked for, and those that it will ask for if nothing
 * happens. By mail to the agency's head; that many tasks ask on one day is one letter all the same is seen to when it is sent.
 */
function letters(input: PlanInput, task: OpenTask, judged: readonly JudgedOccurrence[], silences: Silence[]): PlannedNotification[] {
  const { calendar, from } = input;
  const asked = task.nudgeLetter;
  const isCurrent = asked !== null && asked.agency === task.leadAgency && asked.at > task.deadlineAt && task.status !== 'reported';
  const present = isCurrent && asked.at >= addMinutes(from, -LETTER_DAYS * 24 * 60) ? [asked] : [];
  const ahead = judged
    .filter(({ step, at, fate }) => fate === 'applies' && at > from && step.actions.includes('nudge_letter'))
    .map(({ step, at }) => ({ step: step.id, at }))
    .filter(({ step, at }) => {
      const to = input.directory.agency(task.leadAgency)?.head ?? null;
      return factsOfAction(task, { action: 'nudge_letter', step, to, since: at }).length > 0;
    });
  const byDay = new Map([...ahead, ...present].map((each) => [localDate(each.at, calendar.timeZone), each]));
  return [...byDay].flatMap(([day, each]) => letter(input, task, { ...each, day }, silences));
}

function letter(
  { directory, policy, calendar, calendarOf = () => calendar, from }: PlanInput,
  { code, leadAgency, coordinator }: OpenTask,
  { step, at, day }: { readonly step: string; readonly at: IsoInstant; readonly day: IsoDate },
  silences: Silence[],
): PlannedNotification[] {
  const named = directory.agency(leadAgency)?.head ?? null;
  const head = named === null ? undefined : (directory.standIn(named, at, coordinator) ?? directory.person(named));
  if (head === undefined || !isReachable(head, 'email')) {
    silences.push({ step, recipient: head?.email ?? null, because: head === undefined ? 'nobody_in_role' : 'no_channel' });
    return [];
  }
  return [
    {
      key: `${code}/${step}/letter.${leadAgency}.${day}/${head.email}/email`,
      code,
      kind: 'nudge_letter',
      step,
      recipient: head.email,
      channel: 'email',
      sendAt: opensAt(policy.timing, at > from ? at : from, calendarOf(head.agency), head.timeZone),
      urgent: false,
      reason: `${policy.name} v${policy.version}, step ${step}: nudge letter`,
    },
  ];
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
      const asked = {
        action,
        step: step.id,
        to: addressed(action, task, at, input.directory),
        since: at,
      };
      // What has nothing left to do is not woken for.
      if (factsOfAction(task, asked).length > 0) found.push({ at: later(at), input: { type: 'TakeAction', ...asked } });
    }
  }
  const tacit = tacitAnswer(task, input);
  if (tacit !== null) found.push({ at: later(tacit.at), input: { type: 'AnswerTacitly', answer: tacit.answer } });
  if (horizon !== null) found.push({ at: horizon, input: { type: 'ExtendHorizon' } });
  return found.sort((a, b) => compareText(a.at, b.at));
}

/** Who gets the task, or the letter: of the task's lead agency, for a step hands nothing to another one. */
function addressed(action: Action, task: OpenTask, at: IsoInstant, directory: Directory): Email | null {
  if (action !== 'hand_over' && action !== 'nudge_letter') return null;
  const substitute = action === 'hand_over' ? directory.standIn(task.assignee, at) : undefined;
  return substitute?.agency === task.leadAgency ? substitute.email : addressOf('head', { id: '', at }, task, directory);
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
