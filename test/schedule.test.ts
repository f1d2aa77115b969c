/**
 * Proves on the real engine that a task that recurs has a Schedule as long as it is open, and that each period is opened once,
 * reported and verified by people in chat. Does not prove the days: see domain/recurrence.test.ts and test/recurrence.test.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { act as cli } from '../cli/act.ts';
import { doctor, examine } from '../cli/doctor.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';

/** Every day is a working day: the test runs on any. */
const EVERY_DAY: Calendar = {
  timeZone: COMMITTEE_TIME_ZONE,
  officeHours: [{ from: '00:00', to: '23:59' }],
  weekend: [],
  holidays: new Set(),
  workingDays: new Set(),
};
const now = (): IsoInstant => instantFromEpochMs(Date.now());
let office: Office;
beforeAll(async () => {
  office = await openOffice({ system: { calendar: EVERY_DAY } });
});
afterAll(() => office.close());

const schedules = async () => {
  const found: string[] = [];
  for await (const { scheduleId } of office.system.client.schedule.list()) found.push(scheduleId);
  return found.filter((id) => id !== 'notices');
};
const types = async (code: string) => (await office.events(code)).map(({ type }) => type);
const act = (code: string, actor: { email: Email }, request: Request, key: string) =>
  office.submit({ key, code: code as TaskCode, actor: actor.email, via: 'cli', request });

it('gives a task that recurs its Schedule, which opens the period of the day at once and no second time', async () => {
  expect(await office.assign('REG-1', { days: 30, more: { recurrence: { rule: 'FREQ=DAILY', due: 0 } } })).toMatchObject({
    answer: 'done',
  });
  await office.assign('ONCE-1');
  await expect.poll(() => types('REG-1'), { timeout: 20_000 }).toEqual(['TaskAssigned', 'PeriodOpened']);
  const handle = office.system.client.schedule.getHandle('period/REG-1');
  const completed = async () => {
    const found: string[] = [];
    const query = "WorkflowType = 'openPeriod' AND ExecutionStatus = 'Completed'";
    for await (const { workflowId } of office.system.client.workflow.list({ query })) found.push(workflowId);
    return found.length;
  };
  for (const runs of [2, 3]) {
    // The engine names a run after its second: two triggers within one are one.
    await pause(1_100);
    await handle.trigger();
    await expect.poll(completed, { timeout: 20_000 }).toBe(runs);
  }
  expect(await office.events('REG-1')).toEqual([
    { type: 'TaskAssigned', by: HA.email, via: 'cli' },
    { type: 'PeriodOpened', by: null, via: 'workflow' },
  ]);
  expect((await schedules()).filter((id) => id.includes('ONCE'))).toEqual([]);
});

it('shows the open period to the assignee, who reports it by a form; the coordinator verifies it, the task stays open', async () => {
  await office.press(LAN, 'REG-1', 'period_report');
  await office.form('period_report_form');
  const today = localDate(now(), COMMITTEE_TIME_ZONE);
  const period = { value: { type: 'static_select', selected_option: { value: today } } };
  await office.send(LAN, { period });
  expect(await office.formErrors()).toEqual({ evidence: 'Xin kèm ít nhất một minh chứng: nội dung, liên kết hoặc tệp.' });
  await office.send(LAN, { period, evidence: { value: { type: 'plain_text_input', value: 'Báo cáo 15/BC' } } });
  await expect.poll(() => types('REG-1')).toEqual(['TaskAssigned', 'PeriodOpened', 'TaskAcknowledged', 'PeriodReported']);
  await office.press(HA, 'REG-1', 'period_verify');
  await office.form('period_verify_form');
  await office.send(HA, { period });
  await expect.poll(() => types('REG-1')).toContain('PeriodVerified');
  const row = await office.system.database.task.findUniqueOrThrow({ where: { code: 'REG-1' } });
  expect([row.status, row.regular, row.recurs]).toEqual(['acknowledged', true, true]);
});

it('speaks of periods on the command line as in chat', async () => {
  const printed: object[] = [];
  const context = { state: office.state, json: true, print: (document: unknown) => void printed.push(document as object), say: () => {} };
  const flags = { as: HA.email, title: 'Báo cáo ngày', agency: 'MOST', assignee: LAN.email, policy: 'minutes', deadline: '2099-12-31' };
  expect(await cli(context, 'assign', 'REG-CLI', { ...flags, recurrence: 'RRULE:freq=daily', due: '0' })).toBe(true);
  await expect.poll(() => types('REG-CLI'), { timeout: 20_000 }).toEqual(['TaskAssigned', 'PeriodOpened']);
  const period = localDate(now(), COMMITTEE_TIME_ZONE);
  expect(await cli(context, 'period', 'REG-CLI', { as: LAN.email, period, report: true })).toBe(false);
  expect(printed.at(-1)).toMatchObject({ answer: 'refused', refusal: { refused: 'evidence_missing' } });
  expect(await cli(context, 'period', 'REG-CLI', { as: LAN.email, period, report: true, text: 'Báo cáo 1' })).toBe(true);
  expect(await cli(context, 'period', 'REG-CLI', { as: HA.email, period, return: true, reason: 'Thiếu' })).toBe(true);
  expect(await cli(context, 'period', 'REG-CLI', { as: LAN.email, period, report: true, link: 'https://most.example/1' })).toBe(true);
  expect(await cli(context, 'period', 'REG-CLI', { as: HA.email, period, verify: true })).toBe(true);
  await expect(cli(context, 'period', 'REG-CLI', { as: HA.email, period })).rejects.toThrow('--report');
  await expect.poll(async () => (await types('REG-CLI')).at(-1)).toBe('PeriodVerified');
  expect(await cli(context, 'cancel', 'REG-CLI', { as: HA.email, reason: 'Hết' })).toBe(true);
});

it('takes the Schedule away when the task ends, and gives back one that a crash left unmarked', async () => {
  await office.system.database.task.update({ where: { code: 'REG-1' }, data: { scheduled: false } });
  const scheduled = async () => (await office.system.database.task.findUniqueOrThrow({ where: { code: 'REG-1' } })).scheduled;
  await expect.poll(scheduled, { timeout: 15_000 }).toBe(true);
  await act('REG-1', HA, { type: 'CancelTask', reason: 'Hết nhu cầu' }, 'cancel');
  await expect.poll(scheduled, { timeout: 15_000 }).toBe(false);
  await expect.poll(schedules, { timeout: 15_000 }).toEqual([]);
});

it('is found missing and given back by the doctor, where the engine has lost it', async () => {
  await office.assign('REG-LOST', { days: 30, more: { recurrence: { rule: 'FREQ=YEARLY;BYMONTHDAY=1,15', due: 1 } } });
  const marked = async () => (await office.system.database.task.findUniqueOrThrow({ where: { code: 'REG-LOST' } })).scheduled;
  await expect.poll(marked, { timeout: 15_000 }).toBe(true);
  const findings = async () => (await examine(office.system.database, office.system.client)).findings;
  await expect.poll(findings, { timeout: 10_000 }).toEqual([]);
  await office.system.client.schedule.getHandle('period/REG-LOST').delete();
  await expect.poll(findings, { timeout: 10_000 }).toMatchObject([{ code: 'REG-LOST', finding: 'schedule_missing' }]);
  await doctor({ state: office.state, json: true, print: () => {}, say: () => {} }, true);
  await expect.poll(findings, { timeout: 10_000 }).toEqual([]);
  expect(await schedules()).toEqual(['period/REG-LOST']);
});

it('asks each hour what comes by itself: half past, no run beside another, and none made up for after more than an hour', async () => {
  const handle = office.system.client.schedule.getHandle('notices');
  await expect
    .poll(
      () =>
        handle.describe().then(
          ({ scheduleId }) => scheduleId,
          () => null,
        ),
      { timeout: 15_000 },
    )
    .toBe('notices');
  const { policies, info, action } = await handle.describe();
  expect([policies.catchupWindow, policies.overlap, action.workflowType]).toEqual([3_600_000, 'SKIP', 'planNotices']);
  const [next, after] = info.nextActionTimes;
  expect([next?.getMinutes(), (after?.getTime() ?? 0) - (next?.getTime() ?? 0)]).toEqual([30, 3_600_000]);
  await handle.trigger();
  const runs = async () => {
    const found: string[] = [];
    const query = "WorkflowType = 'planNotices' AND ExecutionStatus = 'Completed'";
    for await (const { workflowId } of office.system.client.workflow.list({ query })) found.push(workflowId);
    return found.length;
  };
  await expect.poll(runs, { timeout: 20_000 }).toBeGreaterThan(0);
  // On the day of its installation a system has nothing to look back at.
  expect(await office.system.database.notice.count()).toBe(0);
});

it('refuses a rule that nobody can keep, and a period that someone would open by hand', async () => {
  const refused = (answer: object) => ('refusal' in answer ? answer.refusal : answer);
  expect(refused(await office.assign('BAD-1', { more: { recurrence: { rule: 'FREQ=HOURLY', due: 0 } } }))).toMatchObject({
    refused: 'recurrence_too_often',
  });
  expect(refused(await office.assign('BAD-2', { more: { recurrence: { rule: 'FREQ=DAILY', due: 3 } } }))).toMatchObject({
    refused: 'recurrence_due_too_long',
  });
  await office.assign('REG-2', { days: 30, more: { recurrence: { rule: 'FREQ=YEARLY;BYMONTHDAY=1,15', due: 1 } } });
  const at = now();
  const day = localDate(at, COMMITTEE_TIME_ZONE);
  const period = { period: day, opens: day, opensAt: at, deadline: day, deadlineAt: at };
  expect(refused(await act('REG-2', HA, { type: 'OpenPeriod', period, missed: [] }, 'by-hand'))).toMatchObject({
    refused: 'period_by_hand',
  });
});
