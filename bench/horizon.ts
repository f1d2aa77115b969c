/**
 * Why the ledger looks 28 days ahead: what a horizon costs in rows that stand there, and are written anew with each change of a task, and
 * in turns of the engine that only look further. `npm run -s bench:horizon`. One JSON line a horizon; the pure planner, nothing is started.
 */
import { endOfOfficeHours } from '../domain/calendar.ts';
import { HORIZON_DAYS, plan } from '../domain/plan.ts';
import { epochMs, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import { NOW, taskAfter } from '../test/people.ts';
import { STANDARD } from './domain.ts';
import { MACHINE } from './machine.ts';

const DAY_MS = 24 * 3_600_000;
/** From the assignment to the deadline; the example's tasks last from weeks to a year. */
const LIVES_DAYS = [30, 90, 180, 360];
const HORIZONS_DAYS = [7, 14, 28, 56, 112, 365];

interface Life {
  readonly turns: number;
  /** In the ledger after each of these turns. */
  readonly rows: number;
}

/** An acknowledged task that nothing happens to until its deadline. */
function life(lifeDays: number, horizonDays: number): Life {
  const after = (at: IsoInstant, days: number) => instantFromEpochMs(epochMs(at) + days * DAY_MS);
  const deadline = localDate(after(NOW, lifeDays), STANDARD.calendar.timeZone);
  const task = { ...taskAfter(['acknowledge']), deadline, deadlineAt: endOfOfficeHours(STANDARD.calendar, deadline) };
  let turns = 0;
  let rows = 0;
  for (let at: IsoInstant | undefined = NOW; at !== undefined && at < task.deadlineAt; ) {
    const { notifications, wakes } = plan({ ...STANDARD, task, from: at, until: after(at, horizonDays), waiting: [] });
    turns += 1;
    rows += notifications.length;
    at = wakes.find(({ input }) => input.type === 'ExtendHorizon')?.at;
  }
  return { turns: turns - 1, rows: rows / turns };
}

const mean = (of: readonly number[]) => Number((of.reduce((sum, each) => sum + each, 0) / of.length).toFixed(2));

for (const days of HORIZONS_DAYS) {
  const lives = LIVES_DAYS.map((each) => life(each, days));
  const line = {
    bench: 'horizon',
    system: `${days} days${days === HORIZON_DAYS ? ' (in force)' : ''}`,
    days,
    rows: mean(lives.map(({ rows }) => rows)),
    turnsOfAYear: lives.at(-1)?.turns ?? 0,
    machine: MACHINE,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
