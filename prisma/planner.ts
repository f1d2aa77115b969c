/** The pure plan with what it needs from the store: the task's own version of its policy, and the directory. */
import type { Calendar } from '../domain/calendar.ts';
import type { Email } from '../domain/names.ts';
import { type Directory, type Plan, plan } from '../domain/plan.ts';
import { type Policy, policy as policySchema } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';

/** @param mark a change of agencies that the directory must show (see `activities/directory.ts`) */
export type PlanTask = (task: Task, from: IsoInstant, mark?: string) => Promise<Plan>;

/** The policy that a task was assigned under. */
export type PolicyOf = (named: Task['policy']) => Promise<Policy>;

/** Policies are immutable: read once, kept for good. */
export function createPolicies(database: Database): PolicyOf {
  const known = new Map<string, Policy>();
  return async ({ name, version }) => {
    const id = `${name}@${version}`;
    const kept = known.get(id);
    if (kept !== undefined) return kept;
    const row = await database.policy.findUniqueOrThrow({ where: { name_version: { name, version } } });
    const parsed = policySchema.parse(row.document);
    known.set(id, parsed);
    return parsed;
  };
}

export function createPlanner(o: { database: Database; calendar: Calendar; directory: (mark?: string) => Promise<Directory> }): PlanTask {
  const policyOf = createPolicies(o.database);
  const waitingFor = async ({ code }: Task): Promise<Email[]> => {
    const rows = await o.database.$queryRaw<{ assignee: Email }[]>`
      SELECT DISTINCT t.assignee FROM task_dependency d JOIN task t ON t.code = d.task_code
      WHERE d.depends_on = ${code} AND t.status IN ('assigned', 'acknowledged')`;
    return rows.map(({ assignee }) => assignee);
  };
  return async (task, from, mark) => {
    const [directory, policy, waiting] = await Promise.all([o.directory(mark), policyOf(task.policy), waitingFor(task)]);
    return plan({ task, policy, calendar: o.calendar, directory, from, waiting });
  };
}
