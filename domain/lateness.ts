/** How late overdue tasks are, and in whose hands they were meanwhile. Pure. */
import { type Calendar, minutesOfDay } from './calendar.ts';
import type { TaskEvent } from './event.ts';
import { isIn } from './figures.ts';
import { HOLDER_ROLES, type HolderRole, holdings, shares } from './holding.ts';
import type { AgencyCode, ObstacleKind } from './names.ts';
import { mayLeave } from './secrecy.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

const OVERDUE = { terms: [{ figure: 'overdue', argument: '', isNegated: false }] } as const;

export interface LateTask {
  readonly task: Task;
  /** Working minutes since the present deadline. */
  readonly minutesLate: number;
  /** Of these, in whose hands; most first. */
  readonly held: readonly { readonly role: HolderRole; readonly minutes: number }[];
}

/**
 * The overdue tasks, the latest first.
 * @param records the record of each of them; of one without, nothing is known of its holders
 */
export function lateTasks(
  tasks: readonly Task[],
  records: ReadonlyMap<string, readonly TaskEvent[]>,
  { at, calendar }: { readonly at: IsoInstant; readonly calendar: Calendar },
): LateTask[] {
  return tasks
    .filter((task) => isIn(task, at, OVERDUE))
    .map((task) => {
      const found = shares(holdings(records.get(task.code) ?? [], at), task.deadlineAt, calendar);
      const held = HOLDER_ROLES.map((role) => ({
        role,
        minutes: found.filter((share) => share.role === role).reduce((sum, { minutesLate }) => sum + minutesLate, 0),
      }))
        .filter(({ minutes }) => minutes > 0)
        .sort((a, b) => b.minutes - a.minutes);
      return { task, minutesLate: held.reduce((sum, { minutes }) => sum + minutes, 0), held };
    })
    .sort((a, b) => b.minutesLate - a.minutesLate || (a.task.code < b.task.code ? -1 : 1));
}

/** Working days to one decimal. */
export function workingDays(calendar: Calendar, minutes: number): number {
  return Math.round((minutes / minutesOfDay(calendar)) * 10) / 10;
}

/** Lateness by kind of holder over many tasks, most first. */
export interface Attribution {
  readonly role: HolderRole;
  /** In how many tasks somebody of that kind held it while it was late. */
  readonly tasks: number;
  readonly minutes: number;
}

export function attribution(late: readonly LateTask[]): Attribution[] {
  const all = late.flatMap(({ held }) => held);
  return [...Map.groupBy(all, ({ role }) => role)]
    .map(([role, own]) => ({ role, tasks: own.length, minutes: own.reduce((sum, { minutes }) => sum + minutes, 0) }))
    .sort((a, b) => b.minutes - a.minutes);
}

/** Why tasks are late, as was said; null where nobody has said. Most first. */
export function causes(late: readonly LateTask[]): { readonly kind: ObstacleKind | null; readonly tasks: number }[] {
  return [...Map.groupBy(late, ({ task }) => task.delayCause?.kind ?? null)]
    .map(([kind, own]) => ({ kind, tasks: own.length }))
    .sort((a, b) => b.tasks - a.tasks);
}

/** What a letter urges one agency to do: all its late tasks; restricted ones are counted, not named. */
export interface Urged {
  readonly agency: AgencyCode;
  readonly late: readonly LateTask[];
  readonly restricted: number;
}

/** By agency's code. */
export function urgedAgencies(late: readonly LateTask[]): Urged[] {
  return [...Map.groupBy(late, ({ task }) => task.leadAgency)]
    .map(([agency, own]) => {
      const named = own.filter(({ task }) => mayLeave(task.secrecy, 'document'));
      return { agency, late: named, restricted: own.length - named.length };
    })
    .sort((a, b) => (a.agency < b.agency ? -1 : 1));
}
