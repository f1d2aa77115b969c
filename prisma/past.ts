/** Tasks' pasts and futures as the store has them, read in pages: memory does not grow with their number. */
import type { TaskEvent } from '../domain/event.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import type { Planning } from '../domain/relive.ts';
import type { Task } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import { surroundingsShape } from './risk.ts';
import { storedEvent, storedTask } from './task-record.ts';

const PAGE = 500;

/** An open task with what its next plan needs to know of the store. */
export interface OpenTaskPage {
  readonly task: Task;
  /** Keys of what was told of it, or left out for good by the cap of a day. */
  readonly told: readonly string[];
  readonly waiting: readonly Email[];
  /** Deadlines of the open tasks that it waits for. */
  readonly waitsFor: readonly IsoInstant[];
}

/** @param code one task only; null: every open one, by code */
export async function* openTasks(database: Database, code: TaskCode | null): AsyncGenerator<OpenTaskPage[]> {
  for (let after = ''; ; ) {
    const rows = await database.$queryRaw<OpenTaskRow[]>`
      SELECT t.code, t.state,
        (SELECT array_agg(n.key) FROM notification n
          WHERE n.task_code = t.code AND n.status IN ('sending', 'sent', 'merged', 'uncertain', 'failed', 'dropped')) AS told,
        (SELECT array_agg(DISTINCT w.assignee) FROM task_dependency d JOIN task w ON w.code = d.task_code
          WHERE d.depends_on = t.code AND w.status IN ('assigned', 'acknowledged')) AS waiting,
        (SELECT array_agg(o.deadline_at) FROM task_dependency d JOIN task o ON o.code = d.depends_on
          WHERE d.task_code = t.code AND o.status NOT IN ('completed', 'cancelled')) AS waits_for
      FROM task t
      WHERE t.status NOT IN ('completed', 'cancelled') AND t.code > ${after} AND (${code}::text IS NULL OR t.code = ${code})
      ORDER BY t.code LIMIT ${PAGE}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ state, told, waiting, waits_for }) => ({
      task: storedTask(state),
      told: told ?? [],
      waiting: waiting ?? [],
      waitsFor: (waits_for ?? []).map(instantOf),
    }));
    after = last.code;
  }
}

interface OpenTaskRow {
  readonly code: string;
  readonly state: unknown;
  readonly told: string[] | null;
  readonly waiting: Email[] | null;
  readonly waits_for: Date[] | null;
}

/** One row of the ledger that went out, as it was planned. */
export interface ToldRow {
  readonly key: string;
  readonly kind: string;
  readonly step: string;
  readonly recipient: Email;
  readonly channel: string;
  readonly sendAt: IsoInstant;
}

export interface PastTask {
  readonly code: TaskCode;
  readonly events: readonly TaskEvent[];
  readonly plannings: readonly Planning[];
  /** Its plannings were not kept: those of its events stand for them. */
  readonly isApproximate: boolean;
  readonly told: readonly ToldRow[];
  /** What a cap, or the hours in which a hold ended, put off, by key; also what was cancelled since. */
  readonly putOff: ReadonlyMap<string, IsoInstant>;
}

/** Every task, closed ones too. @param code one task only; null: all that were there before an instant */
export async function* pastTasks(database: Database, code: TaskCode | null, before: IsoInstant): AsyncGenerator<PastTask[]> {
  for (let after = ''; ; ) {
    const rows = await database.task.findMany({
      where: { code: code === null ? { gt: after } : { gt: after, equals: code }, events: { some: { seq: 1, at: { lte: before } } } },
      orderBy: { code: 'asc' },
      take: PAGE,
      select: { code: true },
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    const codes = rows.map((row) => row.code);
    const [events, plannings, told, putOff] = await Promise.all([
      database.taskEvent.findMany({ where: { taskCode: { in: codes } }, orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }] }),
      database.planning.findMany({ where: { taskCode: { in: codes } }, orderBy: [{ taskCode: 'asc' }, { at: 'asc' }, { seq: 'asc' }] }),
      database.notification.findMany({
        where: {
          taskCode: { in: codes },
          status: { in: ['sending', 'sent', 'merged', 'uncertain', 'failed', 'dropped'] },
          fallbackOf: null,
        },
        orderBy: [{ sendAt: 'asc' }, { key: 'asc' }],
      }),
      database.notification.findMany({
        where: { taskCode: { in: codes }, notBefore: { not: null } },
        select: { taskCode: true, key: true, notBefore: true },
      }),
    ]);
    const eventsOf = Map.groupBy(events, ({ taskCode }) => taskCode);
    const planningsOf = Map.groupBy(plannings, ({ taskCode }) => taskCode);
    const toldOf = Map.groupBy(told, ({ taskCode }) => taskCode);
    const putOffOf = Map.groupBy(putOff, ({ taskCode }) => taskCode);
    yield codes.map((each): PastTask => {
      const record = (eventsOf.get(each) ?? []).map(({ body }) => storedEvent(body));
      const kept = planningsOf.get(each)?.map(({ at, seq, waiting, surroundings }) => ({
        at: instantOf(at),
        seq,
        waiting: waiting as Email[], // written from the domain's own
        surroundings: surroundings === null ? null : surroundingsShape.parse(surroundings),
      }));
      return {
        code: each as TaskCode,
        events: record,
        plannings: kept ?? record.map(({ at, seq }) => ({ at, seq, waiting: [], surroundings: null })),
        isApproximate: kept === undefined,
        told: (toldOf.get(each) ?? []).map((row) => ({ ...row, recipient: row.recipient as Email, sendAt: instantOf(row.sendAt) })),
        putOff: new Map(
          (putOffOf.get(each) ?? []).flatMap(({ key, notBefore }) => (notBefore === null ? [] : [[key, instantOf(notBefore)]])),
        ),
      };
    });
    after = last.code;
  }
}

function instantOf(at: Date): IsoInstant {
  return instantFromEpochMs(at.getTime());
}
