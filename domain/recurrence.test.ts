/** Proves on which days periods open and are due, over weekends and Tết. Does not prove which dates a rule gives: see config/recurrence.test.ts. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { addDays, isWorkingDay } from './calendar.ts';
import { periodDue, periodsOf } from './recurrence.ts';
import type { IsoDate } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2029 });
const dates = (...days: string[]) => days as IsoDate[];

it.each<[string, string[], number, string[]]>([
  ['a Monday opens as it stands', ['2027-01-25', '2027-02-25'], 5, ['2027-01-25 opens 2027-01-25, due 2027-02-01']],
  ['a Saturday opens on the Monday', ['2027-09-25', '2027-10-25'], 5, ['2027-09-25 opens 2027-09-27, due 2027-10-04']],
  ['a first of January on the next working day', ['2027-01-01', '2027-02-01'], 0, ['2027-01-01 opens 2027-01-04, due 2027-01-04']],
  ['Tết: the eve keeps its day, its date lies after', ['2027-02-04', '2027-03-04'], 2, ['2027-02-04 opens 2027-02-04, due 2027-02-15']],
  ['Tết: a day within opens after', ['2027-02-08', '2027-03-08'], 0, ['2027-02-08 opens 2027-02-12, due 2027-02-12']],
  [
    'a week cut by Tết is due before the next one opens',
    ['2027-02-01', '2027-02-08', '2027-02-15'],
    4,
    ['2027-02-01 opens 2027-02-01, due 2027-02-04', '2027-02-08 opens 2027-02-12, due 2027-02-12'],
  ],
  [
    'days that move to one day are one period, named after the last',
    ['2027-02-04', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08', '2027-02-09', '2027-02-10', '2027-02-11', '2027-02-15'],
    0,
    ['2027-02-04 opens 2027-02-04, due 2027-02-04', '2027-02-11 opens 2027-02-12, due 2027-02-12'],
  ],
  ['the last date only bounds the one before', ['2027-01-25'], 5, []],
])('%s', (_, given, due, expected) => {
  const periods = periodsOf(dates(...given), due, calendar);
  expect(periods.map(({ period, opens, deadline }) => `${period} opens ${opens}, due ${deadline}`)).toEqual(expected);
});

it('opens at the beginning of office hours and is due at their end', () => {
  expect(periodsOf(dates('2027-01-25', '2027-02-25'), 1, calendar)).toMatchObject([
    { opensAt: '2027-01-25T01:00:00.000Z', deadlineAt: '2027-01-26T10:00:00.000Z' },
  ]);
});

const FIRST = '2026-12-01' as IsoDate;
const anyDates = fc
  .uniqueArray(fc.nat(700), { minLength: 2, maxLength: 60 })
  .map((days) => days.sort((a, b) => a - b).map((day) => addDays(FIRST, day)));

it('never opens nor is due on a free day, and never before its date', () => {
  fc.assert(
    fc.property(anyDates, fc.integer({ min: 0, max: 66 }), (given, due) => {
      for (const { period, opens, deadline } of periodsOf(given, due, calendar)) {
        expect([isWorkingDay(calendar, opens), isWorkingDay(calendar, deadline)]).toEqual([true, true]);
        expect(period <= opens && opens <= deadline).toBe(true);
      }
    }),
  );
});

it('keeps the order, one period at a time', () => {
  fc.assert(
    fc.property(anyDates, fc.integer({ min: 0, max: 66 }), (given, due) => {
      const periods = periodsOf(given, due, calendar);
      periods.slice(1).forEach((next, index) => {
        expect((periods[index]?.deadline ?? '') < next.opens && (periods[index]?.period ?? '') < next.period).toBe(true);
      });
    }),
  );
});

it('does not depend on how far ahead one looks', () => {
  fc.assert(
    fc.property(anyDates, fc.nat(59), fc.integer({ min: 0, max: 10 }), (given, cut, due) => {
      const all = periodsOf(given, due, calendar);
      const today = given[Math.min(cut, given.length - 2)] ?? FIRST;
      // What has come by a day, and the date after it: what the schedule looks at.
      const seen = periodsOf(
        given.filter((date, index) => date <= today || (given[index - 1] ?? date) <= today),
        due,
        calendar,
      );
      const come = ({ opens }: { opens: IsoDate }) => opens <= today;
      expect(seen.filter(come)).toEqual(all.filter(come));
    }),
  );
});

it.each<[string, { after: string | null; today: string; until?: string }, { due: string; missed: string[] } | null]>([
  ['nothing before the first', { after: null, today: '2027-01-24' }, null],
  ['the first on its day', { after: null, today: '2027-01-25' }, { due: '2027-01-25', missed: [] }],
  ['nothing that is known already', { after: '2027-01-25', today: '2027-02-24' }, null],
  ['nothing on the date itself where it is moved', { after: '2027-03-25', today: '2027-04-25' }, null],
  [
    'only the latest after an outage, the others missed',
    { after: '2027-01-25', today: '2027-04-26' },
    { due: '2027-04-25', missed: ['2027-02-25', '2027-03-25'] },
  ],
  ['nothing after the deadline of the whole', { after: '2027-02-25', today: '2027-04-26', until: '2027-03-24' }, null],
])('opens %s', (_, { after, today, until = '2027-12-31' }, expected) => {
  const periods = periodsOf(dates('2027-01-25', '2027-02-25', '2027-03-25', '2027-04-25', '2027-05-25'), 5, calendar);
  const found = periodDue(periods, { after: after as IsoDate | null, today: today as IsoDate, until: until as IsoDate });
  expect(found === null ? null : { due: found.due.period, missed: found.missed.map(({ period }) => period) }).toEqual(expected);
});

it('leaves what ended before a task came here to whoever followed it then', () => {
  const periods = periodsOf(dates('2027-01-25', '2027-02-25', '2027-03-25', '2027-04-26'), 5, calendar);
  const found = (today: string, followedSince: string) => {
    const given = { after: null, today: today as IsoDate, until: '2027-12-31' as IsoDate, followedSince: followedSince as IsoDate };
    const come = periodDue(periods, given);
    return come === null ? null : [...come.missed, come.due].map(({ period }) => period);
  };
  expect(found('2027-03-20', '2027-03-20')).toBeNull();
  expect(found('2027-03-20', '2027-03-04')).toEqual(['2027-02-25']);
  expect(found('2027-03-30', '2027-03-04')).toEqual(['2027-02-25', '2027-03-25']);
});
