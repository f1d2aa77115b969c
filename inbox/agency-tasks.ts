/** Carries changes of agencies, and their undoing, to the open tasks: each by a command of its own, through the inbox. */
import { setTimeout as pause } from 'node:timers/promises';
import { agenciesForTask, isTouched, type Succession } from '../domain/agency-change.ts';
import { type Request, request as requestSchema } from '../domain/command.ts';
import type { TaskCode } from '../domain/names.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import { type StoredAgencyChange, storedAgencyChange, successionOf } from '../prisma/agencies.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';
import { eachInFlight } from './in-flight.ts';
import type { Inbox } from './inbox.ts';

export interface CarryingDependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly now: () => IsoInstant;
}

/** How long the rows may take to show what their workflows have decided, before the next look. */
const LOOK_AGAIN_MS = 100;

/**
 * One look at every change that is not settled, oldest first: each open task that it still concerns gets its command. Settled is
 * a change for which a look finds nothing left to do; later ones wait for it, since they start from what it leaves.
 * Twice, or side by side: a task's command has one key, so it has one effect. Cut short: the next look goes on.
 * @returns how many tasks were still concerned
 */
export async function carryOutAgencyChanges({ database, inbox, now }: CarryingDependencies): Promise<number> {
  for (;;) {
    const row = await database.agencyChange.findFirst({ where: { settledAt: null }, orderBy: { decidedAt: 'asc' } });
    if (row === null) return 0;
    const change = storedAgencyChange(row);
    const tasks = await tasksLeft(database, change);
    const { isMoving } = await submitEach(inbox, change, tasks);
    if (isMoving) return tasks.length;
    // Only what is left as it was decided: an undoing that began meanwhile has something to do again.
    await database.agencyChange.updateMany({ where: { id: change.id, undoneAt: change.undoneAt }, data: { settledAt: now() } });
  }
}

/** Looks again until nothing is left, or time is up: then the running system's sweep goes on. @returns how many tasks are left */
export async function awaitAgencyChanges(dependencies: CarryingDependencies, waitMs: number): Promise<number> {
  const end = performance.now() + waitMs;
  let left = await carryOutAgencyChanges(dependencies);
  while (left > 0 && performance.now() < end) {
    await pause(LOOK_AGAIN_MS);
    left = await carryOutAgencyChanges(dependencies);
  }
  return left;
}

/** Open tasks that a change makes any difference to. */
export async function touchedTasks(database: Database | Transaction, succession: Succession): Promise<Task[]> {
  return (await openTasksNaming(database, Object.keys(succession.successors))).filter((task) => isTouched(task, succession));
}

/** Open tasks that name any of the codes, in whatever role. */
export async function openTasksNaming(database: Database | Transaction, codes: readonly string[]): Promise<Task[]> {
  const rows = await database.$queryRaw<{ state: unknown }[]>`
    SELECT t.state FROM task t
    WHERE t.status NOT IN ('completed', 'cancelled') AND (t.lead_agency = ANY(${codes})
      OR t.state #>> '{transfer,toAgency}' = ANY(${codes})
      OR jsonb_exists_any(t.state -> 'coordinatingAgencies', ${codes}) OR jsonb_exists_any(t.state -> 'formerAgencies', ${codes})
      OR EXISTS (SELECT FROM jsonb_array_elements(t.state -> 'contributions') c WHERE c ->> 'agency' = ANY(${codes})))
    ORDER BY t.code`;
  return rows.map(({ state }) => storedTask(state));
}

/** Open tasks whose last change of agencies is this one. */
export async function openTasksChangedBy(database: Database | Transaction, id: string): Promise<Task[]> {
  const rows = await database.$queryRaw<{ state: unknown }[]>`
    SELECT t.state FROM task t
    WHERE t.status NOT IN ('completed', 'cancelled') AND t.state #>> '{agencyChange,change}' = ${id} ORDER BY t.code`;
  return rows.map(({ state }) => storedTask(state));
}

function tasksLeft(database: Database, change: StoredAgencyChange): Promise<Task[]> {
  return change.undoneAt === null ? touchedTasks(database, successionOf(change)) : openTasksChangedBy(database, change.id);
}

/** @returns whether something was done or waits: what was refused is as it will stay */
async function submitEach(inbox: Inbox, change: StoredAgencyChange, tasks: readonly Task[]): Promise<{ isMoving: boolean }> {
  const actor = change.undoneBy ?? change.decidedBy;
  let isMoving = false;
  let isEngineAway = false;
  await eachInFlight(tasks, async (task) => {
    // The change itself is kept: what it has left to do is found again by the next look.
    if (isEngineAway) return;
    const { answer } = await inbox.submit({
      key: keyOf(change, task),
      code: task.code,
      actor,
      via: 'cli',
      request: requestOf(change, task),
    });
    isEngineAway ||= answer === 'stored' || answer === 'not_stored';
    isMoving ||= answer !== 'refused';
  });
  return { isMoving };
}

function requestOf(change: StoredAgencyChange, task: Task): Request {
  if (change.undoneAt !== null) return { type: 'UndoAgencyChange', change: change.id };
  return requestSchema.parse({ type: 'ChangeAgencies', change: change.id, agencies: agenciesForTask(task, successionOf(change)) });
}

function keyOf(
  { id, undoneAt }: StoredAgencyChange,
  { code, seq, agencyChange }: { code: TaskCode; seq: number; agencyChange: Task['agencyChange'] },
): string {
  if (undoneAt !== null) return `agency-change:${id}:${code}:undone`;
  // A task that follows already, and names an old code again by what was under way meanwhile, follows once more.
  return agencyChange?.change === id ? `agency-change:${id}:${code}:${seq}` : `agency-change:${id}:${code}`;
}
