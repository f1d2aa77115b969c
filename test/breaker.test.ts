/**
 * Proves on real parts, on an engine that skips time: a morning far above the usual stops before anything of it goes out, each coordinator
 * is told once by the channel with less to send, and after the word, or at the end, each person gets one message; and that a hold ends
 * in time though the worker was killed under it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { connectionsOf } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import type { Email } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { IsoInstant } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { standingHolds } from '../prisma/holds.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';
import { sentMessages } from './sent-messages.ts';
import { openSharedQueue } from './shared-queue.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const KHOA = { slack: 'U0MASDAQHV8', email: 'khoa.duong@mof.example' as Email };
const HOANG = { slack: 'U0N3QUF7HX0', email: 'hoang.duong@mof.example' as Email };
const PEOPLE = [LAN, KHOA, HOANG];
const years = { from: 2030, to: 2032 };
const at = (text: string) => `2031-03-${text}:00.000Z` as IsoInstant;
let time: MovableTime | undefined;
let office: Office | undefined;
let worker: ChildProcess | undefined;
let door: Awaited<ReturnType<typeof openSharedQueue>> | undefined;
afterEach(async () => {
  worker?.kill('SIGKILL');
  await office?.close();
  await door?.close();
  await time?.close();
  worker = undefined;
  door = undefined;
  delete process.env.TEMPORAL_ADDRESS;
  delete process.env.BREAKER_MINIMUM;
});

const messages = ({ system }: Office, from: IsoInstant, to: IsoInstant) => sentMessages(system.database, from, to);

it('stops a morning at several times the usual, tells each coordinator once, and goes on after the word, or by itself', async () => {
  // Monday, 09:00 in Hanoi.
  time = await openMovableTime(at('03T02:00'));
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  process.env.BREAKER_MINIMUM = '5';
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar(years) } });
  const { database } = office.system;
  const storm = async (name: string, count: number) => {
    for (let index = 0; index < count; index += 1) {
      const assignee = PEOPLE[index % 3]?.email ?? LAN.email;
      expect(await office?.assign(`${name}-${index}`, { policy: 'standard', days: 60, assignee })).toMatchObject({ answer: 'done' });
    }
  };
  // A task a day is usual; on the first days there is no usual yet.
  for (const day of ['03', '04', '05', '06']) {
    await time.moveTo(at(`${day}T03:00`));
    await storm(`DAY${day}`, 1);
  }
  await time.moveTo(at('06T14:00'));
  expect(await database.hold.count()).toBe(0);
  // Thursday night: their cards are due on Friday at 08:00.
  await storm('STORM', 30);
  await time.moveTo(at('07T01:30'));
  const [hold] = await standingHolds(database, time.now());
  expect(hold).toMatchObject({
    by: null,
    exceptUrgent: true,
    until: expect.stringMatching(/^2031-03-07T05:00/),
    breaker: { day: '2031-03-07' },
  });
  expect(hold?.breaker?.planned).toBeGreaterThanOrEqual(30);
  expect(await messages(office, at('06T14:00'), at('07T02:00'))).toEqual([]);

  const coordinators = await database.person.findMany({ where: { role: 'coordinator' } });
  const notices = await database.notice.findMany();
  expect(notices.map(({ recipient }) => recipient).sort()).toEqual(coordinators.map(({ email }) => email).sort());
  expect(new Set(notices.map(({ channel, status }) => `${channel} ${status}`))).toEqual(new Set(['email sent']));
  const [notice, ...others] = (await office.mails(HA)).filter(({ subject }) => subject === 'Tạm dừng gửi, chờ ý kiến của bạn');
  expect(others).toEqual([]);
  expect(notice?.text).toContain(`ngày 07/03/2031 có ${hold?.breaker?.planned} thông báo theo kế hoạch`);
  expect(notice?.text).toMatch(/3\d thông báo cho 3 người qua Slack/);
  expect(notice?.text).toContain(`dondoc hold release ${hold?.id}`);
  const page = await (await fetch(`${office.system.listensAt}/holds?lang=en`)).text();
  expect(page.replaceAll(/<[^>]*>/g, ' ')).toMatch(/3\d to 3 people by Slack/);

  expect(await releaseHold({ database, now: time.now() }, hold?.id ?? '', HA.email)).toMatchObject({ releasedBy: HA.email });
  await office.system.sweep();
  const toPeople = async (from: IsoInstant, to: IsoInstant) =>
    (await messages(office as Office, from, to)).filter((each) => PEOPLE.some(({ email }) => each.includes(email.split('@')[0] ?? '')));
  await expect
    .poll(() => toPeople(at('07T01:30'), at('07T03:00')), { timeout: 20_000 })
    .toEqual([
      '07T01:30 hoang.duong slack 20',
      '07T01:30 khoa.duong slack 20',
      '07T01:30 lan.nguyen email 1',
      '07T01:30 lan.nguyen slack 22',
    ]);
  // What a person has let go is not held again that day, though as much is still planned.
  await time.moveTo(at('07T08:00'));
  expect(await database.hold.count()).toBe(1);

  // The next storm nobody looks at: it goes out by itself, after the lunch break in which its hold ends.
  await time.moveTo(at('10T14:00'));
  await storm('AGAIN', 60);
  await time.moveTo(at('11T05:30'));
  expect(await toPeople(at('10T14:00'), at('11T05:31'))).toEqual([]);
  await time.moveTo(at('11T06:30'));
  const after = (await toPeople(at('11T05:31'), at('11T07:00'))).filter((each) => each.includes('slack'));
  expect(after.map((each) => each.split(' ').slice(0, 3).join(' '))).toEqual(
    PEOPLE.map(({ email }) => `11T06:00 ${email.split('@')[0]} slack`).sort(),
  );
}, 180_000);

it('ends a hold in time though the worker was killed under it, with one message for each person', async () => {
  const startsAt = at('03T02:00');
  time = await openMovableTime(startsAt);
  door = await openSharedQueue(time.environment.address);
  process.env.TEMPORAL_ADDRESS = door.address;
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar(years), roles: ['bot', 'web'] } });
  const { database } = office.system;
  const connections = { ...connectionsOf(office.stack.info), webUrl: 'http://127.0.0.1' };
  const startWorker = async (since: IsoInstant) => {
    worker = spawn(process.execPath, ['--import', 'tsx', 'test/worker-process.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DONDOC_TEST_CONNECTIONS: JSON.stringify({ connections, startsAt: since, years }) },
    });
    if (worker.stdout !== null) await once(createInterface(worker.stdout), 'line');
  };
  await startWorker(startsAt);
  const made = await enterHold(
    { database, now: time.now() },
    { agency: null, channel: null, exceptUrgent: false, until: at('03T09:00'), reason: 'Bảo trì' },
    HA.email,
  );
  if (isRefusal(made)) throw new Error(made.refused);
  for (let index = 0; index < 12; index += 1) {
    const assignee = PEOPLE[index % 3]?.email ?? LAN.email;
    expect(await office.assign(`DEAD-${index}`, { policy: 'standard', days: 60, assignee })).toMatchObject({ answer: 'done' });
  }
  await time.moveTo(at('03T03:00'));
  worker?.kill('SIGKILL');
  if (worker !== undefined) await once(worker, 'exit');
  await startWorker(at('03T03:00'));
  await time.moveTo(at('03T08:59'));
  expect(await messages(office, startsAt, at('03T09:00'))).toEqual([]);
  await time.moveTo(at('03T09:10'));
  expect(await messages(office, startsAt, at('04T00:00'))).toEqual([
    '03T09:00 hoang.duong slack 4',
    '03T09:00 khoa.duong slack 4',
    '03T09:00 lan.nguyen slack 4',
  ]);
  expect(await Promise.all(PEOPLE.map(async (person) => (await office?.messages(person))?.length))).toEqual([1, 1, 1]);
}, 120_000);
