/** Proves what a row must be, and that every fault is named by column with what would be right. Pure: nothing is stored here. */
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../../config/calendar.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import type { AgencyCode, Email } from '../../domain/names.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import { type RowContext, readTaskRow } from './task-row.ts';

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
    const given = read({ deadline: '31/02/2026' });
    expect(given).toEqual([
      { row: 7, column: 'deadline', value: '31/02/2026', code: 'date_invalid', message: 'no such date; write YYYY-MM-DD (or DD/MM/YYYY)' },
    ]);
  });
});
