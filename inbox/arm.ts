/** Gives every open task that has none its workflow: after an import, and after whatever cut one short. */
import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Wake } from '../domain/plan.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import type { PlanTask } from '../prisma/planner.ts';
import { storedTask } from '../prisma/task-record.ts';
import { searchAttributes, TASK_QUEUE, taskWorkflowId } from '../workflows/names.ts';
import { eachInFlight } from './in-flight.ts';

/** Of one who arms at the same time as others a page is what they may do twice: small beside an import. */
const PAGE = 100;

export interface ArmDependencies {
  readonly database: Database;
  readonly temporal: Client;
  readonly plan: PlanTask;
  readonly now: () => IsoInstant;
  readonly onProgress?: (armed: number, of: number) => void;
  /** From 0 to 1. */
  readonly chance?: () => number;
}

/**
 * Starts the missing workflows with the tasks' stored states; a task that has one already is left to it.
 * Twice, or side by side: the workflow's id is the task's, the engine refuses a second one. Who imports arms, and so does the sweep of
 * every worker: each begins at a place of its own and leaves out what the others have done, so that they share the work instead of
 * doing it all again.
 * @returns how many were started by this call
 * @throws when the engine cannot be reached; what is not armed stays visible as such and is armed by the next call
 */
export async function armTasks({ chance = Math.random, ...dependencies }: ArmDependencies): Promise<number> {
  const { database, onProgress } = dependencies;
  const of = await database.task.count({ where: UNARMED });
  if (of === 0) return 0;
  const first = await database.task.findFirst({
    where: UNARMED,
    orderBy: { code: 'asc' },
    skip: Math.floor(chance() * of),
    select: { code: true },
  });
  let armed = 0;
  for (const from of [first?.code ?? '', '']) {
    const onArmed = (count: number) => {
      armed += count;
      onProgress?.(armed, of);
    };
    await armFrom(dependencies, from, onArmed);
  }
  return armed;
}

/** To the last. */
async function armFrom({ database, temporal, plan, now }: ArmDependencies, from: string, onArmed: (count: number) => void): Promise<void> {
  for (let after: string | null = null; ; ) {
    const rows: { code: string; state: unknown }[] = await database.task.findMany({
      where: { ...UNARMED, code: after === null ? { gte: from } : { gt: after } },
      orderBy: { code: 'asc' },
      take: PAGE,
      select: { code: true, state: true },
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.code;
    await eachInFlight(rows, async ({ state }) => {
      const task = storedTask(state);
      const { wakes } = await plan(task, now());
      onArmed(await arm(temporal, task, wakes));
    });
    // A kill before this line: they are met again, the engine says that they run, and they are marked then.
    await database.task.updateMany({ where: { ...UNARMED, code: { in: rows.map(({ code }) => code) } }, data: { armedAt: now() } });
  }
}

/** Open, and never written by a workflow. */
const UNARMED = { armedAt: null, status: { notIn: ['completed', 'cancelled'] } };

async function arm(temporal: Client, task: Task, wakes: readonly Wake[]): Promise<number> {
  const indexed = { agency: task.leadAgency, deadline: task.deadlineAt };
  try {
    await temporal.workflow.start('taskLifecycle', {
      workflowId: taskWorkflowId(task.code),
      taskQueue: TASK_QUEUE,
      // Its notifications are in the ledger already: whoever stored the task stored its plan.
      args: [{ code: task.code, task, wakes, processed: [], indexed, planWanted: false, recordsWithinTurn: true }],
      typedSearchAttributes: searchAttributes(indexed),
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    });
    return 1;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') return 0;
    throw error;
  }
}
