/** Opens the period of a regular task that now applies. */
import { ApplicationFailure } from '@temporalio/common';
import { periodsUntil } from '../config/recurrence.ts';
import type { TaskCode } from '../domain/names.ts';
import { periodDue } from '../domain/recurrence.ts';
import type { RefusalCode } from '../domain/refusals.ts';
import { isOpen } from '../domain/task.ts';
import { type IsoInstant, localDate } from '../domain/time.ts';
import type { Answer, Submission } from '../inbox/inbox.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';

export interface OpenPeriodDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly now: () => IsoInstant;
  /** The same door as for every command. */
  readonly submit: (submission: Submission) => Promise<Answer>;
}

/** As many as the command can name; older ones are neither opened nor named. */
const MISSED_MAX = 100;
/** Another run, or the task's end, was quicker: there is nothing left to open. */
const OVERTAKEN: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'period_opened',
  'already_completed',
  'already_cancelled',
  'not_recurring',
]);

/**
 * Looks at the calendar as it is today: which of the rule's periods has come and is not known to the task. What was slept through
 * is named with it as missed.
 * Twice: the command's key is the period's, the inbox takes it once. Fails: retried until the next morning's run.
 * Lost: nothing; what is not opened today is found by the next run.
 */
export function createOpenPeriod({ database, calendars, now, submit }: OpenPeriodDependencies) {
  return async (code: TaskCode): Promise<void> => {
    const row = await database.task.findUnique({ where: { code }, select: { state: true } });
    const task = row === null ? null : storedTask(row.state);
    if (task === null || !isOpen(task) || task.recurrence === null || task.recursSince === null) return;
    const calendar = (await calendars()).of(task.leadAgency);
    const today = localDate(now(), calendar.timeZone);
    const periods = periodsUntil(task.recurrence, localDate(task.recursSince, calendar.timeZone), today, calendar);
    if (periods === null) throw ApplicationFailure.nonRetryable(`the rule ${task.recurrence.rule} of ${code} gives no dates`);
    const found = periodDue(periods, {
      after: task.periods.at(-1)?.period ?? null,
      today,
      until: task.deadline,
      ...(task.followedSince === undefined ? {} : { followedSince: localDate(task.followedSince, calendar.timeZone) }),
    });
    if (found === null) return;
    const answer = await submit({
      key: `period:${code}:${found.due.period}`,
      code,
      // On whose standing order; the record says that the schedule did it.
      actor: task.coordinator,
      via: 'workflow',
      request: { type: 'OpenPeriod', period: found.due, missed: found.missed.slice(-MISSED_MAX) },
    });
    if (answer.answer === 'not_stored') throw new Error(`the opening of ${found.due.period} of ${code} could not be stored`);
    if (answer.answer === 'refused' && !OVERTAKEN.has(answer.refusal.refused))
      throw ApplicationFailure.nonRetryable(`the opening of ${found.due.period} of ${code} was refused`, answer.refusal.refused);
  };
}
