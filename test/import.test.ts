/**
 * Proves what an import does to the store and the engine: all or nothing, the same file twice changes nothing, every open task
 * followed by exactly one workflow. The rules of a row are proved beside `inbox/import/task-row.ts`.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../cli/doctor.ts';
import { scoreboardOf } from '../cli/report.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import type { PartId, TaskCode } from '../domain/names.ts';
import { EXAMPLE_AS_OF } from '../examples/demo.ts';
import { armTasks } from '../inbox/arm.ts';
import { type ImportOptions, importTasks } from '../inbox/import/import.ts';
import { storedTask } from '../prisma/task-record.ts';
import { HA, type Office, openOffice } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());

const bytesOf = (file: string) => readFileSync(new URL(file, import.meta.url));
async function importFile(file: string | Uint8Array, o: Partial<ImportOptions> = {}) {
  const { system } = office;
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  return importTasks(
    { ...system, directory: await system.directory.get() },
    { bytes, dryRun: false, skipRefused: false, asOf: EXAMPLE_AS_OF, ...o },
  );
}
const stored = () => office.system.database.task.count();

it('names ten faults by row and column, and writes nothing', async () => {
  const result = await importFile('./fixtures/ten-faults.csv', { dryRun: true });
  expect(result.errors.map(({ row, column, value, code }) => `${row} ${column} "${value}" ${code}`)).toMatchInlineSnapshot(`
    [
      "3 deadline "31/02/2026" date_invalid",
      "4 lead_agency "XYZ" agency_unknown",
      "5 title "BAD-04,"Ngoặc kép không "đúng",MOST,,lan.nguyen@most.example,ha.le@vptw.example," quotes_broken",
      "6 code "GOOD-1" code_twice",
      "7 assignee "khong.ai@most.example" person_unknown",
      "8 status "finished" status_invalid",
      "9 evidence "" evidence_missing",
      "10 code "bad 09" code_invalid",
      "11 deadline "2025-10-15" date_order",
      "12 title "Bảng mã sai: h�" encoding_invalid",
    ]
  `);
  expect(result).toMatchObject({ read: 12, created: 0, refused: 10 });
  await importFile('./fixtures/ten-faults.csv');
  expect(await stored()).toBe(0);
});

it('writes the good rows when told to, and hands back the others to be mended', async () => {
  const result = await importFile('./fixtures/ten-faults.csv', { skipRefused: true });
  expect(result).toMatchObject({ read: 12, created: 2, refused: 10 });
  expect((await office.system.database.task.findMany()).map(({ code }) => code).sort()).toEqual(['GOOD-1', 'GOOD-2']);
  const refused = result.refusedText ?? '';
  expect(refused.split('\n')).toHaveLength(12);
  const mended = refused
    .split('\n')
    .filter((line) => line.startsWith('code') || line.startsWith('BAD-02'))
    .join('\n')
    .replace('31/02/2026', '28/02/2026');
  expect(await importFile(Buffer.from(mended))).toMatchObject({ read: 1, created: 1, refused: 0 });
});

it('imports the example with exactly the published figures', async () => {
  const before = await stored();
  const result = await importFile('../examples/tasks.csv');
  expect(result).toMatchObject({ read: 1287, created: 1287, updated: 0, unchanged: 0, refused: 0, errors: [] });
  // The example is as vague as such lists are.
  expect(result.findings).toMatchInlineSnapshot(`
    {
      "no_product": 67,
      "no_supervisor": 28,
    }
  `);
  const { asOf, ...figures } = JSON.parse(bytesOf('../examples/expected.json').toString());
  expect(asOf).toBe(EXAMPLE_AS_OF);
  const at = endOfOfficeHours((await office.system.calendars()).main, EXAMPLE_AS_OF);
  const board = await scoreboardOf(office.system.database, at);
  expect(board).toEqual({
    ...figures,
    total: figures.total + before,
    withinDeadline: figures.withinDeadline + before,
    dueBy: { '2025-12-31': 368 + before - 1 },
  });
});

it('changes nothing when the same file comes again, and amends what the file says anew', async () => {
  expect(await importFile('../examples/tasks.csv')).toMatchObject({ created: 0, updated: 0, unchanged: 1287, refused: 0 });
  await armTasks({ ...office.system, temporal: office.system.client });
  const [header, row = ''] = bytesOf('../examples/tasks.csv').toString().split('\n');
  const changed = Buffer.from(`${header}\n${row.replace('2025-12-08', '2025-12-19')}\n`);
  expect(await importFile(changed)).toMatchObject({ created: 0, updated: 1, unchanged: 0, refused: 0 });
  await expect.poll(async () => (await office.events('NQ57-0001')).at(-1)).toMatchObject({ type: 'TaskAmended', via: 'import' });
  expect(await importFile(changed)).toMatchObject({ updated: 0, unchanged: 1 });
  const moved = Buffer.from(`${header}\n${row.replace('MOST,MOF,lan.nguyen@most.example', 'MOF,,son.pham@mof.example')}\n`);
  expect((await importFile(moved)).errors).toMatchObject([{ row: 2, column: 'lead_agency', value: 'MOF', code: 'holder_changed' }]);
});

const PLAN = '../examples/plan.csv';
/** The example's text with one cell of one row changed. */
const planWith = (from: string, to: string) => {
  const text = bytesOf(PLAN).toString();
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to));
};
const stateOf = async (code: string) => storedTask((await office.system.database.task.findUniqueOrThrow({ where: { code } })).state);
const armed = () => armTasks({ ...office.system, temporal: office.system.client });

it('imports the example of everything a task can have, under Vietnamese headings, whatever the order of parent and part', async () => {
  const dry = await importFile(PLAN, { dryRun: true });
  expect(dry).toMatchObject({ read: 7, created: 7, refused: 0, errors: [] });
  // A task with a product in words or in the list is not without one.
  expect(dry.findings).toBeUndefined();
  expect(await importFile(PLAN)).toMatchObject({ created: 7, updated: 0, refused: 0 });
  expect(await stateOf('KH-1.1')).toMatchObject({
    parent: { code: 'KH-1', mandatory: true },
    products: [
      { id: 'nd', kind: 'legal_document', due: null, waived: null },
      { id: 'bc', kind: 'report', due: { deadline: '2025-11-28', deadlineAt: '2025-11-28T10:00:00.000Z' } },
    ],
    milestones: [{ id: 'y-kien' }, { id: 'trinh', due: { deadline: '2026-02-27' }, reachedAt: null }],
  });
  expect(await stateOf('KH-1.2')).toMatchObject({ parent: { code: 'KH-1', mandatory: false } });
  expect(await stateOf('KH-2')).toMatchObject({ recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=25', due: 5 }, regular: true });
  expect(await stateOf('KH-3')).toMatchObject({ secrecy: 'confidential' });
  expect(await stateOf('KH-5')).toMatchObject({ status: 'completed', ending: 'implemented' });
});

it('changes nothing when it comes again, in other letters of the same header, or without some columns', async () => {
  expect(await importFile(PLAN)).toMatchObject({ created: 0, updated: 0, unchanged: 7 });
  const english = planWith('Mã,Nhiệm vụ,Cơ quan chủ trì', 'code,title,Lead agency');
  expect(await importFile(english)).toMatchObject({ created: 0, updated: 0, unchanged: 7, errors: [] });
  const header = 'code,title,lead_agency,assignee,coordinator,assigned_on,deadline,status,acknowledged_on';
  const short = `${header}\nKH-1,Xây dựng khung pháp lý cho kinh tế dữ liệu,MOST,lan.nguyen@most.example,ha.le@vptw.example,2025-11-03,2026-06-30,acknowledged,2025-11-04\n`;
  expect(await importFile(Buffer.from(short))).toMatchObject({ updated: 0, unchanged: 1, errors: [] });
});

it('amends what a changed file says: products, milestones, secrecy, parent and rhythm', async () => {
  await armed();
  const waived = { type: 'WaiveProduct' as const, product: 'bc' as PartId, reason: 'Gộp vào tờ trình' };
  // Stored or done: the engine has just been given 1,287 tasks.
  await office.submit({ key: 'waive', code: 'KH-1.1' as TaskCode, actor: HA.email, via: 'cli', request: waived });
  await expect.poll(async () => (await stateOf('KH-1.1')).products[1]?.waived, { timeout: 20_000 }).not.toBeNull();
  const changed = bytesOf(PLAN)
    .toString()
    .replace('trinh:Trình Chính phủ:2026-02-27', 'trinh:Trình Chính phủ:2026-03-13')
    .replace('rs:report:Báo cáo rà soát,,,KH-1,false', 'rs:report:Báo cáo rà soát:15/12/2025,,secret,KH-1.1,true')
    .replace('BYMONTHDAY=25,5', 'BYMONTHDAY=20,3')
    // A rhythm that is given anew must have a period ahead.
    .replace('2026-09-30', '2031-09-30');
  expect(await importFile(Buffer.from(changed))).toMatchObject({ created: 0, updated: 3, unchanged: 4, errors: [] });
  await expect
    .poll(() => stateOf('KH-1.2'), { timeout: 20_000 })
    .toMatchObject({
      secrecy: 'secret',
      parent: { code: 'KH-1.1', mandatory: true },
      products: [{ id: 'rs', due: { deadline: '2025-12-15' } }],
    });
  await expect
    .poll(() => stateOf('KH-2'), { timeout: 20_000 })
    .toMatchObject({ recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=20', due: 3 } });
  await expect
    .poll(() => stateOf('KH-1.1'), { timeout: 20_000 })
    .toMatchObject({ products: [{}, { waived: { reason: 'Gộp vào tờ trình' } }], milestones: [{}, { due: { deadline: '2026-03-13' } }] });
  expect((await office.events('KH-1.2')).at(-1)).toMatchObject({ type: 'TaskAmended', via: 'import' });
  expect(await importFile(Buffer.from(changed))).toMatchObject({ updated: 0, unchanged: 7 });
});

it('refuses a circle of parts by row and value, over the file and over what is stored, and by the command too', async () => {
  const circle = await importFile(
    planWith('kh:plan:Kế hoạch xây dựng khung pháp lý,,,,,,', 'kh:plan:Kế hoạch xây dựng khung pháp lý,,,KH-1.1,,,'),
  );
  expect(circle.errors).toMatchObject([
    { row: 2, value: 'KH-1', code: 'parent_cycle', details: { expected: 'KH-1.1 → KH-1 → KH-1.1' } },
    {
      row: 3,
      column: 'parent',
      heading: 'nhiệm vụ cha',
      value: 'KH-1.1',
      code: 'parent_cycle',
      details: { expected: 'KH-1 → KH-1.1 → KH-1' },
    },
  ]);
  // KH-1.2 is stored as a part of KH-1.1, which is one of KH-1.
  const [header = ''] = bytesOf(PLAN).toString().split('\n');
  const row = bytesOf(PLAN).toString().split('\n')[2]?.replace('khung pháp lý,,,,,,', 'khung pháp lý,,,KH-1.2,,,') ?? '';
  expect((await importFile(Buffer.from(`${header}\n${row}\n`))).errors).toMatchObject([
    { row: 2, value: 'KH-1.2', code: 'parent_cycle', details: { expected: 'KH-1 → KH-1.2 → KH-1.1 → KH-1' } },
  ]);
  const changes = { parent: { code: 'KH-1.2' as TaskCode, mandatory: true } };
  expect(
    await office.submit({
      key: 'circle',
      code: 'KH-1' as TaskCode,
      actor: HA.email,
      via: 'cli',
      request: { type: 'AmendTask', changes },
    }),
  ).toMatchObject({ answer: 'refused', refusal: { refused: 'dependency_cycle', details: { path: 'KH-1 → KH-1.2 → KH-1.1 → KH-1' } } });
});

it('leaves out the parts of a refused task with it', async () => {
  const text = bytesOf(PLAN).toString().replaceAll('KH-', 'KX-').replace('2026-06-30', '31/06/2026');
  const result = await importFile(Buffer.from(text), { skipRefused: true, dryRun: true });
  expect(result.errors.map(({ row, column, value, code }) => `${row} ${column} ${value} ${code}`)).toEqual([
    '2 parent KX-1 parent_refused',
    '3 deadline 31/06/2026 date_invalid',
    '4 parent KX-1 parent_refused',
  ]);
  expect(result).toMatchObject({ created: 4, refused: 3 });
});

it('leaves each open task with exactly one running workflow, however often it is armed', async () => {
  const { database, client } = office.system;
  await Promise.all([armTasks({ ...office.system, temporal: client }), armTasks({ ...office.system, temporal: client })]);
  await expect.poll(async () => (await examine(database, client)).findings, { timeout: 60_000, interval: 500 }).toEqual([]);
  const open = await database.task.count({ where: { status: { notIn: ['completed', 'cancelled'] } } });
  expect((await examine(database, client)).workflows).toBe(open);
});
