/** How a period of a regular task goes: opened by the schedule, reported by the assignee, verified by someone else. Pure. */
import type { Actor, Evidence, Request } from './command.ts';
import { refuseUnknownProduct } from './completion.ts';
import type { Facts, TaskEvent } from './event.ts';
import type { Entrance } from './names.ts';
import type { PeriodDates } from './recurrence.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { OpenTask, Period, Task } from './task.ts';
import type { IsoDate } from './time.ts';
import { refuseAsAssignee, refuseAsCoordinator, speaksAs } from './who.ts';

/** More that wait to be verified are no follow-up any more; and the state stays small. */
const UNVERIFIED_MAX = 12;
/** Periods that are over and still in the state; the record has all. */
const CLOSED_KEPT = 3;

/** What is still to be reported, oldest first; late ones that the next period has overtaken may be reported too. */
export function reportable({ periods }: Task): Period[] {
  return periods.filter(({ status }) => status === 'open' || status === 'missed');
}

/** What waits to be verified, oldest first. */
export function unverified({ periods }: Task): Period[] {
  return periods.filter(({ status }) => status === 'reported');
}

/** The date that presses most: the open period's before the task's own. */
export function pressingDue(task: Task): Pick<Task, 'deadline' | 'deadlineAt'> {
  const { deadline, deadlineAt } = task.periods.find(({ status }) => status === 'open') ?? task;
  return { deadline, deadlineAt };
}

/** Only the schedule opens periods. What the new one overtakes, and what nobody opened, is missed: the new one speaks for it. */
export function decideOpening(
  task: OpenTask,
  via: Entrance,
  { period, missed }: Extract<Request, { type: 'OpenPeriod' }>,
): Facts[] | Refusal {
  if (via !== 'workflow') return refuse('period_by_hand');
  if (task.recurrence === null) return refuse('not_recurring', { code: task.code });
  const last = task.periods.at(-1)?.period;
  if (last !== undefined && period.period <= last) return refuse('period_opened', { period: period.period });
  const overtaken = task.periods.filter(({ status, deadlineAt }) => status === 'open' && deadlineAt <= period.opensAt);
  const unopened = missed.filter((each) => (last === undefined || each.period > last) && each.period < period.period);
  return [
    ...[...overtaken.map(datesOf), ...unopened].map((dates): Facts => ({ type: 'PeriodMissed', ...dates })),
    { type: 'PeriodOpened', ...period },
  ];
}

export function decidePeriodReport(
  task: OpenTask,
  actor: Actor,
  { period, evidence }: Extract<Request, { type: 'ReportPeriod' }>,
): Facts[] | Refusal {
  const refusal = refuseAsAssignee(task, actor) ?? refuseUnknownProduct(task, evidence);
  if (refusal !== null) return refusal;
  const found = find(task, period);
  if ('refused' in found) return found;
  if (found.verifiedBy !== null) return refuse('period_completed', { period, by: found.verifiedBy });
  if (found.report !== null) return refuse('period_reported', { period, by: found.report.by });
  if (evidence.length === 0) return refuse('evidence_missing');
  if (unverified(task).length >= UNVERIFIED_MAX) return refuse('periods_unverified', { count: String(UNVERIFIED_MAX) });
  const report: Facts = { type: 'PeriodReported', period, evidence };
  // Who reports a period has plainly received the task.
  return task.status === 'assigned' ? [{ type: 'TaskAcknowledged' }, report] : [report];
}

export function decidePeriodVerification(
  task: OpenTask,
  actor: Actor,
  { period, note }: Extract<Request, { type: 'VerifyPeriod' }>,
): Facts[] | Refusal {
  return refuseAsPeriodVerifier(task, actor, period) ?? [{ type: 'PeriodVerified', period, note }];
}

export function decidePeriodReturn(
  task: OpenTask,
  actor: Actor,
  { period, reason }: Extract<Request, { type: 'ReturnPeriod' }>,
): Facts[] | Refusal {
  return refuseAsPeriodVerifier(task, actor, period) ?? [{ type: 'PeriodReturned', period, reason }];
}

/** Whoever reported, and whoever may report, cannot verify: nor can who stands in for them. */
function refuseAsPeriodVerifier(task: OpenTask, actor: Actor, period: IsoDate): Refusal | null {
  const found = find(task, period);
  if ('refused' in found) return found;
  if (found.status !== 'reported' || found.report === null) return refuse('period_not_reported', { period });
  if (speaksAs(actor, found.report.by) || speaksAs(actor, task.assignee)) return refuse('verifier_is_reporter');
  return refuseAsCoordinator(actor);
}

function find(task: OpenTask, period: IsoDate): Period | Refusal {
  if (task.recurrence === null) return refuse('not_recurring', { code: task.code });
  return task.periods.find((each) => each.period === period) ?? refuse('period_unknown', { period });
}

function datesOf({ period, opens, opensAt, deadline, deadlineAt }: PeriodDates): PeriodDates {
  return { period, opens, opensAt, deadline, deadlineAt };
}

/** What happened to a period. */
export type PeriodEvent = Extract<TaskEvent, { type: `Period${string}` }>;

/** The periods after an event, oldest first; of those that are over only the last few. */
export function evolvePeriods(periods: readonly Period[], event: PeriodEvent): readonly Period[] {
  const known = periods.find(({ period }) => period === event.period);
  const others = periods.filter(({ period }) => period !== event.period);
  const all = [...others, changed(known, event)].sort((a, b) => (a.period < b.period ? -1 : 1));
  const over = all.filter(({ status }) => status === 'completed' || status === 'missed');
  const forgotten = new Set(over.slice(0, -CLOSED_KEPT));
  return all.filter((each) => !forgotten.has(each));
}

function changed(known: Period | undefined, event: PeriodEvent): Period {
  const since = { seq: event.seq, at: event.at };
  const untold = { since, report: null, verifiedBy: null, returnedBecause: null };
  switch (event.type) {
    case 'PeriodOpened':
      return { ...datesOf(event), ...untold, status: 'open' };
    case 'PeriodMissed':
      return { ...(known ?? { ...datesOf(event), ...untold }), since, status: 'missed' };
    case 'PeriodReported':
      return { ...expect(known, event), since, status: 'reported', report: reportOf(event), returnedBecause: null };
    case 'PeriodVerified':
      // The evidence is in the record; the state keeps what cards show.
      return { ...expect(known, event), since, status: 'completed', report: null, verifiedBy: event.by };
    case 'PeriodReturned':
      return { ...expect(known, event), since, status: 'open', report: null, returnedBecause: event.reason };
    default:
      return unreachable(event);
  }
}

function reportOf({ by, at, evidence }: PeriodEvent & { readonly evidence: readonly Evidence[] }): Period['report'] {
  if (by === null) throw new Error('record broken: PeriodReported by nobody');
  return { by, at, evidence };
}

function expect(known: Period | undefined, event: PeriodEvent): Period {
  if (known === undefined) throw new Error(`record broken: ${event.type} of ${event.period}, which is not there`);
  return known;
}

function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
