/** What would have been said of finished tasks before their deadlines, and how they ended: from their records, and nothing later. */
import { z } from 'zod';
import { type Calendar, workingDaysSince } from '../domain/calendar.ts';
import type { TaskEvent } from '../domain/event.ts';
import { replay, replayUntil } from '../domain/evolve.ts';
import type { AgencyCode } from '../domain/names.ts';
import { assess, type Feature, features, isAtRisk, type RiskContext, type RiskFacts, type RiskWeights, riskFacts } from '../domain/risk.ts';
import { type CompletedTask, isOpen, type Task } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import { storedEvent } from './task-record.ts';

/** One finished task at one moment before its deadline. */
export interface Told {
  readonly score: number;
  /** Working days from then to the deadline as it stood then. */
  readonly daysLeft: number;
  /** The measures that were not 0. */
  readonly seen: readonly Feature[];
  readonly late: boolean;
}
/** Of a task that was reported, or late, or not yet given by that moment, there was nothing to foretell. */
export type Untold = 'reported_before' | 'late_before' | 'not_given_yet';

/** Tasks a statement: what is in memory at once does not grow with the store. */
const PAGE = 200;

/** Reported after the deadline that was in force when it ended: what an agreed extension moved is no lateness, nor the verifier's time. */
function isLate({ reportedAt, deadlineAt }: CompletedTask): boolean {
  return reportedAt > deadlineAt;
}

interface Then {
  readonly task: Task;
  readonly facts: RiskFacts;
  readonly at: IsoInstant;
  readonly late: boolean;
}

/**
 * Goes through the finished tasks, regular ones left out, in order of their codes.
 * @param share of the span from assignment to first deadline at which each is looked at, above 0 and below 1
 */
export async function* foretold(
  { database, calendar, weights }: { database: Database; calendar: Calendar; weights: RiskWeights },
  share: number,
): AsyncGenerator<Told | Untold> {
  for (let last = ''; ; ) {
    const rows = await database.task.findMany({
      where: { status: 'completed', regular: false, code: { gt: last } },
      orderBy: { code: 'asc' },
      take: PAGE,
      select: { code: true },
    });
    const records = await recordsOf(
      database,
      rows.map(({ code }) => code),
    );
    const looks = [...records.values()].map((events) => look(events, share));
    yield* looks.filter((each) => typeof each === 'string');
    const open = looks.filter((each) => typeof each !== 'string');
    const known = await withContexts(database, open);
    for (const { facts, at, late, context } of known) {
      const measured = features(facts, calendar, at, context, weights);
      const seen = measured.flatMap(({ feature, value }) => (value === 0 ? [] : [feature]));
      yield { score: assess(measured, weights).score, daysLeft: workingDaysSince(calendar, at, facts.deadlineAt), seen, late };
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = end.code;
  }
}

function look(events: readonly TaskEvent[], share: number): Then | Untold {
  const [first] = events;
  const ended = replay(events);
  if (first?.type !== 'TaskAssigned' || ended?.status !== 'completed')
    throw new Error(`record broken: of ${first?.type} ended ${ended?.code}`);
  const { assignedAt, deadlineAt } = first.assignment;
  const at = instantFromEpochMs(epochMs(assignedAt) + share * (epochMs(deadlineAt) - epochMs(assignedAt)));
  const task = replayUntil(events, at);
  if (task === null) return 'not_given_yet';
  const facts = riskFacts(task);
  if (!isOpen(task) || task.status === 'reported') return 'reported_before';
  return isAtRisk(facts, at) ? { task, facts, at, late: isLate(ended) } : 'late_before';
}

/** What was known of the world at each look: ended tasks of the same agency (as it is called now), and what was waited for. */
async function withContexts(database: Database, looks: readonly Then[]): Promise<(Then & { context: RiskContext })[]> {
  const records = await recordsOfAgencies(
    database,
    looks.map(({ task, at }, place) => ({ place, agency: task.leadAgency, at })),
  );
  const waitedFor = await recordsOf(database, [...new Set(looks.flatMap(({ task }) => task.dependsOn))]);
  return looks.map((look, place) => {
    const { task, facts, at } = look;
    const holdingUp = task.dependsOn.filter((code) => {
      const other = replayUntil(waitedFor.get(code) ?? [], at);
      return other !== null && isOpen(other) && (other.deadlineAt < at || other.deadlineAt > facts.deadlineAt);
    });
    return { ...look, context: { agency: records.get(place) ?? { ended: 0, onTime: 0 }, dependencies: holdingUp.length } };
  });
}

const counted = z.array(z.object({ place: z.int(), ended: z.int(), onTime: z.int() }));

async function recordsOfAgencies(
  database: Database,
  asked: readonly { readonly place: number; readonly agency: AgencyCode; readonly at: IsoInstant }[],
): Promise<Map<number, RiskContext['agency']>> {
  const rows = await database.$queryRaw`
    SELECT a.place, count(*)::int AS ended, (count(*) FILTER (WHERE t.reported_at <= t.deadline_at))::int AS "onTime"
    FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS a(place int, agency text, at timestamptz)
      JOIN agency l ON l.code = a.agency
      JOIN agency o ON coalesce(o.succeeded_by, o.code) = coalesce(l.succeeded_by, l.code)
      JOIN task t ON t.lead_agency = o.code AND t.status = 'completed' AND NOT t.regular AND t.completed_at <= a.at
    GROUP BY a.place`;
  return new Map(counted.parse(rows).map(({ place, ...record }) => [place, record]));
}

async function recordsOf(database: Database, codes: readonly string[]): Promise<Map<string, TaskEvent[]>> {
  if (codes.length === 0) return new Map();
  const rows = await database.taskEvent.findMany({
    where: { taskCode: { in: [...codes] } },
    orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }],
    select: { taskCode: true, body: true },
  });
  const found = new Map<string, TaskEvent[]>();
  for (const { taskCode, body } of rows) {
    const events = found.get(taskCode) ?? [];
    events.push(storedEvent(body));
    found.set(taskCode, events);
  }
  return found;
}
