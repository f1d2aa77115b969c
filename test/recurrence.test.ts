/**
 * Proves the instants of a regular task's periods under the committee's policy, on an engine that skips time. That engine has no
 * Schedules: what they start each morning is started here. Schedules themselves: see test/schedule.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { addDays, atLocalTime } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import { TASK_QUEUE } from '../workflows/names.ts';
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
  if (process.env.DONDOC_SAVE_HISTORIES)
    await saveHistories(time.environment.client, process.env.DONDOC_SAVE_HISTORIES, ['task/REGULAR', 'period/REGULAR-2031-03-25']);
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

/** What left from a day on, to the minute: instant, step, person, channel. */
async function sent(from: string): Promise<string[]> {
  const rows = await office.system.database.notification.findMany({
    where: { taskCode: 'REGULAR', status: { in: ['sent', 'merged'] }, sentAt: { gte: new Date(from) } },
  });
  return rows
    .map(({ sentAt, step, recipient, channel }) => `${sentAt?.toISOString().slice(0, 16)} ${step} ${recipient.split('@')[0]} ${channel}`)
    .sort();
}
const happened = async (from: string) => {
  const rows = await office.system.database.taskEvent.findMany({
    where: { taskCode: 'REGULAR', at: { gte: new Date(from) } },
    orderBy: { seq: 'asc' },
  });
  return rows.map(({ type, at, body }) => {
    const day = localDate(instantFromEpochMs(at.getTime()), COMMITTEE_TIME_ZONE);
    return `${day} ${type} ${(body as { period?: string }).period ?? ''}`.trim();
  });
};

let acts = 0;
async function act(actor: { email: Email }, request: Request) {
  acts += 1;
  expect(await office.submit({ key: `act:${acts}`, code: 'REGULAR' as TaskCode, actor: actor.email, via: 'slack', request })).toMatchObject(
    { answer: 'done' },
  );
}

/** What the Schedule does each morning at six, from one day to another. */
async function mornings(from: string, to: string): Promise<void> {
  for (let day = from as IsoDate; day <= to; day = addDays(day, 1)) {
    await time.moveTo(atLocalTime(day, '06:00', COMMITTEE_TIME_ZONE));
    // By a client of our own: the engine's lets time pass while it waits.
    await office.system.client.workflow.execute('openPeriod', {
      workflowId: `period/REGULAR-${day}`,
      taskQueue: TASK_QUEUE,
      args: [{ code: 'REGULAR' }],
    });
  }
}
const at = (date: string, clock: string) => time.moveTo(atLocalTime(date as IsoDate, clock, COMMITTEE_TIME_ZONE));

it('opens the first period on its day, reminds, and says nothing more when it is reported', async () => {
  const recurrence = { rule: 'FREQ=MONTHLY;BYMONTHDAY=25', due: 5 };
  expect(await office.assign('REGULAR', { policy: 'standard', days: 300, more: { recurrence } })).toMatchObject({ answer: 'done' });
  // An acknowledgment that is quicker than the card would take the card back.
  await expect.poll(() => sent('2031-03-03')).toHaveLength(1);
  await act(LAN, { type: 'AcknowledgeTask' });
  await mornings('2031-03-23', '2031-03-27');
  await at('2031-03-31', '09:00');
  await act(LAN, { type: 'ReportPeriod', period: '2031-03-25' as IsoDate, evidence: [{ type: 'text', text: 'Báo cáo tháng 3' }] });
  await at('2031-04-03', '09:00');
  await act(HA, { type: 'VerifyPeriod', period: '2031-03-25' as IsoDate, note: '' });
  await at('2031-04-20', '09:00');
  expect(await sent('2031-03-04')).toMatchInlineSnapshot(`
    [
      "2031-03-25T01:00 period-opened lan.nguyen slack",
      "2031-03-31T01:00 period-1wd lan.nguyen slack",
      "2031-03-31T02:00 period-reported ha.le slack",
      "2031-04-03T01:00 period-reported-2wd ha.le slack",
    ]
  `);
  expect(await happened('2031-03-03')).toMatchInlineSnapshot(`
    [
      "2031-03-03 TaskAssigned",
      "2031-03-03 TaskAcknowledged",
      "2031-03-25 PeriodOpened 2031-03-25",
      "2031-03-31 PeriodReported 2031-03-25",
      "2031-04-03 PeriodVerified 2031-03-25",
    ]
  `);
});

it('escalates a period that is not reported; the next one, moved from a Sunday, takes its place', async () => {
  await mornings('2031-04-24', '2031-04-26');
  await mornings('2031-05-24', '2031-05-27');
  await at('2031-05-30', '09:00');
  expect(await sent('2031-04-21')).toMatchInlineSnapshot(`
    [
      "2031-04-25T01:00 period-opened lan.nguyen slack",
      "2031-05-05T01:00 period-1wd lan.nguyen slack",
      "2031-05-07T01:00 period-overdue-1wd lan.nguyen email",
      "2031-05-07T01:00 period-overdue-1wd lan.nguyen slack",
      "2031-05-07T01:00 period-overdue-1wd minh.tran email",
      "2031-05-07T01:00 period-overdue-1wd minh.tran slack",
      "2031-05-09T01:00 period-overdue-3wd dung.mai email",
      "2031-05-26T01:00 period-opened lan.nguyen slack",
      "2031-05-30T01:00 period-1wd lan.nguyen slack",
    ]
  `);
  expect(await happened('2031-04-21')).toMatchInlineSnapshot(`
    [
      "2031-04-25 PeriodOpened 2031-04-25",
      "2031-05-26 PeriodMissed 2031-04-25",
      "2031-05-26 PeriodOpened 2031-05-25",
    ]
  `);
});

it('tells a return at once, and of the date only what is still to come', async () => {
  await act(LAN, { type: 'ReportPeriod', period: '2031-05-25' as IsoDate, evidence: [{ type: 'text', text: 'Báo cáo tháng 5' }] });
  await at('2031-06-03', '09:00');
  await act(HA, { type: 'ReturnPeriod', period: '2031-05-25' as IsoDate, reason: 'Thiếu số liệu' });
  await at('2031-06-20', '09:00');
  expect(await sent('2031-05-30T02:00:00.000Z')).toMatchInlineSnapshot(`
    [
      "2031-05-30T02:00 period-reported ha.le slack",
      "2031-06-03T01:00 period-reported-2wd ha.le slack",
      "2031-06-03T02:00 period-returned lan.nguyen slack",
      "2031-06-05T01:00 period-overdue-3wd dung.mai email",
    ]
  `);
});

it('announces only the latest period after an outage, and records the others as missed', async () => {
  await mornings('2031-09-08', '2031-09-08');
  await at('2031-09-20', '09:00');
  expect(await happened('2031-06-04')).toMatchInlineSnapshot(`
    [
      "2031-09-08 PeriodMissed 2031-05-25",
      "2031-09-08 PeriodMissed 2031-06-25",
      "2031-09-08 PeriodMissed 2031-07-25",
      "2031-09-08 PeriodOpened 2031-08-25",
    ]
  `);
  expect(await sent('2031-06-21')).toMatchInlineSnapshot(`
    [
      "2031-09-08T01:00 period-opened lan.nguyen slack",
    ]
  `);
});
