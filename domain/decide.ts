/** Who may do what with a task, and what follows: one input in, events or a refusal out. Pure: `now` is an instant in UTC. */
import type { Actor, Amendment, Evidence, Request } from './command.ts';
import type { AgencyCode, Email, TaskCode } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import { type ClockInput, type Facts, type Input, isOpen, type OpenTask, type Task, type TaskEvent } from './task.ts';
import type { IsoInstant } from './time.ts';

/**
 * Judges one input against a task's state.
 * @param code the task's code, needed before its assignment gave it a state
 * @returns the events to append, in order (none for a clock input that no longer applies), or the refusal
 */
export function decide(code: TaskCode, task: Task | null, input: Input, now: IsoInstant): TaskEvent[] | Refusal {
  const facts = input.kind === 'clock' ? decideClock(task, input.input, now) : decideCommand(code, task, input, now);
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

function decideCommand(
  code: TaskCode,
  task: Task | null,
  { actor, request }: { actor: Actor; request: Request },
  now: IsoInstant,
): Facts[] | Refusal {
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
    case 'RequestExtension':
      return decideExtensionRequest(task, actor, request, now);
    case 'DecideExtension':
      return decideExtension(task, actor, request);
    case 'ReportObstacle':
      return decideObstacle(task, actor, request);
    case 'AnswerObstacle':
      return decideObstacleAnswer(task, actor, request);
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

/** The answerable person, the supervisor, or the head of the agency that has the task. */
function speaksForLead(task: OpenTask, { email, role, agency }: Actor): boolean {
  return email === task.assignee || email === task.supervisor || (role === 'head' && agency === task.leadAgency);
}

/** One request at a time: whoever decides must see what the other decision would make of it. */
function refuseWhileAsked({ transfer, extension }: OpenTask): Refusal | null {
  if (transfer !== null) return refuse('transfer_open', { by: transfer.requestedBy, at: transfer.requestedAt });
  return extension === null ? null : refuse('extension_open', { by: extension.requestedBy, at: extension.requestedAt });
}

function decideTransferRequest(task: OpenTask, actor: Actor, request: { toAgency: AgencyCode; reason: string }): Facts[] | Refusal {
  if (!speaksForLead(task, actor)) return refuse('not_of_this_agency', { agency: task.leadAgency });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  const open = refuseWhileAsked(task);
  if (open !== null) return open;
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

function decideExtensionRequest(
  task: OpenTask,
  actor: Actor,
  { deadline, deadlineAt, reason, basis }: Extract<Request, { type: 'RequestExtension' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  if (!speaksForLead(task, actor)) return refuse('not_of_this_agency', { agency: task.leadAgency });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  const open = refuseWhileAsked(task);
  if (open !== null) return open;
  if (deadlineAt <= task.deadlineAt || deadlineAt <= now) return refuse('extension_not_later', { deadline: task.deadline });
  return [{ type: 'ExtensionRequested', deadline, deadlineAt, reason, basis, afterDeadline: now > task.deadlineAt }];
}

function decideExtension(
  task: OpenTask,
  actor: Actor,
  { decision, until, reason }: Extract<Request, { type: 'DecideExtension' }>,
): Facts[] | Refusal {
  if (actor.role !== 'coordinator') return refuse('not_a_coordinator');
  if (task.extension === null) return refuse('no_extension_open');
  if (decision === 'refuse') return reason === '' ? refuse('reason_missing') : [{ type: 'ExtensionRefused', reason }];
  const { deadline, deadlineAt } = until ?? task.extension;
  if (deadlineAt <= task.deadlineAt) return refuse('extension_not_later', { deadline: task.deadline });
  return [{ type: 'ExtensionGranted', deadline, deadlineAt, reason }];
}

/** More than these at once are a meeting, not a list; and the state stays small. */
const OBSTACLES_MAX = 10;

function decideObstacle(task: OpenTask, actor: Actor, { kind, text }: Extract<Request, { type: 'ReportObstacle' }>): Facts[] | Refusal {
  if (!speaksForLead(task, actor)) return refuse('not_of_this_agency', { agency: task.leadAgency });
  if (task.status === 'reported') return refuse('already_reported', { at: task.reportedAt, by: task.reportedBy });
  if (task.obstacles.length >= OBSTACLES_MAX) return refuse('obstacles_too_many', { count: String(OBSTACLES_MAX) });
  return [{ type: 'ObstacleReported', kind, text }];
}

function decideObstacleAnswer(
  task: OpenTask,
  actor: Actor,
  { obstacle, text }: Extract<Request, { type: 'AnswerObstacle' }>,
): Facts[] | Refusal {
  if (actor.role !== 'coordinator') return refuse('not_a_coordinator');
  const [first, second] = obstacle === null ? task.obstacles : task.obstacles.filter(({ seq }) => seq === obstacle);
  if (first === undefined) return refuse('no_obstacle_open');
  if (second !== undefined) return refuse('obstacle_unclear', { numbers: task.obstacles.map(({ seq }) => seq).join(', ') });
  return [{ type: 'ObstacleAnswered', obstacle: first.seq, text }];
}

function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
