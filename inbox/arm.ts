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

const PAGE = 500;

export interface ArmDependencies {
  readonly database: Database;
  readonly temporal: Client;
  readonly plan: PlanTask;
  readonly now: () => IsoInstant;
  readonly onProgress?: (armed: number, of: number) => void;
}

/**
 * Starts the missing workflows with the tasks' stored states; a task that has one already is left to it.
 * Twice, or side by side: the workflow's id is the task's, the engine refuses a second one.
 * @returns how many were started by this call
 * @throws when the engine cannot be reached; what is not armed stays visible as such and is armed by the next call
 */
export async function armTasks({ database, temporal, plan, now, onProgress }: ArmDependencies): Promise<number> {
  const of = await database.task.count({ where: UNARMED });
  let armed = 0;
  let after = '';
  for (;;) {
    const rows = await database.task.findMany({
      where: { ...UNARMED, code: { gt: after } },
      orderBy: { code: 'asc' },
      take: PAGE,
      select: { code: true, state: true },
    });
    const last = rows.at(-1);
    if (last === undefined) return armed;
    after = last.code;
    await eachInFlight(rows, async ({ state }) => {
      const task = storedTask(state);
      const { wakes } = await plan(task, now());
      armed += await arm(temporal, task, wakes);
      onProgress?.(armed, of);
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
      args: [{ code: task.code, task, wakes, processed: [], indexed, planWanted: false }],
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
