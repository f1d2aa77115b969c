/** What an agency's head is told on the first working morning of a week: how the agency stands, and what has changed. Pure. */
import { addDays, type Calendar, isWorkingDay, mondayOf } from './calendar.ts';
import { isIn, type Term } from './figures.ts';
import { HOLDER_ROLES, type HolderRole, holderOf } from './holding.ts';
import type { AgencyCode } from './names.ts';
import { type RegimeFacts, type RegimeReport, regimeReport } from './regime-report.ts';
import { isOpen, type Task } from './task.ts';
import { type IsoDate, type IsoInstant, localDate } from './time.ts';

const SOON_DAYS = 14;

export interface AgencyWeek {
  readonly agency: AgencyCode;
  readonly overdue: { readonly now: number; readonly before: number };
  readonly soon: { readonly by: IsoDate; readonly tasks: number };
  /** Of the tasks that are not finished: whose turn it is, most first. */
  readonly waiting: readonly { readonly role: HolderRole; readonly tasks: number }[];
  readonly changes: NonNullable<RegimeReport['changes']>;
  readonly late: RegimeReport['late'];
}

/** Null where there is nothing to say: nothing late, nothing due soon, nothing changed. @param facts with the week before */
export function agencyWeek(
  agency: AgencyCode,
  facts: Omit<RegimeFacts, 'agency' | 'last'> & { readonly last: NonNullable<RegimeFacts['last']> },
): AgencyWeek | null {
  const { at, calendar, tasks } = facts;
  const report = regimeReport({ ...facts, agency });
  if (report.changes === null) throw new Error('a week is compared with the one before it');
  const own = tasks.filter(({ leadAgency }) => leadAgency === agency);
  const by = addDays(localDate(at, calendar.timeZone), SOON_DAYS);
  const soon = own.filter((task) => isIn(task, at, { terms: [term('dueBy', by)] })).length;
  const overdue = report.all.find(({ figure }) => figure === 'overdue') ?? { now: 0, before: null };
  const changed = Object.values(report.changes).some(({ named, restricted }) => named.length + restricted > 0);
  if (overdue.now === 0 && soon === 0 && !changed) return null;
  const unfinished = own.filter(
    (task) => isIn(task, at, { terms: [term('overdue')] }) || isIn(task, at, { terms: [term('withinDeadline')] }),
  );
  return {
    agency,
    overdue: { now: overdue.now, before: overdue.before ?? 0 },
    soon: { by, tasks: soon },
    waiting: waiting(unfinished, at),
    changes: report.changes,
    late: report.late,
  };
}

const term = (figure: Term['figure'], argument = ''): Term => ({ figure, argument, isNegated: false });

function waiting(tasks: readonly Task[], at: IsoInstant): AgencyWeek['waiting'] {
  const roles = tasks.filter(isOpen).map((task) => holderOf(task, at).role);
  return HOLDER_ROLES.map((role) => ({ role, tasks: roles.filter((each) => each === role).length }))
    .filter(({ tasks: count }) => count > 0)
    .sort((a, b) => b.tasks - a.tasks);
}

/** Whether a date is the first working day of its week. */
export function isFirstWorkingDay(calendar: Calendar, day: IsoDate): boolean {
  if (!isWorkingDay(calendar, day)) return false;
  for (let date = mondayOf(day); date < day; date = addDays(date, 1)) if (isWorkingDay(calendar, date)) return false;
  return true;
}
