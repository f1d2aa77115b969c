/**
 * Proves that a step can tell a shared channel: one card goes there, stays true and offers only what everybody may do, nothing of a restricted
 * task is in it, a channel answers for no task, and the directory takes only channels as channels. On real parts.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPolicy } from '../config/policy.ts';
import type { AgencyCode, Email } from '../domain/names.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { storePolicy } from '../prisma/policies.ts';
import { LAN, type Office, openOffice, type SlackMessage } from './office.ts';

const CHANNEL = { email: 'follow-up@vptw.example' as Email, slack: 'C0GENERAL' };
let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await storePolicy(
    office.system.database,
    loadPolicy(join(fileURLToPath(new URL('.', import.meta.url)), 'fixtures/channel.yaml')),
    office.system.now(),
  );
  expect(await importPeople(CHANNEL.slack)).toMatchObject({ created: 1, refused: 0 });
  office.system.directory.forget();
});
afterAll(() => office.close());

const importPeople = (slackId: string) =>
  importDirectory(
    { database: office.system.database, now: office.system.now(), dryRun: false },
    'people',
    Buffer.from(
      `email,name,agency,role,locale,time_zone,slack_id\n${CHANNEL.email},Kênh theo dõi,VPTW,channel,vi,Asia/Ho_Chi_Minh,${slackId}\n`,
    ),
  );
const assign = (code: string, more: object = {}) =>
  office.assign(code, { title: `Nhiệm vụ ${code}`, more: { policy: { name: 'channel', version: 1 }, ...more } });

async function cards(): Promise<readonly SlackMessage[]> {
  const answer = await fetch(`${office.stack.info.slack?.control}/messages/${CHANNEL.slack}`);
  return ((await answer.json()) as { messages: SlackMessage[] }).messages;
}
const said = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks ?? []);
const actionsOf = (message: SlackMessage | undefined) =>
  (message?.blocks ?? []).flatMap(({ elements = [] }) => elements.flatMap(({ action_id }) => action_id ?? []));

it('posts one card to the channel and keeps it true', async () => {
  expect(await assign('SHARED')).toMatchObject({ answer: expect.stringMatching(/done|stored/) });
  const card = async () => (await cards()).find((message) => said(message).includes('SHARED'));
  await expect.poll(async () => said(await card()), { timeout: 20_000 }).toContain('Nhiệm vụ SHARED');
  expect(actionsOf(await card())).toEqual(['task_details']);
  const before = said(await card());
  await office.press(LAN, 'SHARED', 'task_acknowledge');
  await expect.poll(async () => said(await card()), { timeout: 20_000 }).not.toBe(before);
  expect((await cards()).filter((message) => said(message).includes('SHARED'))).toHaveLength(1);
  // It has no mailbox: nothing is sent to its address, whatever the step's other channels.
  const rows = await office.system.database.notification.findMany({ where: { taskCode: 'SHARED', recipient: CHANNEL.email } });
  expect(rows.map(({ channel, status }) => `${channel} ${status}`)).toEqual(['slack sent']);
});

it('says of a restricted task only that one waits', async () => {
  const known = (await cards()).length;
  expect(await assign('HUSH', { secrecy: 'secret' })).toMatchObject({ answer: expect.stringMatching(/done|stored/) });
  await expect.poll(async () => (await cards()).length, { timeout: 20_000 }).toBe(known + 1);
  expect(JSON.stringify((await cards()).at(-1))).not.toContain('Nhiệm vụ HUSH');
  expect(actionsOf((await cards()).at(-1))).toEqual([]);
});

it('lets no channel answer for a task', async () => {
  expect(await assign('NOBODY', { assignee: CHANNEL.email, leadAgency: 'VPTW' as AgencyCode })).toMatchObject({
    answer: 'refused',
    refusal: { refused: 'person_unknown' },
  });
});

it('takes no account of somebody for a channel', async () => {
  const { errors } = await importPeople('U0LAN');
  expect(errors.map(({ column, code }) => `${column} ${code}`)).toEqual(['slack_id slack_channel_invalid']);
});
