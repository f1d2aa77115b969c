/** A task's working time by holder, in days of the committee's calendar. Pure. */
import { type Calendar, minutesOfDay } from '../domain/calendar.ts';
import type { TaskEvent } from '../domain/event.ts';
import { type Holder, type HolderRole, type Holding, holdings, shares } from '../domain/holding.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';

/** Working days to one decimal, and how many of them lie after the original deadline. */
export interface HolderDays extends Holder {
  readonly days: number;
  readonly daysLate: number;
}

/** Most first; who held it for less than can be said is left out. @param record from the first event on, without gaps */
export function holderDays({ originalDeadlineAt }: Task, record: readonly TaskEvent[], calendar: Calendar, now: IsoInstant): HolderDays[] {
  const inDays = (minutes: number) => Math.round((minutes / minutesOfDay(calendar)) * 10) / 10;
  return shares(stretches(record, now), originalDeadlineAt, calendar)
    .map(({ role, who, minutes, minutesLate }) => ({ role, who, days: inDays(minutes), daysLate: inDays(minutesLate) }))
    .filter(({ days }) => days > 0);
}

/** None where the record cannot be followed: a gap, or what a later version recorded. No figure is better than a wrong one. */
function stretches(record: readonly TaskEvent[], until: IsoInstant): Holding[] {
  try {
    return holdings(record, until);
  } catch {
    return [];
  }
}

/** How much of the time, or of the lateness where there is one, the assignee waited for someone else, and for what most. */
export interface Waiting {
  readonly role: HolderRole;
  readonly waiting: number;
  readonly late: number;
  readonly total: number;
}

/** Null where nobody but the assignee held it. */
export function mostWaitedFor(holders: readonly HolderDays[]): Waiting | null {
  const sum = (of: readonly HolderDays[], field: 'days' | 'daysLate') =>
    Math.round(of.reduce((total, each) => total + each[field], 0) * 10) / 10;
  const late = sum(holders, 'daysLate');
  const field = late > 0 ? 'daysLate' : 'days';
  const [most] = [...Map.groupBy(holders, ({ role }) => role)]
    .filter(([role]) => role !== 'assignee')
    .map(([role, of]) => ({ role, waiting: sum(of, field) }))
    .sort((a, b) => b.waiting - a.waiting);
  return most === undefined || most.waiting === 0 ? null : { ...most, late, total: sum(holders, 'days') };
}
