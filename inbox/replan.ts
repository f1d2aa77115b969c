/** Asks tasks for a new plan when what it is made of has changed outside them: people, absences, calendars, the tasks that they wait for. */
import type { Client } from '@temporalio/client';
import type { AgencyCode } from '../domain/names.ts';
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
 * Open tasks whose plan the calendars of these agencies make: they lead it, or their people are told of it. Whom a step names
 * beside those who answer for the task (a rota, a contribution) stands in the ledger as far as plans reach.
 */
export async function tasksOfAgencies(database: Database | Transaction, agencies: readonly AgencyCode[]): Promise<string[]> {
  const rows = await database.$queryRaw<{ code: string }[]>`
    WITH concerned AS MATERIALIZED (SELECT email FROM person WHERE agency_code = ANY(${[...agencies]}))
    SELECT code FROM task
    WHERE status NOT IN ('completed', 'cancelled')
      AND (lead_agency = ANY(${[...agencies]}) OR state #>> '{transfer,toAgency}' = ANY(${[...agencies]})
        OR assignee IN (SELECT email FROM concerned) OR supervisor IN (SELECT email FROM concerned)
        OR coordinator IN (SELECT email FROM concerned)
        OR code IN (SELECT task_code FROM notification WHERE status = 'planned' AND recipient IN (SELECT email FROM concerned)))
    ORDER BY code`;
  return rows.map(({ code }) => code);
}

/** Marks them, in the change's own transaction. @returns how many */
export async function wantReplanOf(transaction: Transaction, agencies: readonly AgencyCode[], now: IsoInstant): Promise<number> {
  const codes = await tasksOfAgencies(transaction, agencies);
  return transaction.$executeRaw`UPDATE task SET replan_since = ${now}::timestamptz WHERE code = ANY(${codes})`;
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
