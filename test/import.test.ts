/**
 * Proves what an import does to the store and the engine: all or nothing, the same file twice changes nothing, every open task
 * followed by exactly one workflow. The rules of a row are proved beside `inbox/import/task-row.ts`.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../cli/doctor.ts';
import { scoreboardOf } from '../cli/report.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import { EXAMPLE_AS_OF } from '../examples/demo.ts';
import { armTasks } from '../inbox/arm.ts';
import { type ImportOptions, importTasks } from '../inbox/import/import.ts';
import { type Office, openOffice } from './office.ts';

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

it('leaves each open task with exactly one running workflow, however often it is armed', async () => {
  const { database, client } = office.system;
  await Promise.all([armTasks({ ...office.system, temporal: client }), armTasks({ ...office.system, temporal: client })]);
  await expect.poll(async () => (await examine(database, client)).findings, { timeout: 60_000, interval: 500 }).toEqual([]);
  const open = await database.task.count({ where: { status: { notIn: ['completed', 'cancelled'] } } });
  expect((await examine(database, client)).workflows).toBe(open);
});
