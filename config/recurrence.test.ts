/** Proves which rules are taken, and which dates they mean. */
import { expect, it } from 'vitest';
import type { RefusalCode } from '../domain/refusals.ts';
import type { IsoDate } from '../domain/time.ts';
import { vietnamCalendar } from './calendar.ts';
import { periodsUntil, refuseRecurrence } from './recurrence.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2029 });
const since = '2027-01-04' as IsoDate;
const until = (date: string) => date as IsoDate;
const refused = (rule: string, due = 0) => refuseRecurrence({ rule, due }, since, until('2027-12-31'), calendar)?.refused ?? null;

it.each<[string, number, RefusalCode | null]>([
  ['FREQ=MONTHLY;BYMONTHDAY=25', 5, null],
  ['FREQ=MONTHLY;BYDAY=-1FR', 3, null],
  ['FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1', 10, null],
  ['FREQ=WEEKLY;BYDAY=MO', 4, null],
  ['FREQ=DAILY', 0, null],
  ['FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1', 20, null],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 5, null],
  // Twice a month, the second of them cut by Tết.
  ['FREQ=MONTHLY;BYMONTHDAY=1,15', 9, null],
  ['FREQ=MONTHLY;COUNT=3', 0, 'recurrence_bounded'],
  ['FREQ=MONTHLY;UNTIL=20271231', 0, 'recurrence_bounded'],
  ['FREQ=HOURLY', 0, 'recurrence_too_often'],
  ['FREQ=DAILY;BYHOUR=8,14', 0, 'recurrence_too_often'],
  ['every month', 0, 'recurrence_unreadable'],
  ['BYMONTHDAY=25', 0, 'recurrence_unreadable'],
  ['FREQ=OFTEN', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;BYMONTHDAY=', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;BYMONTHDAY=1;BYMONTHDAY=2', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;INTERVAL=0', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;FOO=1', 0, 'recurrence_unreadable'],
  ['FREQ=WEEKLY;BYDAY=1MO', 0, 'recurrence_unreadable'],
  ['FREQ=MONTHLY;', 0, 'recurrence_unreadable'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 0, 'recurrence_never'],
  ['FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=2', 0, 'recurrence_never'],
  ['FREQ=WEEKLY;BYDAY=MO', 5, 'recurrence_due_too_long'],
  ['FREQ=DAILY', 1, 'recurrence_due_too_long'],
])('%s, due after %d working days: %s', (rule, due, expected) => {
  expect(refused(rule, due)).toBe(expected);
});

it.each<[string, string, string[]]>([
  ['FREQ=MONTHLY;BYMONTHDAY=25', '2027-04-30', ['2027-01-25', '2027-02-25', '2027-03-25', '2027-04-25']],
  // Months that do not have the day have no period, as RFC 5545 says; the last day is -1.
  ['FREQ=MONTHLY;BYMONTHDAY=31', '2027-05-31', ['2027-01-31', '2027-03-31', '2027-05-31']],
  ['FREQ=MONTHLY;BYMONTHDAY=-1', '2027-03-31', ['2027-01-31', '2027-02-28', '2027-03-31']],
  ['FREQ=WEEKLY', '2027-01-20', ['2027-01-04', '2027-01-11', '2027-01-18']],
  ['FREQ=WEEKLY;INTERVAL=2', '2027-02-02', ['2027-01-04', '2027-01-18', '2027-02-01']],
  ['FREQ=MONTHLY;BYMONTHDAY=25', '2027-01-24', []],
])('%s until %s', (rule, to, expected) => {
  expect(periodsUntil({ rule, due: 0 }, since, until(to), calendar)?.map(({ period }) => period)).toEqual(expected);
});
