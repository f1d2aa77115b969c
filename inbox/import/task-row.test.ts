/** Proves what a row must be, and that every fault is named by column with what would be right. Pure: nothing is stored here. */
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../../config/calendar.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import { historyOf } from '../../domain/history.ts';
import { type AgencyCode, type Email, LOCALES } from '../../domain/names.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import { faultText } from './faults.ts';
import { type RowContext, readTaskRow, rowHash } from './task-row.ts';

const agencies = new Map(
  ['MOST', 'MOF'].map((code) => [
    code,
    { code: code as AgencyCode, name: { vi: code, en: code, fr: code }, kind: 'ministry', head: null } satisfies Agency,
  ]),
);
const person = (email: string, agency: string, role: Person['role']): Person => ({
  email: email as Email,
  name: email,
  agency: agency as AgencyCode,
  role,
  locale: 'vi',
  timeZone: 'Asia/Ho_Chi_Minh',
  slackId: null,
});
const people = new Map(
  [
    person('lan@most.example', 'MOST', 'assignee'),
    person('ha@vptw.example', 'VPTW', 'coordinator'),
    person('son@mof.example', 'MOF', 'head'),
  ].map((each) => [each.email, each]),
);
const context: RowContext = {
  asOf: '2025-12-04' as IsoDate,
  shiftDays: 0,
  now: '2026-01-05T02:00:00.000Z' as IsoInstant,
  calendar: vietnamCalendar({ from: 2025, to: 2026 }),
  person: (address) => people.get(address),
  agency: (code) => agencies.get(code),
  policies: new Map([['standard', 3]]),
};
const good = {
  code: 'T-1',
  title: 'Trình nghị định',
  lead_agency: 'MOST',
  coordinating_agencies: 'MOF',
  assignee: 'lan@most.example',
  coordinator: 'ha@vptw.example',
  assigned_on: '2025-11-03',
  deadline: '2025-12-15',
  status: 'acknowledged',
  acknowledged_on: '2025-11-04',
};
const read = (change: Record<string, string>, over: Partial<RowContext> = {}) =>
  readTaskRow({ row: 7, raw: '', cells: new Map(Object.entries({ ...good, ...change })) }, { ...context, ...over });

it('makes the history of a good row, with the end of office hours as its deadline', () => {
  expect(read({})).toMatchObject({
    history: {
      code: 'T-1',
      assignment: {
        deadline: '2025-12-15',
        deadlineAt: '2025-12-15T10:00:00.000Z',
        coordinatingAgencies: ['MOF'],
        policy: { name: 'standard', version: 3 },
        regular: false,
      },
      acknowledgedAt: '2025-11-04T02:00:00.000Z',
      reported: null,
      verifiedAt: null,
    },
  });
});

it('understands dates as they are written in Vietnam', () => {
  expect(read({ deadline: '5/3/2026' })).toMatchObject({ history: { assignment: { deadline: '2026-03-05' } } });
});

it('moves every date by the same number of days', () => {
  const moved = {
    assignment: { assignedAt: '2025-11-13T01:00:00.000Z', deadline: '2025-12-25' },
    acknowledgedAt: '2025-11-14T02:00:00.000Z',
  };
  expect(read({}, { shiftDays: 10 })).toMatchObject({ history: moved });
});

it('lets the clock of what is assigned today begin now, and lets nothing have happened later than now', () => {
  const now = '2025-11-03T08:30:00.000Z' as IsoInstant;
  expect(read({ status: 'assigned', acknowledged_on: '' }, { now })).toMatchObject({ history: { assignment: { assignedAt: now } } });
  const early = '2025-11-04T00:00:00.000Z' as IsoInstant;
  expect(read({}, { now: early })).toMatchObject({ history: { acknowledgedAt: early } });
});

it('is another row when anything in it, or the shift, is another', () => {
  const hash = (given: ReturnType<typeof read>) => ('hash' in given ? given.hash : '');
  expect(hash(read({}))).toBe(hash(read({})));
  expect(new Set([hash(read({})), hash(read({ title: 'x' })), hash(read({}, { shiftDays: 1 }))]).size).toBe(3);
});

describe('names', () => {
  it.each<[Record<string, string>, string[]]>([
    [{ code: '' }, ['code value_missing']],
    [{ code: 'mã 1' }, ['code code_invalid']],
    [{ title: '' }, ['title value_missing']],
    [{ title: 'x'.repeat(1_001) }, ['title text_too_long']],
    [{ title: 'x\u0007' }, ['title text_invalid']],
    [{ lead_agency: 'XYZ' }, ['lead_agency agency_unknown']],
    [{ coordinating_agencies: 'MOF;MOF' }, ['coordinating_agencies agency_twice']],
    [{ coordinating_agencies: 'MOST' }, ['coordinating_agencies agency_twice']],
    [{ coordinating_agencies: 'MOF;NOPE' }, ['coordinating_agencies agency_unknown']],
    [{ assignee: 'nobody' }, ['assignee email_invalid']],
    [{ assignee: 'no.body@most.example' }, ['assignee person_unknown']],
    [{ assignee: 'son@mof.example' }, ['assignee person_of_other_agency']],
    [{ coordinator: 'lan@most.example' }, ['coordinator not_a_coordinator']],
    [{ deadline: '31/02/2026' }, ['deadline date_invalid']],
    [{ deadline: 'soon' }, ['deadline date_invalid']],
    [{ deadline: '2025-11-01' }, ['deadline date_order']],
    [{ assigned_on: '' }, ['assigned_on value_missing']],
    [{ acknowledged_on: '2025-12-05' }, ['acknowledged_on date_in_future']],
    [{ acknowledged_on: '2025-11-01' }, ['acknowledged_on date_order']],
    [{ acknowledged_on: '' }, ['acknowledged_on value_missing']],
    [{ status: 'assigned' }, ['acknowledged_on date_of_other_status']],
    [{ status: 'finished' }, ['status status_invalid']],
    [{ status: 'reported' }, ['reported_on value_missing', 'evidence evidence_missing']],
    [{ evidence: 'x' }, ['evidence evidence_of_other_status']],
    [{ regular: 'maybe' }, ['regular boolean_invalid']],
    [{ priority: 'urgent' }, ['priority priority_invalid']],
    [{ policy: 'mine' }, ['policy policy_unknown']],
    [{ code: '', title: '', deadline: 'x' }, ['code value_missing', 'title value_missing', 'deadline date_invalid']],
  ])('%o', (change, expected) => {
    const given = read(change);
    expect('history' in given ? [] : given.map(({ column, code }) => `${column} ${code}`)).toEqual(expected);
  });

  it('the row, the value and what would be right', () => {
    expect(read({ deadline: '31/02/2026' })).toEqual([
      { row: 7, column: 'deadline', value: '31/02/2026', code: 'date_invalid', details: {} },
    ]);
    expect(read({ secrecy: 'mật' })).toMatchObject([{ details: { expected: 'none, confidential, secret, top_secret' } }]);
  });
});

describe('what tasks have since they have a whole life', () => {
  const due = (date: string) => ({ deadline: date, deadlineAt: `${date}T10:00:00.000Z` });

  it('is read from its columns, every date of it moved', () => {
    const cells = {
      products: 'p1:legal_document:Nghị định; p2:report:Báo cáo: tổng kết:1/12/2025',
      milestones: 'm1:Lấy ý kiến:2025-11-20',
      secrecy: 'confidential',
      parent: 'T-0',
      parent_mandatory: 'false',
      recurrence: 'RRULE:FREQ=MONTHLY;BYMONTHDAY=25',
      recurrence_due: '3',
    };
    expect(read(cells, { shiftDays: 1 })).toMatchObject({
      history: {
        assignment: {
          products: [
            { id: 'p1', kind: 'legal_document', name: 'Nghị định', due: null },
            { id: 'p2', kind: 'report', name: 'Báo cáo: tổng kết', due: due('2025-12-02') },
          ],
          milestones: [{ id: 'm1', name: 'Lấy ý kiến', due: due('2025-11-21') }],
          secrecy: 'confidential',
          parent: { code: 'T-0', mandatory: false },
          recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=25', due: 3 },
          regular: true,
        },
      },
    });
  });

  it('is not in the record where nothing is said of it', () => {
    const given = read({ products: '', milestones: '', secrecy: '', parent: '', recurrence: '' });
    expect('history' in given && Object.keys(given.history.assignment)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(products|milestones|secrecy|parent|recurrence)$/)]),
    );
    expect('hash' in given && given.hash).toBe(rowHash(new Map(Object.entries(good)), 0));
  });

  it.each<[Record<string, string>, string[]]>([
    [{ products: 'p1:decree:Nghị định' }, ['products product_kind_invalid "decree"']],
    [{ products: 'Nghị định' }, ['products part_form "Nghị định"']],
    [{ products: 'P 1:report:x; p2:report:' }, ['products part_id_invalid "P 1"', 'products part_name_invalid ""']],
    [{ products: 'p1:report:x:31/02/2026' }, ['products date_invalid "31/02/2026"']],
    [{ milestones: 'm1:Lấy ý kiến' }, ['milestones part_form "m1:Lấy ý kiến"']],
    [{ milestones: 'm1:x:2025-11-20; m1:y:2025-11-21' }, ['milestones part_twice "m1"']],
    [{ secrecy: 'mật' }, ['secrecy secrecy_invalid "mật"']],
    [{ parent: 'không' }, ['parent code_invalid "không"']],
    [{ parent: 'T-0', parent_mandatory: 'có' }, ['parent_mandatory boolean_invalid "có"']],
    [{ parent_mandatory: 'true' }, ['parent_mandatory belongs_to_other_column "true"']],
    [{ recurrence_due: '3' }, ['recurrence_due belongs_to_other_column "3"']],
    [{ recurrence: 'hàng tháng' }, ['recurrence recurrence_unreadable "hàng tháng"']],
    [{ recurrence: 'FREQ=MONTHLY;COUNT=3' }, ['recurrence recurrence_bounded "FREQ=MONTHLY;COUNT=3"']],
    [{ recurrence: 'FREQ=YEARLY;BYMONTH=3' }, ['recurrence recurrence_never "FREQ=YEARLY;BYMONTH=3"']],
    [{ recurrence: 'FREQ=DAILY', recurrence_due: '5' }, ['recurrence_due recurrence_due_too_long "5"']],
    [{ recurrence: 'FREQ=DAILY', recurrence_due: '67' }, ['recurrence_due recurrence_due_invalid "67"']],
  ])('is refused by column and value: %o', (change, expected) => {
    const given = read(change);
    expect('history' in given ? [] : given.map(({ column, code, value }) => `${column} ${code} "${value}"`)).toEqual(expected);
    for (const each of 'history' in given ? [] : given)
      for (const locale of LOCALES) expect(faultText(locale, each)).toMatch(/^[^{}]{3,}$/);
  });

  it('does not disbelieve a report whose evidence is not the product asked for', () => {
    const cells = { status: 'completed', reported_on: '2025-11-20', completed_on: '2025-11-21', evidence: 'Công văn 12' };
    const given = read({ ...cells, products: 'p1:legal_document:Nghị định' });
    if (!('history' in given)) throw new Error(JSON.stringify(given));
    expect(historyOf(given.history, 'x').task).toMatchObject({ status: 'completed', ending: 'implemented', partly: false });
  });
});
