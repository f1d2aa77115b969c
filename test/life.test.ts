/**
 * Proves what becomes of a task when people act, or do not: each path with its instants under the committee's policy, on an engine
 * that skips time, with real couriers. Does not prove what cards and forms look like: see bot/blocks and test/end-to-end.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { addWorkingDays, endOfOfficeHours, minutesOfDay } from '../domain/calendar.ts';
import type { Assignment, Request } from '../domain/command.ts';
import { holdings, shares } from '../domain/holding.ts';
import type { AgencyCode, Email, PartId, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import { enterAbsence } from '../inbox/absence.ts';
import { storedEvent, storedTask } from '../prisma/task-record.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';
import { saveHistories } from './replay/save.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Monday, 09:00 in Hanoi; years ahead, so that the engine's clock can always be moved there. */
const MONDAY = '2033-03-07T02:00:00.000Z' as IsoInstant;
const calendar = vietnamCalendar({ from: 2033, to: 2036 });
/** Replanned, answered by silence, continued as new. */
const OF_LIFE = ['task/FIRST', 'task/AWAY', 'task/LATER', 'task/RENEWED'];
let time: MovableTime;
let office: Office;
beforeAll(async () => {
  time = await openMovableTime(MONDAY);
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now, calendar } });
});
afterAll(async () => {
  if (process.env.DONDOC_SAVE_HISTORIES) await saveHistories(time.environment.client, process.env.DONDOC_SAVE_HISTORIES, OF_LIFE);
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

const today = () => localDate(time.now(), COMMITTEE_TIME_ZONE);
/** So many working days from today, as a deadline. */
const due = (workingDays: number) => {
  const deadline = addWorkingDays(calendar, today(), workingDays);
  return { deadline, deadlineAt: endOfOfficeHours(calendar, deadline) };
};
/** To a local time of the working day that lies so many ahead. */
const moveOn = (workingDays: number, at = '02:00') =>
  time.moveTo(`${addWorkingDays(calendar, today(), workingDays)}T${at}:00.000Z` as IsoInstant);

/** Nine in the morning of a Monday: each test has its own weeks, whatever the others do. */
const beginOn = (date: string) => time.moveTo(`${date}T02:00:00.000Z` as IsoInstant);

let acts = 0;
async function act(code: string, actor: { email: Email }, request: Request) {
  acts += 1;
  return office.submit({ key: `life:${acts}`, code: code as TaskCode, actor: actor.email, via: 'cli', request });
}

/** A task of Lan's under the committee's policy, due after so many working days. */
async function assign(code: string, workingDays: number, more: Partial<Assignment> = {}): Promise<void> {
  const assignment: Assignment = {
    title: 'Trình nghị định về dữ liệu mở',
    product: 'Nghị định',
    document: '57-NQ/TW',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: ['MOF' as AgencyCode],
    assignee: LAN.email,
    supervisor: MINH.email,
    coordinator: HA.email,
    assignedAt: time.now(),
    ...due(workingDays),
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: 3 },
    ...more,
  };
  expect(await act(code, HA, { type: 'AssignTask', assignment })).toMatchObject({ answer: 'done' });
}

const acknowledged = async (code: string, workingDays: number, more: Partial<Assignment> = {}) => {
  await assign(code, workingDays, more);
  // An acknowledgment that is quicker than the card would take the card back.
  await expect.poll(() => told(code)).toHaveLength(1);
  await act(code, LAN, { type: 'AcknowledgeTask' });
};
const finish = (code: string) => act(code, HA, { type: 'CancelTask', reason: 'Hết phần thử' });

/** What left, in working days after a first date, to the minute: day and time, step, person, channel. */
async function told(code: string): Promise<string[]> {
  const rows = await office.system.database.notification.findMany({ where: { taskCode: code, status: { in: ['sent', 'merged'] } } });
  return rows
    .map(({ sentAt, step, recipient, channel }) => `${sentAt?.toISOString().slice(0, 16)} ${step} ${recipient.split('@')[0]} ${channel}`)
    .sort();
}

/** The record: each event with who did it; the clock is nobody. */
async function record(code: string): Promise<string[]> {
  return (await office.events(code)).map(({ type, by }) => `${type} ${by?.split('@')[0] ?? '-'}`);
}

async function stateOf(code: string) {
  return storedTask((await office.system.database.task.findUniqueOrThrow({ where: { code } })).state);
}

it('asks for progress when nothing is heard, escalates when that is not answered, and stops once it is', async () => {
  await acknowledged('SILENT', 40);
  await moveOn(22);
  await act('SILENT', LAN, {
    type: 'ReportProgress',
    percent: 40,
    milestone: null,
    text: 'Đã lấy ý kiến',
    forecast: due(20).deadline,
  });
  await moveOn(9);
  expect(await told('SILENT')).toMatchInlineSnapshot(`
    [
      "2033-03-07T02:00 assigned lan.nguyen slack",
      "2033-03-21T01:00 quiet-10wd lan.nguyen slack",
      "2033-03-28T01:00 quiet-15wd lan.nguyen email",
      "2033-03-28T01:00 quiet-15wd lan.nguyen slack",
      "2033-04-04T01:00 quiet-20wd lan.nguyen email",
      "2033-04-04T01:00 quiet-20wd lan.nguyen slack",
      "2033-04-04T01:00 quiet-20wd minh.tran email",
      "2033-04-04T01:00 quiet-20wd minh.tran slack",
    ]
  `);
  await expect.poll(() => stateOf('SILENT')).toMatchObject({ progress: { percent: 40 }, transfer: null });
  await finish('SILENT');
});

it('reminds of a milestone and a product with a date of their own, and tells when one is late', async () => {
  await beginOn('2033-05-09');
  await acknowledged('STEPS', 30, {
    milestones: [{ id: 'm1' as PartId, name: 'Dự thảo', due: due(5) }],
    products: [{ id: 'p1' as PartId, name: 'Báo cáo tác động', kind: 'report', due: due(8) }],
  });
  await moveOn(4);
  await act('STEPS', LAN, { type: 'ReportProgress', percent: null, milestone: 'm1' as PartId, text: '', forecast: null });
  await moveOn(6);
  expect(await told('STEPS')).toMatchInlineSnapshot(`
    [
      "2033-05-09T02:00 assigned lan.nguyen slack",
      "2033-05-11T01:00 milestone-3wd lan.nguyen slack",
      "2033-05-16T01:00 milestone-3wd lan.nguyen slack",
      "2033-05-20T01:00 milestone-overdue lan.nguyen email",
      "2033-05-20T01:00 milestone-overdue lan.nguyen slack",
      "2033-05-20T01:00 milestone-overdue minh.tran email",
      "2033-05-20T01:00 milestone-overdue minh.tran slack",
    ]
  `);
  expect(await act('STEPS', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'xong' }] })).toMatchObject({
    answer: 'refused',
    refusal: { refused: 'evidence_unfit' },
  });
  await act('STEPS', HA, { type: 'WaiveProduct', product: 'p1' as PartId, reason: 'Đã có ở hồ sơ khác' });
  expect(await act('STEPS', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'xong' }] })).toMatchObject({ answer: 'done' });
  await act('STEPS', HA, { type: 'VerifyTask', note: '', grade: 'good' });
  await expect.poll(() => stateOf('STEPS')).toMatchObject({ status: 'completed', ending: 'implemented', grade: 'good' });
});

it('sends a question to whoever assigned, again after two working days, and the answer back', async () => {
  await beginOn('2033-06-06');
  await acknowledged('ASKED', 30);
  await act('ASKED', LAN, { type: 'AskQuestion', text: 'Trình Chính phủ hay Thủ tướng?' });
  await moveOn(3);
  await act('ASKED', HA, { type: 'AnswerQuestion', question: null, text: 'Trình Chính phủ' });
  await moveOn(1);
  expect(await told('ASKED')).toMatchInlineSnapshot(`
    [
      "2033-06-06T02:00 assigned lan.nguyen slack",
      "2033-06-06T02:00 question ha.le slack",
      "2033-06-08T01:00 question-2wd ha.le email",
      "2033-06-08T01:00 question-2wd ha.le slack",
      "2033-06-09T02:00 question-answered lan.nguyen slack",
    ]
  `);
  await finish('ASKED');
});

it('holds a coordinating agency to its contribution, and counts the days that it was waited for', async () => {
  await beginOn('2033-07-04');
  await acknowledged('SHARED', 10);
  await act('SHARED', LAN, { type: 'RequestContribution', agency: 'MOF' as AgencyCode, text: 'Ý kiến về kinh phí', ...due(4) });
  await moveOn(1);
  await act('SHARED', SON, { type: 'AcknowledgeContribution', contribution: null });
  await moveOn(6);
  await act('SHARED', SON, { type: 'GiveContribution', contribution: null, text: 'Công văn 45/BTC' });
  await moveOn(1);
  expect(await told('SHARED')).toMatchInlineSnapshot(`
    [
      "2033-07-04T02:00 assigned lan.nguyen slack",
      "2033-07-04T02:00 contribution son.pham slack",
      "2033-07-06T01:00 contribution-2wd son.pham slack",
      "2033-07-11T01:00 before-7d lan.nguyen slack",
      "2033-07-11T01:00 contribution-overdue lan.nguyen email",
      "2033-07-11T01:00 contribution-overdue lan.nguyen slack",
      "2033-07-11T01:00 contribution-overdue son.pham email",
      "2033-07-11T01:00 contribution-overdue son.pham slack",
      "2033-07-13T01:00 before-3wd lan.nguyen slack",
      "2033-07-13T02:00 contribution-given lan.nguyen slack",
    ]
  `);
  const events = (await office.system.database.taskEvent.findMany({ where: { taskCode: 'SHARED' }, orderBy: { seq: 'asc' } })).map(
    ({ body }) => storedEvent(body),
  );
  const days = shares(holdings(events, time.now()), (await stateOf('SHARED')).deadlineAt, calendar).map(
    ({ role, who, minutes }) => `${role} ${who} ${(minutes / minutesOfDay(calendar)).toFixed(2)}`,
  );
  expect(days).toMatchInlineSnapshot(`
    [
      "assignee lan.nguyen@most.example 5.87",
      "contributor MOF 2.13",
    ]
  `);
  await finish('SHARED');
});

it('passes a nudge on at once, once a day', async () => {
  await beginOn('2033-08-01');
  await acknowledged('URGED', 30);
  expect(await act('URGED', HA, { type: 'NudgeAssignee', text: 'Cần số liệu trước thứ Sáu' })).toMatchObject({ answer: 'done' });
  expect(await act('URGED', HA, { type: 'NudgeAssignee', text: '' })).toMatchObject({ refusal: { refused: 'nudged_recently' } });
  await moveOn(1, '03:00');
  expect(await act('URGED', HA, { type: 'NudgeAssignee', text: '' })).toMatchObject({ answer: 'done' });
  await moveOn(1);
  expect(await told('URGED')).toMatchInlineSnapshot(`
    [
      "2033-08-01T02:00 assigned lan.nguyen slack",
      "2033-08-01T02:00 nudge lan.nguyen email",
      "2033-08-01T02:00 nudge lan.nguyen slack",
      "2033-08-02T03:00 nudge lan.nguyen email",
      "2033-08-02T03:00 nudge lan.nguyen slack",
    ]
  `);
  await expect.poll(() => stateOf('URGED')).toMatchObject({ nudges: 2 });
  await finish('URGED');
});

it('follows a return to its own date, and the verifier to theirs', async () => {
  await beginOn('2033-09-05');
  await acknowledged('AGAIN', 30);
  await act('AGAIN', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'dự thảo' }], partly: true, grade: 'fair' });
  await moveOn(5);
  await act('AGAIN', HA, { type: 'ReturnTask', reason: 'Thiếu phụ lục', until: due(3) });
  await moveOn(5);
  expect(await told('AGAIN')).toMatchInlineSnapshot(`
    [
      "2033-09-05T02:00 assigned lan.nguyen slack",
      "2033-09-05T02:00 reported ha.le slack",
      "2033-09-07T01:00 reported-2wd ha.le slack",
      "2033-09-09T01:00 reported-4wd ha.le email",
      "2033-09-09T01:00 reported-4wd ha.le slack",
      "2033-09-09T01:00 reported-4wd nghia.dang email",
      "2033-09-12T02:00 returned lan.nguyen slack",
      "2033-09-14T01:00 rework-1wd lan.nguyen slack",
      "2033-09-16T01:00 rework-overdue lan.nguyen email",
      "2033-09-16T01:00 rework-overdue lan.nguyen slack",
      "2033-09-16T01:00 rework-overdue minh.tran email",
      "2033-09-16T01:00 rework-overdue minh.tran slack",
    ]
  `);
  await act('AGAIN', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'đủ' }] });
  await act('AGAIN', HA, { type: 'VerifyTask', note: '' });
  await expect.poll(() => stateOf('AGAIN')).toMatchObject({ status: 'completed', ending: 'implemented', returns: 1, rework: null });
});

it('asks for the cause of a delay once, and warns who waits for the late task', async () => {
  await beginOn('2033-10-03');
  await acknowledged('FIRST', 2);
  await acknowledged('SECOND', 30, { leadAgency: 'MOF' as AgencyCode, assignee: SON.email, supervisor: null, coordinatingAgencies: [] });
  expect(await act('SECOND', HA, { type: 'AddDependency', on: 'FIRST' as TaskCode })).toMatchObject({ answer: 'done' });
  expect(await act('FIRST', HA, { type: 'AddDependency', on: 'SECOND' as TaskCode })).toMatchObject({
    refusal: { refused: 'dependency_cycle', details: { path: 'FIRST → SECOND → FIRST' } },
  });
  // What is waited for plans anew as soon as the store says so.
  await expect
    .poll(async () => {
      await office.system.sweep();
      return office.system.database.notification.count({ where: { taskCode: 'FIRST', step: 'overdue-waiting', status: 'planned' } });
    })
    .toBe(1);
  await moveOn(4);
  expect((await told('FIRST')).filter((line) => line.includes('overdue'))).toMatchInlineSnapshot(`
    [
      "2033-10-06T01:00 overdue-1wd lan.nguyen email",
      "2033-10-06T01:00 overdue-1wd lan.nguyen slack",
      "2033-10-06T01:00 overdue-1wd minh.tran email",
      "2033-10-06T01:00 overdue-1wd minh.tran slack",
      "2033-10-06T01:00 overdue-waiting son.pham slack",
    ]
  `);
  expect(await act('FIRST', LAN, { type: 'GiveDelayCause', kind: 'coordination', text: 'Chờ ý kiến' })).toMatchObject({ answer: 'done' });
  expect(await act('FIRST', LAN, { type: 'GiveDelayCause', kind: 'law', text: '' })).toMatchObject({
    refusal: { refused: 'delay_cause_given' },
  });
  for (const code of ['FIRST', 'SECOND']) await finish(code);
});

it('tells a substitute for as long as someone is away, takes the answer from there, and gives the task back', async () => {
  await beginOn('2033-11-07');
  await assign('AWAY', 30);
  await expect.poll(() => record('AWAY')).toEqual(['TaskAssigned ha.le']);
  const from = addWorkingDays(calendar, today(), 1);
  const to = addWorkingDays(calendar, today(), 3);
  const edge = { database: office.system.database, now: time.now(), timeZone: COMMITTEE_TIME_ZONE };
  const away = { person: LAN.email, substitute: MINH.email, from, to };
  expect(await enterAbsence(edge, away, LAN.email)).toMatchObject({ substitute: MINH.email });
  expect(await enterAbsence(edge, away, HA.email)).toMatchObject({ refused: 'absence_overlaps' });
  expect(await enterAbsence(edge, { ...away, substitute: LAN.email }, LAN.email)).toMatchObject({ refused: 'substitute_is_person' });
  expect(await enterAbsence(edge, away, SON.email)).toMatchObject({ refused: 'not_of_this_agency' });
  await expect
    .poll(async () => {
      await office.system.sweep();
      return office.system.database.notification.count({
        where: { taskCode: 'AWAY', step: 'unacknowledged-1wd', recipient: MINH.email, status: 'planned' },
      });
    })
    .toBe(1);
  await moveOn(2);
  expect(await act('AWAY', MINH, { type: 'AcknowledgeTask' })).toMatchObject({ answer: 'done' });
  await moveOn(12);
  expect(await told('AWAY')).toMatchInlineSnapshot(`
    [
      "2033-11-07T02:00 assigned lan.nguyen slack",
      "2033-11-08T01:00 unacknowledged-1wd minh.tran slack",
      "2033-11-09T01:00 unacknowledged-2wd minh.tran email",
      "2033-11-09T01:00 unacknowledged-2wd minh.tran slack",
      "2033-11-23T01:00 quiet-10wd lan.nguyen slack",
    ]
  `);
  expect(await act('AWAY', MINH, { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] })).toMatchObject({
    refusal: { refused: 'not_the_assignee' },
  });
  await finish('AWAY');
});

it('refuses by silence what was asked late: a transfer after the first days, and more time', async () => {
  await beginOn('2034-03-06');
  await acknowledged('LATER', 40);
  await moveOn(5);
  await act('LATER', LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'Không đúng chức năng' });
  await moveOn(6);
  await act('LATER', LAN, { type: 'RequestExtension', ...due(60), reason: 'Chờ dữ liệu', basis: '' });
  await moveOn(6);
  expect(await record('LATER')).toMatchInlineSnapshot(`
    [
      "TaskAssigned ha.le",
      "TaskAcknowledged lan.nguyen",
      "TransferRequested lan.nguyen",
      "TransferRefused -",
      "ExtensionRequested lan.nguyen",
      "ExtensionRefused -",
    ]
  `);
  expect(await told('LATER')).toMatchInlineSnapshot(`
    [
      "2034-03-06T02:00 assigned lan.nguyen slack",
      "2034-03-13T02:00 transfer-asked ha.le slack",
      "2034-03-15T01:00 transfer-asked-2wd ha.le email",
      "2034-03-15T01:00 transfer-asked-2wd ha.le slack",
      "2034-03-17T01:00 transfer-asked-4wd ha.le email",
      "2034-03-17T01:00 transfer-asked-4wd ha.le slack",
      "2034-03-17T01:00 transfer-asked-4wd nghia.dang email",
      "2034-03-21T01:00 transfer-refused lan.nguyen slack",
      "2034-03-21T02:00 extension-asked ha.le slack",
      "2034-03-23T01:00 extension-asked-2wd ha.le email",
      "2034-03-23T01:00 extension-asked-2wd ha.le slack",
      "2034-03-29T01:00 extension-refused lan.nguyen slack",
    ]
  `);
  await expect.poll(() => stateOf('LATER')).toMatchObject({ leadAgency: 'MOST', transfer: null, extension: null, extensionsGranted: 0 });
  await finish('LATER');
});

it('lets a parent be reported only when its mandatory parts have ended', async () => {
  await beginOn('2034-05-08');
  await acknowledged('WHOLE', 30);
  await assign('PART', 20, { parent: { code: 'WHOLE' as TaskCode, mandatory: true } });
  await assign('PART-OF-PART', 15, { parent: { code: 'PART' as TaskCode, mandatory: true } });
  const report: Request = { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] };
  expect(await act('WHOLE', LAN, report)).toMatchObject({ refusal: { refused: 'parts_open', details: { codes: 'PART' } } });
  expect(await act('PART', LAN, report)).toMatchObject({ refusal: { refused: 'parts_open', details: { codes: 'PART-OF-PART' } } });
  await act('PART-OF-PART', HA, { type: 'CancelTask', reason: 'Gộp', ending: 'merged', into: 'PART' as TaskCode });
  await expect.poll(async () => (await stateOf('PART-OF-PART')).status).toBe('cancelled');
  expect(await act('PART', LAN, report)).toMatchObject({ answer: 'done' });
  expect(await act('WHOLE', LAN, report)).toMatchObject({ refusal: { refused: 'parts_open' } });
  await act('PART', HA, { type: 'VerifyTask', note: '' });
  await expect.poll(async () => (await stateOf('PART')).status).toBe('completed');
  expect(await act('WHOLE', LAN, report)).toMatchObject({ answer: 'done' });
  await act('WHOLE', HA, { type: 'VerifyTask', note: '' });
});

it('moves to another agency by the word of the coordinator, and the next holder starts anew', async () => {
  await beginOn('2034-06-05');
  await acknowledged('HANDED', 30);
  const to = { agency: 'MOF' as AgencyCode, assignee: SON.email, assigneeAgency: 'MOF' as AgencyCode, supervisor: null };
  expect(await act('HANDED', HA, { type: 'ReassignTask', ...to, reason: 'Đúng chức năng hơn' })).toMatchObject({ answer: 'done' });
  await moveOn(1);
  expect(await told('HANDED')).toMatchInlineSnapshot(`
    [
      "2034-06-05T02:00 assigned lan.nguyen slack",
      "2034-06-05T02:00 assigned son.pham slack",
      "2034-06-06T01:00 unacknowledged-1wd son.pham slack",
    ]
  `);
  await expect.poll(() => stateOf('HANDED')).toMatchObject({ status: 'assigned', leadAgency: 'MOF', formerAgencies: ['MOST'] });
  await finish('HANDED');
});

it('continues as new in the middle of a transfer, and what is said before, meanwhile and after it has one effect', async () => {
  await beginOn('2034-07-03');
  await acknowledged('RENEWED', 30);
  const handle = office.system.client.workflow.getHandle('task/RENEWED');
  const runs = new Set<string>();
  const submit = (key: string, actor: { email: Email }, request: Request) =>
    office.submit({ key, code: 'RENEWED' as TaskCode, actor: actor.email, via: 'slack', request });
  const says: [string, { email: Email }, Request][] = [
    ['asks', LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'Không đúng chức năng' }],
    ['approves', HA, { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' }],
    ['accepts', SON, { type: 'AcceptTransfer', assignee: SON.email, assigneeAgency: 'MOF' as AgencyCode, supervisor: null }],
  ];
  for (const [key, actor, request] of says) {
    const before = await submit(key, actor, request);
    const meanwhile = await Promise.all([
      submit(key, actor, request),
      handle.signal('renew').then(() => submit(key, actor, request)),
      submit(key, actor, request),
    ]);
    await expect
      .poll(async () => {
        const { runId } = await handle.describe();
        return runs.has(runId) ? null : runId;
      })
      .not.toBeNull();
    runs.add((await handle.describe()).runId);
    const after = await submit(key, actor, request);
    for (const each of [before, ...meanwhile, after]) expect(each).toMatchObject({ answer: 'done' });
  }
  expect(runs.size).toBe(3);
  await expect
    .poll(() => record('RENEWED'))
    .toEqual([
      'TaskAssigned ha.le',
      'TaskAcknowledged lan.nguyen',
      'TransferRequested lan.nguyen',
      'TransferApproved ha.le',
      'TransferAccepted son.pham',
    ]);
  const commands = await office.system.database.command.groupBy({ by: ['status'], where: { taskCode: 'RENEWED' }, _count: true });
  expect(commands).toMatchObject([{ status: 'done', _count: 5 }]);
  await finish('RENEWED');
});
