/** Why two figures differ: the tasks in one and not in the other, each with the reason. Pure. */
import { type Expression, holds, isIn, standingFactsOf, type Term, writeExpression } from './figures.ts';
import type { Ending, SecrecyLevel, TaskCode } from './names.ts';
import { standing } from './scoreboard.ts';
import type { Task } from './task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from './time.ts';

/** Why a task is outside of a figure, with what its sentence names: dates are local, agencies are codes. */
export type Reason =
  | { readonly reason: 'assigned_later' | 'completed' | 'completed_on_time' | 'completed_late' | 'acknowledged'; readonly on: IsoDate }
  | { readonly reason: 'reported' | 'reported_later'; readonly on: IsoDate }
  | { readonly reason: 'cancelled'; readonly on: IsoDate; readonly ending: Ending }
  | { readonly reason: 'regular' | 'not_reported' | 'returned' | 'never_extended' | 'no_obstacle' }
  | { readonly reason: 'extended' | 'deadline_amended'; readonly from: IsoDate; readonly to: IsoDate }
  | { readonly reason: 'due_later' | 'overdue' | 'not_overdue'; readonly deadline: IsoDate }
  | { readonly reason: 'agency_changed'; readonly fromAgency: string; readonly toAgency: string }
  | { readonly reason: 'other_agency'; readonly agency: string }
  | { readonly reason: 'other_group'; readonly group: string }
  /** It is in what the figure leaves out, or not in what it asks for, and there is nothing more to say. */
  | { readonly reason: 'left_out' | 'not_counted'; readonly figure: string };
export type ReasonId = Reason['reason'];

/** A figure with the instant at which it is asked for, and the tasks as they stood then. */
export interface Asked {
  readonly expression: Expression;
  readonly at: IsoInstant;
  readonly tasks: readonly Task[];
}

export interface Explained {
  readonly code: TaskCode;
  readonly title: string;
  readonly secrecy: SecrecyLevel;
  readonly why: Reason;
}

/** Tasks with one reason, by code. */
export interface ReasonGroup {
  readonly reason: ReasonId;
  readonly tasks: readonly Explained[];
}

export interface Explanation {
  readonly countA: number;
  readonly countB: number;
  readonly both: number;
  /** Most tasks first. */
  readonly onlyA: readonly ReasonGroup[];
  readonly onlyB: readonly ReasonGroup[];
}

export function explain(a: Asked, b: Asked): Explanation {
  const inA = members(a);
  const inB = members(b);
  const both = [...inA.keys()].filter((code) => inB.has(code)).length;
  return { countA: inA.size, countB: inB.size, both, onlyA: onlyIn(inA, a, b), onlyB: onlyIn(inB, b, a) };
}

function members({ expression, at, tasks }: Asked): ReadonlyMap<TaskCode, Task> {
  return new Map(tasks.filter((task) => isIn(task, at, expression)).map((task) => [task.code, task]));
}

function onlyIn(members: ReadonlyMap<TaskCode, Task>, own: Asked, other: Asked): ReasonGroup[] {
  const there = new Map(other.tasks.map((task) => [task.code, task]));
  const found = [...members.values()].flatMap((task): Explained[] => {
    const elsewhere = there.get(task.code) ?? null;
    if (elsewhere !== null && isIn(elsewhere, other.at, other.expression)) return [];
    const { code, title, secrecy } = task;
    return [{ code, title, secrecy, why: whyOutside({ task, at: own.at }, { task: elsewhere, at: other.at }, other.expression) }];
  });
  return [...Map.groupBy(found, ({ why }) => why.reason)]
    .map(([reason, tasks]) => ({ reason, tasks: tasks.toSorted((x, y) => (x.code < y.code ? -1 : 1)) }))
    .sort((x, y) => y.tasks.length - x.tasks.length || (x.reason < y.reason ? -1 : 1));
}

interface Seen<T extends Task | null = Task> {
  readonly task: T;
  readonly at: IsoInstant;
}

const dayOf = (instant: IsoInstant) => localDate(instant, COMMITTEE_TIME_ZONE);

/**
 * @param own the task where it is counted
 * @param other the same task where it is not; null where it was not assigned yet
 */
function whyOutside(own: Seen, other: Seen<Task | null>, expression: Expression): Reason {
  const { task, at } = other;
  if (task === null || task.assignedAt > at) return { reason: 'assigned_later', on: dayOf(own.task.assignedAt) };
  if (task.status === 'cancelled') return { reason: 'cancelled', on: dayOf(task.cancelledAt), ending: task.ending };
  const failing = expression.terms.find((term) => !holds(task, at, term));
  if (failing === undefined) throw new Error(`${task.code} is in ${writeExpression(expression)} after all`);
  return failing.isNegated ? whyLeftOut(task, failing) : whyNot(own, { task, at }, failing);
}

/** The task is in what the term leaves out. */
function whyLeftOut(task: Task, { figure, argument }: Term): Reason {
  if (figure === 'waitingForVerification' && task.status === 'reported') return { reason: 'reported', on: dayOf(task.reportedAt) };
  if (figure === 'regular') return { reason: 'regular' };
  if (figure === 'overdue') return { reason: 'overdue', deadline: task.deadline };
  if (figure === 'extended') return { reason: 'extended', from: task.originalDeadline, to: task.deadline };
  if (task.status === 'completed' && figure === 'completed') return { reason: 'completed', on: dayOf(task.completedAt) };
  if (figure === 'agency') return { reason: 'other_agency', agency: argument };
  return { reason: 'left_out', figure: writeExpression({ terms: [{ figure, argument, isNegated: false }], at: null }) };
}

/** The task is not in what the term asks for. */
function whyNot(own: Seen, other: Seen, term: Term): Reason {
  const { task } = other;
  switch (term.figure) {
    case 'agency':
      return own.task.leadAgency === term.argument
        ? { reason: 'agency_changed', ...inOrder(own, other, ({ leadAgency }) => leadAgency, ['fromAgency', 'toAgency']) }
        : { reason: 'other_agency', agency: task.leadAgency };
    case 'group':
      return { reason: 'other_group', group: task.group };
    case 'extended':
      return { reason: 'never_extended' };
    case 'regular':
    case 'total':
      return { reason: 'not_counted', figure: term.figure };
    default:
      return whyNotStanding(own, other, term);
  }
}

/** Of figures that ask for a standing: first what the task stands as instead, then what it lacks beside it. */
function whyNotStanding(own: Seen, other: Seen, term: Term): Reason {
  const { task, at } = other;
  const { figure, argument } = term;
  const asksForCompleted = figure === 'completed' || figure === 'completedOnTime' || figure === 'completedLate';
  const stands = standing(standingFactsOf(task), at);
  if (stands === 'regular') return { reason: 'regular' };
  if (task.status === 'completed') {
    const on = dayOf(task.completedAt);
    if (!asksForCompleted) return { reason: 'completed', on };
    return { reason: task.completedAt > task.deadlineAt ? 'completed_late' : 'completed_on_time', on };
  }
  const isDateless = asksForCompleted || figure === 'overdue' || figure === 'withoutCause' || figure === 'withinDeadline';
  if (isDateless && stands === 'within_deadline') return whyDeadline(own, other, 'not_overdue');
  if ((asksForCompleted || figure === 'withinDeadline' || figure === 'dueBy') && stands === 'overdue')
    return whyDeadline(own, other, 'overdue');
  if (figure === 'dueBy' || figure === 'toFinishBy') {
    const wasDue = task.extensionsGranted > 0 && task.originalDeadline <= argument && own.task.deadline === task.deadline;
    return wasDue ? { reason: 'extended', from: task.originalDeadline, to: task.deadline } : whyDeadline(own, other, 'due_later');
  }
  if (figure === 'waitingForVerification') return whyNotReported(own, other);
  if (figure === 'unacknowledged' && 'acknowledgedAt' in task) return { reason: 'acknowledged', on: dayOf(task.acknowledgedAt) };
  if (figure === 'withObstacle') return { reason: 'no_obstacle' };
  return { reason: 'not_counted', figure: writeExpression({ terms: [term], at: null }) };
}

function whyNotReported(own: Seen, { task, at }: Seen): Reason {
  if (own.task.status !== 'reported') return { reason: 'not_reported' };
  return own.at < at || task.returns > own.task.returns
    ? { reason: 'returned' }
    : { reason: 'reported_later', on: dayOf(own.task.reportedAt) };
}

/** Where the deadline is another one there than here, that is the reason; else what the deadline makes of the task. */
function whyDeadline(own: Seen, other: Seen, otherwise: 'due_later' | 'overdue' | 'not_overdue'): Reason {
  if (own.task.deadline === other.task.deadline) return { reason: otherwise, deadline: other.task.deadline };
  const reason = own.task.extensionsGranted === other.task.extensionsGranted ? 'deadline_amended' : 'extended';
  return { reason, ...inOrder(own, other, ({ deadline }) => deadline, ['from', 'to']) };
}

/** What the two states say, the earlier one under the first name. */
function inOrder<V, From extends string, To extends string>(
  own: Seen,
  other: Seen,
  said: (task: Task) => V,
  [from, to]: readonly [From, To],
): Record<From | To, V> {
  const [earlier, later] = own.at <= other.at ? [own, other] : [other, own];
  return { [from]: said(earlier.task), [to]: said(later.task) } as Record<From | To, V>; // a computed key widens to string
}
