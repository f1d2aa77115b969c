/**
 * Proves that the store's figures, filters and first filling of the column say of generated tasks what the domain says of each, on the
 * real PostgreSQL and through the record's own writer.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDirectory } from '../activities/directory.ts';
import { createRecord } from '../activities/record.ts';
import { missingEvidenceAt } from '../cli/report.ts';
import { tasksDocument } from '../cli/task.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { oneCalendar } from '../domain/calendar.ts';
import type { Evidence } from '../domain/command.ts';
import { lacksEvidence } from '../domain/completion.ts';
import type { Facts, TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import { type AgencyCode, type Email, type PartId, PRODUCT_KINDS, type SecrecyLevel, type TaskCode } from '../domain/names.ts';
import type { Task } from '../domain/task.ts';
import { epochMs, type IsoDate, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { seedDirectory } from '../examples/demo.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from '../prisma/database.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { createRiskReader } from '../prisma/risk.ts';
import type { Filters } from '../web/filters.ts';
import { readScoreboard } from '../web/queries/scoreboard.ts';
import { readTasks } from '../web/queries/tasks.ts';

const now = '2026-03-02T02:00:00.000Z' as IsoInstant;
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
const LAN = 'lan.nguyen@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
const day = (offset: number) => instantFromEpochMs(epochMs(now) + offset * 86_400_000);
const due = (offset: number) => ({ deadline: day(offset).slice(0, 10) as IsoDate, deadlineAt: day(offset) });

const named = (product: PartId | undefined): { product?: PartId } => (product === undefined ? {} : { product });
const product = fc.constantFrom(undefined, 'p0', 'p1', 'p2').map((each) => each as PartId | undefined);
const evidence: fc.Arbitrary<Evidence> = fc.oneof(
  product.map((of): Evidence => ({ type: 'text', text: 'x', ...named(of) })),
  product.map((of): Evidence => ({ type: 'link', url: 'https://most.example', ...named(of) })),
  product.map((of): Evidence => ({ type: 'figure', value: 7, unit: '', ...named(of) })),
  product.map((of): Evidence => ({ type: 'file', sha256: '0'.repeat(64), name: 'x', bytes: 1, ...named(of) })),
  fc
    .tuple(product, fc.constantFrom('legal_document' as const, 'report' as const, 'plan' as const, 'letter' as const))
    .map(([of, kind]): Evidence => ({ type: 'document', kind, number: '1', date: '2026-03-02' as IsoDate, signer: 'x', ...named(of) })),
);
const generated = fc.record({
  products: fc.array(fc.record({ kind: fc.constantFrom(...PRODUCT_KINDS), due: fc.option(fc.integer({ min: -20, max: 10 })) }), {
    maxLength: 3,
  }),
  deadline: fc.integer({ min: -15, max: 15 }),
  waived: fc.subarray(['p0', 'p1', 'p2']),
  attached: fc.array(evidence, { maxLength: 3 }),
  given: fc.array(evidence, { minLength: 1, maxLength: 2 }),
  reportedOn: fc.integer({ min: -18, max: -2 }),
  end: fc.constantFrom('open', 'open', 'reported', 'returned', 'completed', 'cancelled'),
  secrecy: fc.constantFrom<SecrecyLevel>('none', 'none', 'none', 'secret'),
});
const TASKS = fc
  .sample(generated, { numRuns: 150, seed: 57 })
  .map((each, index) => recordOf(each, `GEN-${String(index).padStart(3, '0')}`));

function recordOf(o: typeof generated extends fc.Arbitrary<infer T> ? T : never, name: string): TaskEvent[] {
  const products = o.products.map((each, index) => ({
    id: `p${index}` as PartId,
    name: 'x',
    kind: each.kind,
    due: each.due === null ? null : due(each.due),
  }));
  const code = name as TaskCode;
  const assignment = {
    title: name,
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: LAN,
    supervisor: null,
    coordinator: HA,
    assignedAt: day(-20),
    ...due(o.deadline),
    regular: false,
    priority: 'normal' as const,
    policy: { name: 'standard', version: 3 },
    products,
    secrecy: o.secrecy,
  };
  const reported: Facts[] = [{ type: 'DoneReported', evidence: [...o.attached, ...o.given], partly: true }];
  const ends: Record<typeof o.end, Facts[]> = {
    open: [],
    reported,
    returned: [...reported, { type: 'TaskReturned', reason: 'x' }],
    completed: [...reported, { type: 'TaskVerified', note: '' }],
    cancelled: [{ type: 'TaskCancelled', reason: 'x' }],
  };
  const facts: Facts[] = [
    { type: 'TaskAssigned', code, assignment },
    { type: 'TaskAcknowledged' },
    ...o.waived
      .filter((id) => products.some((each) => each.id === id))
      .map((id): Facts => ({ type: 'ProductWaived', product: id as PartId, reason: 'x' })),
    ...(o.attached.length === 0 ? [] : [{ type: 'ProductAttached' as const, evidence: o.attached }]),
    ...ends[o.end],
  ];
  return facts.map((each, index) => ({
    ...each,
    seq: index + 1,
    at: index < 2 ? day(-20) : day(o.reportedOn),
    by: each.type === 'TaskAssigned' ? HA : LAN,
    via: 'cli',
    commandId: null,
  }));
}

let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
let tasks: Task[];
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-evidence-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  await applyMigrations({ databaseUrl: postgres.databaseUrl, directory: MIGRATIONS });
  database = openDatabase(postgres.databaseUrl);
  await seedDirectory({ database, now: () => now, directory: createDirectory(database) });
  const plan = async () => ({ notifications: [], wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null });
  const record = createRecord({ database, plan, wakeCouriers: async () => {} });
  tasks = [];
  for (const events of TASKS) {
    const task = replay(events);
    if (task === null) throw new Error('nothing to store');
    await record({ code: task.code, events, task, now });
    tasks.push(task);
  }
});
afterAll(async () => {
  await database?.$disconnect();
  await postgres?.stop();
  removeState(state);
});

const listed = (filters: Filters, at: IsoInstant) =>
  readTasks({
    database,
    risks: createRiskReader({
      database,
      calendars: async () => oneCalendar(vietnamCalendar({ from: 2025, to: 2028 })),
      weights: loadRiskWeights(),
    }),
    locale: 'vi',
    filters,
    at,
  });
const lacking = (at: IsoInstant) => tasks.filter((task) => lacksEvidence(task, at));
const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code).sort();

it.each([-12, -3, 0, 12])('on day %i the figure, the list behind it and the command line agree with the domain', async (offset) => {
  const at = day(offset);
  const expected = lacking(at);
  expect(expected.length).toBeGreaterThan(3);
  expect(expected.length).toBeLessThan(tasks.length - 3);
  expect((await readScoreboard(database, 'vi', at)).missingEvidence).toBe(expected.length);
  expect(codes((await tasksDocument(database, { missingEvidence: true, limit: 1_000 }, at)).tasks)).toEqual(codes(expected));
  const first = await listed({ missing_evidence: 'yes' }, at);
  const pages = await Promise.all(
    Array.from({ length: first.pages }, (_, index) => listed({ missing_evidence: 'yes', page: index + 1 }, at)),
  );
  expect(first.total).toBe(expected.length);
  expect(codes(pages.flatMap(({ lines }) => lines))).toEqual(codes(expected.filter(({ secrecy }) => secrecy === 'none')));
});

it('counts a restricted task without naming it, and answers no further question about it', async () => {
  const hidden = lacking(now).filter(({ secrecy }) => secrecy !== 'none');
  expect(hidden.length).toBeGreaterThan(0);
  expect((await listed({ missing_evidence: 'yes' }, now)).unnamed).toBe(hidden.length);
  for (const { code } of hidden) expect((await listed({ missing_evidence: 'yes', q: code }, now)).total).toBe(0);
  expect((await listed({ missing_evidence: 'yes', standing: 'counted' }, now)).unnamed).toBe(0);
});

it('says of a past day what was missing then, whatever was given since', async () => {
  const then = TASKS.map((events) => replay(events.filter(({ at }) => at <= day(-10)))).filter((task) => task !== null);
  const expected = then.filter((task) => lacksEvidence(task, day(-10))).length;
  expect(await missingEvidenceAt(database, day(-10))).toBe(expected);
  expect(lacking(day(-10)).length).not.toBe(expected);
  expect(await missingEvidenceAt(database, now)).toBe(lacking(now).length);
});

it('fills the column of tasks that were stored before it as the domain would', async () => {
  const migration = readFileSync(join(MIGRATIONS, '20261124050000_missing_evidence/migration.sql'), 'utf8');
  const written = () => database.task.findMany({ select: { code: true, evidenceMissingSince: true }, orderBy: { code: 'asc' } });
  const before = await written();
  await database.task.updateMany({ data: { evidenceMissingSince: null } });
  await database.$executeRawUnsafe(migration.slice(migration.indexOf('UPDATE "task"')));
  expect(await written()).toEqual(before);
});
