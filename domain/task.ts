/**
 * A task's life: states, events, and the three functions that carry it.
 * Pure: no clock, no zone, no chance. `now` is an instant in UTC.
 */
import type { Actor, Amendment, Assignment, Evidence, Request } from './command.ts';
import type { AgencyCode, Email, Entrance, TaskCode } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { IsoInstant } from './time.ts';

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

type Facts =
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
 * Judges one input against a task's state.
 * @param code the task's code, needed before its assignment gave it a state
 * @returns the events to append, in order (none for a clock input that no longer applies), or the refusal
 */
export function decide(code: TaskCode, task: Task | null, input: Input, now: IsoInstant): TaskEvent[] | Refusal {
  const facts = input.kind === 'clock' ? decideClock(task, input.input, now) : decideCommand(code, task, input.actor, input.request);
  if (!Array.isArray(facts)) return facts;
  const stamp =
    input.kind === 'clock'
      ? { by: null, via: 'workflow' as const, commandId: null }
      : { by: input.actor.email, via: input.via, commandId: input.id };
  const from = task?.seq ?? 0;
  return facts.map((fact, index) => ({ ...fact, ...stamp, seq: from + index + 1, at: now }));
}

function decideClock(task: Task | null, input: ClockInput, now: IsoInstant): Facts[] {
  if (task === null || !isOpen(task)) return [];
  switch (input.type) {
    case 'PassDeadline':
      return !task.deadlinePassed && now >= task.deadlineAt ? [{ type: 'DeadlinePassed' }] : [];
    case 'RaiseEscalation':
      return input.level > task.escalationLevel ? [{ type: 'EscalationRaised', level: input.level, step: input.step }] : [];
    default:
      return unreachable(input);
  }
}

function decideCommand(code: TaskCode, task: Task | null, actor: Actor, request: Request): Facts[] | Refusal {
  if (request.type === 'AssignTask') {
    if (task !== null) return refuse('already_assigned', { code });
    return [{ type: 'TaskAssigned', code, assignment: request.assignment }];
  }
  if (task === null) return refuse('task_unknown', { code });
  if (request.type === 'AddComment') return [{ type: 'CommentAdded', text: request.text, files: request.files }];
  if (task.status === 'completed') return refuse('already_completed', { at: task.completedAt, by: task.verifiedBy });
  if (task.status === 'cancelled') return refuse('already_cancelled', { at: task.cancelledAt, by: task.cancelledBy });
  switch (request.type) {
    case 'AmendTask':
      return decideAmendment(task, actor, request.changes);
    case 'AcknowledgeTask':
      return decideAcknowledge(task, actor);
    case 'ReportDone':
      return decideReport(task, actor, request.evidence);
    case 'VerifyTask':
      return refuseAsVerifier(task, actor) ?? [{ type: 'TaskVerified', note: request.note }];
    case 'ReturnTask':
      return refuseAsVerifier(task, actor) ?? [{ type: 'TaskReturned', reason: request.reason }];
    case 'RequestTransfer':
      return decideTransferRequest(task, actor, request);
    case 'DecideTransfer':
      return decideTransferDecision(task, actor, request);
    case 'AcceptTransfer':
      return decideAcceptance(task, actor, request);
    case 'DeclineTransfer':
      return refuseAsReceiver(task, actor) ?? [{ type: 'TransferDeclined', reason: request.reason }];
    case 'CancelTask':
      return actor.role === 'coordinator' ? [{ type: 'TaskCancelled', reason: request.reason }] : refuse('not_a_coordinator');
    default:
      return unreachable(request);
  }
}

function decideAmendment(task: OpenTask, actor: Actor, changes: Amendment): Facts[] | Refusal {
  if (actor.role !== 'coordinator') return refuse('not_a_coordinator');
  const real = Object.entries(changes).filter(([field, value]) => {
    const present = task[field as keyof Amendment]; // the keys of an amendment are keys of a task
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(present);
  });
  return real.length === 0 ? refuse('nothing_changed', { code: task.code }) : [{ type: 'TaskAmended', changes: Object.fromEntries(real) }];
}

function decideAcknowledge(task: OpenTask, actor: Actor): Facts[] | Refusal {
  if (actor.email !== task.assignee) return refuse('not_the_assignee', { assignee: task.assignee });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  if (task.status === 'acknowledged') return refuse('already_acknowledged', { at: task.acknowledgedAt, by: task.acknowledgedBy });
  return [{ type: 'TaskAcknowledged' }];
}

function decideReport(task: OpenTask, actor: Actor, evidence: readonly Evidence[]): Facts[] | Refusal {
  if (actor.email !== task.assignee) return refuse('not_the_assignee', { assignee: task.assignee });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  if (evidence.length === 0) return refuse('evidence_missing');
  const report: Facts = { type: 'DoneReported', evidence };
  // Who reports a task done has plainly received it: the record keeps both facts.
  return task.status === 'assigned' ? [{ type: 'TaskAcknowledged' }, report] : [report];
}

function refuseAsVerifier(task: OpenTask, actor: Actor): Refusal | null {
  if (task.status !== 'reported') return refuse('not_reported', { status: task.status });
  if (actor.email === task.reportedBy || actor.email === task.assignee) return refuse('verifier_is_reporter');
  if (actor.role !== 'coordinator') return refuse('not_a_coordinator');
  return null;
}

function decideTransferRequest(task: OpenTask, actor: Actor, request: { toAgency: AgencyCode; reason: string }): Facts[] | Refusal {
  const mayAsk =
    actor.email === task.assignee || actor.email === task.supervisor || (actor.role === 'head' && actor.agency === task.leadAgency);
  if (!mayAsk) return refuse('not_of_this_agency', { agency: task.leadAgency });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  if (task.transfer !== null) return refuse('transfer_open', { by: task.transfer.requestedBy, at: task.transfer.requestedAt });
  if (request.toAgency === task.leadAgency) return refuse('transfer_to_same_agency', { agency: task.leadAgency });
  if (task.formerAgencies.includes(request.toAgency)) return refuse('transfer_back', { agency: request.toAgency });
  return [{ type: 'TransferRequested', toAgency: request.toAgency, reason: request.reason }];
}

function decideTransferDecision(
  task: OpenTask,
  actor: Actor,
  request: { decision: 'approve' | 'refuse'; toAgency: AgencyCode | null; reason: string },
): Facts[] | Refusal {
  if (actor.role !== 'coordinator') return refuse('not_a_coordinator');
  if (task.transfer === null) return refuse('no_transfer_open');
  if (task.transfer.approved !== null)
    return refuse('transfer_already_decided', { by: task.transfer.approved.by, at: task.transfer.approved.at });
  if (request.decision === 'refuse') {
    return request.reason === '' ? refuse('reason_missing') : [{ type: 'TransferRefused', reason: request.reason }];
  }
  const toAgency = request.toAgency ?? task.transfer.toAgency;
  if (toAgency === task.leadAgency) return refuse('transfer_to_same_agency', { agency: toAgency });
  return [{ type: 'TransferApproved', toAgency, reason: request.reason }];
}

function refuseAsReceiver(task: OpenTask, actor: Actor): Refusal | null {
  if (task.transfer === null) return refuse('no_transfer_open');
  if (task.transfer.approved === null) return refuse('transfer_not_decided');
  const mayAnswer = actor.agency === task.transfer.toAgency && (actor.role === 'head' || actor.role === 'supervisor');
  return mayAnswer ? null : refuse('not_of_the_receiving_agency', { agency: task.transfer.toAgency });
}

function decideAcceptance(
  task: OpenTask,
  actor: Actor,
  request: { assignee: Email; assigneeAgency: AgencyCode; supervisor: Email | null },
): Facts[] | Refusal {
  const refusal = refuseAsReceiver(task, actor);
  if (refusal !== null || task.transfer === null) return refusal ?? refuse('no_transfer_open');
  if (request.assigneeAgency !== task.transfer.toAgency) {
    return refuse('assignee_of_other_agency', { assignee: request.assignee, agency: task.transfer.toAgency });
  }
  return [{ type: 'TransferAccepted', agency: task.transfer.toAgency, assignee: request.assignee, supervisor: request.supervisor }];
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
    case 'TaskCancelled':
      return {
        ...carriedOf(task),
        status: 'cancelled',
        transfer: null,
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
function amended(task: Task, { changes, seq, at }: Extract<TaskEvent, { type: 'TaskAmended' }>): Task {
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
