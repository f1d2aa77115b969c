/** Who may do what with a task, and what follows: one input in, events or a refusal out. Pure: `now` is an instant in UTC. */
import { decideAgencyChange, decideUndoneAgencyChange } from './agency-change.ts';
import {
  decideAcceptance,
  decideDecline,
  decideExtension,
  decideExtensionRequest,
  decideReassignment,
  decideTacitly,
  decideTransfer,
  decideTransferRequest,
} from './approval.ts';
import type { Actor, Amendment, Request } from './command.ts';
import {
  decideAcknowledgment,
  decideAttachment,
  decideProgress,
  decideReport,
  decideReturn,
  decideVerification,
  decideWaiver,
} from './completion.ts';
import type { ClockInput, Facts, Input, TaskEvent } from './event.ts';
import {
  decideContribution,
  decideContributionAcknowledgment,
  decideContributionRequest,
  decideDelayCause,
  decideObstacle,
  decideObstacleAnswer,
  decideQuestion,
  decideQuestionAnswer,
  decideRisk,
  NUDGE_HOURS,
} from './help.ts';
import type { Entrance, TaskCode } from './names.ts';
import { decideOpening, decidePeriodReport, decidePeriodReturn, decidePeriodVerification } from './period.ts';
import { factsOfAction } from './policy-action.ts';
import { type Refusal, refuse } from './refusals.ts';
import { isOpen, type OpenTask, type Task } from './task.ts';
import { epochMs, type IsoInstant } from './time.ts';
import { refuseAsCoordinator, refuseWhenReported } from './who.ts';

/** More than these are a programme, not a task. */
const DEPENDENCIES_MAX = 20;

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
      : { by: input.request.type === 'OpenPeriod' ? null : input.actor.email, via: input.via, commandId: input.id };
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
    case 'AnswerTacitly':
      return decideTacitly(task, input.answer);
    case 'TakeAction':
      return factsOfAction(task, input);
    default:
      return unreachable(input);
  }
}

interface Act {
  readonly actor: Actor;
  readonly via: Entrance;
  readonly request: Request;
}

function decideCommand(code: TaskCode, task: Task | null, { actor, via, request }: Act, now: IsoInstant): Facts[] | Refusal {
  if (request.type === 'AssignTask') {
    if (task !== null) return refuse('already_assigned', { code });
    return [{ type: 'TaskAssigned', code, assignment: request.assignment }];
  }
  if (task === null) return refuse('task_unknown', { code });
  if (request.type === 'AddComment') return [{ type: 'CommentAdded', text: request.text, files: request.files }];
  if (task.status === 'completed') return refuse('already_completed', { at: task.completedAt, by: task.verifiedBy });
  if (task.status === 'cancelled') return refuse('already_cancelled', { at: task.cancelledAt, by: task.cancelledBy });
  return request.type === 'OpenPeriod' ? decideOpening(task, via, request) : decideOpen(task, actor, request, now);
}

function decideOpen(
  task: OpenTask,
  actor: Actor,
  request: Exclude<Request, { type: 'AssignTask' | 'AddComment' | 'OpenPeriod' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  switch (request.type) {
    case 'AmendTask':
      return decideAmendment(task, actor, request.changes);
    case 'AcknowledgeTask':
      return decideAcknowledgment(task, actor);
    case 'ReportProgress':
      return decideProgress(task, actor, request);
    case 'AttachProduct':
      return decideAttachment(task, actor, request.evidence);
    case 'WaiveProduct':
      return decideWaiver(task, actor, request);
    case 'ReportDone':
      return decideReport(task, actor, request);
    case 'VerifyTask':
      return decideVerification(task, actor, request);
    case 'ReturnTask':
      return decideReturn(task, actor, request, now);
    case 'RequestTransfer':
      return decideTransferRequest(task, actor, request);
    case 'DecideTransfer':
      return decideTransfer(task, actor, request);
    case 'AcceptTransfer':
      return decideAcceptance(task, actor, request);
    case 'DeclineTransfer':
      return decideDecline(task, actor, request.reason);
    case 'ReassignTask':
      return decideReassignment(task, actor, request);
    case 'RequestExtension':
      return decideExtensionRequest(task, actor, request, now);
    case 'DecideExtension':
      return decideExtension(task, actor, request);
    case 'ReportObstacle':
      return decideObstacle(task, actor, request);
    case 'AnswerObstacle':
      return decideObstacleAnswer(task, actor, request);
    case 'ReportRisk':
      return decideRisk(task, actor, request, now);
    case 'AskQuestion':
      return decideQuestion(task, actor, request.text);
    case 'AnswerQuestion':
      return decideQuestionAnswer(task, actor, request);
    case 'ReportPeriod':
      return decidePeriodReport(task, actor, request);
    case 'VerifyPeriod':
      return decidePeriodVerification(task, actor, request);
    case 'ReturnPeriod':
      return decidePeriodReturn(task, actor, request);
    case 'GiveDelayCause':
      return decideDelayCause(task, actor, request, now);
    case 'RequestContribution':
      return decideContributionRequest(task, actor, request, now);
    case 'AcknowledgeContribution':
      return decideContributionAcknowledgment(task, actor, request.contribution);
    case 'GiveContribution':
      return decideContribution(task, actor, request);
    case 'NudgeAssignee':
      return decideNudge(task, actor, request.text, now);
    case 'AddDependency':
      return decideDependency(task, actor, request.on);
    case 'RemoveDependency':
      return (
        refuseAsCoordinator(actor) ??
        (task.dependsOn.includes(request.on)
          ? [{ type: 'DependencyRemoved', on: request.on }]
          : refuse('dependency_unknown', { on: request.on }))
      );
    case 'ChangeAgencies':
      return decideAgencyChange(task, actor, request);
    case 'UndoAgencyChange':
      return decideUndoneAgencyChange(task, actor, request.change);
    case 'CancelTask':
      return decideCancellation(task, actor, request);
    default:
      return unreachable(request);
  }
}

function decideAmendment(task: OpenTask, actor: Actor, changes: Amendment): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const real = Object.entries(changes).filter(([field, value]) => {
    const present = task[field as keyof Amendment]; // the keys of an amendment are keys of a task
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(present);
  });
  return real.length === 0 ? refuse('nothing_changed', { code: task.code }) : [{ type: 'TaskAmended', changes: Object.fromEntries(real) }];
}

function decideNudge(task: OpenTask, actor: Actor, text: string, now: IsoInstant): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor) ?? refuseWhenReported(task);
  if (refusal !== null) return refusal;
  const isRecent = task.nudge !== null && epochMs(now) - epochMs(task.nudge.at) < NUDGE_HOURS * 3_600_000;
  if (isRecent) return refuse('nudged_recently', { at: task.nudge?.at ?? '', hours: String(NUDGE_HOURS) });
  return [{ type: 'AssigneeNudged', text }];
}

/** A longer cycle is seen by who sees all tasks: the inbox. */
function decideDependency(task: OpenTask, actor: Actor, on: TaskCode): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  if (on === task.code) return refuse('dependency_cycle', { path: `${task.code} → ${on}` });
  if (task.dependsOn.includes(on)) return refuse('dependency_exists', { on });
  if (task.dependsOn.length >= DEPENDENCIES_MAX) return refuse('dependencies_too_many', { count: String(DEPENDENCIES_MAX) });
  return [{ type: 'DependencyAdded', on }];
}

function decideCancellation(
  task: OpenTask,
  actor: Actor,
  { reason, ending = 'cancelled', into }: Extract<Request, { type: 'CancelTask' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const isReplaced = ending === 'superseded' || ending === 'merged';
  if (isReplaced && into == null) return refuse('successor_missing');
  if (into === task.code) return refuse('successor_unknown', { into });
  return [{ type: 'TaskCancelled', reason, ending, into: isReplaced ? (into ?? null) : null }];
}

function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
