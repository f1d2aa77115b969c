/** Agencies are merged, split and renamed while their tasks go on: what one change makes of one task, and its undoing. Pure. */
import type { Actor, Request } from './command.ts';
import type { Facts } from './event.ts';
import type { AgencyCode, Email } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import { type AgencyChange, type AgencyFields, agencyFieldsOf, type OpenTask, type Task } from './task.ts';
import { refuseAsCoordinator } from './who.ts';

/** What each agency that a change names has become, the chief successor first; one that lives on is among its own. */
export type Successors = Readonly<Record<AgencyCode, readonly AgencyCode[]>>;

/** A change as its tasks need it: `movedTo` says where the people of the touched agencies are now. */
export interface Succession {
  readonly successors: Successors;
  readonly movedTo: ReadonlyMap<Email, AgencyCode>;
}

/**
 * What the agencies of a change are to one task. Where an agency became several, a task that it leads follows its assignee;
 * in every other role the agency itself goes on if it lives, else its chief successor.
 */
export function agenciesForTask(
  task: Pick<Task, 'leadAgency' | 'assignee'>,
  { successors, movedTo }: Succession,
): Readonly<Record<AgencyCode, AgencyCode>> {
  const ofTask = (code: AgencyCode, next: readonly AgencyCode[]): AgencyCode => {
    const followed = code === task.leadAgency ? movedTo.get(task.assignee) : undefined;
    if (followed !== undefined && next.includes(followed)) return followed;
    return next.includes(code) ? code : (next[0] ?? code);
  };
  const pairs = Object.entries(successors) as [AgencyCode, readonly AgencyCode[]][]; // the keys are the record's own
  return Object.fromEntries(pairs.map(([code, next]) => [code, ofTask(code, next)]).filter(([code, now]) => code !== now));
}

/** Whether a change makes any difference to a task. */
export function isTouched(task: Task, succession: Succession): boolean {
  const before = agencyFieldsOf(task);
  return !same(before, changedAgencies(before, agenciesForTask(task, succession)));
}

/** Whether a task's agencies are others than its last change left them. */
export function isBuiltUpon(task: Task): boolean {
  return task.agencyChange !== null && !same(agencyFieldsOf(task), task.agencyChange.after);
}

/** The lead agency by the code under which the task was given to it, before agencies changed around it. */
export function leadAsGiven({ leadAgency, agencyChange }: Pick<Task, 'leadAgency' | 'agencyChange'>): AgencyCode {
  let lead = leadAgency;
  // A task that has been handed on since was given under the code that it has now.
  for (let change: AgencyChange | null = agencyChange; change !== null && change.after.leadAgency === lead; change = change.earlier)
    lead = change.before.leadAgency;
  return lead;
}

/** What a task's agencies become: each code by its successor, none named twice, none both leading and coordinating. */
export function changedAgencies(fields: AgencyFields, agencies: Readonly<Record<AgencyCode, AgencyCode>>): AgencyFields {
  const successor = (code: AgencyCode) => agencies[code] ?? code;
  const leadAgency = successor(fields.leadAgency);
  const coordinating = new Set(fields.coordinatingAgencies.map(successor));
  coordinating.delete(leadAgency);
  // What the new lead was transferred away from is its own past: it must not keep a transfer from being asked.
  const former = new Set(fields.formerAgencies.map(successor));
  former.delete(leadAgency);
  return {
    leadAgency,
    coordinatingAgencies: [...coordinating],
    formerAgencies: [...former],
    transferTo: fields.transferTo === null ? null : successor(fields.transferTo),
    contributing: fields.contributing.map(successor),
  };
}

export function decideAgencyChange(
  task: OpenTask,
  actor: Actor,
  { change, agencies }: Extract<Request, { type: 'ChangeAgencies' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const before = agencyFieldsOf(task);
  const fields = changedAgencies(before, agencies);
  return same(before, fields) ? refuse('nothing_changed', { code: task.code }) : [{ type: 'AgenciesChanged', change, fields }];
}

/** Gives back what was, as long as nothing has been built on the change. */
export function decideUndoneAgencyChange(task: OpenTask, actor: Actor, change: string): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  if (task.agencyChange?.change !== change) return refuse('agency_change_unknown', { code: task.code });
  if (!same(agencyFieldsOf(task), task.agencyChange.after)) return refuse('agency_change_built_upon', { code: task.code });
  return [{ type: 'AgencyChangeUndone', change, fields: task.agencyChange.before }];
}

function same(a: AgencyFields, b: AgencyFields): boolean {
  const text = ({ leadAgency, coordinatingAgencies, formerAgencies, transferTo, contributing }: AgencyFields) =>
    JSON.stringify([leadAgency, coordinatingAgencies, formerAgencies, transferTo, contributing]);
  return text(a) === text(b);
}
