/** When someone above the assignee first heard that a task was going to be late, or was. Pure. */
import type { TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Email, TaskCode } from './names.ts';
import type { Policy } from './policy.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

/** A deadline that passed while the task was open. */
export interface Lateness {
  readonly task: TaskCode;
  readonly deadlineAt: IsoInstant;
  readonly assignee: Email;
  /** Since when this deadline and this assignee belonged together. */
  readonly since: IsoInstant;
  /** The next event that ended it: another deadline or assignee, the report, the end; null while it lasts. */
  readonly until: IsoInstant | null;
}

/** Every lateness of a record, in order. */
export function latenesses(events: readonly TaskEvent[]): Lateness[] {
  const found: Lateness[] = [];
  let task: Task | null = null;
  let open: Lateness | null = null;
  for (const event of events) {
    task = evolve(task, event);
    if (
      open !== null &&
      (!task.deadlinePassed ||
        task.assignee !== open.assignee ||
        task.status === 'reported' ||
        task.status === 'completed' ||
        task.status === 'cancelled')
    ) {
      found.push({ ...open, until: event.at });
      open = null;
    }
    if (event.type !== 'DeadlinePassed' || task.status === 'reported') continue;
    const since = events[Math.max(task.heldSinceSeq, task.deadlineSeq) - 1]?.at ?? event.at;
    open = { task: task.code, deadlineAt: task.deadlineAt, assignee: task.assignee, since, until: null };
  }
  return open === null ? found : [...found, open];
}

/** Steps that speak of the deadline. */
export function deadlineSteps({ steps }: Policy): ReadonlySet<string> {
  return new Set(steps.filter(({ anchor, offset }) => anchor === 'deadline' || offset.unit === '%').map(({ id }) => id));
}

/** The first telling of a deadline to anyone but the assignee; null where nobody was told. */
export function firstHeard(
  { since, until, assignee }: Lateness,
  told: readonly { readonly step: string; readonly recipient: Email; readonly at: IsoInstant }[],
  steps: ReadonlySet<string>,
): IsoInstant | null {
  let first: IsoInstant | null = null;
  for (const { step, recipient, at } of told) {
    if (recipient === assignee || !steps.has(step) || at < since || (until !== null && at > until)) continue;
    if (first === null || at < first) first = at;
  }
  return first;
}
