/**
 * Proves what people are told, and what happens afterwards, while a part is away: engine, database, Slack, mail server. A part is
 * killed; its supervisor starts it again after a while.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TaskCode } from '../domain/names.ts';
import { answersHttp } from '../ops/child.ts';
import { listens } from '../ops/temporal.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { taskWorkflowId } from '../workflows/names.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';

/** Long enough to act while the part is away. */
const AWAY_MS = 4_000;
let office: Office;
beforeEach(async () => {
  office = await openOffice({ restartMs: AWAY_MS });
});
afterEach(() => office.close());

function kill(part: string): void {
  process.kill(office.stack.pidOf(part) ?? 0, 'SIGKILL');
}
const portOf = (url: string) => Number(/:(\d+)/.exec(url.replace(/^\w+:\/\/[^@]*@?/, ''))?.[1]);
const types = async (code: string) => (await office.events(code)).map(({ type }) => type);
const told = async () => (await office.messages(LAN)).filter(({ subtype }) => subtype === 'ephemeral').map(({ text }) => text);

it('stores a press while the engine is away, says so, and carries it out once when it is back', async () => {
  await office.assign('FAULT-1');
  await office.cardOf(LAN, 'FAULT-1');
  kill('Temporal');
  await expect.poll(() => listens(portOf(office.stack.info.temporal.address))).toBe(false);
  await office.press(LAN, 'FAULT-1', 'task_acknowledge');
  await expect
    .poll(told, { timeout: 15_000 })
    .toEqual(['Yêu cầu của bạn về FAULT-1 đã được lưu và sẽ được thực hiện ngay khi dịch vụ hoạt động trở lại.']);
  await expect.poll(() => types('FAULT-1'), { timeout: 40_000 }).toEqual(['TaskAssigned', 'TaskAcknowledged']);
  const [command] = await office.system.database.command.findMany({ where: { via: 'slack' } });
  expect(command?.status).toBe('done');
  expect(office.crashes.map(({ part }) => part)).toEqual(['Temporal']);
});

it('says that nothing was stored while the database is away, and nothing was', async () => {
  await office.assign('FAULT-2');
  await office.cardOf(LAN, 'FAULT-2');
  kill('PostgreSQL');
  await expect.poll(() => listens(portOf(office.stack.info.databaseUrl))).toBe(false);
  const answer = await office.system.inbox.submit({
    key: 'while-away',
    code: 'FAULT-2' as TaskCode,
    actor: LAN.email,
    via: 'slack',
    request: { type: 'AcknowledgeTask' },
  });
  expect(answer).toEqual({ answer: 'not_stored' });
  await office.press(LAN, 'FAULT-2', 'task_acknowledge');
  await expect
    .poll(told, { timeout: 15_000 })
    .toEqual(['Hệ thống chưa lưu được yêu cầu của bạn về FAULT-2. Không có gì thay đổi; xin thử lại sau ít phút.']);
  await expect.poll(() => types('FAULT-2').catch(() => []), { timeout: 40_000 }).toEqual(['TaskAssigned']);
  // Back again, the same person presses once more, and everything goes its way.
  await office.press(LAN, 'FAULT-2', 'task_acknowledge');
  await expect.poll(() => types('FAULT-2'), { timeout: 20_000 }).toEqual(['TaskAssigned', 'TaskAcknowledged']);
});

it('keeps what a mail server that is away cannot take, and sends it once when it is back', async () => {
  kill('mail catcher');
  await expect.poll(() => listens(office.stack.info.mail.smtp.port)).toBe(false);
  await office.assign('FAULT-3');
  const mails = () => office.system.database.notification.findMany({ where: { taskCode: 'FAULT-3', channel: 'email', step: 'assigned' } });
  await expect.poll(async () => (await mails())[0]?.attempts ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
  expect((await mails())[0]?.status).not.toBe('sent');
  await expect.poll(async () => (await mails())[0]?.status, { timeout: 40_000, interval: 200 }).toBe('sent');
  expect(await office.mails(LAN)).toHaveLength(1);
});

it('keeps what Slack cannot take while it is away, and posts it once when it is back', async () => {
  kill('local Slack');
  await expect.poll(() => answersHttp(office.stack.info.slack?.url ?? '')).toBe(false);
  await office.assign('FAULT-4');
  const posts = () => office.system.database.notification.findMany({ where: { taskCode: 'FAULT-4', channel: 'slack', step: 'assigned' } });
  await expect.poll(async () => (await posts())[0]?.attempts ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
  await expect.poll(async () => (await posts())[0]?.status, { timeout: 40_000, interval: 200 }).toBe('sent');
  await expect.poll(async () => (await office.messages(LAN)).filter(({ subtype }) => subtype === undefined).length).toBe(1);
});

it('shows and tells what an earlier version has stored', async () => {
  await office.assign('FAULT-6');
  await office.cardOf(LAN, 'FAULT-6');
  const { database } = office.system;
  await expect.poll(() => database.chatMessage.count({ where: { taskCode: 'FAULT-6' } })).toBe(1);
  await database.$executeRaw`
    UPDATE task SET state = state - ARRAY['extension', 'extensionsGranted', 'extensionAnswer', 'originalDeadline', 'obstacles', 'obstacleAnswer']
    WHERE code = 'FAULT-6'`;
  await database.chatMessage.updateMany({ where: { taskCode: 'FAULT-6' }, data: { shownSeq: 0 } });
  await expect
    .poll(async () => (await database.chatMessage.findFirst({ where: { taskCode: 'FAULT-6' } }))?.revision, { timeout: 15_000 })
    .toBe(1);
});

it('refuses a person who is not in the directory, and an act on a task that does not exist', async () => {
  const act = (code: string, actor: typeof HA.email) =>
    office.system.inbox.submit({
      key: `x:${code}:${actor}`,
      code: code as TaskCode,
      actor,
      via: 'cli',
      request: { type: 'AcknowledgeTask' },
    });
  expect(await act('NONE', HA.email)).toMatchObject({ answer: 'refused', refusal: { refused: 'task_unknown' } });
  expect(await office.assign('FAULT-5', { policy: 'no-such' })).toMatchObject({
    answer: 'refused',
    refusal: { refused: 'policy_unknown' },
  });
  expect(await act('NONE', 'nobody@most.example' as typeof HA.email)).toMatchObject({
    answer: 'refused',
    refusal: { refused: 'person_unknown' },
  });
});

it('carries out what is stored although a task before it does not answer', async () => {
  const { database, client, inbox } = office.system;
  await office.assign('FAULT-7');
  await office.assign('FAULT-8');
  const comment = (code: string) =>
    inbox.submit({
      key: `comment:${code}`,
      code: code as TaskCode,
      actor: LAN.email,
      via: 'cli',
      request: { type: 'AddComment', text: 'x', files: [] },
    });
  // Nobody works on this queue.
  await client.workflow.getHandle(taskWorkflowId('FAULT-7' as TaskCode)).terminate();
  await client.workflow.start('taskLifecycle', { workflowId: taskWorkflowId('FAULT-7' as TaskCode), taskQueue: 'nobody', args: [] });
  expect(await comment('FAULT-7')).toMatchObject({ answer: 'stored' });
  const [stored] = await database.command.findMany({ where: { taskCode: 'FAULT-7', status: 'stored' } });
  if (stored === undefined) throw new Error('it is stored');
  const id = randomUUID();
  await database.command.create({
    data: {
      ...stored,
      id,
      key: 'later',
      taskCode: 'FAULT-8',
      body: { ...(stored.body as object), id, code: 'FAULT-8' },
      outcome: Prisma.DbNull,
    },
  });
  await expect.poll(() => types('FAULT-8'), { timeout: 20_000 }).toEqual(['TaskAssigned', 'CommentAdded']);
  expect(await types('FAULT-7')).toEqual(['TaskAssigned']);
  await client.workflow.getHandle(taskWorkflowId('FAULT-7' as TaskCode)).terminate();
});
