/** A task's life: its states, its events, and how one follows from the other. Who may do what is in `decide.ts`. Pure. */
import type { Actor, Amendment, Assignment, Evidence, Request } from './command.ts';
import type { AgencyCode, Email, Entrance, ObstacleKind, TaskCode } from './names.ts';
import type { IsoDate, IsoInstant } from './time.ts';

/** A request to move a task to another agency: asked, decided, accepted; one open at a time. */
export interface Transfer {
  readonly requestedBy: Email;
  readonly requestedAt: IsoInstant;
  readonly requestedSeq: number;
  readonly toAgency: AgencyCode;
  readonly reason: string;
  /** Null while the coordinator has not decided; then the receiver must accept. */
  readonly approved: { readonly by: Email; readonly at: IsoInstant; readonly seq: number } | null;
}

/** A request to move the deadline: asked, decided; one open at a time. */
export interface Extension {
  readonly requestedBy: Email;
  readonly requestedAt: IsoInstant;
  readonly requestedSeq: number;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly reason: string;
  readonly basis: string;
  /** Asked when the deadline had passed already. */
  readonly afterDeadline: boolean;
}

/** Something in the way, until it is answered. */
export interface Obstacle {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly by: Email;
  readonly kind: ObstacleKind;
  readonly text: string;
}

interface Answer {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly text: string;
}

interface Carried extends Assignment {
  readonly code: TaskCode;
  /** Number of the last event; the first is 1. */
  readonly seq: number;
  /** Number of the event that gave the task to its present assignee, or returned it. */
  readonly heldSinceSeq: number;
  readonly heldSince: IsoInstant;
  /** Number of the event that set the present deadline. */
  readonly deadlineSeq: number;
  readonly transfer: Transfer | null;
  /** Agencies that the task was transferred away from. */
  readonly formerAgencies: readonly AgencyCode[];
  /** The last answer "no" to a transfer, until another is asked for. */
  readonly transferRefusal: { readonly seq: number; readonly at: IsoInstant; readonly reason: string } | null;
  readonly extension: Extension | null;
  readonly extensionsGranted: number;
  /** The last decision on an extension, until another is asked for. */
  readonly extensionAnswer: (Answer & { readonly granted: boolean }) | null;
  /** As first assigned; extensions and corrections do not change it. */
  readonly originalDeadline: IsoDate;
  /** Open ones, oldest first. */
  readonly obstacles: readonly Obstacle[];
  readonly obstacleAnswer: Answer | null;
  /** 0 until a step of the policy raised it. */
  readonly escalationLevel: number;
  /** True once the deadline's passing was recorded; overdue itself is derived, never stored. */
  readonly deadlinePassed: boolean;
  readonly returnedBecause: string | null;
}

interface Acknowledged {
  readonly acknowledgedAt: IsoInstant;
  readonly acknowledgedBy: Email;
}

interface Reported {
  readonly reportedAt: IsoInstant;
  readonly reportedBy: Email;
  readonly reportedSeq: number;
  readonly evidence: readonly Evidence[];
}

export type AssignedTask = Carried & { readonly status: 'assigned' };
export type AcknowledgedTask = Carried & Acknowledged & { readonly status: 'acknowledged' };
export type ReportedTask = Carried & Acknowledged & Reported & { readonly status: 'reported' };
export type CompletedTask = Carried &
  Acknowledged &
  Reported & { readonly status: 'completed'; readonly verifiedBy: Email; readonly completedAt: IsoInstant };
export type CancelledTask = Carried & {
  readonly status: 'cancelled';
  readonly cancelledAt: IsoInstant;
  readonly cancelledBy: Email;
  readonly cancelledBecause: string;
};
export type Task = AssignedTask | AcknowledgedTask | ReportedTask | CompletedTask | CancelledTask;
export type OpenTask = AssignedTask | AcknowledgedTask | ReportedTask;

/** What the task's own clock asks of it: the moments that change the task, found by the plan. */
export type ClockInput =
  | { readonly type: 'PassDeadline' }
  | { readonly type: 'RaiseEscalation'; readonly level: number; readonly step: string };

export type Input =
  | { readonly kind: 'command'; readonly id: string; readonly actor: Actor; readonly via: Entrance; readonly request: Request }
  | { readonly kind: 'clock'; readonly input: ClockInput };

export type Facts =
  | { readonly type: 'TaskAssigned'; readonly code: TaskCode; readonly assignment: Assignment }
  | { readonly type: 'TaskAmended'; readonly changes: Amendment }
  | { readonly type: 'TaskAcknowledged' }
  | { readonly type: 'DoneReported'; readonly evidence: readonly Evidence[] }
  | { readonly type: 'TaskVerified'; readonly note: string }
  | { readonly type: 'TaskReturned'; readonly reason: string }
  | { readonly type: 'TransferRequested'; readonly toAgency: AgencyCode; readonly reason: string }
  | { readonly type: 'TransferApproved'; readonly toAgency: AgencyCode; readonly reason: string }
  | { readonly type: 'TransferRefused'; readonly reason: string }
  | {
      readonly type: 'TransferAccepted';
      readonly agency: AgencyCode;
      readonly assignee: Email;
      readonly supervisor: Email | null;
    }
  | { readonly type: 'TransferDeclined'; readonly reason: string }
  | {
      readonly type: 'ExtensionRequested';
      readonly deadline: IsoDate;
      readonly deadlineAt: IsoInstant;
      readonly reason: string;
      readonly basis: string;
      readonly afterDeadline: boolean;
    }
  | { readonly type: 'ExtensionGranted'; readonly deadline: IsoDate; readonly deadlineAt: IsoInstant; readonly reason: string }
  | { readonly type: 'ExtensionRefused'; readonly reason: string }
  | { readonly type: 'ObstacleReported'; readonly kind: ObstacleKind; readonly text: string }
  | { readonly type: 'ObstacleAnswered'; readonly obstacle: number; readonly text: string }
  | { readonly type: 'TaskCancelled'; readonly reason: string }
  | { readonly type: 'CommentAdded'; readonly text: string; readonly files: readonly Evidence[] }
  | { readonly type: 'DeadlinePassed' }
  | { readonly type: 'EscalationRaised'; readonly level: number; readonly step: string };

/** What happened, with its place in the record. `by` is null for what the task's clock did. */
export type TaskEvent = Facts & {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly by: Email | null;
  readonly via: Entrance;
  /** Id of the command that caused it; null for what the task's clock did. */
  readonly commandId: string | null;
};
export type TaskEventType = TaskEvent['type'];

const NOTHING_ASKED = { extension: null, extensionsGranted: 0, extensionAnswer: null, obstacles: [], obstacleAnswer: null } as const;

/** A state kept by an earlier version, with what it did not know yet. */
export function upgraded(task: Task): Task {
  return { ...NOTHING_ASKED, ...task, originalDeadline: task.originalDeadline ?? task.deadline };
}

/** Before its assignment a task does not exist. */
export const initial = null;

/** Whether anything may still happen to the task. */
export function isOpen(task: Task): task is OpenTask {
  return task.status !== 'completed' && task.status !== 'cancelled';
}

/** Late as of an instant: derived from the deadline and the clock. A task reported in time is not the assignee's lateness. */
export function isOverdue(task: Task, now: IsoInstant): boolean {
  return isOpen(task) && now > task.deadlineAt;
}

/**
 * The state after an event. Never refuses: an event has happened.
 * @throws when the record is broken (a gap in the numbers, an event that its state cannot have)
 */
export function evolve(task: Task | null, event: TaskEvent): Task {
  if (event.type === 'TaskAssigned') {
    return {
      ...event.assignment,
      status: 'assigned',
      code: event.code,
      seq: event.seq,
      heldSinceSeq: event.seq,
      heldSince: event.at,
      deadlineSeq: event.seq,
      transfer: null,
      formerAgencies: [],
      transferRefusal: null,
      ...NOTHING_ASKED,
      originalDeadline: event.assignment.deadline,
      escalationLevel: 0,
      deadlinePassed: false,
      returnedBecause: null,
    };
  }
  if (task === null) throw new Error(`record broken: ${event.type} before TaskAssigned`);
  if (event.seq !== task.seq + 1) throw new Error(`record broken: event ${event.seq} after ${task.seq} of ${task.code}`);
  return { ...next(task, event), seq: event.seq };
}

function next(task: Task, event: Exclude<TaskEvent, { type: 'TaskAssigned' }>): Task {
  switch (event.type) {
    case 'TaskAmended':
      return amended(task, event);
    case 'TaskAcknowledged':
      return { ...task, status: 'acknowledged', acknowledgedAt: event.at, acknowledgedBy: by(event) };
    case 'DoneReported':
      return {
        ...expectStatus(task, 'acknowledged', event),
        status: 'reported',
        transfer: null,
        extension: null,
        reportedAt: event.at,
        reportedBy: by(event),
        reportedSeq: event.seq,
        evidence: event.evidence,
      };
    case 'TaskVerified':
      return { ...expectStatus(task, 'reported', event), status: 'completed', verifiedBy: by(event), completedAt: event.at };
    case 'TaskReturned': {
      const { reportedAt: _at, reportedBy: _by, reportedSeq: _seq, evidence: _evidence, ...kept } = expectStatus(task, 'reported', event);
      return { ...kept, status: 'acknowledged', returnedBecause: event.reason, heldSinceSeq: event.seq, heldSince: event.at };
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
          approved: null,
        },
      };
    case 'TransferApproved':
      if (task.transfer === null) throw new Error(`record broken: ${event.type} without a request in ${task.code}`);
      return {
        ...task,
        transfer: { ...task.transfer, toAgency: event.toAgency, approved: { by: by(event), at: event.at, seq: event.seq } },
      };
    case 'TransferRefused':
    case 'TransferDeclined':
      return { ...task, transfer: null, transferRefusal: { seq: event.seq, at: event.at, reason: event.reason } };
    case 'TransferAccepted':
      return {
        ...carriedOf(task),
        status: 'assigned',
        leadAgency: event.agency,
        assignee: event.assignee,
        supervisor: event.supervisor,
        coordinatingAgencies: task.coordinatingAgencies.filter((agency) => agency !== event.agency),
        formerAgencies: [...task.formerAgencies, task.leadAgency],
        transfer: null,
        heldSinceSeq: event.seq,
        heldSince: event.at,
        escalationLevel: 0,
        returnedBecause: null,
      };
    case 'ExtensionRequested': {
      const { deadline, deadlineAt, reason, basis, afterDeadline } = event;
      const asked = { requestedBy: by(event), requestedAt: event.at, requestedSeq: event.seq };
      return { ...task, extensionAnswer: null, extension: { ...asked, deadline, deadlineAt, reason, basis, afterDeadline } };
    }
    case 'ExtensionGranted': {
      const { deadline, deadlineAt, reason, seq, at } = event;
      return {
        ...amended(task, { changes: { deadline, deadlineAt }, seq, at }),
        extension: null,
        extensionsGranted: task.extensionsGranted + 1,
        extensionAnswer: { seq, at, text: reason, granted: true },
      };
    }
    case 'ExtensionRefused':
      return { ...task, extension: null, extensionAnswer: { seq: event.seq, at: event.at, text: event.reason, granted: false } };
    case 'ObstacleReported': {
      const obstacle = { seq: event.seq, at: event.at, by: by(event), kind: event.kind, text: event.text };
      return { ...task, obstacles: [...task.obstacles, obstacle] };
    }
    case 'ObstacleAnswered':
      return {
        ...task,
        obstacles: task.obstacles.filter(({ seq }) => seq !== event.obstacle),
        obstacleAnswer: { seq: event.seq, at: event.at, text: event.text },
      };
    case 'TaskCancelled':
      return {
        ...carriedOf(task),
        status: 'cancelled',
        transfer: null,
        extension: null,
        cancelledAt: event.at,
        cancelledBy: by(event),
        cancelledBecause: event.reason,
      };
    case 'CommentAdded':
      return task;
    case 'DeadlinePassed':
      return { ...task, deadlinePassed: true };
    case 'EscalationRaised':
      return { ...task, escalationLevel: event.level };
    default:
      return unreachable(event);
  }
}

/** A deadline moved ahead takes the lateness and its escalation back. */
function amended(task: Task, { changes, seq, at }: { changes: Amendment; seq: number; at: IsoInstant }): Task {
  // A field that is absent keeps its value; `undefined` is not a value that the record can hold.
  const present = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const moved = changes.deadlineAt === undefined ? {} : { deadlineSeq: seq };
  const lifted = changes.deadlineAt !== undefined && changes.deadlineAt > at ? { deadlinePassed: false, escalationLevel: 0 } : {};
  return { ...task, ...present, ...moved, ...lifted };
}

/** Rebuilds a task from its record. */
export function replay(events: readonly TaskEvent[]): Task | null {
  return events.reduce<Task | null>(evolve, initial);
}

function carriedOf(task: Task): Carried {
  return {
    code: task.code,
    seq: task.seq,
    heldSinceSeq: task.heldSinceSeq,
    heldSince: task.heldSince,
    deadlineSeq: task.deadlineSeq,
    title: task.title,
    product: task.product,
    document: task.document,
    group: task.group,
    leadAgency: task.leadAgency,
    coordinatingAgencies: task.coordinatingAgencies,
    assignee: task.assignee,
    supervisor: task.supervisor,
    coordinator: task.coordinator,
    assignedAt: task.assignedAt,
    deadline: task.deadline,
    deadlineAt: task.deadlineAt,
    regular: task.regular,
    priority: task.priority,
    policy: task.policy,
    transfer: task.transfer,
    formerAgencies: task.formerAgencies,
    transferRefusal: task.transferRefusal,
    extension: task.extension,
    extensionsGranted: task.extensionsGranted,
    extensionAnswer: task.extensionAnswer,
    originalDeadline: task.originalDeadline,
    obstacles: task.obstacles,
    obstacleAnswer: task.obstacleAnswer,
    escalationLevel: task.escalationLevel,
    deadlinePassed: task.deadlinePassed,
    returnedBecause: task.returnedBecause,
  };
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
