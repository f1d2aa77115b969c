/**
 * Proves that running workflows are gone through with the code that is installed, and that one which could not go on with it is named.
 * Does not prove which changes replay sees: test/replay.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goThrough } from '../cli/rollout.ts';
import { workflowBundlePath } from '../worker/bundle.ts';
import { type Office, openOffice, TEST_HISTORY_SECRET } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());

it('says that all can go on, and names those that could not', async () => {
  const codes = ['GO-1', 'GO-2'];
  for (const code of codes) expect(await office.assign(code)).toMatchObject({ answer: 'done' });
  const { client } = office.system;

  const codePath = workflowBundlePath();
  const well = await goThrough(client, { historySecret: TEST_HISTORY_SECRET, codePath });
  expect(well.differing).toEqual([]);
  // Tasks, couriers of two channels.
  expect(well.checked).toBeGreaterThanOrEqual(codes.length + 2);

  const changed = join(office.state, 'changed.js');
  const code = readFileSync(codePath, 'utf8');
  expect(code).toContain('quick.record(');
  writeFileSync(changed, code.replaceAll('quick.record(', 'quick.another('));
  const ill = await goThrough(client, { historySecret: TEST_HISTORY_SECRET, codePath: changed });
  expect(ill.differing.map(({ workflow }) => workflow).sort()).toEqual(codes.map((each) => `task/${each}`));
  expect(ill.checked).toBe(well.checked);
});
