/**
 * Proves on real parts that a policy is put in force whole or not at all, that a version never changes, that a step's own line reaches
 * chat and mail but never of a restricted task, and that a preview of tasks moved to another policy says what then stands in the
 * ledger. Does not prove what `check` finds: see test/broken-policies.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bulk } from '../cli/bulk.ts';
import type { Context } from '../cli/context.ts';
import { checkPolicy, listPolicies, loadPolicyFile, showPolicy } from '../cli/policy.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';

let office: Office;
const folder = mkdtempSync(join(tmpdir(), 'dondoc-policy-'));
beforeAll(async () => {
  office = await openOffice();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await office.close();
});

const printed: { document: Record<string, unknown>; human: string }[] = [];
const context = (): Context => ({
  state: office.state,
  json: true,
  print: (document, human) => void printed.push({ document: document as Record<string, unknown>, human }),
  say: () => {},
});
const last = () => printed.at(-1)?.document ?? {};
const POLICY = `name: tried
version: 1
extends: minutes
steps:
  - id: assigned
    text:
      vi: "Dòng riêng của {code}: {title} <!channel>"
      en: "Own line of {code}"
      fr: "Ligne de {code}"
  - id: later
    anchor: assignment
    offset: +3h
    when: unacknowledged
    kind: escalation
    audience: [head]
    channels: { order: [email], use: first }
`;
function written(text: string): string {
  const file = join(folder, 'tried.yaml');
  writeFileSync(file, text);
  return file;
}
const stored = () => office.system.database.policy.findMany({ where: { name: 'tried' }, orderBy: { version: 'asc' } });

it('is put in force, stays as it is under its version, and is refused whole with any error', async () => {
  expect(await loadPolicyFile(context(), written(POLICY))).toBe(true);
  expect(last()).toMatchObject({ loaded: true, answer: 'stored', name: 'tried', version: 1, errors: [] });
  // The same rules in other words are the same.
  expect(await loadPolicyFile(context(), written(`# a comment\n${POLICY}`))).toBe(true);
  expect(last()).toMatchObject({ loaded: true, answer: 'unchanged' });
  expect(await loadPolicyFile(context(), written(POLICY.replace('+3h', '+4h')))).toBe(false);
  expect(last()).toMatchObject({ loaded: false, because: 'changed', next: 2, message: expect.stringContaining('write version: 2') });
  expect(await loadPolicyFile(context(), written(POLICY.replace('version: 1', 'version: 2').replace('[head]', '[haed]')))).toBe(false);
  expect(last()).toMatchObject({ loaded: false, errors: [{ line: 15, column: 16, code: 'unknown_word', cure: 'did you mean head?' }] });
  expect((await stored()).map(({ version }) => version)).toEqual([1]);
  expect(await loadPolicyFile(context(), written(POLICY.replace('version: 1', 'version: 3')))).toBe(true);
  expect(await loadPolicyFile(context(), written(POLICY.replace('version: 1', 'version: 2')))).toBe(false);
  expect(last()).toMatchObject({ because: 'older', next: 4 });
});

it('asks the directory whom a policy names', async () => {
  const named = POLICY.replace('[head]', '[{ person: lan.nguyem@most.example }]');
  expect(await checkPolicy(context(), written(named))).toBe(false);
  expect(last()).toMatchObject({
    directory: true,
    errors: [{ line: 15, column: 26, code: 'person_unknown', cure: 'did you mean lan.nguyen@most.example?' }],
  });
  expect(await loadPolicyFile(context(), written(named.replace('version: 1', 'version: 4')))).toBe(false);
});

it('shows what is in force with the lines that it came from, whatever the file says now', async () => {
  written('name: tried\nversion: 9\n');
  expect(await showPolicy(context(), 'tried@1')).toBe(true);
  const lines = last().lines as { path: string; value: unknown; file: string; line: number }[];
  const at = (value: string, field: string) => {
    const step = lines.find((each) => each.value === value && each.path.endsWith('.id'))?.path.replace(/id$/, '');
    const { file, line } = lines.find(({ path }) => path === `${step}${field}`) ?? {};
    return `${file?.split('/').at(-1)}:${line}`;
  };
  expect(at('later', 'offset')).toBe('tried@1:12');
  expect(at('assigned', 'text')).toBe('tried@1:6');
  expect(at('assigned', 'offset')).toMatch(/^minutes\.yaml:\d+$/);
  // What is shown is itself a policy, of the same rules.
  const human = printed.at(-1)?.human ?? '';
  expect(await checkPolicy(context(), written(human))).toBe(true);
  expect(last()).toMatchObject({ valid: true, sha256: (await stored())[0]?.sha256 });
});

it("says a step's own line in chat and mail, and nothing of it for a restricted task", async () => {
  const policy = { name: 'tried', version: 1 };
  expect(await office.assign('OWN-1', { more: { policy } })).toMatchObject({ answer: 'done' });
  const { message } = await office.cardOf(LAN, 'OWN-1');
  const title = 'Trình nghị định về thử nghiệm có kiểm soát';
  const said = `Dòng riêng của OWN-1: ${title} <!channel>`;
  expect(message.blocks).toContainEqual(
    expect.objectContaining({ type: 'section', text: expect.objectContaining({ type: 'plain_text', text: said }) }),
  );
  const bodies = async () => JSON.stringify(await office.mails(LAN));
  await expect.poll(bodies, { timeout: 15_000 }).toContain(`Dòng riêng của OWN-1`);
  expect(await bodies()).not.toContain('<!channel></div>');
  await office.assign('OWN-2', { more: { policy, secrecy: 'secret' } });
  const chat = async () => JSON.stringify(await office.messages(LAN));
  await expect.poll(chat, { timeout: 15_000 }).toContain('/tasks/OWN-2');
  await expect.poll(bodies, { timeout: 15_000 }).toContain('/tasks/OWN-2');
  expect(`${await chat()}${await bodies()}`).not.toContain('Dòng riêng của OWN-2');
  // A card that is brought up to date says it still.
  await office.press(LAN, 'OWN-1', 'task_acknowledge');
  const blocks = async () => JSON.stringify((await office.cardOf(LAN, 'OWN-1')).message.blocks);
  await expect.poll(blocks, { timeout: 15_000 }).not.toContain('task_acknowledge');
  expect(await blocks()).toContain('Dòng riêng của OWN-1');
});

it('moves tasks to another policy as the preview said, and counts them there', async () => {
  await office.assign('MOVE-1');
  const filter = { as: HA.email, policy: 'tried@3', underPolicy: 'minutes' };
  expect(await bulk(context(), 'amend', { ...filter, dryRun: true })).toBe(true);
  const moves = last().moves as { code: string; from: string; more: { key: string; recipient: string }[]; less: unknown[] }[];
  expect(moves).toMatchObject([{ code: 'MOVE-1', from: 'minutes@3', more: [{ kind: 'escalation', channel: 'email' }], less: [] }]);
  expect(printed.at(-1)?.human).toMatch(/^MOVE-1 \(minutes@3\): \+1: \S+ escalation by email /);
  const planned = () => office.system.database.notification.findMany({ where: { taskCode: 'MOVE-1', step: 'later', status: 'planned' } });
  expect(await planned()).toEqual([]);
  expect(await bulk(context(), 'amend', filter)).toBe(true);
  await expect.poll(async () => (await planned()).map(({ key }) => key), { timeout: 15_000 }).toEqual(moves[0]?.more.map(({ key }) => key));
  await listPolicies(context());
  const listed = last().policies as { name: string; version: number; inForce: boolean; openTasks: number }[];
  const of = (name: string) =>
    listed.filter((each) => each.name === name).map(({ version, inForce, openTasks }) => [version, inForce, openTasks]);
  expect(of('tried')).toEqual([
    [3, true, 1],
    [1, false, 2],
  ]);
  expect(of('minutes')).toEqual([[3, true, 0]]);
  expect(of('strict')).toEqual([[1, true, 0]]);
  await expect(bulk(context(), 'amend', { ...filter, policy: 'tried@7', dryRun: true })).rejects.toThrow('there is no policy tried@7');
  await expect(bulk(context(), 'amend', { ...filter, policy: 'tried@x', dryRun: true })).rejects.toThrow('NAME@VERSION');
});
