/**
 * Proves on real parts, on an engine that skips time: who gets a digest on which morning and what it says, the weekly word to an agency's
 * head, and the committee's report, each once. That engine has no Schedules: what they start each hour is started here. Schedules
 * themselves: see test/schedule.test.ts; the rules: domain/digest.test.ts, domain/rhythm.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { atLocalTime } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { TASK_QUEUE } from '../workflows/names.ts';
import { HA, LAN, MINH, type Office, openOffice } from './office.ts';
import { saveHistories } from './replay/save.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Heads the Ministry of Science and Technology. */
const DUNG = { email: 'dung.mai@most.example' as Email };
let time: MovableTime;
let office: Office;
const at = (day: string, clock: string): IsoInstant => atLocalTime(`2031-03-${day}` as IsoDate, clock, COMMITTEE_TIME_ZONE);
beforeAll(async () => {
  // Monday, 09:00 in Hanoi.
  time = await openMovableTime(at('03', '09:00'));
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar({ from: 2030, to: 2032 }) } });
});
afterAll(async () => {
  if (process.env.DONDOC_SAVE_HISTORIES)
    await saveHistories(time.environment.client, process.env.DONDOC_SAVE_HISTORIES, ['notices-2031-03-04T0730']);
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

let acts = 0;
async function act(code: string, actor: { email: Email }, request: Request) {
  acts += 1;
  const submission = { key: `act:${acts}`, code: code as TaskCode, actor: actor.email, via: 'slack', request } as const;
  expect(await office.submit(submission)).toMatchObject({ answer: 'done' });
}
/** What the Schedule does at an hour. */
async function ask(day: string, clock = '07:30'): Promise<void> {
  await time.moveTo(at(day, clock));
  // By a client of our own: the engine's lets time pass while it waits.
  await office.system.client.workflow.execute('planNotices', {
    workflowId: `notices-2031-03-${day}T${clock.replace(':', '')}`,
    taskQueue: TASK_QUEUE,
  });
}
/** A working day as far as notices see it. */
async function morning(day: string): Promise<void> {
  await ask(day);
  await time.moveTo(at(day, '08:10'));
}
const notices = async (kind: string, status = 'sent') => {
  const rows = await office.system.database.notice.findMany({ where: { kind, status }, orderBy: [{ sendAt: 'asc' }, { key: 'asc' }] });
  return rows.map(({ sendAt, sentAt, recipient, channel, error }) =>
    [(sentAt ?? sendAt).toISOString().slice(8, 16), recipient.split('@')[0], channel, ...(error === null ? [] : [error])].join(' '),
  );
};
const lastSaid = async (person: { slack: string }) => (await office.messages(person)).at(-1)?.text ?? '';

it('tells nobody a second time what a card or reminder has told, and the rest on the next working morning', async () => {
  for (const code of ['ONE', 'TWO'])
    expect(await office.assign(code, { policy: 'standard', days: 25, title: `Việc ${code}` })).toMatchObject({ answer: 'done' });
  for (const code of ['ONE', 'TWO']) await office.assignmentTold(code);
  await act('ONE', LAN, { type: 'AcknowledgeTask' });
  await act('ONE', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'đã nộp' }] });
  await act('TWO', LAN, { type: 'AcknowledgeTask' });
  // Of the verification nobody is told: the task is closed.
  await act('ONE', HA, { type: 'VerifyTask', note: '' });
  await morning('04');
  expect(await notices('digest')).toEqual(['04T01:00 lan.nguyen slack', '04T01:00 minh.tran slack']);
  const said = await lastSaid(LAN);
  expect(said.split('\n')).toEqual([
    'Công việc của bạn sáng 04/03/2031',
    'Có thay đổi (1)',
    'ONE · Việc ONE — đã xác nhận hoàn thành',
    'Bản tin đầu ngày chỉ được gửi khi có điều mới mà bạn chưa được báo.',
  ]);
  const before = (await office.messages(LAN)).length;
  await morning('05');
  await morning('06');
  expect((await office.messages(LAN)).length).toBe(before);
  expect(await notices('digest')).toHaveLength(2);
});

it('leaves the moment to the reminders, and says on the next morning what they did not', async () => {
  // A reminder of the acknowledgment is due on Tuesday at 08:00; TWO is amended meanwhile.
  await time.moveTo(at('10', '14:00'));
  await office.assign('THREE', { policy: 'standard', days: 30, title: 'Việc THREE' });
  await act('TWO', HA, { type: 'AmendTask', changes: { product: 'Nghị định, tờ trình' } });
  await morning('11');
  expect((await notices('digest', 'cancelled')).filter((each) => each.includes('lan'))).toEqual([
    '11T01:00 lan.nguyen slack another message to the person is of the same moment',
  ]);
  await act('THREE', LAN, { type: 'AcknowledgeTask' });
  await morning('12');
  expect((await notices('digest')).slice(-2)).toEqual(['11T01:00 minh.tran slack', '12T01:00 lan.nguyen slack']);
  expect((await lastSaid(LAN)).split('\n').slice(1, 3)).toEqual(['Có thay đổi (1)', 'TWO · Việc TWO — đã sửa nội dung giao việc']);
});

it('keeps it under a hold until its time has passed, and sends it when the hold is let go before', async () => {
  const { database } = office.system;
  const edge = () => ({ database, now: time.now() });
  const hold = async (until: IsoInstant) => {
    const made = await enterHold(edge(), { agency: null, channel: null, exceptUrgent: false, until, reason: 'Bão' }, HA.email);
    if (isRefusal(made)) throw new Error(made.refused);
    return made.id;
  };
  await act('TWO', HA, { type: 'AmendTask', changes: { product: 'Nghị định' } });
  const id = await hold(at('13', '20:00'));
  await morning('13');
  expect((await notices('digest', 'planned')).map((each) => each.split(' ')[1])).toEqual(['lan.nguyen', 'minh.tran']);
  await releaseHold(edge(), id, HA.email);
  await office.system.sweep();
  await expect
    .poll(async () => (await notices('digest')).slice(-2).map((each) => each.slice(0, 14)), { timeout: 10_000 })
    .toEqual(['13T01:10 lan.n', '13T01:10 minh.']);
  await act('TWO', HA, { type: 'AmendTask', changes: { product: 'Nghị định mới' } });
  await hold(at('14', '20:00'));
  await morning('14');
  await time.moveTo(at('14', '20:10'));
  expect((await notices('digest', 'cancelled')).slice(-2).map((each) => each.slice(9))).toEqual([
    'lan.nguyen slack its time has passed',
    'minh.tran slack its time has passed',
  ]);
});

it('is not planned for who wants none, and not on a free day', async () => {
  const { database, now, directory } = office.system;
  const people = (digest: string) =>
    importDirectory(
      { database, now: now(), dryRun: false },
      'people',
      Buffer.from(
        `email,name,agency,role,locale,time_zone,slack_id,digest\n${MINH.email},Trần Văn Minh,MOST,supervisor,vi,Asia/Ho_Chi_Minh,${MINH.slack},${digest}\n`,
      ),
    );
  expect(await people('không')).toMatchObject({ refused: 1, errors: [{ column: 'digest', code: 'boolean_invalid' }] });
  expect(await people('false')).toMatchObject({ updated: 1 });
  directory.forget();
  const before = await office.system.database.notice.count({ where: { kind: 'digest' } });
  await morning('15');
  await morning('16');
  expect(await office.system.database.notice.count({ where: { kind: 'digest' } })).toBe(before);
  await morning('17');
  // On Monday a reminder told of the task what the expired digest had left.
  await act('TWO', HA, { type: 'AmendTask', changes: { product: 'Nghị định cuối' } });
  await morning('18');
  expect((await notices('digest')).slice(-2).map((each) => each.split(' ')[1])).toEqual(['minh.tran', 'lan.nguyen']);
});

it("tells each agency's head once on the first working morning of a week how the agency stands", async () => {
  await office.assign('WEEK-LATE', { policy: 'standard', days: 2, title: 'Việc quá hạn' });
  await office.assignmentTold('WEEK-LATE');
  await act('WEEK-LATE', LAN, { type: 'AcknowledgeTask' });
  await ask('24', '06:30');
  await morning('24');
  await ask('24', '08:30');
  await morning('25');
  const words = async () => (await office.mails(DUNG)).filter(({ subject }) => subject.startsWith('Nhiệm vụ của'));
  const weeks = async () => (await words()).map(({ subject }) => subject);
  expect((await weeks()).filter((subject) => subject.endsWith('24/03/2031'))).toEqual([
    'Nhiệm vụ của Bộ Khoa học và Công nghệ, tuần từ 24/03/2031',
  ]);
  const [word] = (await words()).filter(({ subject }) => subject.endsWith('24/03/2031'));
  expect(word?.text).toContain('Quá hạn: 1 (tuần trước 0)');
  expect(word?.text).toContain('Đến hạn từ nay đến 07/04/2031: 1');
  expect(word?.text).toMatch(/Nhiệm vụ quá hạn \(1\)\nWEEK-LATE · Việc quá hạn — quá hạn \d+ ngày làm việc\n/);
  expect(word?.text).toContain('/tasks?agency=MOST&standing=overdue&lang=vi');
  // Of the agencies that have nothing to tell none is told.
  const cancelled = await office.system.database.notice.findMany({ where: { kind: 'week', status: 'cancelled' } });
  expect(new Set(cancelled.map(({ error }) => error))).toEqual(new Set(['nothing is late, due soon, or has changed']));
  expect((await notices('week')).filter((each) => each.startsWith('24'))).toEqual(['24T01:00 dung.mai email']);
});

it("sends the committee's report once to each coordinator, with the figures of its instant, though it was kept back until Monday", async () => {
  const { database } = office.system;
  const made = await enterHold(
    { database, now: time.now() },
    { agency: null, channel: null, exceptUrgent: false, until: at('31', '09:00'), reason: 'Bảo trì' },
    HA.email,
  );
  if (isRefusal(made)) throw new Error(made.refused);
  // Friday at four.
  await ask('28', '14:30');
  await ask('28', '15:30');
  await time.moveTo(at('28', '17:00'));
  const { id } = made;
  await office.assign('AFTER', { policy: 'standard', days: 60, title: 'Sau báo cáo' });
  const reports = async () => (await office.mails(HA)).filter(({ subject }) => subject.startsWith('Báo cáo tuần'));
  expect((await reports()).filter(({ subject }) => subject.includes('28/03/2031'))).toEqual([]);
  await time.moveTo(at('31', '09:10'));
  await ask('31', '09:30');
  await time.moveTo(at('31', '10:00'));
  const mails = (await reports()).filter(({ subject }) => subject.includes('28/03/2031'));
  expect(mails.map(({ subject }) => subject)).toEqual(['Báo cáo tuần, số liệu lúc 16:00 28/03/2031 (GMT+7)']);
  expect(mails[0]?.text).toContain('Quá hạn: 1 (kỳ trước');
  const rows = await database.notice.findMany({ where: { kind: 'report', key: { startsWith: 'report/weekly/2031-03-24/' } } });
  const coordinators = await database.person.findMany({ where: { role: 'coordinator' } });
  expect(rows.map(({ recipient, status }) => [recipient, status]).sort()).toEqual(coordinators.map(({ email }) => [email, 'sent']).sort());
  expect(id).toBeDefined();
});
