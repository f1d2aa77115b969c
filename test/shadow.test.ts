/**
 * Proves at the edges that in shadow mode nothing reaches whom it names: everything that is asked of Slack passes a proxy that writes it
 * down, every mail a mail server that does, every message a gateway; and that afterwards nobody counts as told. The parts between are real.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shadowMessages } from '../cli/report-shadow.ts';
import { connectionsOf, startSystem } from '../cli/system.ts';
import { type AgencyCode, CHANNELS, type TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { exampleSlackUsers } from '../examples/demo.ts';
import { freePort } from '../ops/ports.ts';
import { storeNotices } from '../prisma/notices.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { HA, LAN, type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';
import { openSmtpServer, type RunningSmtpServer } from './smtp-server.ts';

const MAILBOX = 'shadow@vptw.example';
const CHANNEL = 'C0GENERAL';
/** At the gateway. */
const NUMBER = '+84000000000';
const envelopes: string[][] = [];
const mails: string[] = [];
let office: Office;
let server: RunningSmtpServer;
let slack: SlackProxy;
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
  server = await openSmtpServer({
    async onMail({ to, bytes }) {
      envelopes.push([...to]);
      mails.push(bytes.toString());
    },
  });
  office = await openOffice({
    shadow: { mailbox: MAILBOX, channel: CHANNEL, webhook: NUMBER },
    webhook: gateway.access,
    smtp: server.access,
    slackThrough: async (apiUrl) => {
      slack = await openSlackProxy(apiUrl);
      return slack.apiUrl;
    },
  });
});
afterAll(async () => {
  await office.close();
  await slack.close();
  await server.close();
  await gateway.close();
});

/** What a mail says, its lines joined again (RFC 2045, 6.7). */
const decoded = (mail: string) => {
  const bytes = mail
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
};
/** The arguments of a call: a post comes as JSON, everything rarer as a form. */
const given = (body: string): URLSearchParams => {
  if (!body.startsWith('{')) return new URLSearchParams(body);
  const { channel, text } = JSON.parse(body) as { channel: string; text: string };
  return new URLSearchParams({ channel, text });
};
const posted = () => slack.calls.filter(({ method }) => method === 'chat.postMessage').map(({ body }) => given(body));

it('brings every card and mail to one channel and one mailbox, with whom it would have gone to', async () => {
  await office.assign('SHADOW-1');
  await office.assign('SHADOW-2', { assignee: SON.email });
  await expect.poll(() => posted().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  await expect.poll(() => mails.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  const said = posted().map((message) => message.get('text') ?? '');
  expect(said.join('\n')).toContain(`lẽ ra gửi đến Nguyễn Thị Lan <${LAN.email}>`);
  expect(said.join('\n')).toContain(`lẽ ra gửi đến Phạm Hồng Sơn <${SON.email}>`);
  expect(mails.map(decoded).join('\n')).toContain(`lẽ ra gửi đến Nguyễn Thị Lan <${LAN.email}>`);
});

it('brings there what comes by itself, too', async () => {
  const { database, now } = office.system;
  const at = now();
  const notices = CHANNELS.map((channel) => ({
    ...{ key: `test/${channel}`, kind: 'week' as const, recipient: SON.email, channel, sendAt: at, notAfter: null },
    body: { day: localDate(at, COMMITTEE_TIME_ZONE), agency: 'MOF' as AgencyCode, at },
  }));
  expect(await storeNotices(database, notices, at)).toBe(true);
  await office.system.sweep();
  const sent = () => database.notice.findMany({ where: { status: 'sent', shadow: true } });
  await expect.poll(async () => (await sent()).length, { timeout: 20_000 }).toBe(3);
  const lines = (text: string) => text.includes('Nhiệm vụ của Bộ Tài chính') && text.includes(`lẽ ra gửi đến Phạm Hồng Sơn <${SON.email}>`);
  expect(posted().filter((message) => lines(message.get('text') ?? ''))).toHaveLength(1);
  expect(mails.map(decoded).filter((mail) => mail.includes(`lẽ ra gửi đến Phạm Hồng Sơn <${SON.email}>`)).length).toBeGreaterThan(0);
  expect(gateway.to(NUMBER).map(({ payload }) => payload.data.text)).toEqual([
    expect.stringMatching(`lẽ ra gửi đến Phạm Hồng Sơn <${SON.email}>. Nhiệm vụ của Bộ Tài chính`),
  ]);
  const reported = await shadowMessages(database, { from: null, to: null });
  expect(
    reported
      .filter(({ notice }) => notice === 'week')
      .map(({ recipient, channel }) => `${recipient} ${channel}`)
      .sort(),
  ).toEqual(CHANNELS.map((channel) => `${SON.email} ${channel}`).sort());
});

it('keeps the diverted cards true where they are', async () => {
  const acknowledge = { code: 'SHADOW-1' as TaskCode, actor: LAN.email, via: 'cli', request: { type: 'AcknowledgeTask' } } as const;
  expect(await office.submit({ ...acknowledge, key: 'shadow' })).toMatchObject({ answer: 'done' });
  const updates = () => slack.calls.filter(({ method }) => method === 'chat.update').map(({ body }) => new URLSearchParams(body));
  await expect.poll(() => updates().length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(updates()[0]?.get('text')).toContain(LAN.email);
});

it('calls no real recipient: not by an account, nor by a conversation, nor by an address', () => {
  const real = exampleSlackUsers().map(({ id }) => id);
  for (const { method, body } of slack.calls) {
    const call = given(body);
    for (const argument of ['channel', 'user', 'users', 'channels']) {
      if (call.get(argument) !== null) expect([method, argument, call.get(argument)]).toEqual([method, argument, CHANNEL]);
    }
    expect(real.filter((id) => body.includes(id))).toEqual([]);
  }
  expect(slack.calls.map(({ method }) => method)).not.toContain('conversations.open');
  expect(envelopes.length).toBeGreaterThanOrEqual(2);
  for (const envelope of envelopes) expect(envelope).toEqual([MAILBOX]);
});

it("opens nothing by a diverted mail's link, says on every page what mode it is, and reports who would have been told", async () => {
  const link = /https?:\/\/[^\s"]+\/a\/[\w~.-]+/.exec(mails.map(decoded).join('\n'))?.[0] ?? '';
  expect((await fetch(link)).status).toBe(403);
  expect((await fetch(link, { method: 'POST' })).status).toBe(403);
  const page = await (await fetch(`${office.system.listensAt}/tasks/SHADOW-1?lang=en`)).text();
  expect(page).toContain('Shadow mode: every message is diverted');
  expect(page).toContain('shown in shadow mode at');
  const reported = await shadowMessages(office.system.database, { from: null, to: null });
  expect(
    reported
      .filter(({ recipient }) => recipient === LAN.email)
      .map(({ channel }) => channel)
      .sort(),
  ).toEqual(['email', 'slack']);
  expect(reported.find(({ recipient }) => recipient === SON.email)?.notifications).toMatchObject([
    { task: 'SHADOW-2', kind: 'assignment' },
  ]);
});

it('tells for real from the day on which it ends, and lets nobody count as told before', async () => {
  await office.system.stop();
  const before = slack.calls.length;
  const live = await startSystem(connectionsOf(office.stack.info), await freePort());
  try {
    const cards = () => live.database.chatMessage.findMany({ where: { shadow: false } });
    const nudge = { type: 'NudgeAssignee', text: 'Cần trước thứ Sáu' } as const;
    const submission = { key: 'live', code: 'SHADOW-1' as TaskCode, actor: HA.email, via: 'cli', request: nudge } as const;
    expect(await live.inbox.submit(submission)).toMatchObject({ answer: 'done' });
    await expect.poll(async () => (await cards()).map(({ recipient }) => recipient), { timeout: 20_000 }).toContain(LAN.email);
    const told = (await office.messages(LAN)).filter(({ subtype }) => subtype === undefined);
    expect(told).toHaveLength(1);
    expect(told[0]?.text).not.toContain('lẽ ra gửi đến');
    const assigned = await live.database.notification.findMany({ where: { taskCode: 'SHADOW-1', step: 'assigned' } });
    expect(assigned.map(({ shadow }) => shadow)).toEqual([true, true]);
    const page = await (await fetch(`${live.listensAt}/tasks/SHADOW-1?lang=en`)).text();
    expect(page).toContain('the person was not told');
    expect(page).not.toContain('Shadow mode: every message is diverted');
    // The proxy is out of the way of what is real, and heard nothing more.
    expect(slack.calls.length).toBe(before);
  } finally {
    await live.stop();
  }
});

it('does not start with half of it, where the other half would go to real people', async () => {
  const half = { ...connectionsOf(office.stack.info), shadow: { mailbox: MAILBOX, channel: null, webhook: null } };
  await expect(startSystem(half, await freePort())).rejects.toThrow('SHADOW_CHANNEL');
  const without = { ...half, shadow: { ...half.shadow, channel: CHANNEL }, webhook: gateway.access };
  await expect(startSystem(without, await freePort())).rejects.toThrow('SHADOW_WEBHOOK');
});
