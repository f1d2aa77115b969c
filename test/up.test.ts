/**
 * Proves `dondoc up` and the command line as a person meets them: separate processes, killed and stopped from outside.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeState } from '../ops/postgres.ts';
import { bornAt, isAlive } from '../ops/process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const state = mkdtempSync(join(tmpdir(), 'dondoc-up-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  for (const pid of partPids()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  removeState(state);
});

const args = (...rest: string[]) => ['--import', 'tsx', 'cli/main.ts', ...rest, '--json', '--state', state];

async function up(): Promise<{ child: ChildProcess; ready: Record<string, unknown> }> {
  const child = spawn(process.execPath, args('up', '--demo'), { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  if (child.stdout === null) throw new Error('no stdout');
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ready: JSON.parse(String(line)) };
}

function dondoc(...rest: string[]): { status: number | null; document: Record<string, unknown>; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args(...rest), { cwd: root, encoding: 'utf8' });
  return { status, document: stdout === '' ? {} : JSON.parse(stdout), stderr };
}

function partPids(): number[] {
  return readFileSync(join(state, 'children'), 'utf8')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1);
}

let first: Awaited<ReturnType<typeof up>>;
beforeAll(async () => {
  first = await up();
});

it('prints the ready line of the contract, with all tasks', () => {
  expect(Object.keys(first.ready)).toEqual([
    'event',
    'web',
    'slack',
    'slackControl',
    'mail',
    'mailApi',
    'smtpIn',
    'temporal',
    'temporalUi',
    'tasks',
    'seconds',
  ]);
  expect(first.ready).toMatchObject({ event: 'ready', tasks: 1287 });
});

it('says who holds the state folder to a second one', () => {
  const second = spawnSync(process.execPath, args('up'), { cwd: root, encoding: 'utf8' });
  expect(second.status).toBe(1);
  expect(second.stderr).toContain(`is held by process ${first.child.pid}`);
});

it('gives the figures, refuses what may not be, and tells wrong usage apart', () => {
  expect(dondoc('report').document).toMatchObject({ total: 1287, completed: 601, withinDeadline: 404, overdue: 104, regular: 178 });
  expect(dondoc('task', 'verify', 'NQ57-0001', '--as', 'ha.le@vptw.example')).toMatchObject({
    status: 1,
    document: { answer: 'refused', refusal: { refused: 'not_reported' } },
  });
  expect(dondoc('task', 'show', 'NOPE').status).toBe(1);
  const high = dondoc('task', 'list', '--risk', 'high').document as { tasks: { code: string; risk: { level: string } }[] };
  const [risky] = high.tasks;
  expect(high.tasks.every(({ risk }) => risk.level === 'high')).toBe(true);
  expect(dondoc('task', 'list', '--risk', 'grave').status).toBe(2);
  const shown = dondoc('task', 'show', risky?.code ?? '').document as {
    risk: { score: number; text: string; reasons: { text: string }[] };
  };
  expect(shown.risk.score).toBeGreaterThanOrEqual(0.6);
  expect(shown.risk.text).toMatch(/^Risk of ending late high \(\d+ %\): .*% of the time used/);
  const judged = ['--level', 'high', '--reason', 'Chưa có đơn vị tư vấn', '--as', 'ha.le@vptw.example'];
  expect(dondoc('task', 'risk', 'NQ57-0003', ...judged).status).toBe(0);
  expect(dondoc('task', 'risk', 'NQ57-0003', ...judged)).toMatchObject({ status: 1, document: { refusal: { refused: 'risk_unchanged' } } });
  expect(dondoc('task', 'show', 'NQ57-0003').document.risk).toMatchObject({
    level: expect.stringMatching(/low|medium|high/),
    reported: { level: 'high', reason: 'Chưa có đơn vị tư vấn', by: 'ha.le@vptw.example' },
  });
  const { evaluations } = dondoc('risk', 'evaluate').document as {
    evaluations: { atShare: number; late: number; risk: { auc: number } }[];
  };
  expect(evaluations.map(({ atShare, late }) => [atShare, late])).toEqual([
    [0.5, 95],
    [0.75, 95],
  ]);
  expect(dondoc('risk', 'evaluate', '--at-share', '2').status).toBe(2);
  expect(dondoc('report', '--as-of', 'yesterday').status).toBe(2);
  expect(dondoc('task', 'fly', 'NQ57-0001').status).toBe(2);
  // Some twenty processes, one after another.
}, 120_000);

it('nudges and amends every task that a filter finds, once, and shows beforehand whom it concerns', () => {
  const ha = ['--as', 'ha.le@vptw.example'];
  expect(dondoc('bulk', 'nudge', ...ha).status).toBe(2);
  const { document: preview } = dondoc('bulk', 'nudge', '--overdue', '--in-agency', 'MOST', ...ha, '--dry-run');
  expect(Number(preview.count)).toBeGreaterThan(0);
  expect(preview.recipients).toContainEqual(expect.stringContaining('@most.example'));
  const nudge = () => dondoc('bulk', 'nudge', '--overdue', '--in-agency', 'MOST', '--text', 'Trước thứ Sáu', ...ha, '--key', 'friday');
  const first = nudge();
  // What is reported waits for its verifier, not for its assignee.
  const refused = first.document.refusals as { refused: string }[];
  expect([...new Set(refused.map((each) => each.refused))].filter((each) => each !== 'already_reported')).toEqual([]);
  expect(Number(first.document.done) + refused.length).toBe(preview.count);
  expect(nudge().document).toEqual(first.document);
  const [code = ''] = preview.tasks as string[];
  expect(dondoc('bulk', 'amend', '--of-assignee', 'nobody@most.example', '--priority', 'high', ...ha).document).toMatchObject({ done: 0 });
  const shown = dondoc('task', 'show', code).document;
  expect((shown.events as { type: string }[]).filter(({ type }) => type === 'AssigneeNudged').length).toBeLessThan(2);
});

it('counts the tasks that lack evidence, and finds them', { timeout: 90_000 }, () => {
  const list = (...flags: string[]) =>
    dondoc('task', 'list', ...flags).document as { count: number; tasks: { code: string; assignee: string; status: string }[] };
  const [task] = list('--overdue', '--status', 'acknowledged', '--limit', '1').tasks;
  if (task === undefined) throw new Error('none is overdue');
  expect(task.status).toBe('acknowledged');
  const ha = ['--as', 'ha.le@vptw.example'];
  expect(dondoc('task', 'amend', task.code, '--products', 'p1:decree:Nghị định', ...ha)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('legal_document, report'),
  });
  expect(dondoc('task', 'amend', task.code, '--products', 'p1:report:Báo cáo: tổng kết:2025-03-14', ...ha).status).toBe(0);
  expect(list('--missing-evidence').tasks.map(({ code }) => code)).toEqual([task.code]);
  expect(dondoc('report').document).toMatchObject({ missingEvidence: 1 });
});

it('changes what a task is a part of, and lets none be a part of itself', { timeout: 90_000 }, () => {
  const amend = (code: string, parent: string) => dondoc('task', 'amend', code, '--parent', parent, '--as', 'ha.le@vptw.example');
  expect(amend('NQ57-0002', 'NQ57-0001').status).toBe(0);
  expect(amend('NQ57-0003', 'NQ57-0002').status).toBe(0);
  expect(amend('NQ57-0001', 'NQ57-0003').document).toMatchObject({
    refusal: { refused: 'dependency_cycle', details: { path: 'NQ57-0001 → NQ57-0003 → NQ57-0002 → NQ57-0001' } },
  });
  expect(amend('NQ57-0002', 'none').status).toBe(0);
  expect(dondoc('task', 'show', 'NQ57-0002').document).toMatchObject({ task: { parent: null } });
});

it('explains what is wrong with a file in the language asked for', { timeout: 90_000 }, () => {
  const file = join(state, 'plan.csv');
  writeFileSync(file, readFileSync(join(root, 'examples/plan.csv'), 'utf8').replace('nd:legal_document', 'nd:decree'));
  const read = (...flags: string[]) => dondoc('import', file, '--as-of', '2025-12-04', '--dry-run', ...flags);
  expect(read()).toMatchObject({
    status: 1,
    document: { errors: [{ row: 2, column: 'products', value: 'decree', code: 'product_kind_invalid' }] },
  });
  expect(JSON.stringify(read('--locale', 'vi').document)).toContain('loại sản phẩm là một trong: legal_document');
  expect(JSON.stringify(read('--locale', 'fr').document)).toContain('le genre d’un livrable');
  expect(read('--locale', 'de').status).toBe(2);
});

it('goes on after a kill -9 in the middle of an import: the same tasks, each open one with one workflow', async () => {
  const copy = join(state, 'more.csv');
  const rows = readFileSync(join(root, 'examples/tasks.csv'), 'utf8').replaceAll('NQ57-', 'MORE-');
  writeFileSync(copy, rows);
  const importing = spawn(process.execPath, args('import', copy, '--as-of', '2025-12-04'), { cwd: root, stdio: 'ignore' });
  started.push(importing);
  // In the middle: some of the second thousand are stored, not all are armed.
  await expect
    .poll(() => Number(dondoc('task', 'list', '--limit', '0').document.count), { timeout: 60_000, interval: 50 })
    .toBeGreaterThan(1287);
  first.child.kill('SIGKILL');
  await Promise.all([once(first.child, 'exit'), importing.exitCode === null ? once(importing, 'exit') : undefined]);

  const { child, ready } = await up();
  expect(Number(ready.seconds)).toBeLessThan(20);
  const again = dondoc('import', copy, '--as-of', '2025-12-04');
  expect(again.status).toBe(0);
  expect(again.document).toMatchObject({ read: 1287, refused: 0 });
  expect(Number(dondoc('task', 'list', '--limit', '0').document.count)).toBe(2 * 1287);
  await expect
    .poll(() => dondoc('doctor').document, { timeout: 120_000, interval: 1_000 })
    .toMatchObject({ tasks: 2 * 1287, workflows: 2 * 686, findings: [] });

  const pids = partPids().map((pid) => ({ pid, born: bornAt(pid) }));
  const left = () => pids.filter(({ pid, born }) => isAlive(pid, born));
  child.kill('SIGTERM');
  const before = performance.now();
  // As Ctrl-C does: once by the terminal, once by npm, which may come late.
  await expect.poll(() => left().length, { timeout: 10_000 }).toBeLessThan(pids.length);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(left()).toEqual([]);
}, 300_000);

it('refuses a state folder of a newer version with a sentence', () => {
  const file = join(state, 'stack.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: 99 }));
  const { status, stderr } = spawnSync(process.execPath, args('up'), { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('was written by a newer dondoc');
});

it('names what a production role needs and what is wrong with it', () => {
  const run = (role: string, env: Record<string, string>) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'cli/main.ts', role], { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } });
  const missing = run('worker', {});
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain('set DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL, WEB_URL, LINK_SECRET, HISTORY_SECRET');
  const wrong = run('web', { DATABASE_URL: 'mysql://x', TEMPORAL_ADDRESS: 'x' });
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toMatch(/DATABASE_URL.*\n.*TEMPORAL_ADDRESS/);
});
