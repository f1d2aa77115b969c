/** What a task counts as on the scoreboard at an instant, and the figures over many tasks. Pure. */
import type { Status } from './names.ts';
import type { IsoDate, IsoInstant } from './time.ts';

export const STANDINGS = ['completed', 'within_deadline', 'overdue', 'regular'] as const;
export type Standing = (typeof STANDINGS)[number];

/** What a standing is judged from. The instants decide, not the status: the status is today's, the question may be of last month. */
export interface StandingFacts {
  readonly status: Status;
  readonly regular: boolean;
  readonly assignedAt: IsoInstant;
  readonly deadlineAt: IsoInstant;
  readonly completedAt: IsoInstant | null;
  readonly cancelledAt: IsoInstant | null;
}

/**
 * Null where the task does not count: not yet assigned at that instant, or cancelled by then.
 * A regular task has no end to reach, so it counts as regular whatever its status; the body's own report keeps them apart.
 * A deadline is kept up to and including its instant. The same conditions stand in SQL in `web/queries/standing.ts`.
 * @throws when the facts contradict each other (completed without its instant, or the other way round)
 */
export function standing(task: StandingFacts, at: IsoInstant): Standing | null {
  const { status, regular, assignedAt, deadlineAt, completedAt, cancelledAt } = task;
  if ((status === 'completed') !== (completedAt !== null)) throw new Error(`${status}, yet completed at ${completedAt}`);
  if ((status === 'cancelled') !== (cancelledAt !== null)) throw new Error(`${status}, yet cancelled at ${cancelledAt}`);
  if (assignedAt > at) return null;
  if (cancelledAt !== null && cancelledAt <= at) return null;
  if (regular) return 'regular';
  if (completedAt !== null && completedAt <= at) return 'completed';
  return at > deadlineAt ? 'overdue' : 'within_deadline';
}

/** Within its deadline, and that on or before a local date: what `dueBy` counts. */
export function isDueBy(task: StandingFacts & { readonly deadline: IsoDate }, at: IsoInstant, date: IsoDate): boolean {
  return standing(task, at) === 'within_deadline' && task.deadline <= date;
}

export interface Scoreboard {
  readonly total: number;
  readonly completed: number;
  readonly withinDeadline: number;
  readonly overdue: number;
  readonly regular: number;
  /** How many of those within their deadline have it on or before the local date that is the key. */
  readonly dueBy: Readonly<Record<string, number>>;
}

/** The figures at an instant; `yearEnd` is a local date like the deadlines, 31 December inclusive. */
export function scoreboard(
  rows: readonly (StandingFacts & { readonly deadline: IsoDate })[],
  at: IsoInstant,
  yearEnd: IsoDate,
): Scoreboard {
  const counts: Record<Standing, number> = { completed: 0, within_deadline: 0, overdue: 0, regular: 0 };
  let due = 0;
  for (const row of rows) {
    const found = standing(row, at);
    if (found === null) continue;
    counts[found] += 1;
    if (isDueBy(row, at, yearEnd)) due += 1;
  }
  return figures(counts, { [yearEnd]: due });
}

/** The figures from what was counted, here or in SQL: the total is always the sum of its parts. */
export function figures(counts: Readonly<Record<Standing, number>>, dueBy: Readonly<Record<string, number>>): Scoreboard {
  const { completed, within_deadline: withinDeadline, overdue, regular } = counts;
  return { total: completed + withinDeadline + overdue + regular, completed, withinDeadline, overdue, regular, dueBy };
}
