/**
 * Proves the commands that look ahead and back, as they are given beside a running stack: their documents, and that a wrong question
 * is answered with what would be right. What they compute is proved by test/simulate.test.ts and beside the domain.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINH, type Office, openOffice } from './office.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let office: Office;
let folder: string;
/** The committee's policy with the escalation after the deadline a day later, and nothing said to the head. */
let later: string;
beforeAll(async () => {
  office = await openOffice();
  folder = mkdtempSync(join(tmpdir(), 'dondoc-policies-'));
  later = join(folder, 'later.yaml');
  const standard = readFileSync(join(root, 'config/policies/standard.yaml'), 'utf8');
  const overdue = /id: overdue-1wd,\s+anchor: deadline,\s+offset: \+1wd/;
  expect(standard).toMatch(overdue);
  writeFileSync(
    later,
    standard
      .replace(overdue, (found) => found.replace('+1wd', '+2wd'))
      .replace(/id: overdue-3wd,[^}]+audience: \[head\]/, (found) => found.replace('[head]', '[supervisor]')),
  );
  for (const [code, days] of [
    ['NEAR', 5],
    ['FAR', 150],
  ] as const)
    await office.assign(code, { policy: 'standard', days });
});
afterAll(async () => {
  await office.close();
  rmSync(folder, { recursive: true });
});

async function dondoc(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args, '--state', office.state], { cwd: root });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
}
async function json<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await dondoc(...args, '--json');
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as T;
}
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

interface Simulated {
  readonly notifications: readonly {
    task: string;
    step: string;
    at: string;
    recipient: string;
    channel: string;
    mergedInto: string | null;
    key: string;
  }[];
  readonly perPerson: readonly { recipient: string; messages: number; perDayMax: number }[];
}

it('simulate: every open task, what each tells, and the messages of each person', async () => {
  const { notifications, perPerson } = await json<Simulated>('policy', 'simulate', '--all', '--to', inDays(200));
  expect(new Set(notifications.map(({ task }) => task))).toEqual(new Set(['NEAR', 'FAR']));
  // Beyond what the ledger holds at one time.
  expect(notifications.find(({ task, step }) => task === 'FAR' && step === 'overdue-5wd')?.recipient).toBe('ha.le@vptw.example');
  // Both were assigned at once: their first reminders are one message, after hours with the cards themselves.
  const reminders = notifications.filter(({ step, channel }) => step === 'unacknowledged-1wd' && channel === 'slack');
  expect(reminders.map(({ task }) => task)).toEqual(['FAR', 'NEAR']);
  expect(new Set(reminders.map(({ key, mergedInto }) => mergedInto ?? key)).size).toBe(1);
  expect(notifications.map(({ key }) => key)).toContain(reminders.find(({ task }) => task === 'FAR')?.mergedInto);
  for (const { recipient, messages, perDayMax } of perPerson) {
    const own = notifications.filter((each) => each.recipient === recipient && each.mergedInto === null);
    expect(messages, recipient).toBe(own.length);
    expect(perDayMax).toBeLessThanOrEqual(messages);
  }
});

it('simulate: one task, between two days, under another policy', async () => {
  const { notifications } = await json<Simulated>('policy', 'simulate', later, '--task', 'NEAR', '--from', inDays(5), '--to', inDays(30));
  expect(new Set(notifications.map(({ task }) => task))).toEqual(new Set(['NEAR']));
  expect(notifications.every(({ at }) => at.slice(0, 10) >= inDays(4))).toBe(true);
  expect(notifications.find(({ step }) => step === 'overdue-3wd')?.recipient).toBe(MINH.email);
});

it('diff: who hears more, less, earlier and later; a policy does not differ from itself', async () => {
  interface Diff {
    readonly changedTasks: number;
    readonly later: number;
    readonly perPerson: readonly { recipient: string; more: number; less: number; later: number; messages: [number, number] }[];
    readonly perTask: readonly { task: string; first: readonly { change: string }[] }[];
  }
  const diff = await json<Diff>('policy', 'diff', 'standard', later, '--to', inDays(200));
  expect(diff.changedTasks).toBe(2);
  const of = (email: string) => diff.perPerson.find(({ recipient }) => recipient === email);
  expect(of('lan.nguyen@most.example')?.later).toBeGreaterThan(0);
  expect(of('dung.mai@most.example')).toMatchObject({ more: 0, less: 2 });
  expect(of(MINH.email)?.more).toBeGreaterThan(0);
  expect(diff.perTask[0]?.first[0]).toBeDefined();
  expect(await json<Diff>('policy', 'diff', 'standard', 'standard')).toMatchObject({ changedTasks: 0, perPerson: [], perTask: [] });
});

it('replay: under the policies in force what was told is what the ledger has', async () => {
  expect(await json('policy', 'replay')).toMatchObject({ tasks: 2, identical: true, approximate: 0, perPerson: [] });
  const { out } = await dondoc('policy', 'replay', 'minutes');
  expect(out).toMatch(/under minutes version \d+: 2 tasks/);
});

it.each<[string, string[], number, RegExp]>([
  ['a day that is none', ['policy', 'simulate', '--to', '2026-02-30'], 2, /--to 2026-02-30: no such date/],
  ['a time that has passed', ['policy', 'simulate', '--to', '2020-01-01'], 2, /has passed.*policy replay/],
  ['a past that has not come', ['policy', 'replay', '--from', '2090-01-01'], 2, /has not come yet.*policy simulate/],
  ['a task that is not there', ['policy', 'simulate', '--task', 'NOBODY'], 1, /no open task NOBODY/],
  ['one task and all', ['policy', 'simulate', '--task', 'NEAR', '--all'], 2, /not both/],
  ['a policy that is not there', ['policy', 'diff', 'standard', 'nothing.yaml'], 1, /no file nothing\.yaml, and no stored policy/],
])('refuses %s', async (_, args, status, message) => {
  const { code, out, err } = await dondoc(...args);
  expect(err).toMatch(message);
  expect([code, out]).toEqual([status, '']);
});
