/** When the steps of a policy occur in a task's life: what they count from, how often, and what ends them. Pure. */
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar } from './calendar.ts';
import { missingProducts } from './completion.ts';
import type { AgencyCode } from './names.ts';
import { unverified } from './period.ts';
import type { Only, Policy, Step, Stop } from './policy.ts';
import { type Outlook, risksAt } from './risk.ts';
import type { OpenTask, Period } from './task.ts';
import { epochMs, type IsoDate, type IsoInstant, localDate } from './time.ts';

/** What a step counts from. */
export interface Anchor {
  /** Of the event that made the anchor: the same step of a later anchor is another occurrence. */
  readonly id: string;
  readonly at: IsoInstant;
  /** Where the anchor is a date that someone set, not a moment that came. */
  readonly date?: IsoDate;
  /** Steps that lie before it, or at it, are left out: it was not yet so, or something else said it. */
  readonly since?: IsoInstant;
  /** Where a share of the time from here on ends. */
  readonly until?: IsoInstant;
  /** Whom it concerns, where that is neither the lead agency nor the receiving one. */
  readonly agency?: AgencyCode;
}

/** A step at one of its moments: of one anchor, for the first or a repeated time. */
export interface Occurrence {
  readonly step: Step;
  readonly anchor: Anchor;
  /** 0 for the first time. */
  readonly round: number;
  /** By the committee's zone, before the reader's hours are considered. */
  readonly at: IsoInstant;
}

/** What lies between assignment and deadline is one ladder; each request, answer, milestone and obstacle has its own. */
export function ladderOf({ step, anchor }: Occurrence): string {
  if (step.anchor === 'assignment' || step.anchor === 'acknowledgment' || step.anchor === 'deadline') return ladderOfTask(step);
  // From its opening to what follows its date a period is one ladder.
  return `${step.anchor === 'period_deadline' ? 'period' : step.anchor}/${anchor.id}`;
}

/** Who waits for this task hears of its deadline beside those who answer for it. */
function ladderOfTask({ audience }: Step): string {
  return audience.includes('waiting') ? 'waiting' : 'task';
}

/** Why a step has no moment in a task as it stands. */
export type Unmet = 'state' | 'not_concerned' | 'not_happened' | 'stopped';

/** What becomes of an occurrence; only one that `applies` is told. */
export type Fate =
  | 'applies'
  /** A reminder from before its reader had the task. */
  | 'before_held'
  /** It was not yet so, or something else said it. */
  | 'said_otherwise'
  /** The deadline's own reminders speak already: nobody is asked for news beside them. */
  | 'reminded'
  /** The risk then is none of those that the step is for. */
  | 'other_risk'
  /** A later step of the same ladder has come since. */
  | 'superseded';

export type JudgedOccurrence = Occurrence & { readonly fate: Fate };

/** The moments of one step in a task as it stands, passed or to come; where `unmet` says why not, those that it would have. */
export function consider(step: Step, task: OpenTask, calendar: Calendar): { occurrences: readonly Occurrence[]; unmet: Unmet | null } {
  const anchors = anchorsOf(step, task);
  // What has not happened is no state that ended: the state is named only where the step would otherwise count.
  if (anchors.length === 0) return { occurrences: [], unmet: 'not_happened' };
  const running = anchors.filter((anchor) => !isStopped(step.stop, anchor, task));
  const unmet = !concerns(step.only, task) ? 'not_concerned' : !applies(step, task) ? 'state' : running.length === 0 ? 'stopped' : null;
  const counted = unmet === null ? running : anchors;
  return { occurrences: counted.flatMap((anchor) => rounds(step, anchor, task, calendar)), unmet };
}

function momentsOf(step: Step, task: OpenTask, calendar: Calendar): readonly Occurrence[] {
  const { occurrences, unmet } = consider(step, task, calendar);
  return unmet === null ? occurrences : [];
}

/**
 * What is late already (after an import, an outage) waits this long for the person's other late ones, so that all of them
 * make one message; long enough to arm 1,287 tasks.
 */
export const GATHER_MINUTES = 1;

/**
 * Every moment that a policy gives a task as it stands, in order, with what becomes of it from an instant on. Of the steps of one
 * ladder that have passed only the latest applies, never the series of missed ones.
 * @param outlook wanted where a step asks for the risk
 */
export function judgedOccurrences(
  task: OpenTask,
  policy: Policy,
  calendar: Calendar,
  from: IsoInstant,
  outlook?: Outlook,
): JudgedOccurrence[] {
  const all = policy.steps.flatMap((step) => momentsOf(step, task, calendar)).sort((a, b) => compareText(a.at, b.at));
  const untimely = new Map(
    all.flatMap((each): [Occurrence, Fate][] =>
      isEarly(each, task)
        ? [[each, 'before_held']]
        : isSaid(each)
          ? [[each, 'said_otherwise']]
          : isOfRisk(each, task, from, outlook)
            ? []
            : [[each, 'other_risk']],
    ),
  );
  const reminded = all.find((each) => each.step.kind === 'reminder' && !untimely.has(each))?.at ?? task.deadlineAt;
  const fateOf = (each: Occurrence): Fate | undefined =>
    untimely.get(each) ?? (each.step.when === 'quiet' && each.at >= reminded ? 'reminded' : undefined);
  const passed = all.filter((each) => each.at <= from && fateOf(each) === undefined);
  const latestPassed = new Map(passed.filter((each) => !isOutOfTurn(each, passed)).map((each) => [ladderOf(each), each]));
  // What came within this very moment is not missed: planned a second earlier it would have been told, beside what came with it.
  const missed = addMinutes(from, -GATHER_MINUTES);
  return all.map((each) => {
    const isPassedBy = each.at < missed && latestPassed.get(ladderOf(each)) !== each;
    return { ...each, fate: fateOf(each) ?? (isPassedBy ? 'superseded' : 'applies') };
  });
}

/**
 * Whether a step comes before another of the same anchor. Days and working days may change places around free days: then it is what they
 * are in every ordinary week that counts, and seven days before a deadline come before three working days.
 */
export function comesBefore(a: Occurrence, b: Occurrence): boolean {
  if (a.step.anchor !== b.step.anchor || a.anchor.id !== b.anchor.id) return false;
  if (isOfOneUnit(a, b)) return a.at < b.at;
  const [first, second] = [daysOf(a), daysOf(b)];
  if (first === null || second === null) return a.at < b.at;
  if (first.most < second.least) return true;
  return second.most < first.least ? false : a.at < b.at;
}

/** Whether another that has passed comes after it by rights, and came first. */
export function isOutOfTurn(occurrence: Occurrence, passed: readonly Occurrence[]): boolean {
  return passed.some((other) => other.at <= occurrence.at && !isOfOneUnit(occurrence, other) && comesBefore(occurrence, other));
}

/** Moments that count in one unit are never out of order. */
export function isOfOneUnit({ step: a }: Pick<Occurrence, 'step'>, { step: b }: Pick<Occurrence, 'step'>): boolean {
  const units = [a.offset.unit, b.offset.unit, ...[a, b].flatMap(({ repeat }) => (repeat === null ? [] : [repeat.every.unit]))];
  return units.every((unit) => unit === units[0]);
}

/**
 * The fewest and the most days from the anchor's midnight to an occurrence, below 0 before it, where no day but the weekend's is free and
 * the anchor's is none of those; null for a share.
 */
function daysOf({ step: { offset, repeat, at }, round }: Occurrence): { least: number; most: number } | null {
  const parts = [offset, ...(repeat === null || round === 0 ? [] : [{ count: repeat.every.count * round, unit: repeat.every.unit }])];
  const [hours = 8, minutes = 0] = (at ?? '').split(':').filter(Boolean).map(Number);
  const clock = hours / 24 + minutes / 1_440;
  // Minutes and hours count from the anchor's own moment, which may be any of its day.
  const isOfClock = parts.every(({ unit }) => unit === 'd' || unit === 'wd');
  let [least, most] = isOfClock ? [clock, clock] : [0, 1];
  for (const { count, unit } of parts) {
    if (unit === '%') return null;
    const days = unit === 'm' ? count / 1_440 : unit === 'h' ? count / 24 : count;
    const weeks = unit === 'wd' ? Math.abs(count) / 5 : 0;
    const [few, many] = [2 * Math.floor(weeks), 2 * Math.ceil(weeks)];
    least += days + (count < 0 ? -many : few);
    most += days + (count < 0 ? -few : many);
  }
  return { least, most };
}

const isEarly = ({ step, at }: Occurrence, task: OpenTask) => step.kind === 'reminder' && at < task.heldSince;
const isSaid = ({ anchor, at }: Occurrence) => anchor.since !== undefined && at <= anchor.since;

/**
 * By the risk of the step's own moment, also where that has passed: a plan that is made anew, without anything having happened, must not tell what
 * the one before it did not. From the deadline on nothing is at risk.
 */
function isOfRisk({ step, at }: Occurrence, task: OpenTask, from: IsoInstant, outlook: Outlook | undefined): boolean {
  const { risk } = step.only;
  if (risk === undefined) return true;
  if (outlook === undefined) throw new Error(`step ${step.id} asks for a risk that was not worked out`);
  return from < task.deadlineAt && risksAt(task, at, outlook).some((level) => risk.includes(level));
}

/** One occurrence, or as many as the step is repeated. */
function rounds(step: Step, anchor: Anchor, task: OpenTask, calendar: Calendar): Occurrence[] {
  const found: Occurrence[] = [];
  for (let round = 0; round <= (step.repeat?.times ?? 0); round += 1) {
    const at = instantOf({ step, anchor, round }, calendar, calendar.timeZone);
    if (round > 0 && step.repeat?.until === 'deadline' && at > task.deadlineAt) break;
    found.push({ step, anchor, round, at });
  }
  return found;
}

/** The moment of an occurrence in a zone, before office hours are considered. */
export function instantOf({ step, anchor, round }: Omit<Occurrence, 'at'>, calendar: Calendar, timeZone: string): IsoInstant {
  const first = offsetInstant(step, anchor, calendar, timeZone);
  if (round === 0 || step.repeat === null) return first;
  const { count, unit } = step.repeat.every;
  return offsetInstant({ offset: { count: count * round, unit }, at: step.at }, { at: first }, calendar, timeZone);
}

/** Whether a step is for tasks like this one; what it does not name it does not ask. */
function concerns({ agency, group, priority, product, regular, secrecy, extensions }: Only, task: OpenTask): boolean {
  return (
    (agency === undefined || agency.includes(task.leadAgency)) &&
    (group === undefined || group.includes(task.group)) &&
    (priority === undefined || priority.includes(task.priority)) &&
    (product === undefined || task.products.some(({ kind }) => product.includes(kind))) &&
    (regular === undefined || regular === task.regular) &&
    (secrecy === undefined || secrecy.includes(task.secrecy)) &&
    (extensions === undefined || task.extensionsGranted >= extensions)
  );
}

/** Whether what ends a step has happened since its anchor. */
function isStopped(stops: readonly Stop[], { at }: Anchor, task: OpenTask): boolean {
  return stops.some((stop) => {
    const happened = lastOf(stop, task);
    return happened !== null && happened > at;
  });
}

function lastOf(stop: Stop, task: OpenTask): IsoInstant | null {
  switch (stop) {
    case 'acknowledgment':
      return task.status === 'assigned' ? null : task.acknowledgedAt;
    case 'activity':
      return task.activity.at;
    case 'progress':
      return task.progress?.at ?? null;
    case 'obstacle':
      return task.obstacles.at(-1)?.at ?? null;
    case 'transfer_request':
      return task.transfer?.requestedAt ?? null;
    case 'extension_request':
      return task.extension?.requestedAt ?? null;
  }
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
      return [{ id: String(task.heldSinceSeq), at: task.heldSince, until: task.deadlineAt }];
    case 'acknowledgment':
      return task.status === 'assigned' ? [] : [{ id: String(task.heldSinceSeq), at: task.acknowledgedAt }];
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

export function anchorAt({ seq, at }: { readonly seq: number; readonly at: IsoInstant }): Anchor {
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
export function offsetInstant(
  { offset: { count, unit }, at }: Pick<Step, 'offset' | 'at'>,
  anchor: Omit<Anchor, 'id'>,
  calendar: Calendar,
  timeZone: string,
): IsoInstant {
  if (unit === 'm') return addMinutes(anchor.at, count);
  if (unit === 'h') return addMinutes(anchor.at, count * 60);
  const shared = unit === '%' ? shareOf(anchor, count) : anchor.at;
  if (unit === '%' && at === null) return shared;
  const anchorDate = unit === '%' ? localDate(shared, timeZone) : (anchor.date ?? localDate(anchor.at, calendar.timeZone));
  const date = unit === 'd' || unit === '%' ? addDays(anchorDate, unit === '%' ? 0 : count) : addWorkingDays(calendar, anchorDate, count);
  return atLocalTime(date, at ?? calendar.officeHours[0]?.from ?? '08:00', timeZone);
}

/** The instant at which so many percent of the time from an anchor to its end have passed; whole minutes. */
function shareOf({ at, until }: Omit<Anchor, 'id'>, percent: number): IsoInstant {
  const minutes = until === undefined ? 0 : Math.max(0, epochMs(until) - epochMs(at)) / 60_000;
  return addMinutes(at, Math.round((minutes * percent) / 100));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
