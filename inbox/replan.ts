/** Asks tasks for a new plan when what it is made of has changed outside them: people, absences, the tasks that they wait for. */
import type { Client } from '@temporalio/client';
import type { IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { REPLAN_SIGNAL, taskWorkflowId } from '../workflows/names.ts';
import { eachInFlight } from './in-flight.ts';

/** Channel of PostgreSQL's NOTIFY: whoever keeps the directory in memory reads it anew. */
export const DIRECTORY_CHANGED = 'directory_changed';
const PAGE = 200;

/** Marks the open tasks of these people, and tells every process to read the directory anew; in the change's own transaction. */
export async function wantReplanFor(transaction: Transaction, people: readonly string[], now: IsoInstant): Promise<number> {
  await transaction.$executeRaw`SELECT pg_notify(${DIRECTORY_CHANGED}, '')`;
  return transaction.$executeRaw`
    UPDATE task SET replan_since = ${now}::timestamptz
    WHERE status NOT IN ('completed', 'cancelled')
      AND (assignee = ANY(${[...people]}) OR supervisor = ANY(${[...people]}) OR coordinator = ANY(${[...people]})
        OR lead_agency IN (SELECT code FROM agency WHERE head_email = ANY(${[...people]}))
        OR state #>> '{transfer,toAgency}' IN (SELECT code FROM agency WHERE head_email = ANY(${[...people]})))`;
}

/**
 * Signals every marked task, then takes the mark away: a crash in between signals twice, which plans the same again.
 * @param forgetDirectory called before: what this process remembers of people may be older than the marks
 * @returns how many were asked; @throws when the engine is away, the marks stay
 */
export async function replanMarked(database: Database, temporal: Client, forgetDirectory: () => void): Promise<number> {
  let asked = 0;
  for (;;) {
    const rows = await database.task.findMany({
      // One that has no workflow yet keeps its mark.
      where: { replanSince: { not: null }, armedAt: { not: null } },
      orderBy: { replanSince: 'asc' },
      take: PAGE,
      select: { code: true, replanSince: true },
    });
    if (rows.length === 0) return asked;
    forgetDirectory();
    await eachInFlight(rows, async ({ code, replanSince }) => {
      await signal(temporal, code);
      // One that was marked again meanwhile stays marked.
      await database.task.updateMany({ where: { code, replanSince }, data: { replanSince: null } });
    });
    asked += rows.length;
  }
}

async function signal(temporal: Client, code: string): Promise<void> {
  try {
    await temporal.workflow.getHandle(taskWorkflowId(code as Parameters<typeof taskWorkflowId>[0])).signal(REPLAN_SIGNAL); // a stored code
  } catch (error) {
    // A task that has closed meanwhile has nothing to plan.
    if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
  }
}
