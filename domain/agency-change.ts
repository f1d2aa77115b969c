/** Agencies are merged, split and renamed while their tasks go on: what one change makes of one task, and its undoing. Pure. */
import type { Actor, Request } from './command.ts';
import type { Facts } from './event.ts';
import type { AgencyCode } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import { type AgencyFields, agencyFieldsOf, type OpenTask } from './task.ts';
import { refuseAsCoordinator } from './who.ts';

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
