/** Tasks as they stood at an instant, from what the record says: rebuilt up to it, where anything has happened since. */
import type { TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import { isIn } from '../domain/figures.ts';
import type { AgencyCode } from '../domain/names.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';
import { storedEvent, storedTask } from './task-record.ts';

/**
 * For each instant the tasks that were in the record by then, by code. One snapshot of the store, so that figures at several instants
 * are of one truth; of tasks that have not changed since the earliest one only the row is read.
 */
export async function readTasksAt(database: Database, instants: readonly IsoInstant[]): Promise<(readonly Task[])[]> {
  const [earliest] = instants.toSorted();
  if (earliest === undefined) return [];
  const { rows, events } = await database.$transaction(
    async (transaction) => ({
      rows: await transaction.task.findMany({ select: { code: true, state: true }, orderBy: { code: 'asc' } }),
      events: await transaction.taskEvent.findMany({
        where: { task: { events: { some: { at: { gt: earliest } } } } },
        select: { taskCode: true, body: true },
        orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }],
      }),
    }),
    { isolationLevel: 'RepeatableRead', maxWait: 10_000, timeout: 30_000 },
  );
  const records = byTask(events);
  return instants.map((at) =>
    rows.flatMap(({ code, state }) => {
      const record = records.get(code);
      if (record === undefined) return [storedTask(state)];
      const later = record.findIndex((event) => event.at > at);
      const task = replay(later === -1 ? record : record.slice(0, later));
      return task === null ? [] : [task];
    }),
  );
}

/** The records of those that are overdue at an instant. */
export function readLateRecords(database: Database, tasks: readonly Task[], at: IsoInstant) {
  const late = tasks.filter((task) => isIn(task, at, { terms: [{ figure: 'overdue', argument: '', isNegated: false }] }));
  return readRecords(
    database,
    late.map(({ code }) => code),
  );
}

/** Whole records, by code, in order. */
export async function readRecords(database: Database, codes: readonly string[]): Promise<ReadonlyMap<string, readonly TaskEvent[]>> {
  const events = await database.taskEvent.findMany({
    where: { taskCode: { in: [...codes] } },
    select: { taskCode: true, body: true },
    orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }],
  });
  return byTask(events);
}

function byTask(events: readonly { taskCode: string; body: unknown }[]): ReadonlyMap<string, TaskEvent[]> {
  return new Map(
    [...Map.groupBy(events, ({ taskCode }) => taskCode)].map(([code, own]) => [code, own.map(({ body }) => storedEvent(body))]),
  );
}

/** Tasks of agencies that were merged, under what those have become: in figures they are one. */
export function underPresentAgencies(tasks: readonly Task[], presentOf: ReadonlyMap<string, AgencyCode>): Task[] {
  return tasks.map((task) => ({ ...task, leadAgency: presentOf.get(task.leadAgency) ?? task.leadAgency }));
}

/** What each ended agency has become, where that is one. */
export async function readPresentAgencies(database: Database): Promise<ReadonlyMap<string, AgencyCode>> {
  const ended = await database.agency.findMany({ where: { succeededBy: { not: null } }, select: { code: true, succeededBy: true } });
  return new Map(ended.map(({ code, succeededBy }) => [code, succeededBy as AgencyCode])); // a reference to a stored code
}
