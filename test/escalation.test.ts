/**
 * Proves the instants: a task under the committee's policy on an engine that skips time, its messages sent by the real couriers
 * to the real local Slack and mail server. Does not prove a provider's faults: see test/faults.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';
import { saveHistories } from './replay/save.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Monday, 09:00 in Hanoi; years ahead, so that the engine's clock can always be moved there. */
const MONDAY = '2031-03-03T02:00:00.000Z' as IsoInstant;
let time: MovableTime;
let office: Office;
beforeAll(async () => {
  time = await openMovableTime(MONDAY);
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now, calendar: vietnamCalendar({ from: 2030, to: 2032 }) } });
});
afterAll(async () => {
  if (process.env.DONDOC_SAVE_HISTORIES) await saveHistories(time.environment.client, process.env.DONDOC_SAVE_HISTORIES);
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

/** What left, to the minute of the recipient's clock: instant, step, person, channel. */
async function sent(code: string): Promise<string[]> {
  const rows = await office.system.database.notification.findMany({ where: { taskCode: code, status: { in: ['sent', 'merged'] } } });
  return rows
    .map(({ sentAt, step, recipient, channel }) => `${sentAt?.toISOString().slice(0, 16)} ${step} ${recipient.split('@')[0]} ${channel}`)
    .sort();
}

let acts = 0;
async function act(code: string, actor: { email: Email }, request: Request) {
  acts += 1;
  return office.submit({ key: `act:${acts}`, code: code as TaskCode, actor: actor.email, via: 'slack', request });
}

it('tells a task left alone step by step, at these instants and to these people only', async () => {
  expect(await office.assign('ALONE', { policy: 'standard', days: 18 })).toMatchObject({ answer: 'done' });
  await time.moveTo('2031-04-30T02:00:00.000Z' as IsoInstant);
  expect(await sent('ALONE')).toMatchInlineSnapshot(`
    [
      "2031-03-03T02:00 assigned lan.nguyen slack",
      "2031-03-04T01:00 unacknowledged-1wd lan.nguyen slack",
      "2031-03-05T01:00 unacknowledged-2wd lan.nguyen email",
      "2031-03-05T01:00 unacknowledged-2wd lan.nguyen slack",
      "2031-03-05T01:00 unacknowledged-2wd minh.tran email",
      "2031-03-05T01:00 unacknowledged-2wd minh.tran slack",
      "2031-03-07T01:00 unacknowledged-4wd dung.mai email",
      "2031-03-14T01:00 before-7d lan.nguyen slack",
      "2031-03-18T01:00 before-3wd lan.nguyen slack",
      "2031-03-20T01:00 before-1wd lan.nguyen email",
      "2031-03-20T01:00 before-1wd lan.nguyen slack",
      "2031-03-24T01:00 overdue-1wd lan.nguyen email",
      "2031-03-24T01:00 overdue-1wd lan.nguyen slack",
      "2031-03-24T01:00 overdue-1wd minh.tran email",
      "2031-03-24T01:00 overdue-1wd minh.tran slack",
      "2031-03-26T01:00 overdue-3wd dung.mai email",
      "2031-03-28T01:00 overdue-5wd ha.le email",
      "2031-03-28T01:00 overdue-5wd ha.le slack",
    ]
  `);
  expect((await office.events('ALONE')).map(({ type }) => type)).toMatchInlineSnapshot(`
    [
      "TaskAssigned",
      "EscalationRaised",
      "EscalationRaised",
      "DeadlinePassed",
      "EscalationRaised",
    ]
  `);
});

it('says nothing more to who reports at 07:59, and asks the coordinator once, then again after two working days', async () => {
  await time.moveTo('2031-05-05T02:00:00.000Z' as IsoInstant);
  await office.assign('PROMPT', { policy: 'standard', days: 8 });
  await time.moveTo('2031-05-06T00:59:00.000Z' as IsoInstant);
  expect(await act('PROMPT', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: '12/2031/NĐ-CP' }] })).toMatchObject({
    answer: 'done',
  });
  await time.moveTo('2031-05-12T00:00:00.000Z' as IsoInstant);
  expect(await sent('PROMPT')).toMatchInlineSnapshot(`
    [
      "2031-05-05T02:00 assigned lan.nguyen slack",
      "2031-05-06T01:00 reported ha.le slack",
      "2031-05-08T01:00 reported-2wd ha.le slack",
    ]
  `);
});

it('tells a return with its reason at once, then reminds of the deadline as before, and falls silent when verified', async () => {
  await act('PROMPT', HA, { type: 'ReturnTask', reason: 'Thiếu chữ ký' });
  await time.moveTo('2031-05-12T02:00:00.000Z' as IsoInstant);
  await act('PROMPT', LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'đã ký' }] });
  await time.moveTo('2031-05-12T03:00:00.000Z' as IsoInstant);
  await act('PROMPT', HA, { type: 'VerifyTask', note: '' });
  await time.moveTo('2031-07-01T00:00:00.000Z' as IsoInstant);
  expect((await sent('PROMPT')).filter((line) => line > '2031-05-12')).toMatchInlineSnapshot(`
    [
      "2031-05-12T01:00 before-1wd lan.nguyen email",
      "2031-05-12T01:00 before-1wd lan.nguyen slack",
      "2031-05-12T01:00 returned lan.nguyen slack",
      "2031-05-12T02:00 reported ha.le slack",
    ]
  `);
  const rest = await office.system.database.notification.groupBy({ by: ['status'], where: { taskCode: 'PROMPT' } });
  expect(rest.map(({ status }) => status).sort()).toEqual(['cancelled', 'merged', 'sent']);
});

it('takes silence as an answer: an early objection is believed, and the receiving head answers for what nobody accepts', async () => {
  await office.assign('MOVED', { policy: 'standard', days: 30 });
  await time.moveTo('2031-07-01T02:30:00.000Z' as IsoInstant);
  await act('MOVED', LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'Không đúng chức năng' });
  await time.moveTo('2031-07-16T09:00:00.000Z' as IsoInstant);
  expect(await sent('MOVED')).toMatchInlineSnapshot(`
    [
      "2031-07-01T01:00 assigned lan.nguyen slack",
      "2031-07-01T02:30 transfer-asked ha.le slack",
      "2031-07-03T01:00 transfer-asked-2wd ha.le email",
      "2031-07-03T01:00 transfer-asked-2wd ha.le slack",
      "2031-07-04T01:00 transfer-approved son.pham slack",
      "2031-07-07T01:00 transfer-approved-2wd son.pham email",
      "2031-07-07T01:00 transfer-approved-2wd son.pham slack",
      "2031-07-09T01:00 assigned son.pham slack",
      "2031-07-09T01:00 unacknowledged-1wd son.pham slack",
      "2031-07-10T01:00 unacknowledged-2wd son.pham email",
      "2031-07-10T01:00 unacknowledged-2wd son.pham slack",
      "2031-07-14T01:00 unacknowledged-4wd son.pham email",
      "2031-07-14T01:00 unacknowledged-4wd son.pham slack",
    ]
  `);
  const types = (await office.events('MOVED')).map(({ type, by }) => `${type} ${by ?? '-'}`);
  expect(types.filter((each) => each.startsWith('Transfer'))).toEqual([
    'TransferRequested lan.nguyen@most.example',
    'TransferApproved -',
    'TransferAccepted -',
  ]);
  await act('MOVED', HA, { type: 'CancelTask', reason: 'Trùng lặp' });
});

it('sends what falls due at one moment for one person as one message', async () => {
  await time.moveTo('2031-08-04T02:00:00.000Z' as IsoInstant);
  for (const code of ['ONE', 'TWO', 'THREE']) await office.assign(code, { policy: 'standard', days: 20 });
  await time.moveTo('2031-08-05T02:00:00.000Z' as IsoInstant);
  const rows = await office.system.database.notification.findMany({
    where: { taskCode: { in: ['ONE', 'TWO', 'THREE'] }, step: 'unacknowledged-1wd', status: { in: ['sent', 'merged'] } },
  });
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map(({ messageId }) => messageId)).size).toBe(1);
});

it('reminds the coordinator of an extension and an obstacle that nobody answers, and follows the new date', async () => {
  await time.moveTo('2031-09-08T02:00:00.000Z' as IsoInstant);
  await office.assign('LONGER', { policy: 'standard', days: 4 });
  await office.assignmentTold('LONGER');
  await act('LONGER', LAN, { type: 'AcknowledgeTask' });
  await act('LONGER', LAN, { type: 'ReportObstacle', kind: 'data', text: 'Chưa có dữ liệu' });
  await act('LONGER', LAN, {
    type: 'RequestExtension',
    deadline: '2031-09-26' as IsoDate,
    deadlineAt: '2031-09-26T10:00:00.000Z' as IsoInstant,
    reason: 'Chờ dữ liệu',
    basis: '',
  });
  await time.moveTo('2031-09-12T04:00:00.000Z' as IsoInstant);
  await act('LONGER', HA, { type: 'AnswerObstacle', obstacle: null, text: 'Dùng kho dữ liệu mở' });
  await act('LONGER', HA, { type: 'DecideExtension', decision: 'grant', until: null, reason: '' });
  await time.moveTo('2031-10-01T10:00:00.000Z' as IsoInstant);
  expect(await sent('LONGER')).toMatchInlineSnapshot(`
    [
      "2031-09-08T02:00 assigned lan.nguyen slack",
      "2031-09-08T02:00 extension-asked ha.le slack",
      "2031-09-08T02:00 obstacle ha.le slack",
      "2031-09-09T01:00 before-3wd lan.nguyen slack",
      "2031-09-10T01:00 extension-asked-2wd ha.le email",
      "2031-09-10T01:00 extension-asked-2wd ha.le slack",
      "2031-09-11T01:00 before-1wd lan.nguyen email",
      "2031-09-11T01:00 before-1wd lan.nguyen slack",
      "2031-09-11T01:00 obstacle-3wd ha.le email",
      "2031-09-11T01:00 obstacle-3wd ha.le slack",
      "2031-09-12T04:00 extension-granted lan.nguyen slack",
      "2031-09-12T04:00 obstacle-answered lan.nguyen slack",
      "2031-09-19T01:00 before-7d lan.nguyen slack",
      "2031-09-23T01:00 before-3wd lan.nguyen slack",
      "2031-09-25T01:00 before-1wd lan.nguyen email",
      "2031-09-25T01:00 before-1wd lan.nguyen slack",
      "2031-09-29T01:00 overdue-1wd lan.nguyen email",
      "2031-09-29T01:00 overdue-1wd lan.nguyen slack",
      "2031-09-29T01:00 overdue-1wd minh.tran email",
      "2031-09-29T01:00 overdue-1wd minh.tran slack",
      "2031-10-01T01:00 overdue-3wd dung.mai email",
    ]
  `);
});
