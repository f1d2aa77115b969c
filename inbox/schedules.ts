/** The engine's Schedules: of every task that recurs, as long as it is open, and the one that asks what comes by itself. */
import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { NOTICES_SCHEDULE_ID, periodScheduleId, TASK_QUEUE } from '../workflows/names.ts';

/** Each sweep does so many; the next one goes on. */
const PAGE = 200;
/** Before office hours, so that what opens is planned when they begin; spread, since all tasks ask on the same morning. */
const ASKS_AT = { hour: 6, minute: 0 };
const SPREAD = '30m';
/** An outage may be as long: what was missed is asked for once, by two runs at most. */
const CATCHUP = '60 days';

export interface ScheduleDependencies {
  readonly database: Database;
  readonly temporal: Client;
}

/**
 * Makes the engine's Schedules agree with the tasks. The mark follows the effect: a kill in between repeats the effect, which
 * the engine then has already.
 * @throws when the engine cannot be reached; what differs stays visible as such and is met by the next call
 */
export async function keepSchedules({ database, temporal }: ScheduleDependencies): Promise<void> {
  const missing = await database.task.findMany({ where: { recurs: true, scheduled: false }, select: { code: true }, take: PAGE });
  for (const { code } of missing) {
    await create(temporal, code as TaskCode); // written from the domain's own
    await database.task.update({ where: { code }, data: { scheduled: true } });
  }
  const left = await database.task.findMany({ where: { recurs: false, scheduled: true }, select: { code: true }, take: PAGE });
  for (const { code } of left) {
    await remove(temporal, code as TaskCode);
    await database.task.update({ where: { code }, data: { scheduled: false } });
  }
}

/**
 * It asks every morning whether a period has come, instead of being told the days: a rule's days move with the calendar, and
 * the government decides on that from year to year. The first asking is now: a period may open on the day of the assignment.
 */
async function create(temporal: Client, code: TaskCode): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: periodScheduleId(code),
      spec: { calendars: [ASKS_AT], timezone: COMMITTEE_TIME_ZONE, jitter: SPREAD },
      action: {
        type: 'startWorkflow',
        workflowType: 'openPeriod',
        workflowId: periodScheduleId(code),
        taskQueue: TASK_QUEUE,
        args: [{ code }],
      },
      policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: CATCHUP },
      state: { triggerImmediately: true },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/**
 * Gives the engine the Schedule that asks each hour which digests, weekly words and reports are near; once it has it, nothing more. It
 * asks instead of being told the instants: mornings are of each person's zone and calendar, and what an outage has kept back is found
 * by the next asking, so that a run missed by more than an hour need not be made up for.
 * @throws when the engine cannot be reached
 */
export function createNoticesSchedule(temporal: Client): () => Promise<void> {
  let isThere = false;
  return async () => {
    if (isThere) return;
    await temporal.schedule
      .create({
        scheduleId: NOTICES_SCHEDULE_ID,
        // Away from the full hours, when what it plans is sent.
        spec: { calendars: [{ hour: '*', minute: 30 }], timezone: COMMITTEE_TIME_ZONE },
        action: { type: 'startWorkflow', workflowType: 'planNotices', workflowId: NOTICES_SCHEDULE_ID, taskQueue: TASK_QUEUE },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1h' },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
    isThere = true;
  };
}

async function remove(temporal: Client, code: TaskCode): Promise<void> {
  try {
    await temporal.schedule.getHandle(periodScheduleId(code)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
