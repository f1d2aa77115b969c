/** The pure plan with what it needs from the store: the task's own version of its policy, and the directory. */
import type { Calendar } from '../domain/calendar.ts';
import type { Email } from '../domain/names.ts';
import { type Directory, type Plan, plan } from '../domain/plan.ts';
import { type Policy, policy as policySchema } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';

/** @param mark a change of agencies that the directory must show (see `activities/directory.ts`) */
export type PlanTask = (task: Task, from: IsoInstant, mark?: string) => Promise<Planned>;

/** A plan, with what else it was made of: what is kept of each planning, so that it can be made again. */
export interface Planned extends Plan {
  readonly waiting: readonly Email[];
}

export function createPlanner(o: { database: Database; calendar: Calendar; directory: (mark?: string) => Promise<Directory> }): PlanTask {
  // Policies are immutable: read once, kept for good.
  const known = new Map<string, Policy>();
  const policyOf = async ({ name, version }: Task['policy']): Promise<Policy> => {
    const id = `${name}@${version}`;
    const kept = known.get(id);
    if (kept !== undefined) return kept;
    const row = await o.database.policy.findUniqueOrThrow({ where: { name_version: { name, version } } });
    const parsed = policySchema.parse(row.document);
    known.set(id, parsed);
    return parsed;
  };
  const waitingFor = async ({ code }: Task): Promise<Email[]> => {
    const rows = await o.database.$queryRaw<{ assignee: Email }[]>`
      SELECT DISTINCT t.assignee FROM task_dependency d JOIN task t ON t.code = d.task_code
      WHERE d.depends_on = ${code} AND t.status IN ('assigned', 'acknowledged')`;
    return rows.map(({ assignee }) => assignee);
  };
  return async (task, from, mark) => {
    const [directory, policy, waiting] = await Promise.all([o.directory(mark), policyOf(task.policy), waitingFor(task)]);
    return { ...plan({ task, policy, calendar: o.calendar, directory, from, waiting }), waiting };
  };
}
