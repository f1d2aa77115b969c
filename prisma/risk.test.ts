/**
 * Proves on the real PostgreSQL what a risk needs from the store: the agencies' records, what is waited for, who has a risk at all;
 * that finished tasks are looked at with nothing but what was known; and that the example's 1,287 tasks are measured. Not the
 * weighing itself: see domain/risk.test.ts.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDirectory } from '../activities/directory.ts';
import { evaluateAt } from '../cli/risk.ts';
import { vietnamCalendar, yearsAround } from '../config/calendar.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { endOfOfficeHours, oneCalendar } from '../domain/calendar.ts';
import type { Facts, TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import type { AgencyCode, Email, RiskLevel, TaskCode } from '../domain/names.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { EXAMPLE_AS_OF, seedDirectory } from '../examples/demo.ts';
import { importTasks } from '../inbox/import/import.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from './database.ts';
import { applyMigrations } from './migrate.ts';
import { createPlanner } from './planner.ts';
import { createRiskReader } from './risk.ts';
import { eventRows, GENESIS, taskRow } from './task-record.ts';

const now = '2025-12-04T05:00:00.000Z' as IsoInstant;
const calendar = vietnamCalendar(yearsAround(now));
const calendars = async () => oneCalendar(calendar);
const weights = loadRiskWeights();
const LAN = 'lan.nguyen@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
const noon = (date: string) => `${date}T05:00:00.000Z` as IsoInstant;
const due = (date: string) => ({ deadline: date as IsoDate, deadlineAt: endOfOfficeHours(calendar, date as IsoDate) });

let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
let known: Parameters<typeof evaluateAt>[0] & Parameters<typeof createRiskReader>[0];
let stores = 0;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-risk-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
});
/** A record is never deleted, so each test has a store of its own. */
beforeEach(async () => {
  stores += 1;
  const server = openDatabase(postgres.databaseUrl);
  await server.$executeRawUnsafe(`CREATE DATABASE risk_${stores}`);
  await server.$disconnect();
  const url = new URL(postgres.databaseUrl);
  url.pathname = `/risk_${stores}`;
  await applyMigrations({ databaseUrl: url.href, directory: fileURLToPath(new URL('./migrations', import.meta.url)) });
  database = openDatabase(url.href);
  known = { database, calendar, calendars, weights };
  await seedDirectory({ database, now: () => now, directory: createDirectory(database) });
});
afterEach(() => database?.$disconnect());
afterAll(async () => {
  await postgres?.stop();
  removeState(state);
});

type Act = readonly [date: string, by: Email, facts: Facts];

/** A task of MOST with what happened to it, at noon of each day, as the record has it. */
async function store(code: string, [from, to]: [string, string], acts: readonly Act[] = [], secrecy: 'none' | 'secret' = 'none') {
  const assigned: Facts = {
    type: 'TaskAssigned',
    code: code as TaskCode,
    assignment: {
      ...{ title: 'Việc', product: '', document: '', group: '', leadAgency: 'MOST' as AgencyCode, coordinatingAgencies: [] },
      ...{ assignee: LAN, supervisor: null, coordinator: HA, assignedAt: noon(from), regular: false, priority: 'normal', secrecy },
      ...{ policy: { name: 'standard', version: 3 }, ...due(to) },
    },
  };
  const events = ([[from, HA, assigned], ...acts] as Act[]).map(
    ([date, by, facts], index): TaskEvent => ({ ...facts, seq: index + 1, at: noon(date), by, via: 'cli', commandId: null }),
  );
  const task = replay(events);
  if (task === null) throw new Error('no events');
  await database.task.create({ data: { code, ...taskRow(task) } });
  await database.taskEvent.createMany({ data: eventRows(events, code, GENESIS) });
  for (const on of task.dependsOn) await database.taskDependency.create({ data: { taskCode: code, dependsOn: on } });
}
const acknowledged = (date: string): Act => [date, LAN, { type: 'TaskAcknowledged' }];
const reported = (date: string): Act => [date, LAN, { type: 'DoneReported', evidence: [] }];
const verified = (date: string): Act => [date, HA, { type: 'TaskVerified', note: '' }];
const done = (date: string): Act[] => [acknowledged('2025-09-02'), reported(date), verified(date)];
const waitsFor = (on: string): Act => ['2025-11-04', HA, { type: 'DependencyAdded', on: on as TaskCode }];

it('has no figure where nothing has ended, and says so', async () => {
  const { tasks, risk, daysLeft, findings } = await evaluateAt(known, 0.5);
  expect([tasks, risk.auc, daysLeft.brier]).toEqual([0, null, null]);
  expect(findings).toEqual([{ finding: 'too_few', details: { late: 0, onTime: 0, needed: 30 } }]);
});

it('reads the record of the agency, and what is waited for, as of the instant', async () => {
  await store('ENDED-1', ['2025-09-01', '2025-09-30'], done('2025-09-20'));
  await store('ENDED-2', ['2025-09-01', '2025-09-30'], done('2025-10-20'));
  // Verified late, reported in time: on time.
  await store('ENDED-3', ['2025-09-01', '2025-09-30'], [acknowledged('2025-09-02'), reported('2025-09-30'), verified('2025-10-15')]);
  // Ended only after the instant: not known.
  await store('ENDED-4', ['2025-09-01', '2025-09-30'], done('2025-12-05'));
  await store('LATE-1', ['2025-10-01', '2025-11-28'], [acknowledged('2025-10-02')]);
  await store('LATER-1', ['2025-11-03', '2026-02-27'], [acknowledged('2025-11-04')]);
  await store('OPEN-1', ['2025-11-03', '2025-12-31'], [acknowledged('2025-11-04'), ...['LATE-1', 'LATER-1', 'ENDED-1'].map(waitsFor)]);
  await store('WAITS-1', ['2025-11-03', '2025-12-31'], [acknowledged('2025-11-04'), reported('2025-12-03')]);
  await store(
    'HAND-1',
    ['2025-11-03', '2025-12-31'],
    [
      acknowledged('2025-11-04'),
      ['2025-12-03', LAN, { type: 'RiskReported', risk: 'high', reason: 'Thiếu người' }],
      reported('2025-12-04'),
    ],
  );
  // Counting from the first ended task on.
  const own = { ...known, weights: { ...weights, agency: { ...weights.agency, steady_after: 0 } } };
  const risks = await createRiskReader(own)(now);
  expect([...risks.keys()].sort()).toEqual(['HAND-1', 'LATER-1', 'OPEN-1']);
  expect(risks.get('HAND-1' as TaskCode)).toMatchObject({ computed: null, reported: { level: 'high', text: 'Thiếu người', by: LAN } });
  const reasons = risks.get('OPEN-1' as TaskCode)?.computed?.reasons.map(({ feature, said }) => [feature, said]);
  expect(reasons).toEqual([
    ['dependencies', { count: 2 }],
    ['silence', { days: 22 }],
    ['time_over_progress', { used: 53, done: 'none' }],
    ['agency_record', { share: 67, onTime: 2, ended: 3 }],
  ]);
  expect([...(await createRiskReader(known)(now, ['LATER-1'])).keys()]).toEqual(['LATER-1']);
  // An hour past its deadline it is late, not at risk.
  expect((await createRiskReader(known)('2025-12-31T11:00:00.000Z' as IsoInstant)).has('OPEN-1' as TaskCode)).toBe(false);
});

it('looks at a finished task with what was known then, and leaves out what was settled already', async () => {
  await store('BEFORE-1', ['2025-09-01', '2025-09-30'], done('2025-09-05'));
  await store(
    'ENDED-1',
    ['2025-09-01', '2025-09-30'],
    [...done('2025-10-20'), ['2025-10-21', HA, { type: 'CommentAdded', text: 'x', files: [] }]],
  );
  const halfway = await evaluateAt(known, 0.5);
  expect(halfway).toMatchObject({ tasks: 1, late: 1, onTime: 0, leftOut: { reported_before: 1, late_before: 0, not_given_yet: 0 } });
  expect(halfway.findings[0]).toEqual({ finding: 'too_few', details: { late: 1, onTime: 0, needed: 30 } });
  // BEFORE-1 had ended by then, so the agency has a record; silence since it was acknowledged.
  expect(Object.entries(halfway.seen).filter(([, count]) => count > 0)).toEqual([
    ['time_over_progress', 1],
    ['days_left', 1],
    ['silence', 1],
    ['agency_record', 1],
  ]);
  // Earlier nothing had ended yet.
  expect((await evaluateAt(known, 0.1)).seen).toMatchObject({ agency_record: 0 });
});

it('measures the example: its finished tasks, against the days left alone', async () => {
  const directory = createDirectory(database);
  const loaded = await directory.get();
  const inbox = { submit: () => Promise.reject(new Error('nothing is amended')), relay: async () => ({ settled: 0, waiting: 0 }) };
  const plan = createPlanner({ database, calendars, weights: known.weights, directory: directory.get });
  const bytes = readFileSync(new URL('../examples/tasks.csv', import.meta.url));
  const options = { bytes, dryRun: false, skipRefused: false, asOf: EXAMPLE_AS_OF };
  expect(await importTasks({ database, inbox, calendars, plan, now: () => now, directory: loaded }, options)).toMatchObject({
    created: 1287,
  });
  const [half, threeQuarters] = [await evaluateAt(known, 0.5), await evaluateAt(known, 0.75)];
  for (const each of [half, threeQuarters]) {
    // Every finished task is looked at once, or it is said why not.
    expect(each.tasks + Object.values(each.leftOut).reduce((sum, count) => sum + count, 0)).toBe(601);
    expect(each.late).toBe(95);
    expect(each.risk.calibration.reduce((sum, { count }) => sum + count, 0)).toBe(each.tasks);
    // The file tells of no progress, silence or obstacle: what is not there is said not to be measured.
    expect(each.findings.find(({ finding }) => finding === 'never_seen')?.details.features).toContain('silence');
  }
  const aucs = [half, threeQuarters].map(({ risk, daysLeft }) => [risk.auc, daysLeft.auc]);
  expect(aucs).toEqual([
    [0.581, 0.587],
    [0.688, 0.677],
  ]);
  expect(half.findings.map(({ finding }) => finding)).toEqual(['never_seen', 'no_better']);
  expect(threeQuarters.findings.map(({ finding }) => finding)).toEqual(['never_seen']);
  const levels = Map.groupBy((await createRiskReader(known)(now)).values(), ({ computed }) => computed?.level);
  expect(['low', 'medium', 'high'].map((level) => levels.get(level as RiskLevel)?.length ?? 0)).toEqual([72, 255, 48]);
  // Of a few it says what it says of them among all, however their agencies are called now.
  await database.$executeRaw`UPDATE agency SET ended_on = '2025-12-01', succeeded_by = 'MOST' WHERE code = 'MOF'`;
  const all = await createRiskReader(known)(now);
  const led = new Set((await database.task.findMany({ where: { leadAgency: 'MOF' }, select: { code: true } })).map(({ code }) => code));
  const few = await createRiskReader(known)(now, [...led]);
  expect(few.size).toBeGreaterThan(0);
  expect([...few].toSorted()).toEqual([...all].filter(([code]) => led.has(code)).toSorted());
});
