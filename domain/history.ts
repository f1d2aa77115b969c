/** The record of a task that was followed elsewhere: its events, as if each had been commanded on its day. Pure. */
import type { Actor, Assignment, Evidence, Request } from './command.ts';
import { decide } from './decide.ts';
import type { TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { TaskCode } from './names.ts';
import { isRefusal } from './refusals.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

/** What is known of a task from elsewhere; instants in order, null for what has not happened. */
export interface KnownHistory {
  readonly code: TaskCode;
  readonly assignment: Assignment;
  readonly coordinator: Actor;
  readonly assignee: Actor;
  readonly acknowledgedAt: IsoInstant | null;
  readonly reported: { readonly at: IsoInstant; readonly evidence: readonly Evidence[] } | null;
  readonly verifiedAt: IsoInstant | null;
}

/**
 * @param commandId the id under which the import stands in the record; the same for all events of one task
 * @throws when the history breaks a rule of the task's life: whoever reads it must have checked it before
 */
export function historyOf(known: KnownHistory, commandId: string): { task: Task; events: TaskEvent[] } {
  const { code, assignment, coordinator, assignee, acknowledgedAt, reported, verifiedAt } = known;
  const acts: { actor: Actor; at: IsoInstant; request: Request }[] = [
    { actor: coordinator, at: assignment.assignedAt, request: { type: 'AssignTask', assignment } },
  ];
  if (acknowledgedAt !== null) acts.push({ actor: assignee, at: acknowledgedAt, request: { type: 'AcknowledgeTask' } });
  if (reported !== null) acts.push({ actor: assignee, at: reported.at, request: { type: 'ReportDone', evidence: [...reported.evidence] } });
  if (verifiedAt !== null) acts.push({ actor: coordinator, at: verifiedAt, request: { type: 'VerifyTask', note: '' } });
  let task: Task | null = null;
  const events: TaskEvent[] = [];
  for (const { actor, at, request } of acts) {
    // What was reported elsewhere was reported: evidence that is not the product asked for here is counted as missing, not disbelieved.
    const judged: Task | null = task !== null && request.type === 'ReportDone' ? { ...task, products: [] } : task;
    const decided = decide(code, judged, { kind: 'command', id: commandId, actor, via: 'import', request }, at);
    if (isRefusal(decided)) throw new Error(`history of ${code} broken at ${request.type}: ${decided.refused}`);
    events.push(...decided);
    task = decided.reduce<Task | null>(evolve, task);
  }
  if (task === null) throw new Error(`history of ${code} is empty`);
  return { task, events };
}
