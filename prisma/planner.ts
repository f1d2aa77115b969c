/** The pure plan with what it needs from the store: the task's own version of its policy, and the directory. */
import type { Email } from '../domain/names.ts';
import { calendarsFor, type Directory, type Plan, type PlanInput, plan, stillToHear } from '../domain/plan.ts';
import { asksForRisk } from '../domain/policy.ts';
import type { RiskWeights, Surroundings } from '../domain/risk.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { ReadCalendars } from './calendars.ts';
import type { Database } from './database.ts';
import { createPolicyOf } from './policies.ts';
import { readSurroundings } from './risk.ts';

/** @param mark a change of agencies that the directory must show (see `activities/directory.ts`) */
export type PlanTask = (task: Task, from: IsoInstant, mark?: string) => Promise<Planned>;

/** A plan, with what else it was made of: what is kept of each planning, so that it can be made again. */
export interface Planned extends Plan {
  readonly waiting: readonly Email[];
  /** Keys of what has passed and, where it was planned before, is to be heard all the same. */
  readonly stillToHear: () => readonly string[];
  /** Null where the policy does not ask for the risk. */
  readonly surroundings: Surroundings | null;
}

interface PlannerDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly weights: RiskWeights;
  readonly directory: (mark?: string) => Promise<Directory>;
}

export function createPlanner(o: PlannerDependencies): PlanTask {
  const inputOf = createPlanInput(o);
  return async (task, from, mark) => {
    const input = await inputOf(task, from, mark);
    return {
      ...plan(input),
      waiting: input.waiting,
      stillToHear: () => stillToHear(input),
      surroundings: input.outlook?.surroundings ?? null,
    };
  };
}

/** Gathers what a plan is made of. */
export function createPlanInput(o: PlannerDependencies): (task: Task, from: IsoInstant, mark?: string) => Promise<PlanInput> {
  const policyOf = createPolicyOf(o.database);
  const waitingFor = async ({ code }: Task): Promise<Email[]> => {
    const rows = await o.database.$queryRaw<{ assignee: Email }[]>`
      SELECT DISTINCT t.assignee FROM task_dependency d JOIN task t ON t.code = d.task_code
      WHERE d.depends_on = ${code} AND t.status IN ('assigned', 'acknowledged')`;
    return rows.map(({ assignee }) => assignee);
  };
  return async (task, from, mark) => {
    const [directory, policy, waiting, calendars] = await Promise.all([
      o.directory(mark),
      policyOf(task.policy),
      waitingFor(task),
      o.calendars(from),
    ]);
    const surroundings = asksForRisk(policy) ? await readSurroundings(o.database, task, from) : null;
    const outlook = surroundings === null ? undefined : { surroundings, weights: o.weights, calendar: calendars.main };
    return { task, policy, ...calendarsFor(task, calendars), directory, from, waiting, outlook };
  };
}
