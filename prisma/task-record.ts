/** How a task and its events become rows: the same for what workflows record and for what an import brings. */
import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import { evidenceMissingSince } from '../domain/completion.ts';
import type { TaskEvent, TaskEventType } from '../domain/event.ts';
import { isOpen, type Task, upgraded } from '../domain/task.ts';
import type { Transaction } from './database.ts';

/** What the first event of every chain follows. */
export const GENESIS = '0'.repeat(64);

/** The link of an event: SHA-256 over the previous link and the event as JSON with sorted keys. */
export function hashEvent(previous: string, event: TaskEvent): string {
  return createHash('sha256').update(previous).update('\n').update(canonicalJson(event)).digest('hex');
}

/** What the store has of a task: its state after its last event, that event's number and its link. */
export interface StoredTask {
  readonly seq: number;
  readonly hash: string;
  readonly state: Task;
}

/**
 * Locks a task's row and returns what is stored; null where nothing is yet. Not so that its key were locked too: what refers to
 * the task, as a posted card does, is written meanwhile.
 */
export async function lockTask(transaction: Transaction, code: string): Promise<StoredTask | null> {
  const rows = await transaction.$queryRaw<{ seq: number; hash: string; state: unknown }[]>`
    SELECT t.seq, e.hash, t.state FROM task t JOIN task_event e ON e.task_code = t.code AND e.seq = t.seq
    WHERE t.code = ${code} FOR NO KEY UPDATE OF t`;
  return rows.map((row) => ({ ...row, state: storedTask(row.state) }))[0] ?? null;
}

export function taskRow(task: Task) {
  return {
    title: task.title,
    product: task.product,
    document: task.document,
    groupName: task.group,
    status: task.status,
    leadAgency: task.leadAgency,
    assignee: task.assignee,
    supervisor: task.supervisor,
    coordinator: task.coordinator,
    regular: task.regular,
    priority: task.priority,
    policyName: task.policy.name,
    policyVersion: task.policy.version,
    assignedAt: task.assignedAt,
    deadline: `${task.deadline}T00:00:00.000Z`,
    deadlineAt: task.deadlineAt,
    acknowledgedAt: 'acknowledgedAt' in task ? task.acknowledgedAt : null,
    reportedAt: 'reportedAt' in task ? task.reportedAt : null,
    completedAt: task.status === 'completed' ? task.completedAt : null,
    cancelledAt: task.status === 'cancelled' ? task.cancelledAt : null,
    escalationLevel: task.escalationLevel,
    transferOpen: task.transfer !== null,
    secrecy: task.secrecy,
    parentCode: task.parent?.code ?? null,
    parentMandatory: task.parent?.mandatory ?? false,
    recurs: task.recurrence !== null && isOpen(task),
    evidenceMissingSince: evidenceMissingSince(task),
    seq: task.seq,
    state: plainJson(task),
  };
}

/** Rows of consecutive events of one task. @param lastHash the link of the event before the first one */
export function eventRows(events: readonly TaskEvent[], code: string, lastHash: string) {
  let previous = lastHash;
  return events.map((event) => {
    const hash = hashEvent(previous, event);
    const row = {
      taskCode: code,
      seq: event.seq,
      type: event.type,
      at: event.at,
      by: event.by,
      via: event.via,
      commandId: event.commandId,
      body: plainJson(event),
      prevHash: previous,
      hash,
    };
    previous = hash;
    return row;
  });
}

export function evidenceRows(events: readonly TaskEvent[], code: string) {
  return events.flatMap((event) =>
    event.type !== 'DoneReported' && event.type !== 'ProductAttached' && event.type !== 'PeriodReported'
      ? []
      : event.evidence.map((item, position) => ({
          id: randomUUID(),
          taskCode: code,
          seq: event.seq,
          position,
          type: item.type,
          body: item,
        })),
  );
}

/** After which events a task's agencies or people may be others than before. */
const CHANGES_HOLDERS: ReadonlySet<TaskEventType> = new Set<TaskEventType>([
  'TaskAssigned',
  'TaskAmended',
  'TransferAccepted',
  'TaskReassigned',
  'AgenciesChanged',
  'AgencyChangeUndone',
]);

/**
 * Who holds the task from an event on; none where the event changes no holder.
 * @param task the state after the last of the events that are written together
 */
export function holderRows({ type, seq }: TaskEvent, task: Task) {
  if (!CHANGES_HOLDERS.has(type)) return [];
  return [
    { role: 'lead', holder: task.leadAgency },
    { role: 'assignee', holder: task.assignee },
    ...(task.supervisor === null ? [] : [{ role: 'supervisor', holder: task.supervisor }]),
    ...task.coordinatingAgencies.map((holder) => ({ role: 'coordinating', holder })),
  ].map((holder) => ({ ...holder, taskCode: task.code, sinceSeq: seq }));
}

/** A copy that is JSON and nothing else: what the store gives back is what was hashed. */
function plainJson(value: object) {
  return JSON.parse(JSON.stringify(value));
}

/** A stored state as the domain knows it. Not parsed again: only these writers write the column, from the domain's own type. */
export function storedTask(state: unknown): Task {
  return upgraded(state as Task);
}

/** A stored event as the domain knows it; the chain over it is what `doctor` verifies. */
export function storedEvent(body: unknown): TaskEvent {
  return body as TaskEvent;
}
