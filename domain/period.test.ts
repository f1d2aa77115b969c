/** Proves the rules of a regular task's periods, given–when–then. Does not prove their days: see recurrence.test.ts. */
import { expect, it } from 'vitest';
import type { Actor, Request } from './command.ts';
import { decide } from './decide.ts';
import type { TaskEvent } from './event.ts';
import { evolve, replay } from './evolve.ts';
import { holderOf } from './holding.ts';
import type { AgencyCode, Email, Entrance, TaskCode } from './names.ts';
import { pressingDue } from './period.ts';
import type { PeriodDates } from './recurrence.ts';
import { isRefusal, type RefusalCode } from './refusals.ts';
import { isOpen, type Task, upgraded } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const code = 'REG-1' as TaskCode;
const now = '2027-01-04T02:00:00.000Z' as IsoInstant;
const who = (email: string, role: Actor['role'], agency: string): Actor => ({ email: email as Email, role, agency: agency as AgencyCode });
const lan = who('lan@most.example', 'assignee', 'MOST');
const minh = who('minh@most.example', 'supervisor', 'MOST');
const ha = who('ha@vptw.example', 'coordinator', 'VPTW');

const assign = (recurs: boolean): Request => ({
  type: 'AssignTask',
  assignment: {
    title: 'Báo cáo tháng',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: lan.email,
    supervisor: minh.email,
    coordinator: ha.email,
    assignedAt: now,
    deadline: '2027-12-31' as IsoDate,
    deadlineAt: '2027-12-31T10:00:00.000Z' as IsoInstant,
    regular: recurs,
    priority: 'normal',
    policy: { name: 'standard', version: 3 },
    ...(recurs ? { recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=25', due: 5 } } : {}),
  },
});
/** The 25th of a month opens, the last but one day of it is the date. */
const dates = (month: string): PeriodDates => ({
  period: `2027-${month}-25` as IsoDate,
  opens: `2027-${month}-25` as IsoDate,
  opensAt: `2027-${month}-25T01:00:00.000Z` as IsoInstant,
  deadline: `2027-${month}-27` as IsoDate,
  deadlineAt: `2027-${month}-27T10:00:00.000Z` as IsoInstant,
});
const period = (month: string) => dates(month).period;
const open = (month: string, ...missed: string[]): Request => ({ type: 'OpenPeriod', period: dates(month), missed: missed.map(dates) });
const report = (month: string): Request => ({
  type: 'ReportPeriod',
  period: period(month),
  evidence: [{ type: 'text', text: `Báo cáo tháng ${month}` }],
});
const verify = (month: string): Request => ({ type: 'VerifyPeriod', period: period(month), note: '' });
const sendBack = (month: string): Request => ({ type: 'ReturnPeriod', period: period(month), reason: 'Thiếu số liệu' });

type Act = readonly [Actor | 'schedule', Request];
function act(task: Task | null, [actor, request]: Act) {
  const by = actor === 'schedule' ? { actor: ha, via: 'workflow' as Entrance } : { actor, via: 'slack' as Entrance };
  return decide(code, task, { kind: 'command', id: 'x', ...by, request }, now);
}
function after(acts: readonly Act[], recurs = true): { task: Task; events: TaskEvent[] } {
  let task: Task | null = null;
  const events: TaskEvent[] = [];
  for (const each of [[ha, assign(recurs)] as Act, ...acts]) {
    const decided = act(task, each);
    if (isRefusal(decided)) throw new Error(`refused in the given: ${decided.refused}`);
    task = decided.reduce<Task | null>(evolve, task);
    events.push(...decided);
  }
  if (task === null) throw new Error('no task');
  return { task, events };
}
const standing = ({ periods }: Task) => periods.map((each) => `${each.period.slice(5, 7)} ${each.status}`);

const JAN: Act = ['schedule', open('01')];
const FEB: Act = ['schedule', open('02')];
it.each<[string, readonly Act[], Act, string[], string[]]>([
  ['opens', [], JAN, ['PeriodOpened'], ['01 open']],
  [
    'is reported, and the task is acknowledged with it',
    [JAN],
    [lan, report('01')],
    ['TaskAcknowledged', 'PeriodReported'],
    ['01 reported'],
  ],
  ['is verified by someone else', [JAN, [lan, report('01')]], [ha, verify('01')], ['PeriodVerified'], ['01 completed']],
  ['is returned and open again', [JAN, [lan, report('01')]], [ha, sendBack('01')], ['PeriodReturned'], ['01 open']],
  ['is missed where the next one opens before its report', [JAN], FEB, ['PeriodMissed', 'PeriodOpened'], ['01 missed', '02 open']],
  ['waits on beside the next one where it is reported', [JAN, [lan, report('01')]], FEB, ['PeriodOpened'], ['01 reported', '02 open']],
  [
    'is reported late where the next one overtook it',
    [JAN, FEB],
    [lan, report('01')],
    ['TaskAcknowledged', 'PeriodReported'],
    ['01 reported', '02 open'],
  ],
  [
    'is missed where nobody opened it',
    [JAN, [lan, report('01')]],
    ['schedule', open('04', '02', '03')],
    ['PeriodMissed', 'PeriodMissed', 'PeriodOpened'],
    ['01 reported', '02 missed', '03 missed', '04 open'],
  ],
  [
    'is not missed twice',
    [JAN, FEB],
    ['schedule', open('03', '01', '02')],
    ['PeriodMissed', 'PeriodOpened'],
    ['01 missed', '02 missed', '03 open'],
  ],
  [
    'leaves the state when three later ones are over; the record has it',
    [JAN, FEB, ['schedule', open('03')], ['schedule', open('04')]],
    ['schedule', open('05')],
    ['PeriodMissed', 'PeriodOpened'],
    ['02 missed', '03 missed', '04 missed', '05 open'],
  ],
])('a period %s', (_, given, when, types, periods) => {
  const { task, events } = after(given);
  const decided = act(task, when);
  if (isRefusal(decided)) throw new Error(decided.refused);
  const next = decided.reduce<Task>(evolve, task);
  expect(decided.map(({ type }) => type)).toEqual(types);
  expect(standing(next)).toEqual(periods);
  expect(replay([...events, ...decided])).toEqual(next);
});

it.each<[string, readonly Act[], Act, RefusalCode]>([
  ['opened by hand', [], [ha, open('01')], 'period_by_hand'],
  ['opened twice', [JAN], JAN, 'period_opened'],
  ['opened after a later one', [FEB], JAN, 'period_opened'],
  ['reported by the supervisor', [JAN], [minh, report('01')], 'not_the_assignee'],
  ['reported without evidence', [JAN], [lan, { ...report('01'), evidence: [] } as Request], 'evidence_missing'],
  ['reported twice', [JAN, [lan, report('01')]], [lan, report('01')], 'period_reported'],
  ['reported when it is verified', [JAN, [lan, report('01')], [ha, verify('01')]], [lan, report('01')], 'period_completed'],
  ['reported before it opens', [JAN], [lan, report('02')], 'period_unknown'],
  ['verified by who reported it', [JAN, [lan, report('01')]], [lan, verify('01')], 'verifier_is_reporter'],
  ['verified by another than a coordinator', [JAN, [lan, report('01')]], [minh, verify('01')], 'not_a_coordinator'],
  ['verified without a report', [JAN], [ha, verify('01')], 'period_not_reported'],
  ['returned without a report', [JAN], [ha, sendBack('01')], 'period_not_reported'],
  [
    'reported while the whole waits to be verified',
    [JAN, [lan, { type: 'ReportDone', evidence: [{ type: 'text', text: 'hết' }] }]],
    [lan, report('01')],
    'already_reported',
  ],
])('a period cannot be %s', (_, given, when, refused) => {
  expect(act(after(given).task, when)).toMatchObject({ refused });
});

it('cannot be reported while a year of them waits to be verified', () => {
  const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'));
  const given = months.flatMap((month): Act[] => [
    ['schedule', open(month)],
    [lan, report(month)],
  ]);
  const next = JSON.parse(JSON.stringify(open('01')).replaceAll('2027-', '2028-')) as Request;
  const { task } = after([...given, ['schedule', next]]);
  const last: Request = { ...report('01'), period: '2028-01-25' as IsoDate } as Request;
  expect(act(task, [lan, last])).toMatchObject({ refused: 'periods_unverified' });
});

it('belongs to regular tasks only', () => {
  const { task } = after([], false);
  expect(act(task, JAN)).toMatchObject({ refused: 'not_recurring' });
  expect(act(task, [lan, report('01')])).toMatchObject({ refused: 'not_recurring' });
});

it('does not verify by a substitute of who reported', () => {
  const { task } = after([JAN, [lan, report('01')]]);
  expect(act(task, [{ ...ha, standsInFor: [lan.email] }, verify('01')])).toMatchObject({ refused: 'verifier_is_reporter' });
});

it('is the schedule’s doing in the record, not the person’s on whose order it stands', () => {
  const { events } = after([JAN]);
  expect(events.at(-1)).toMatchObject({ type: 'PeriodOpened', by: null, via: 'workflow', commandId: 'x' });
});

it('is held by the verifier while it waits to be verified, else by the assignee; its date is the one that presses', () => {
  const holder = (acts: readonly Act[]) => {
    const { task } = after(acts);
    if (!isOpen(task)) throw new Error('closed');
    return holderOf(task, now).role;
  };
  const reported: Act[] = [JAN, [lan, report('01')]];
  expect([[JAN], reported, [...reported, [ha, verify('01')] as Act]].map(holder)).toEqual(['assignee', 'verifier', 'assignee']);
  expect(pressingDue(after([JAN]).task).deadline).toBe('2027-01-27');
  expect(pressingDue(after(reported).task).deadline).toBe('2027-12-31');
});

it('ends with the whole task, which can be reported and verified whatever its periods', () => {
  const { task } = after([
    JAN,
    [lan, { type: 'ReportDone', evidence: [{ type: 'text', text: 'Hết' }] }],
    [ha, { type: 'VerifyTask', note: '' }],
  ]);
  expect(task.status).toBe('completed');
  expect(act(task, FEB)).toMatchObject({ refused: 'already_completed' });
});

it('follows another rhythm from the day on which it is given, and none where it is taken away', () => {
  const amended = (recurrence: { rule: string; due: number } | null, recurs = true) =>
    after([[ha, { type: 'AmendTask', changes: { recurrence } }]], recurs).task;
  expect(amended({ rule: 'FREQ=WEEKLY;BYDAY=MO', due: 2 })).toMatchObject({ recurrence: { due: 2 }, recursSince: now });
  expect(amended({ rule: 'FREQ=WEEKLY;BYDAY=MO', due: 2 }, false)).toMatchObject({ regular: true, recursSince: now });
  expect(amended(null)).toMatchObject({ recurrence: null, recursSince: null });
});

it('reads a state that was stored before there were periods', () => {
  const { recurrence, recursSince, periods, ...old } = after([], false).task;
  expect(upgraded(old as Task)).toEqual({ ...old, recurrence, recursSince, periods });
});
