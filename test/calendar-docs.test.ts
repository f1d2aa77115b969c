/** Proves that what docs/calendar.md shows can be done: its files are written, its commands are run in order on a running system. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Office, openOffice } from './office.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const snippets = [...readFileSync(join(root, 'docs/calendar.md'), 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(
  ([, language = '', text = '']) => ({ language, text }),
);
const folder = mkdtempSync(join(tmpdir(), 'dondoc-calendar-'));
let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(async () => {
  await office.close();
  rmSync(folder, { recursive: true });
});

/** One line of the page; what it prints with --json, or what it says when it is refused. */
async function dondoc(line: string) {
  const given = line.split(' ').slice(1);
  const words = given.map((word) => (word.endsWith('.yaml') ? join(folder, word) : word));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...words, '--state', office.state, '--json'], {
    cwd: root,
  }).catch((error: { stdout: string; stderr: string }) => Promise.reject(new Error(`${line}: ${error.stdout}${error.stderr}`)));
  return JSON.parse(stdout);
}

// Each command is a process of its own.
it('is a page whose every snippet works', async () => {
  const said: Record<string, Record<string, unknown>> = {};
  for (const { language, text } of snippets) {
    const file = /^# (\w+\.yaml)$/m.exec(text)?.[1];
    if (language === 'yaml') writeFileSync(join(folder, file ?? 'unnamed.yaml'), text);
    else for (const line of text.trim().split('\n')) said[line] = await dondoc(line);
  }
  expect(said['dondoc calendar load tet.yaml --dry-run']).toMatchObject({ dryRun: true, version: null, tasks: 0, moves: [] });
  expect(said['dondoc calendar load tet.yaml --as ha.le@vptw.example']).toMatchObject({ name: 'vn', version: 1 });
  expect(said['dondoc calendar load storm.yaml']).toMatchObject({ name: 'quang-ninh', version: 1, agencies: ['QN'] });
  const shown = said['dondoc calendar show quang-ninh --year 2027'] as {
    calendars: { days: { date: string; reason: string; of: string }[] }[];
  };
  expect(shown.calendars[0]?.days).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ date: '2027-07-22', working: false, reason: '118/CĐ-TTg', of: 'quang-ninh' }),
      expect.objectContaining({ date: '2027-01-30', working: true, of: 'vn' }),
    ]),
  );
  expect(snippets.length).toBeGreaterThan(6);
}, 300_000);
