/**
 * Proves on real parts that a channel that is late is seen at once on every page and by the command line, and told once to each coordinator by
 * the other channel, though two workers look; that it is over when all has gone; and that a coordinator hears of what reached nobody. The
 * rules: domain/backlog.test.ts; what counts as late: prisma/delivery.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { afterEach, expect, it } from 'vitest';
import type { Sender } from '../activities/sender.ts';
import { connectionsOf, type System, startSystem } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { atLocalTime } from '../domain/calendar.ts';
import type { Email } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant } from '../domain/time.ts';
import { freePort } from '../ops/ports.ts';
import { TASK_QUEUE } from '../workflows/names.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';
import { openSmtpServer, type RunningSmtpServer } from './smtp-server.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let office: Office;
let slack: SlackProxy;
let other: System | undefined;
let server: RunningSmtpServer | undefined;
let time: MovableTime | undefined;
const slackThrough = async (apiUrl: string) => {
  slack = await openSlackProxy(apiUrl);
  return slack.apiUrl;
};
afterEach(async () => {
  await other?.stop();
  await office.close();
  await slack.close();
  await server?.close();
  await time?.close();
  for (const name of ['LATE_SECONDS', 'LATE_ALARM_SECONDS', 'TEMPORAL_ADDRESS']) delete process.env[name];
});

const page = async (path: string) => {
  const html = await (await fetch(`${office.system.listensAt}${path}?lang=en`)).text();
  return html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
};
async function dondoc(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args, '--state', office.state], { cwd: root });
  const [out, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out };
}
const coordinators = async () =>
  (await office.system.database.person.findMany({ where: { role: 'coordinator' } })).map(({ email }) => email as Email).sort();
const alarms = async () =>
  (await office.system.database.notice.findMany({ where: { kind: 'backlog' }, orderBy: { recipient: 'asc' } })).map(
    ({ recipient, channel, status }) => [recipient, channel, status].join(' '),
  );
const SUBJECT = 'Tin gửi qua Slack đang bị chậm';
const alarmMails = async () => (await office.mails(HA)).filter(({ subject }) => subject === SUBJECT);

it.each([
  ['asks for patience', { status: 429, retryAfterSeconds: 2 }, 'ratelimited'],
  ['fails', { status: 500 }, 'HTTP 500'],
])(
  'says so on every page, and tells each coordinator once by mail, while Slack %s',
  async (_, away, answer) => {
    process.env.LATE_SECONDS = '2';
    process.env.LATE_ALARM_SECONDS = '4';
    office = await openOffice({ slackThrough });
    const own = connectionsOf(office.stack.info);
    if (own.slack === null) throw new Error('there is a Slack');
    other = await startSystem({ ...own, slack: { ...own.slack, apiUrl: slack.apiUrl } }, await freePort(), { roles: ['worker'] });
    expect(await page('/')).not.toContain('delayed');
    expect(await page('/delivery')).toContain('Nothing is late.');

    slack.away = away;
    for (const [code, assignee] of [
      ['LATE-1', LAN.email],
      ['LATE-2', SON.email],
    ] as const)
      expect(await office.assign(code, { assignee })).toMatchObject({ answer: 'done' });
    const said = new RegExp(
      `\\d messages by Slack have been delayed since .* because the channel (takes none|does not take them).*${answer}`,
    );
    for (const path of ['/', '/tasks', '/tasks/LATE-1', '/delivery'])
      await expect.poll(() => page(path), { timeout: 30_000 }).toMatch(said);
    const everyone = (await coordinators()).map((email) => `${email} email sent`);
    await expect.poll(alarms, { timeout: 40_000 }).toEqual(everyone);
    const [mail] = await alarmMails();
    expect(mail?.text).toContain(answer);
    expect(mail?.text).toContain('/delivery?lang=vi');
    const { code, out } = await dondoc('delivery', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      late: [{ channel: 'slack', people: 2, reason: 'refused', answer }],
      days: [{ channel: 'email' }],
      past: [{ channel: 'slack', endedAt: null }],
    });
    const found = await dondoc('doctor');
    expect(found.code).toBe(1);
    expect(found.out).toMatch(new RegExp(`slack: channel_late \\(\\d messages by Slack have been delayed .*${answer}`));

    slack.away = null;
    const ended = async () => (await office.system.database.backlog.findMany()).map(({ endedAt }) => endedAt !== null);
    await expect.poll(ended, { timeout: 120_000, interval: 500 }).toEqual([true]);
    expect(await page('/')).not.toContain('delayed');
    expect(await page('/delivery')).toMatch(/Slack: messages due since .* were late until /);
    await office.cardOf(LAN, 'LATE-1');
    expect(await alarms()).toEqual(everyone);
    expect(await alarmMails()).toHaveLength(1);
    expect((await dondoc('delivery')).out).toMatch(/^nothing is late\n.*\n[\d-]{10} {2}(e-mail|Slack) /);
  },
  240_000,
);

it('needs no courier of the late channel: one that is stuck is told of by the other', async () => {
  process.env.LATE_SECONDS = '2';
  process.env.LATE_ALARM_SECONDS = '4';
  let goOn = () => {};
  const stuck = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const throughSender = (sender: Sender): Sender =>
    sender.channel === 'email' ? sender : { ...sender, prepare: (messages) => stuck.then(() => sender.prepare(messages)) };
  office = await openOffice({ slackThrough, system: { throughSender } });
  expect(await office.assign('STUCK-1')).toMatchObject({ answer: 'done' });
  await expect.poll(alarms, { timeout: 40_000 }).toEqual((await coordinators()).map((email) => `${email} email sent`));
  expect(await page('/')).toContain('by Slack has been delayed');
  expect((await alarmMails())[0]?.text).toContain('không có tiến trình nào đang gửi');
  goOn();
  await office.cardOf(LAN, 'STUCK-1');
  await expect.poll(() => page('/'), { timeout: 20_000 }).not.toContain('delayed');
}, 120_000);

it('tells the coordinator, once a day, what was given up and no channel has told', async () => {
  const at = (day: string, clock: string): IsoInstant => atLocalTime(`2031-03-${day}` as IsoDate, clock, COMMITTEE_TIME_ZONE);
  // Monday, 09:00 in Hanoi.
  time = await openMovableTime(at('03', '09:00'));
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  const full = new Set<string>();
  server = await openSmtpServer({
    refuses: (address) => (full.has(address) ? Object.assign(new Error('5.7.1 not from you'), { responseCode: 554 }) : null),
    // What is taken goes on to the mail catcher, where people read it.
    async onMail({ to, bytes }) {
      const { host, port } = office.stack.info.mail.smtp;
      await createTransport({ host, port, ignoreTLS: true }).sendMail({
        envelope: { from: 'dondoc@dondoc.example', to: [...to] },
        raw: bytes,
      });
    },
  });
  office = await openOffice({
    smtp: server.access,
    slackThrough,
    system: { now: time.now, calendar: vietnamCalendar({ from: 2030, to: 2032 }) },
  });
  const untold = () =>
    office.system.database.notification.count({ where: { step: 'assigned', status: { in: ['planned', 'claimed', 'sending'] } } });
  /** What the Schedule does at an hour, and what comes of it until another. */
  const ask = async (day: string, clock: string, until: string) => {
    // What is told by another channel is found by the next sweep.
    await expect.poll(untold, { timeout: 20_000 }).toBe(0);
    await time?.moveTo(at(day, clock));
    const workflowId = `notices-${day}-${clock.replace(':', '')}`;
    await office.system.client.workflow.execute('planNotices', { workflowId, taskQueue: TASK_QUEUE });
    await time?.moveTo(at(day, until));
  };
  const heard = async () =>
    (await office.mails(HA)).filter(({ subject }) => subject === 'Có tin không gửi được').map((mail) => mail.text.split('\n').slice(0, 4));
  const assign = (code: string, assignee: Email, secrecy: 'none' | 'secret' = 'none') =>
    office.assign(code, { policy: 'standard', days: 25, assignee, title: `Việc ${code}`, more: { secrecy } });

  // Slack refuses each message for good: it goes by mail, which takes it, except to one person.
  slack.refusing.set('chat.postMessage', 'no_permission');
  full.add(LAN.email);
  for (const [code, person] of [
    ['GIVEN-1', LAN],
    ['GIVEN-2', MINH],
  ] as const)
    expect(await assign(code, person.email)).toMatchObject({ answer: 'done' });
  expect(await assign('HIDDEN', LAN.email, 'secret')).toMatchObject({ answer: 'done' });
  await ask('03', '10:30', '10:40');
  const first = await heard();
  expect(first).toEqual([
    [
      '1 thông báo không đến được người nhận',
      expect.stringContaining('GIVEN-1 · Việc GIVEN-1 — 1 thông báo cho Nguyễn Thị Lan'),
      expect.any(String),
      expect.stringContaining('1 nhiệm vụ có độ mật'),
    ],
  ]);
  expect(JSON.stringify(await office.mails(HA))).not.toContain('HIDDEN');

  // Another of the same day waits for the next; what was told is not told again.
  expect(await assign('GIVEN-3', LAN.email)).toMatchObject({ answer: 'done' });
  await ask('03', '14:30', '14:40');
  expect(await heard()).toHaveLength(1);
  await ask('04', '07:30', '08:10');
  const [, second, ...more] = await heard();
  expect(second?.join('\n')).toContain('GIVEN-3');
  expect(second?.join('\n')).not.toContain('GIVEN-1');
  expect(more).toEqual([]);
  slack.refusing.clear();
  full.clear();
  await ask('05', '10:30', '10:40');
  expect(await heard()).toHaveLength(2);
}, 180_000);
