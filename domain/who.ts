/** Who speaks for whom: a substitute speaks for the absent, a head for the agency. Pure. */
import type { Actor } from './command.ts';
import type { AgencyCode, Email } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { OpenTask } from './task.ts';

/** The person, or who stands in for the person today. */
export function speaksAs({ email, standsInFor }: Actor, person: Email): boolean {
  return email === person || (standsInFor?.includes(person) ?? false);
}

/** The answerable person, the supervisor, or the head of the agency that has the task. */
function speaksForLead(task: OpenTask, actor: Actor): boolean {
  const isSupervisor = task.supervisor !== null && speaksAs(actor, task.supervisor);
  return speaksAs(actor, task.assignee) || isSupervisor || (actor.role === 'head' && actor.agency === task.leadAgency);
}

/** Null where the actor may act for the lead agency and the task is still in its hands. */
export function refuseAsLead(task: OpenTask, actor: Actor): Refusal | null {
  return speaksForLead(task, actor) ? refuseWhenReported(task) : refuse('not_of_this_agency', { agency: task.leadAgency });
}

export function refuseAsAssignee(task: OpenTask, actor: Actor): Refusal | null {
  return speaksAs(actor, task.assignee) ? refuseWhenReported(task) : refuse('not_the_assignee', { assignee: task.assignee });
}

export function refuseWhenReported(task: OpenTask): Refusal | null {
  return task.status === 'reported' ? refuse('already_reported', { at: task.reportedAt, by: task.reportedBy }) : null;
}

export function refuseAsCoordinator({ role }: Actor): Refusal | null {
  return role === 'coordinator' ? null : refuse('not_a_coordinator');
}

export function refuseAsHead({ role, agency }: Actor, of: AgencyCode): Refusal | null {
  return agency === of && (role === 'head' || role === 'supervisor') ? null : refuse('not_of_the_receiving_agency', { agency: of });
}
