/** What is asked and decided: transfer and extension, one at a time; and what silence means. Pure. */
import { addWorkingDays, type Calendar, endOfOfficeHours } from './calendar.ts';
import type { Actor, Request } from './command.ts';
import type { Facts, TacitAnswer } from './event.ts';
import type { AgencyCode, Email } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { OpenTask } from './task.ts';
import { type IsoInstant, localDate } from './time.ts';
import { refuseAsCoordinator, refuseAsHead, refuseAsLead, speaksAs } from './who.ts';

/** One request at a time: whoever decides must see what the other decision would make of it. */
function refuseWhileAsked({ transfer, extension }: OpenTask): Refusal | null {
  if (transfer !== null) return refuse('transfer_open', { by: transfer.requestedBy, at: transfer.requestedAt });
  return extension === null ? null : refuse('extension_open', { by: extension.requestedBy, at: extension.requestedAt });
}

/** "Not our function" said within so many working days takes the shorter path. */
const EARLY_TRANSFER_WORKING_DAYS = 3;

/** @param heldSince when the task came to its present assignee */
export function isEarlyTransfer(heldSince: IsoInstant, now: IsoInstant, calendar: Calendar): boolean {
  const since = localDate(heldSince, calendar.timeZone);
  return now <= endOfOfficeHours(calendar, addWorkingDays(calendar, since, EARLY_TRANSFER_WORKING_DAYS));
}

export function decideTransferRequest(
  task: OpenTask,
  actor: Actor,
  { toAgency, reason, early = false }: Extract<Request, { type: 'RequestTransfer' }>,
): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor) ?? refuseWhileAsked(task);
  if (refusal !== null) return refusal;
  if (toAgency === task.leadAgency) return refuse('transfer_to_same_agency', { agency: task.leadAgency });
  if (task.formerAgencies.includes(toAgency)) return refuse('transfer_back', { agency: toAgency });
  return [{ type: 'TransferRequested', toAgency, reason, early }];
}

export function decideTransfer(
  task: OpenTask,
  actor: Actor,
  { decision, toAgency, reason }: Extract<Request, { type: 'DecideTransfer' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const { transfer, leadAgency } = task;
  if (transfer === null) return refuse('no_transfer_open');
  if (transfer.approved !== null) return refuse('transfer_already_decided', decidedBy(transfer.approved));
  if (decision === 'refuse') return reason === '' ? refuse('reason_missing') : [{ type: 'TransferRefused', reason }];
  const wished = toAgency ?? transfer.toAgency;
  if (wished === leadAgency) return refuse('transfer_to_same_agency', { agency: wished });
  return [{ type: 'TransferApproved', toAgency: wished, reason }];
}

/** Who decided; nobody where silence did. */
function decidedBy({ by, at }: { by: Email | null; at: IsoInstant }): Record<string, string> {
  return { by: by ?? '', at };
}

function refuseAsReceiver(task: OpenTask, actor: Actor): Refusal | null {
  if (task.transfer === null) return refuse('no_transfer_open');
  if (task.transfer.approved === null) return refuse('transfer_not_decided');
  return refuseAsHead(actor, task.transfer.toAgency);
}

export function decideAcceptance(
  task: OpenTask,
  actor: Actor,
  { assignee, assigneeAgency, supervisor }: { assignee: Email; assigneeAgency: AgencyCode; supervisor: Email | null },
): Facts[] | Refusal {
  const refusal = refuseAsReceiver(task, actor);
  if (refusal !== null || task.transfer === null) return refusal ?? refuse('no_transfer_open');
  const { toAgency: agency } = task.transfer;
  if (assigneeAgency !== agency) return refuse('assignee_of_other_agency', { assignee, agency });
  return [{ type: 'TransferAccepted', agency, assignee, supervisor }];
}

export function decideDecline(task: OpenTask, actor: Actor, reason: string): Facts[] | Refusal {
  return refuseAsReceiver(task, actor) ?? [{ type: 'TransferDeclined', reason }];
}

/**
 * The coordinator's own word needs no request; an open one must be answered first. In place of who has left for good, the agency names
 * another of its own people.
 */
export function decideReassignment(
  task: OpenTask,
  actor: Actor,
  { agency, assignee, assigneeAgency, supervisor, reason, gone }: Extract<Request, { type: 'ReassignTask' }>,
): Facts[] | Refusal {
  const isOwnAffair = gone === task.assignee && agency === task.leadAgency && actor.agency === agency && speaksAs(actor, task.assignee);
  const refusal = (isOwnAffair ? null : refuseAsCoordinator(actor)) ?? refuseWhileAsked(task);
  if (refusal !== null) return refusal;
  if (assigneeAgency !== agency) return refuse('assignee_of_other_agency', { assignee, agency });
  const kept = agency === task.leadAgency && task.supervisor !== assignee ? task.supervisor : null;
  const under = supervisor === undefined ? kept : supervisor;
  if (agency === task.leadAgency && assignee === task.assignee && under === task.supervisor)
    return refuse('nothing_changed', { code: task.code });
  return [{ type: 'TaskReassigned', agency, assignee, supervisor: under, reason }];
}

export function decideExtensionRequest(
  task: OpenTask,
  actor: Actor,
  { deadline, deadlineAt, reason, basis }: Extract<Request, { type: 'RequestExtension' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor) ?? refuseWhileAsked(task);
  if (refusal !== null) return refusal;
  if (deadlineAt <= task.deadlineAt || deadlineAt <= now) return refuse('extension_not_later', { deadline: task.deadline });
  return [{ type: 'ExtensionRequested', deadline, deadlineAt, reason, basis, afterDeadline: now > task.deadlineAt }];
}

export function decideExtension(
  task: OpenTask,
  actor: Actor,
  { decision, until, reason }: Extract<Request, { type: 'DecideExtension' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  // Where a step of the policy has put the question, it is decided without a request.
  if (task.extension === null && task.extensionQuestion?.open !== true) return refuse('no_extension_open');
  if (decision === 'refuse') return reason === '' ? refuse('reason_missing') : [{ type: 'ExtensionRefused', reason }];
  const granted = until ?? task.extension;
  if (granted === null || granted.deadlineAt <= task.deadlineAt) return refuse('extension_not_later', { deadline: task.deadline });
  const { deadline, deadlineAt } = granted;
  return [{ type: 'ExtensionGranted', deadline, deadlineAt, reason }];
}

/** What follows when nobody answered in time; nothing where the request is answered by now. */
export function decideTacitly({ transfer, extension }: OpenTask, answer: TacitAnswer): Facts[] {
  switch (answer.matter) {
    case 'transfer_decision':
      if (transfer === null || transfer.approved !== null || transfer.requestedSeq !== answer.seq) return [];
      return answer.means === 'approved'
        ? [{ type: 'TransferApproved', toAgency: transfer.toAgency, reason: '' }]
        : [{ type: 'TransferRefused', reason: '' }];
    case 'transfer_acceptance':
      if (transfer?.approved?.seq !== answer.seq) return [];
      return answer.means === 'accepted'
        ? [{ type: 'TransferAccepted', agency: transfer.toAgency, assignee: answer.assignee, supervisor: null }]
        : [{ type: 'TransferDeclined', reason: '' }];
    case 'extension_decision':
      if (extension?.requestedSeq !== answer.seq) return [];
      return answer.means === 'granted'
        ? [{ type: 'ExtensionGranted', deadline: extension.deadline, deadlineAt: extension.deadlineAt, reason: '' }]
        : [{ type: 'ExtensionRefused', reason: '' }];
    default:
      return unreachable(answer);
  }
}

function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
