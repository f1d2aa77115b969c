/** Where a task stands on the published scoreboard: computed from dates and a clock, never stored. Pure. */
import type { IsoDate, IsoInstant } from './time.ts';

export const STANDINGS = ['completed', 'within_deadline', 'overdue', 'regular'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface StandingFacts {
  readonly regular: boolean;
  readonly assignedAt: IsoInstant;
  readonly deadlineAt: IsoInstant;
  readonly completedAt: IsoInstant | null;
  readonly cancelledAt: IsoInstant | null;
}

/**
 * The standing at an instant; null for a task not yet assigned, or cancelled, by then. A regular (recurring) task counts as
 * regular whatever the status of its present period.
 */
export function standing({ regular, assignedAt, deadlineAt, completedAt, cancelledAt }: StandingFacts, at: IsoInstant): Standing | null {
  if (assignedAt > at || (cancelledAt !== null && cancelledAt <= at)) return null;
  if (regular) return 'regular';
  if (completedAt !== null && completedAt <= at) return 'completed';
  return at > deadlineAt ? 'overdue' : 'within_deadline';
}

export interface Scoreboard {
  readonly total: number;
  readonly completed: number;
  readonly withinDeadline: number;
  readonly overdue: number;
  readonly regular: number;
  /** How many of those within their deadline are due by a local date. */
  readonly dueBy: Readonly<Record<IsoDate, number>>;
}

/** @param by the local date of `dueBy`, compared with the tasks' own local dates */
export function scoreboard(tasks: readonly (StandingFacts & { readonly deadline: IsoDate })[], at: IsoInstant, by: IsoDate): Scoreboard {
  const count = { completed: 0, within_deadline: 0, overdue: 0, regular: 0 };
  let due = 0;
  for (const task of tasks) {
    const stands = standing(task, at);
    if (stands !== null) count[stands] += 1;
    if (stands === 'within_deadline' && task.deadline <= by) due += 1;
  }
  const { completed, overdue, regular, within_deadline: withinDeadline } = count;
  return { total: completed + withinDeadline + overdue + regular, completed, withinDeadline, overdue, regular, dueBy: { [by]: due } };
}
