import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { type Act, taskAfter } from '../test/people.ts';
import { agencyWeek, isFirstWorkingDay } from './agency-week.ts';
import type { AgencyCode } from './names.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const calendar = vietnamCalendar({ from: 2025, to: 2027 });
const MOST = 'MOST' as AgencyCode;
const at = '2026-03-09T01:00:00.000Z' as IsoInstant;
const before = '2026-03-02T01:00:00.000Z' as IsoInstant;
const week = (acts: readonly (readonly Act[])[], o: { deadline?: string } = {}) =>
  agencyWeek(MOST, {
    ...{ at, yearEnd: '2026-12-31' as IsoDate, records: new Map(), calendar, last: { at: before, tasks: [] } },
    tasks: acts.map((each, index) => taskAfter(each, { code: `T-${index}`, ...o })),
  });

describe('an agency’s week', () => {
  it('counts what is late, what is due within fourteen days, and whose turn it is', () => {
    const found = week([['acknowledge', 'late'], ['acknowledge', 'report'], ['acknowledge', 'extend'], ['acknowledge'], []]);
    expect(found).toMatchObject({
      overdue: { now: 1, before: 0 },
      soon: { by: '2026-03-23', tasks: 4 },
      waiting: [
        { role: 'assignee', tasks: 3 },
        { role: 'verifier', tasks: 1 },
        { role: 'extension_decider', tasks: 1 },
      ],
    });
    expect(found?.late.named.map(({ task }) => task.code)).toEqual(['T-0']);
    expect(found?.changes.assigned.named).toHaveLength(5);
  });

  it.each([
    ['2026-03-23', 1],
    ['2026-03-24', 0],
  ])('what is due on %s is %d of them', (deadline, tasks) => expect(week([['acknowledge']], { deadline })?.soon.tasks).toBe(tasks));

  it('counts what is restricted and names it nowhere', () => {
    const found = week([['restrict', 'acknowledge', 'late']]);
    expect(found).toMatchObject({ overdue: { now: 1 }, late: { named: [], restricted: 1 } });
  });
});

describe('the first working day of a week', () => {
  it.each([
    ['a Monday', '2026-03-09', true],
    ['a Tuesday', '2026-03-10', false],
    ['a Sunday', '2026-03-08', false],
    // 1 January 2026 was a Thursday, the days before it were working days.
    ['after a holiday in the middle', '2026-01-05', true],
    // Tết of 2026 ended on Sunday, 22 February.
    ['after Tết', '2026-02-23', true],
    ['a holiday', '2026-02-16', false],
  ])('%s', (_, day, expected) => expect(isFirstWorkingDay(calendar, day as IsoDate)).toBe(expected));

  it('is a Tuesday where Monday is free', () => {
    const free = { ...calendar, holidays: new Set([...calendar.holidays, '2026-03-09' as IsoDate]) };
    expect(isFirstWorkingDay(free, '2026-03-10' as IsoDate)).toBe(true);
    expect(isFirstWorkingDay(free, '2026-03-11' as IsoDate)).toBe(false);
  });
});
