/** Differences of many tasks, gathered while they are read: by person all of them, by task those that change most. */
import { CHANGES, type Change, counted, type Difference } from '../domain/difference.ts';
import type { Email, TaskCode } from '../domain/names.ts';

/** A list that is longer is not read. */
const TASKS_KEPT = 100;
const LINES_PER_TASK = 3;

interface TaskChanges extends Record<Change, number> {
  readonly task: TaskCode;
  readonly first: readonly Difference[];
}

export class Differences {
  readonly perPerson = new Map<Email, Record<Change, number>>();
  readonly totals: Record<Change, number> = { more: 0, less: 0, earlier: 0, later: 0 };
  changedTasks = 0;
  private kept: TaskChanges[] = [];

  add(task: TaskCode, found: readonly Difference[]): void {
    if (found.length === 0) return;
    this.changedTasks += 1;
    const sums = counted(found, () => task).get(task);
    if (sums === undefined) return;
    for (const change of CHANGES) this.totals[change] += sums[change];
    for (const [person, counts] of counted(found, ({ recipient }) => recipient)) {
      const kept = this.perPerson.get(person) ?? { more: 0, less: 0, earlier: 0, later: 0 };
      for (const change of CHANGES) kept[change] += counts[change];
      this.perPerson.set(person, kept);
    }
    this.kept.push({ task, ...sums, first: found.slice(0, LINES_PER_TASK) });
    if (this.kept.length >= 2 * TASKS_KEPT) this.kept = this.perTask();
  }

  /** Those that change most. */
  perTask(): TaskChanges[] {
    return this.kept.toSorted((a, b) => sum(b) - sum(a) || (a.task < b.task ? -1 : 1)).slice(0, TASKS_KEPT);
  }
}

export function sum(counts: Record<Change, number>): number {
  return CHANGES.reduce((all, change) => all + counts[change], 0);
}

/** `+3 more, 1 earlier`. */
export function inWords(counts: Record<Change, number>): string {
  return CHANGES.filter((change) => counts[change] > 0)
    .map((change) => `${counts[change]} ${change}`)
    .join(', ');
}

export function lineOf({ change, before, after }: Difference): string {
  const one = after ?? before;
  const minute = (at: string | undefined) => (at === undefined ? '' : `${at.slice(0, 16)}Z`);
  const when = before !== null && after !== null ? `${minute(before.at)} → ${minute(after.at)}` : minute(one?.at);
  const steps = before !== null && after !== null && before.step !== after.step ? `${before.step} → ${after.step}` : (one?.step ?? '');
  return `${change.padEnd(8)}${when}  ${steps}  ${one?.recipient} by ${one?.channel}`;
}
