/** How a task's state follows from what happened. Never refuses: an event has happened. Pure. */
import type { Amendment, Assignment } from './command.ts';
import type { TaskEvent, TaskEventType } from './event.ts';
import type { Email } from './names.ts';
import { evolvePeriods } from './period.ts';
import {
  type AgencyFields,
  agencyFieldsOf,
  type Carried,
  carriedOf,
  type Milestone,
  NOTHING_YET,
  type Product,
  type Said,
  type Task,
} from './task.ts';
import type { IsoInstant } from './time.ts';

/** Before its assignment a task does not exist. */
export const initial = null;

/** What restarts the count of silence: the lead acts, or is answered. Comments and judgements of risk do so where they are the assignee's. */
const ACTIVITY: ReadonlySet<TaskEventType> = new Set<TaskEventType>([
  'TaskAcknowledged',
  'ProgressReported',
  'ProductAttached',
  'DoneReported',
  'TaskReturned',
  'TransferRequested',
  'TransferRefused',
  'TransferAccepted',
  'TransferDeclined',
  'TaskReassigned',
  'ExtensionRequested',
  'ExtensionGranted',
  'ExtensionRefused',
  'ObstacleReported',
  'ObstacleAnswered',
  'QuestionAsked',
  'QuestionAnswered',
  'DelayCauseGiven',
  'ContributionRequested',
  'ContributionGiven',
  'PeriodReported',
  'PeriodReturned',
]);

/**
 * The state after an event.
 * @throws when the record is broken (a gap in the numbers, an event that its state cannot have)
 */
export function evolve(task: Task | null, event: TaskEvent): Task {
  if (event.type === 'TaskAssigned') return assigned(event);
  if (task === null) throw new Error(`record broken: ${event.type} before TaskAssigned`);
  if (event.seq !== task.seq + 1) throw new Error(`record broken: event ${event.seq} after ${task.seq} of ${task.code}`);
  const isActivity =
    ACTIVITY.has(event.type) || ((event.type === 'CommentAdded' || event.type === 'RiskReported') && event.by === task.assignee);
  return { ...next(task, event), seq: event.seq, ...(isActivity ? { activity: activityOf(task, event) } : {}) };
}

/** Of what was done elsewhere the silence is counted from when the task came here. */
function activityOf({ followedSince }: Pick<Assignment, 'followedSince'>, { seq, at }: TaskEvent): Task['activity'] {
  return { seq, at: followedSince !== undefined && followedSince > at ? followedSince : at };
}

/** A task as it was at an instant: from what had happened by then, and nothing later. */
export function replayUntil(events: readonly TaskEvent[], at: IsoInstant): Task | null {
  return replay(events.filter((event) => event.at <= at));
}

/** Rebuilds a task from its record. */
export function replay(events: readonly TaskEvent[]): Task | null {
  return events.reduce<Task | null>(evolve, initial);
}

function assigned(event: Extract<TaskEvent, { type: 'TaskAssigned' }>): Task {
  const { code, seq, at, assignment } = event;
  const { products = [], milestones = [], secrecy = 'none', parent = null, recurrence = null, ...facts } = assignment;
  return {
    ...facts,
    ...NOTHING_YET,
    status: 'assigned',
    code,
    seq,
    heldSinceSeq: seq,
    heldSince: at,
    deadlineSeq: seq,
    activity: activityOf(assignment, event),
    secrecy,
    parent,
    recurrence,
    recursSince: recurrence === null ? null : at,
    products: products.map((product): Product => ({ ...product, waived: null })),
    milestones: milestones.map((milestone): Milestone => ({ ...milestone, reachedAt: null })),
    originalDeadline: facts.deadline,
    originalDeadlineAt: facts.deadlineAt,
  };
}

function next(task: Task, event: Exclude<TaskEvent, { type: 'TaskAssigned' }>): Task {
  switch (event.type) {
    case 'TaskAmended':
      return amended(task, event.changes, event);
    case 'TaskAcknowledged':
      return { ...task, status: 'acknowledged', acknowledgedAt: event.at, acknowledgedBy: by(event) };
    case 'ProgressReported':
      return progressed(task, event);
    case 'ProductAttached':
      return { ...task, attached: [...task.attached, ...event.evidence] };
    case 'ProductWaived': {
      const waived = { by: by(event), at: event.at, reason: event.reason };
      return { ...task, products: task.products.map((product) => (product.id === event.product ? { ...product, waived } : product)) };
    }
    case 'DoneReported':
      return {
        ...expectStatus(task, 'acknowledged', event),
        status: 'reported',
        transfer: null,
        extension: null,
        ...answeredQuestion(task),
        rework: null,
        reportedAt: event.at,
        reportedBy: by(event),
        reportedSeq: event.seq,
        evidence: event.evidence,
        partly: event.partly ?? false,
        selfGrade: event.grade ?? null,
      };
    case 'TaskVerified': {
      const reported = expectStatus(task, 'reported', event);
      const ending = reported.partly ? 'partly' : 'implemented';
      return { ...reported, status: 'completed', verifiedBy: by(event), completedAt: event.at, ending, grade: event.grade ?? null };
    }
    case 'TaskReturned': {
      const { acknowledgedAt, acknowledgedBy } = expectStatus(task, 'reported', event);
      return {
        ...carriedOf(task),
        status: 'acknowledged',
        acknowledgedAt,
        acknowledgedBy,
        returnedBecause: event.reason,
        returns: task.returns + 1,
        rework: event.until == null ? null : { seq: event.seq, ...event.until },
        heldSinceSeq: event.seq,
        heldSince: event.at,
      };
    }
    case 'TransferRequested':
      return {
        ...task,
        transferRefusal: null,
        transfer: {
          requestedBy: by(event),
          requestedAt: event.at,
          requestedSeq: event.seq,
          toAgency: event.toAgency,
          reason: event.reason,
          early: event.early ?? false,
          approved: null,
        },
      };
    case 'TransferApproved':
      if (task.transfer === null) throw new Error(`record broken: ${event.type} without a request in ${task.code}`);
      return {
        ...task,
        transfer: { ...task.transfer, toAgency: event.toAgency, approved: { by: event.by, at: event.at, seq: event.seq } },
      };
    case 'TransferRefused':
    case 'TransferDeclined':
      return { ...task, transfer: null, transferRefusal: { seq: event.seq, at: event.at, reason: event.reason } };
    case 'TransferAccepted':
    case 'TaskReassigned':
      return handedOver(task, event);
    case 'ExtensionRequested': {
      const { deadline, deadlineAt, reason, basis, afterDeadline } = event;
      const asked = { requestedBy: by(event), requestedAt: event.at, requestedSeq: event.seq };
      return {
        ...task,
        ...answeredQuestion(task),
        extensionAnswer: null,
        extension: { ...asked, deadline, deadlineAt, reason, basis, afterDeadline },
      };
    }
    case 'ExtensionGranted': {
      const { deadline, deadlineAt, reason, seq, at } = event;
      return {
        ...amended(task, { deadline, deadlineAt }, event),
        extension: null,
        extensionsGranted: task.extensionsGranted + 1,
        extensionAnswer: { seq, at, text: reason, granted: true },
      };
    }
    case 'ExtensionRefused':
      return {
        ...task,
        ...answeredQuestion(task),
        extension: null,
        extensionAnswer: { seq: event.seq, at: event.at, text: event.reason, granted: false },
      };
    case 'ObstacleReported':
      return { ...task, obstacles: [...task.obstacles, { ...said(event), kind: event.kind }] };
    case 'ObstacleAnswered':
      return { ...task, obstacles: without(task.obstacles, event.obstacle), obstacleAnswer: answer(event) };
    case 'RiskReported':
      return { ...task, risk: { ...said({ ...event, text: event.reason }), level: event.risk } };
    case 'QuestionAsked':
      return { ...task, questions: [...task.questions, said(event)] };
    case 'QuestionAnswered':
      return { ...task, questions: without(task.questions, event.question), questionAnswer: answer(event) };
    case 'DelayCauseGiven':
      return { ...task, delayCause: { ...said(event), kind: event.kind } };
    case 'ContributionRequested': {
      const { agency, deadline, deadlineAt } = event;
      return { ...task, contributions: [...task.contributions, { ...said(event), agency, deadline, deadlineAt, acknowledged: null }] };
    }
    case 'ContributionAcknowledged': {
      const acknowledged = { by: by(event), at: event.at };
      return {
        ...task,
        contributions: task.contributions.map((each) => (each.seq === event.contribution ? { ...each, acknowledged } : each)),
      };
    }
    case 'ContributionGiven': {
      const given = task.contributions.find(({ seq }) => seq === event.contribution);
      if (given === undefined) throw new Error(`record broken: ${event.type} that nobody asked for in ${task.code}`);
      const contributions = without(task.contributions, event.contribution);
      return { ...task, contributions, contributionGiven: { ...answer(event), agency: given.agency } };
    }
    case 'AssigneeNudged':
      return { ...task, nudge: answer(event), nudges: task.nudges + 1 };
    case 'DependencyAdded':
      return { ...task, dependsOn: [...task.dependsOn, event.on] };
    case 'DependencyRemoved':
      return { ...task, dependsOn: task.dependsOn.filter((code) => code !== event.on) };
    case 'AgenciesChanged':
      return {
        ...withAgencies(task, event.fields),
        agencyChange:
          // What still named an old code afterwards is part of the same change: undone, all of it goes back.
          task.agencyChange?.change === event.change
            ? { ...task.agencyChange, after: event.fields }
            : { change: event.change, before: agencyFieldsOf(task), after: event.fields, earlier: task.agencyChange },
      };
    case 'AgencyChangeUndone':
      return { ...withAgencies(task, event.fields), agencyChange: task.agencyChange?.earlier ?? null };
    case 'TaskCancelled':
      return {
        ...carriedOf(task),
        status: 'cancelled',
        transfer: null,
        extension: null,
        cancelledAt: event.at,
        cancelledBy: by(event),
        cancelledBecause: event.reason,
        ending: event.ending ?? 'cancelled',
        into: event.into ?? null,
      };
    case 'PeriodOpened':
    case 'PeriodMissed':
    case 'PeriodReported':
    case 'PeriodVerified':
    case 'PeriodReturned':
      return { ...task, periods: evolvePeriods(task.periods, event) };
    case 'CommentAdded':
      return task;
    case 'DeadlinePassed':
      return { ...task, deadlinePassed: true };
    case 'PriorityRaised':
      return { ...task, priority: 'high' };
    case 'InspectionFlagged':
      return { ...task, inspection: { seq: event.seq, at: event.at } };
    case 'NudgeLetterAsked':
      return { ...task, nudgeLetter: { seq: event.seq, at: event.at, step: event.step, agency: event.agency } };
    case 'ExtensionDecisionAsked':
      return { ...task, extensionQuestion: { seq: event.seq, at: event.at, step: event.step, open: true } };
    case 'EscalationRaised':
      return { ...task, escalationLevel: event.level };
    default:
      return unreachable(event);
  }
}

/** A deadline moved ahead takes the lateness, its cause and its escalation back. */
function amended(task: Task, changes: Amendment, { seq, at }: { seq: number; at: IsoInstant }): Task {
  const { products, milestones, ...facts } = changes;
  // A field that is absent keeps its value; `undefined` is not a value that the record can hold.
  const present = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  const moved = changes.deadlineAt === undefined ? {} : { deadlineSeq: seq, ...answeredQuestion(task) };
  const isLifted = changes.deadlineAt !== undefined && changes.deadlineAt > at;
  const rhythm = changes.recurrence === undefined ? {} : rhythmOf(changes.recurrence, at);
  const lifted = isLifted ? { deadlinePassed: false, escalationLevel: 0, delayCause: null } : {};
  return {
    ...task,
    ...present,
    ...moved,
    ...lifted,
    ...rhythm,
    // What is kept of a product or milestone is what happened to it.
    ...(products === undefined
      ? {}
      : { products: products.map((wanted) => ({ waived: task.products.find(({ id }) => id === wanted.id)?.waived ?? null, ...wanted })) }),
    ...(milestones === undefined
      ? {}
      : {
          milestones: milestones.map((wanted) => ({
            reachedAt: task.milestones.find(({ id }) => id === wanted.id)?.reachedAt ?? null,
            ...wanted,
          })),
        }),
  };
}

/** What recurs is regular from then on; what no longer does stays what it was called. */
function rhythmOf(recurrence: Amendment['recurrence'], at: IsoInstant): Partial<Carried> {
  return recurrence == null ? { recursSince: null } : { recursSince: at, regular: true };
}

function progressed(task: Task, event: Extract<TaskEvent, { type: 'ProgressReported' }>): Task {
  const { percent, milestone, forecast, at } = event;
  const kept = task.progress;
  return {
    ...task,
    progress: { ...said(event), percent: percent ?? kept?.percent ?? null, forecast: forecast ?? kept?.forecast ?? null },
    milestones: task.milestones.map((each) => (each.id === milestone ? { ...each, reachedAt: at } : each)),
  };
}

/** The next assignee starts anew: nothing was received, nothing was said, nobody was escalated to. */
function handedOver(task: Task, event: Extract<TaskEvent, { type: 'TransferAccepted' | 'TaskReassigned' }>): Task {
  const moved = event.agency !== task.leadAgency;
  const carried: Carried = carriedOf(task);
  return {
    ...carried,
    status: 'assigned',
    leadAgency: event.agency,
    assignee: event.assignee,
    supervisor: event.supervisor,
    coordinatingAgencies: task.coordinatingAgencies.filter((agency) => agency !== event.agency),
    formerAgencies: moved ? [...task.formerAgencies, task.leadAgency] : task.formerAgencies,
    transfer: null,
    heldSinceSeq: event.seq,
    heldSince: event.at,
    escalationLevel: 0,
    returnedBecause: null,
    rework: null,
    nudge: null,
    extensionQuestion: null,
  };
}

/** Asked for, decided, or needed no more. */
function answeredQuestion({ extensionQuestion }: Task): Pick<Task, 'extensionQuestion'> {
  return { extensionQuestion: extensionQuestion === null ? null : { ...extensionQuestion, open: false } };
}

function withAgencies(task: Task, { leadAgency, coordinatingAgencies, formerAgencies, transferTo, contributing }: AgencyFields): Task {
  return {
    ...task,
    leadAgency,
    coordinatingAgencies: [...coordinatingAgencies],
    formerAgencies,
    transfer: task.transfer === null || transferTo === null ? task.transfer : { ...task.transfer, toAgency: transferTo },
    contributions: task.contributions.map((each, index) => ({ ...each, agency: contributing[index] ?? each.agency })),
  };
}

function without<T extends { readonly seq: number }>(open: readonly T[], seq: number): readonly T[] {
  return open.filter((each) => each.seq !== seq);
}

function said(event: TaskEvent & { readonly text: string }): Said {
  return { seq: event.seq, at: event.at, by: by(event), text: event.text };
}

function answer({ seq, at, text }: TaskEvent & { readonly text: string }) {
  return { seq, at, text };
}

function expectStatus<S extends Task['status']>(task: Task, status: S, event: TaskEvent): Extract<Task, { status: S }> {
  if (task.status !== status) throw new Error(`record broken: ${event.type} of ${task.code} while ${task.status}`);
  return task as Extract<Task, { status: S }>; // narrowed by the line above; TypeScript cannot narrow by a type parameter
}

function by(event: TaskEvent): Email {
  if (event.by === null) throw new Error(`record broken: ${event.type} by nobody`);
  return event.by;
}

function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
