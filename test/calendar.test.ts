/**
 * Proves that a day off decreed for tomorrow moves tomorrow's messages of exactly those it concerns, seen before it is done, on the
 * running system and its real couriers; that nothing is told twice; and that a deadline stays. Does not prove which days are free:
 * see config/calendar.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Email } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { IsoInstant } from '../domain/time.ts';
import { loadCalendar } from '../inbox/calendar-change.ts';
import { REPLAN_SIGNAL } from '../workflows/names.ts';
import { HA, LAN, type Office, openOffice, SON } from './office.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

/** Monday, 09:00 in Hanoi; years ahead, so that the engine's clock can always be moved there. */
const MONDAY = '2031-03-03T02:00:00.000Z' as IsoInstant;
let time: MovableTime;
let office: Office;
beforeAll(async () => {
  time = await openMovableTime(MONDAY);
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  office = await openOffice({ system: { now: time.now } });
});
afterAll(async () => {
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
});

const storm = (days: string) => `name: storm\nextends: vn\nagencies: [MOST]\ndaysOff:\n${days}`;
const TUESDAY = storm('  - { date: 2031-03-04, reason: "01/CĐ-TTg: bão" }\n');

async function load(text: string, o: { dryRun?: boolean; by?: Email } = {}) {
  const { database, now, directory } = office.system;
  const change = await loadCalendar({ database, now, directory: await directory.get() }, { text, dryRun: o.dryRun === true, ...o });
  if (isRefusal(change) || 'errors' in change) throw new Error(JSON.stringify(change));
  return change;
}

/** What the ledger says of a task: instant, step, person, channel, status. */
async function ledger(code: string, statuses: string[] = ['planned', 'sent', 'merged']): Promise<string[]> {
  const rows = await office.system.database.notification.findMany({ where: { taskCode: code, status: { in: statuses } } });
  return rows
    .map(({ sendAt, step, recipient, channel }) => `${sendAt.toISOString().slice(0, 16)} ${step} ${recipient.split('@')[0]} ${channel}`)
    .sort();
}
const ofTheFirstDays = (lines: string[]) => lines.filter((line) => line > '2031-03-04' && line < '2031-03-07');

/** How often a task's workflow was asked for a new plan. */
async function asked(code: string): Promise<number> {
  const { events } = await time.environment.client.workflow.getHandle(`task/${code}`).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === REPLAN_SIGNAL).length;
}

async function arrived(codes: readonly string[]): Promise<void> {
  const told = () =>
    office.system.database.notification.count({ where: { taskCode: { in: [...codes] }, step: 'assigned', status: 'sent' } });
  await expect.poll(told).toBe(codes.length);
}

async function replanned(): Promise<void> {
  const { database, sweep } = office.system;
  await expect
    .poll(
      async () => {
        await sweep();
        return database.task.count({ where: { replanSince: { not: null } } });
      },
      { timeout: 20_000 },
    )
    .toBe(0);
}

it('shows what a day off for tomorrow would move, and changes nothing', async () => {
  for (const [code, more] of [
    ['LED', {}],
    ['ELSEWHERE', { supervisor: null }],
    ['WATCHED', {}],
  ] as const)
    expect(
      await office.assign(code, { policy: 'standard', days: 18, assignee: code === 'LED' ? LAN.email : SON.email, more }),
    ).toMatchObject({
      answer: 'done',
    });
  await arrived(['LED', 'ELSEWHERE', 'WATCHED']);
  const before = await Promise.all(['LED', 'ELSEWHERE', 'WATCHED'].map((code) => ledger(code)));
  const change = await load(TUESDAY, { dryRun: true });
  expect(change).toMatchObject({ name: 'storm', version: null, unchanged: false, agencies: ['MOST'], tasks: 2, tasksMoved: 1, people: 3 });
  expect(
    change.moves.map(({ task, step, person, from, to }) => `${task} ${step} ${person?.split('@')[0] ?? '-'} ${from} → ${to}`),
  ).toMatchInlineSnapshot(`
    [
      "LED unacknowledged-1wd lan.nguyen 2031-03-04T01:00:00.000Z → 2031-03-05T01:00:00.000Z",
      "LED unacknowledged-2wd lan.nguyen 2031-03-05T01:00:00.000Z → 2031-03-06T01:00:00.000Z",
      "LED unacknowledged-2wd lan.nguyen 2031-03-05T01:00:00.000Z → 2031-03-06T01:00:00.000Z",
      "LED unacknowledged-2wd minh.tran 2031-03-05T01:00:00.000Z → 2031-03-06T01:00:00.000Z",
      "LED unacknowledged-2wd minh.tran 2031-03-05T01:00:00.000Z → 2031-03-06T01:00:00.000Z",
      "LED unacknowledged-2wd - 2031-03-05T01:00:00.000Z → 2031-03-06T01:00:00.000Z",
      "LED unacknowledged-4wd dung.mai 2031-03-07T01:00:00.000Z → 2031-03-10T01:00:00.000Z",
      "LED unacknowledged-4wd - 2031-03-07T01:00:00.000Z → 2031-03-10T01:00:00.000Z",
    ]
  `);
  expect(await Promise.all(['LED', 'ELSEWHERE', 'WATCHED'].map((code) => ledger(code)))).toEqual(before);
  expect(await office.system.database.calendarVersion.count()).toBe(0);
});

it("moves tomorrow's messages of those whom it concerns and of nobody else, at once and without a restart", async () => {
  const elsewhere = await ledger('ELSEWHERE');
  const deadlines = await office.system.database.task.findMany({ select: { code: true, deadlineAt: true }, orderBy: { code: 'asc' } });
  expect(await load(TUESDAY, { by: HA.email })).toMatchObject({ version: 1, tasks: 2 });
  await replanned();
  await expect
    .poll(async () => ofTheFirstDays(await ledger('LED')))
    .toEqual([
      '2031-03-05T01:00 unacknowledged-1wd lan.nguyen slack',
      '2031-03-06T01:00 unacknowledged-2wd lan.nguyen email',
      '2031-03-06T01:00 unacknowledged-2wd lan.nguyen slack',
      '2031-03-06T01:00 unacknowledged-2wd minh.tran email',
      '2031-03-06T01:00 unacknowledged-2wd minh.tran slack',
    ]);
  expect(await ledger('ELSEWHERE')).toEqual(elsewhere);
  expect(await Promise.all(['LED', 'ELSEWHERE', 'WATCHED'].map(asked))).toEqual([1, 0, 1]);
  const { database } = office.system;
  expect(await database.task.findMany({ select: { code: true, deadlineAt: true }, orderBy: { code: 'asc' } })).toEqual(deadlines);
});

it('is in force already when it is given again', async () => {
  expect(await load(TUESDAY)).toMatchObject({ version: null, unchanged: true, tasks: 0, moves: [] });
  expect(await office.system.database.calendarVersion.count()).toBe(1);
});

it('is lived through: nobody concerned hears anything on the free day, the others do, and nobody hears anything twice', async () => {
  await time.moveTo('2031-03-04T10:00:00.000Z' as IsoInstant);
  expect([await ledger('LED', ['sent', 'merged']), await ledger('ELSEWHERE', ['sent', 'merged'])]).toEqual([
    ['2031-03-03T02:00 assigned lan.nguyen slack'],
    ['2031-03-03T02:00 assigned son.pham slack', '2031-03-04T01:00 unacknowledged-1wd son.pham slack'],
  ]);
  // A second decree, the evening before: the day after tomorrow is free too, and for a supervisor who only hears of another's task.
  await load(storm('  - { date: 2031-03-04, to: 2031-03-05, reason: "02/CĐ-TTg: bão" }\n'));
  await replanned();
  await time.moveTo('2031-03-05T10:00:00.000Z' as IsoInstant);
  expect(await ledger('LED', ['sent', 'merged'])).toEqual(['2031-03-03T02:00 assigned lan.nguyen slack']);
  expect((await ledger('WATCHED')).filter((line) => line.includes('unacknowledged-2wd'))).toEqual([
    '2031-03-05T01:00 unacknowledged-2wd son.pham email',
    '2031-03-05T01:00 unacknowledged-2wd son.pham slack',
    '2031-03-06T01:00 unacknowledged-2wd minh.tran email',
    '2031-03-06T01:00 unacknowledged-2wd minh.tran slack',
  ]);
  await time.moveTo('2031-03-10T10:00:00.000Z' as IsoInstant);
  const told = await office.system.database.notification.findMany({ where: { status: { in: ['sent', 'merged'] } }, select: { key: true } });
  expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
  expect((await ledger('LED', ['sent', 'merged'])).filter((line) => line < '2031-03-08')).toEqual([
    '2031-03-03T02:00 assigned lan.nguyen slack',
    '2031-03-06T01:00 unacknowledged-1wd lan.nguyen slack',
    '2031-03-07T01:00 unacknowledged-2wd lan.nguyen email',
    '2031-03-07T01:00 unacknowledged-2wd lan.nguyen slack',
    '2031-03-07T01:00 unacknowledged-2wd minh.tran email',
    '2031-03-07T01:00 unacknowledged-2wd minh.tran slack',
  ]);
});

it('tells once what a day off removed again brings forward over a step that was told', async () => {
  const before = await ledger('LED', ['sent', 'merged']);
  await load(storm('  - { date: 2031-06-02, reason: "03/CĐ-TTg: kết thúc" }\n'));
  await replanned();
  await time.moveTo('2031-03-11T00:00:00.000Z' as IsoInstant);
  expect(await ledger('LED', ['sent', 'merged'])).toEqual(before);
});

it('refuses who is no coordinator, and an agency that there is not', async () => {
  const { database, now, directory } = office.system;
  const given = (text: string, by: Email) =>
    directory.get().then((loaded) => loadCalendar({ database, now, directory: loaded }, { text, dryRun: false, by }));
  const next = storm('  - { date: 2031-07-01, reason: "04/CĐ-TTg" }\n');
  expect(await given(next, LAN.email)).toMatchObject({ refused: 'not_a_coordinator' });
  expect(await given(next.replace('MOST', 'XX'), HA.email)).toEqual({
    errors: [{ line: 3, column: 12, message: 'agencies.0: there is no agency XX; dondoc agency list names them' }],
  });
  expect(await database.calendarVersion.count()).toBe(3);
});
