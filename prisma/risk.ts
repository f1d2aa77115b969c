/** The risk of open tasks as of an instant: the pure assessment with what it needs from the store. Computed where it is read (decision 10). */
import { z } from 'zod';
import type { AgencyCode, RiskLevel, TaskCode } from '../domain/names.ts';
import {
  type Assessment,
  assess,
  features,
  isAtRisk,
  type RiskContext,
  type RiskWeights,
  riskFacts,
  type Surroundings,
} from '../domain/risk.ts';
import { isOverdue, type ReportedRisk, type Task } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { ReadCalendars } from './calendars.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';
import { storedTask } from './task-record.ts';

/** What is computed and what a person said stand side by side; neither takes the other's place. */
export interface Risk {
  /** Null of a task that its assignee cannot make late: reported, regular. */
  readonly computed: Assessment | null;
  readonly reported: ReportedRisk | null;
}

/** The risks of open tasks whose deadline is ahead, by code; of all of them, or of those that are named. */
export type ReadRisks = (now: IsoInstant, codes?: readonly string[]) => Promise<ReadonlyMap<TaskCode, Risk>>;

const rowsOf = z.array(z.object({ state: z.unknown(), ended: z.int(), onTime: z.int(), dependencies: z.int() }));

/** One statement: the tasks, the record of each lead agency as it is called now, and what they wait for. */
export function createRiskReader({
  database,
  calendars,
  weights,
}: {
  database: Database;
  calendars: ReadCalendars;
  weights: RiskWeights;
}): ReadRisks {
  return async (now, codes) => {
    const named = codes === undefined ? Prisma.empty : Prisma.sql`AND t.code = ANY(${[...codes]})`;
    // Each press shows the risk of one task: of all that has ended only what its agency has is counted then.
    const ofTheirs =
      codes === undefined
        ? Prisma.empty
        : Prisma.sql`AND coalesce(l.succeeded_by, l.code) IN (
            SELECT coalesce(a.succeeded_by, a.code) FROM task w JOIN agency a ON a.code = w.lead_agency WHERE w.code = ANY(${[...codes]}))`;
    // Working days are counted by the committee's, whoever leads the task.
    const { main: calendar } = await calendars(now);
    const rows = await database.$queryRaw`
      WITH record AS (
        SELECT coalesce(l.succeeded_by, l.code) AS agency, count(*)::int AS ended,
          (count(*) FILTER (WHERE t.reported_at <= t.deadline_at))::int AS "onTime"
        FROM task t JOIN agency l ON l.code = t.lead_agency
        WHERE t.completed_at <= ${now}::timestamptz AND NOT t.regular ${ofTheirs} GROUP BY 1)
      SELECT t.state, coalesce(r.ended, 0) AS ended, coalesce(r."onTime", 0) AS "onTime",
        (SELECT count(*)::int FROM task_dependency d JOIN task o ON o.code = d.depends_on
          WHERE d.task_code = t.code AND o.status NOT IN ('completed', 'cancelled')
            AND (o.deadline_at < ${now}::timestamptz OR o.deadline_at > t.deadline_at)) AS dependencies
      FROM task t JOIN agency l ON l.code = t.lead_agency LEFT JOIN record r ON r.agency = coalesce(l.succeeded_by, l.code)
      WHERE t.status IN ('assigned', 'acknowledged', 'reported') AND t.deadline_at >= ${now}::timestamptz ${named}
        AND (t.status <> 'reported' AND NOT t.regular OR jsonb_typeof(t.state -> 'risk') = 'object')`;
    return new Map(
      rowsOf.parse(rows).flatMap(({ state, dependencies, ...agency }): [TaskCode, Risk][] => {
        const task = storedTask(state);
        if (isOverdue(task, now)) return [];
        const facts = riskFacts(task);
        const measured = isAtRisk(facts, now) ? features(facts, calendar, now, { agency, dependencies }, weights) : null;
        const risk = { computed: measured === null ? null : assess(measured, weights), reported: task.risk };
        return risk.computed === null && risk.reported === null ? [] : [[task.code, risk]];
      }),
    );
  };
}

export const surroundingsShape = z.object({
  agency: z.object({ ended: z.int(), onTime: z.int() }),
  waitsFor: z.array(z.string().transform((at) => instantFromEpochMs(Date.parse(at)))),
});
const recordRows = z.array(z.object({ code: z.string(), ended: z.int(), onTime: z.int() }));

/** What the risks of tasks ahead are worked out from, as it is known at an instant: the record of each agency under every name it has had. */
export async function readAgencyRecords(
  database: Database,
  now: IsoInstant,
  agency: AgencyCode | null = null,
): Promise<(agency: AgencyCode) => RiskContext['agency']> {
  const rows = await database.$queryRaw`
    SELECT l.code, count(*)::int AS ended, (count(*) FILTER (WHERE t.reported_at <= t.deadline_at))::int AS "onTime"
    FROM agency l JOIN agency o ON coalesce(o.succeeded_by, o.code) = coalesce(l.succeeded_by, l.code)
      JOIN task t ON t.lead_agency = o.code AND t.status = 'completed' AND NOT t.regular AND t.completed_at <= ${now}::timestamptz
    WHERE ${agency}::text IS NULL OR l.code = ${agency} GROUP BY l.code`;
  const records = new Map(recordRows.parse(rows).map(({ code, ...record }) => [code, record]));
  return (code) => records.get(code) ?? { ended: 0, onTime: 0 };
}

export async function readSurroundings(database: Database, { code, leadAgency }: Task, now: IsoInstant): Promise<Surroundings> {
  const [recordOf, waitedFor] = await Promise.all([
    readAgencyRecords(database, now, leadAgency),
    database.taskDependency.findMany({
      where: { taskCode: code, on: { status: { notIn: ['completed', 'cancelled'] } } },
      select: { on: { select: { deadlineAt: true } } },
      orderBy: { dependsOn: 'asc' },
    }),
  ]);
  return { agency: recordOf(leadAgency), waitsFor: waitedFor.map((each) => instantFromEpochMs(each.on.deadlineAt.getTime())) };
}

/** The codes of the tasks of a level, as computed or as somebody said, the likeliest to be late first. */
export function codesAtRisk(risks: ReadonlyMap<string, Risk>, level: RiskLevel): string[] {
  return [...risks]
    .filter(([, { computed, reported }]) => computed?.level === level || reported?.level === level)
    .sort(([, a], [, b]) => (b.computed?.score ?? 0) - (a.computed?.score ?? 0))
    .map(([code]) => code);
}
