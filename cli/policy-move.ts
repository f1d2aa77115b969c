/** Who would hear what differently if tasks went on under another policy: one line a task, seen before they are moved. */
import { createDirectory } from '../activities/directory.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { formatInstant } from '../config/text.ts';
import { HORIZON_DAYS } from '../domain/plan.ts';
import { comparePlans, type PolicyMove } from '../domain/policy-move.ts';
import type { Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { createPlanner } from '../prisma/planner.ts';
import { storedTask } from '../prisma/task-record.ts';

/** What of each task comes first, for people; `--json` has all. */
const SHOWN_MAX = 3;

export interface TaskMove extends PolicyMove {
  readonly code: string;
  readonly from: string;
}

/** Of the coming weeks, without what was told already and is not told again. */
export async function previewMoves(
  database: Database,
  codes: readonly string[],
  policy: Task['policy'],
  now: IsoInstant,
): Promise<TaskMove[]> {
  const directory = createDirectory(database);
  const plan = createPlanner({
    database,
    calendars: createCalendars({ database, now: () => now }),
    weights: loadRiskWeights(),
    directory: () => directory.get(),
  });
  const moves: TaskMove[] = [];
  for (const code of codes) {
    const row = await database.task.findUniqueOrThrow({ where: { code }, select: { state: true } });
    const told = await database.notification.findMany({
      where: { taskCode: code, status: { notIn: ['planned', 'cancelled'] } },
      select: { key: true },
    });
    const done = new Set(told.map(({ key }) => key));
    const task = storedTask(row.state);
    const [before, after] = await Promise.all(
      [task, { ...task, policy }].map(async (each) => (await plan(each, now)).notifications.filter(({ key }) => !done.has(key))),
    );
    moves.push({ code, from: `${task.policy.name}@${task.policy.version}`, ...comparePlans(before ?? [], after ?? []) });
  }
  return moves;
}

export function spokenMove({ code, from, more, less }: TaskMove): string {
  const list = (sign: string, all: PolicyMove['more']) =>
    all.length === 0
      ? []
      : [
          `${sign}${all.length}: ${all
            .slice(0, SHOWN_MAX)
            .map(
              ({ recipient, kind, channel, sendAt }) =>
                `${recipient} ${kind} by ${channel} ${formatInstant('en', sendAt, COMMITTEE_TIME_ZONE)}`,
            )
            .join(', ')}${all.length > SHOWN_MAX ? ', …' : ''}`,
        ];
  const changes = [...list('+', more), ...list('−', less)];
  return `${code} (${from}): ${changes.length === 0 ? `nobody hears anything else within ${HORIZON_DAYS} days` : changes.join('; ')}`;
}
