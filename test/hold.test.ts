/**
 * Proves on real parts, on an engine that skips time: while a hold stands nothing that it covers goes out, at its release or its end
 * everybody it kept waiting gets one message by each channel and no second one, and what no longer applied is not in it; the cap of a day
 * puts off or drops what is above it. Does not prove a worker's death under a hold, nor the breaker: see test/breaker.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptBack } from '../cli/replay.ts';
import { silenceOf } from '../cli/why.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import type { HoldScope } from '../domain/hold.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { policy as policySchema } from '../domain/policy.ts';
import { isRefusal } from '../domain/refusals.ts';
import { relive } from '../domain/relive.ts';
import type { Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { readDeliveryDays } from '../prisma/delivery.ts';
import { holdsSince, readHeld, standingHolds } from '../prisma/holds.ts';
import { pastTasks } from '../prisma/past.ts';
import { HA, LAN, MINH, type Office, openOffice } from './office.ts';
import { sentMessages } from './sent-messages.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Of the Ministry of Finance, which Sơn heads. */
const KHOA = { slack: 'U0MASDAQHV8', email: 'khoa.duong@mof.example' as Email };
const HOANG = { slack: 'U0N3QUF7HX0', email: 'hoang.duong@mof.example' as Email };
const THANH = { slack: 'U0NTDJF8YYS', email: 'thanh.nguyen@mof.example' as Email };
const MOF = 'MOF' as AgencyCode;
const ALL: HoldScope = { agency: null, channel: null, exceptUrgent: false };
const at = (text: string) => `2031-03-${text}:00.000Z` as IsoInstant;
let time: MovableTime;
let office: Office;
beforeAll(async () => {
  // Monday, 09:00 in Hanoi.
  time = await openMovableTime(at('03T02:00'));
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar({ from: 2030, to: 2032 }) } });
});
afterAll(async () => {
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

const edge = () => ({ database: office.system.database, now: time.now() });
async function hold(scope: Partial<HoldScope>, until: IsoInstant) {
  const made = await enterHold(edge(), { ...ALL, ...scope, until, reason: 'Bão số 3' }, HA.email);
  if (isRefusal(made)) throw new Error(made.refused);
  return made;
}
const messages = (from: IsoInstant, to: IsoInstant) => sentMessages(office.system.database, from, to);
const posts = async (person: { slack: string }) => (await office.messages(person)).filter(({ subtype }) => subtype === undefined).length;
const rowsOf = (taskCode: string) => office.system.database.notification.findMany({ where: { taskCode }, orderBy: { sendAt: 'asc' } });
const asked = (task: string, person: Email, date: string) =>
  silenceOf(office.system.database, { code: task, person, date: date as IsoDate, now: time.now(), locale: 'en' });
const silences = async (task: string, person: Email, date: string) =>
  (await asked(task, person, date)).reasons.map(({ because, words }) => `${because}: ${words}`);
const code = (prefix: string, index: number) => `${prefix}-${String(index).padStart(2, '0')}`;

it("keeps back the morning's storm, and its release gives each person one message by each channel, without what no longer applies", async () => {
  const people = [LAN, KHOA, HOANG];
  for (let index = 0; index < 45; index += 1) {
    const { email } = people[index % 3] ?? LAN;
    expect(await office.assign(code('STORM', index), { policy: 'standard', days: 25, assignee: email })).toMatchObject({ answer: 'done' });
  }
  await time.moveTo(at('04T14:00'));
  const before = await Promise.all(people.map(posts));
  // Tuesday 21:00; on Wednesday at 08:00 all 45 are brought before the supervisors, by both channels.
  const { id } = await hold({}, at('06T04:00'));
  await time.moveTo(at('05T01:30'));
  expect(await messages(at('04T14:00'), at('05T02:00'))).toEqual([]);
  expect(await readHeld(office.system.database, id)).toEqual([
    { kind: 'escalation', channel: 'email', notifications: 90, people: 4 },
    { kind: 'escalation', channel: 'slack', notifications: 90, people: 4 },
  ]);
  const page = await (await fetch(`${office.system.listensAt}/tasks/STORM-01?lang=en`)).text();
  expect(page).toContain('Sending to everybody is suspended until 11:00 06 March 2031 (GMT+7): Bão số 3');
  expect(page).toContain('held until 11:00 06 March 2031 (GMT+7): Bão số 3');
  expect(await silences('STORM-01', MINH.email, '2031-03-05')).toContain(
    'held: Step unacknowledged-2wd waits: sending is on hold until 06 March 2031, 11:00 (Bão số 3).',
  );
  const acknowledged = { code: 'STORM-00' as TaskCode, actor: LAN.email, via: 'slack', request: { type: 'AcknowledgeTask' } } as const;
  expect(await office.submit({ ...acknowledged, key: 'storm' })).toMatchObject({ answer: 'done' });

  // The record has the engine's clock, the release this machine's: they are told apart.
  await time.moveTo(at('05T01:31'));
  expect(await releaseHold(edge(), id, LAN.email)).toMatchObject({ refused: 'not_a_coordinator' });
  expect(await releaseHold(edge(), id, HA.email)).toMatchObject({ id });
  await office.system.sweep();
  await expect
    .poll(() => messages(at('05T01:31'), at('06T00:00')), { timeout: 20_000 })
    .toEqual([
      '05T01:31 hoang.duong email 15',
      '05T01:31 hoang.duong slack 15',
      '05T01:31 khoa.duong email 15',
      '05T01:31 khoa.duong slack 15',
      '05T01:31 lan.nguyen email 14',
      '05T01:31 lan.nguyen slack 14',
      '05T01:31 minh.tran email 44',
      '05T01:31 minh.tran slack 44',
    ]);
  await time.moveTo(at('05T12:00'));
  expect(await messages(at('05T01:32'), at('06T00:00'))).toEqual([]);
  expect(await Promise.all(people.map(posts))).toEqual(before.map((count) => count + 1));
  expect((await rowsOf('STORM-00')).filter(({ step }) => step === 'unacknowledged-2wd').map(({ status }) => status)).toEqual(
    Array(4).fill('cancelled'),
  );
  expect(await releaseHold(edge(), id, HA.email)).toMatchObject({ refused: 'hold_ended' });
}, 120_000);

it('holds one agency and lets the others through; what its end lets go outside the hours of work waits for them', async () => {
  // Wednesday 19:00; on Friday at 08:00 the heads hear of what nobody acknowledged. The hold ends in the lunch break.
  await hold({ agency: MOF }, at('07T05:30'));
  await time.moveTo(at('07T03:00'));
  expect(await messages(at('06T00:00'), at('07T03:00'))).toEqual(['07T01:00 dung.mai email 14']);
  await time.moveTo(at('07T06:30'));
  expect(await standingHolds(office.system.database, time.now())).toEqual([]);
  expect(await messages(at('07T03:00'), at('07T06:30'))).toEqual(['07T06:00 son.pham email 30', '07T06:00 son.pham slack 30']);
});

it('holds what is urgent too unless it is let through, and one channel without the other', async () => {
  const { id } = await hold({ exceptUrgent: true, channel: 'email' }, at('07T09:00'));
  const second = await hold({ channel: 'slack' }, at('07T07:00'));
  for (const urgent of ['URGENT', 'URGENT-2']) await office.assign(urgent, { assignee: LAN.email });
  const sent = async () =>
    (await rowsOf('URGENT')).filter(({ status }) => status === 'sent').map(({ step, channel }) => `${step} ${channel}`);
  await expect.poll(sent, { timeout: 20_000 }).toEqual(['assigned email']);
  await office.assign('CALM', { policy: 'standard', days: 25, assignee: LAN.email });
  // Of the urgent tasks' ladders each hears the last step that was meant for them; what is urgent, too, makes one message.
  await time.moveTo(at('07T07:05'));
  const slack = (await messages(at('07T06:30'), at('07T08:00'))).filter((each) => each.includes(' slack '));
  expect(slack).toEqual(['07T07:00 lan.nguyen slack 3', '07T07:00 minh.tran slack 2']);
  expect(await releaseHold(edge(), id, HA.email)).toMatchObject({ id });
  expect(await releaseHold(edge(), second.id, HA.email)).toMatchObject({ refused: 'hold_ended' });
});

it('refuses a hold without an end that is near enough, without a reason, of nobody, and by who may not', async () => {
  const enter = (o: Partial<Parameters<typeof enterHold>[1]>, by = HA.email) =>
    enterHold(edge(), { ...ALL, until: at('10T09:00'), reason: 'x', ...o }, by);
  expect(await enter({ until: time.now() })).toMatchObject({ refused: 'hold_passed' });
  expect(await enter({ until: '2032-03-01T00:00:00.000Z' as IsoInstant })).toMatchObject({
    refused: 'hold_too_long',
    details: { days: '31' },
  });
  expect(await enter({ reason: '  ' })).toMatchObject({ refused: 'reason_missing' });
  expect(await enter({ agency: 'NONE' as AgencyCode })).toMatchObject({ refused: 'agency_unknown' });
  expect(await enter({}, MINH.email)).toMatchObject({ refused: 'not_a_coordinator' });
  expect(await releaseHold(edge(), '00000000-0000-4000-8000-000000000000', HA.email)).toMatchObject({ refused: 'hold_unknown' });
  expect(await standingHolds(office.system.database, time.now())).toEqual([]);
});

it('puts off what is above the cap of a day to the next working morning, merged, or drops it; urgent messages are counted and go', async () => {
  for (const over of ['next_working_day', 'drop'] as const) {
    const { document, sha256, effective } = loadPolicy('config/policies/standard.yaml');
    const capped = { ...(document as object), name: over.replaceAll('_', '-'), cap: { perDay: 1, over } };
    await office.system.database.policy.create({
      data: { name: capped.name, version: 3, document: capped, sha256, source: effective.sources.at(-1)?.text ?? '', storedAt: time.now() },
    });
  }
  const reasons = async (task: string) =>
    (await rowsOf(task)).filter(({ step }) => step === 'assigned').map(({ status, error }) => [status, error]);
  // Friday afternoon: the first message of the day, the second above the cap, an urgent one by both channels.
  await office.assign('CAP-1', { policy: 'next-working-day', days: 25, assignee: THANH.email });
  await expect.poll(() => reasons('CAP-1'), { timeout: 20_000 }).toEqual([['sent', null]]);
  await office.assign('CAP-2', { policy: 'next-working-day', days: 25, assignee: THANH.email });
  await expect.poll(() => reasons('CAP-2'), { timeout: 20_000 }).toEqual([['planned', 'above 1 messages a day']]);
  await office.assign('CAP-3', { assignee: THANH.email });
  await expect.poll(async () => (await reasons('CAP-3')).map(([status]) => status), { timeout: 20_000 }).toEqual(['sent', 'sent']);
  const page = await (await fetch(`${office.system.listensAt}/tasks/CAP-2?lang=en`)).text();
  expect(page).toContain('above the policy’s 1 messages a day');
  expect(await silences('CAP-2', THANH.email, '2031-03-07')).toEqual([
    'put_off: Step assigned was due that day and moved to 10 March 2031, 08:00: above the policy’s 1 messages a day.',
  ]);
  const acknowledge = { code: 'CAP-3' as TaskCode, actor: THANH.email, via: 'slack', request: { type: 'AcknowledgeTask' } } as const;
  expect(await office.submit({ ...acknowledge, key: 'cap' })).toMatchObject({ answer: 'done' });

  await time.moveTo(at('10T02:00'));
  const monday = (await messages(at('08T00:00'), at('10T02:00'))).filter((each) => each.includes('thanh'));
  expect(monday).toEqual(['10T01:00 thanh.nguyen slack 3']);
  expect((await asked('CAP-2', THANH.email, '2031-03-10')).told.map(({ step }) => step)).toContain('assigned');
  await office.assign('DROP-1', { policy: 'drop', days: 25, assignee: THANH.email });
  await expect.poll(() => reasons('DROP-1'), { timeout: 20_000 }).toEqual([['dropped', 'above 1 messages a day']]);
  expect((await silences('DROP-1', THANH.email, '2031-03-10'))[0]).toBe(
    'dropped: Step assigned was not sent: above the policy’s 1 messages a day.',
  );
  // Planned anew it stays dropped.
  const obstacle = { type: 'ReportObstacle', kind: 'law', text: 'x' } as const;
  const again = { code: 'DROP-1' as TaskCode, actor: THANH.email, via: 'slack', request: obstacle, key: 'drop' } as const;
  expect(await office.submit(again)).toMatchObject({ answer: 'done' });
  await time.moveTo(at('10T03:00'));
  expect(await reasons('DROP-1')).toEqual([['dropped', 'above 1 messages a day']]);
  expect((await messages(at('10T01:01'), at('10T03:00'))).filter((each) => each.includes('thanh'))).toEqual([]);
});

it('has counted none of what holds, hours and the cap have kept back as late', async () => {
  const days = await readDeliveryDays(office.system.database, { days: 14, at: time.now() });
  expect(days.reduce((sum, { messages: count }) => sum + count, 0)).toBeGreaterThan(20);
  expect(days.filter(({ maxMs }) => maxMs > 5 * 60_000)).toEqual([]);
  expect(await office.system.database.backlog.count()).toBe(0);
});

it('is relived line by line: what was told, though it was held or put off, and not what was cancelled meanwhile', async () => {
  const { database } = office.system;
  const directory = await office.system.directory.get();
  const stored = new Map((await database.policy.findMany()).map(({ name, document }) => [name, policySchema.parse(document)]));
  const policyOf = ({ policy }: Task) => stored.get(policy.name) ?? expect.fail(policy.name);
  const holds = await holdsSince(database, at('01T00:00'));
  const calendars = await office.system.calendars();
  let lines = 0;
  for await (const page of pastTasks(database, null, time.now())) {
    for (const { code: task, events, plannings, told, putOff } of page) {
      const freeAt = keptBack(holds, putOff, directory);
      const again = relive({ events, plannings, policyOf, calendars, directory, until: time.now(), freeAt });
      const written = told.map(({ key, sendAt }) => `${sendAt} ${key}`).sort();
      expect(again.map(({ notification: { key, sendAt } }) => `${sendAt} ${key}`).sort(), task).toEqual(written);
      lines += written.length;
    }
  }
  expect(lines).toBeGreaterThan(200);
});
