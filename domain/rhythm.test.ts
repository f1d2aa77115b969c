import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { addDays, atLocalTime, isWorkingDay } from './calendar.ts';
import { RHYTHMS, type Rhythm, reportDue } from './rhythm.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from './time.ts';

const calendar = vietnamCalendar({ from: 2025, to: 2028 });
const hanoi = (local: string): IsoInstant => atLocalTime(local.slice(0, 10) as IsoDate, local.slice(11), COMMITTEE_TIME_ZONE);
const due = (rhythm: Rhythm, day: number, until: string) => {
  const { period, at, since } = reportDue(rhythm, { day, time: '16:00' }, calendar, hanoi(until));
  return [period, at, since].map((each) => each.slice(0, 13));
};

describe('a report is due', () => {
  it.each([
    ['at the very instant', 'weekly', 5, '2026-11-27T16:00', ['2026-11-23', '2026-11-27T09', '2026-11-20T09']],
    ['and the minute before it is not', 'weekly', 5, '2026-11-27T15:59', ['2026-11-16', '2026-11-20T09', '2026-11-13T09']],
    ['on the next working day after a free one', 'weekly', 6, '2026-11-30T16:00', ['2026-11-23', '2026-11-30T09', '2026-11-23T09']],
    // Tết of 2026: free from 14 to 22 February.
    ['once for the two that free days bring together', 'weekly', 1, '2026-02-23T16:00', ['2026-02-23', '2026-02-23T09', '2026-02-09T09']],
    ['on a day of the month', 'monthly', 25, '2026-11-30T08:00', ['2026-11-01', '2026-11-25T09', '2026-10-26T09']],
    ['on the last day of a short month', 'monthly', 31, '2027-03-01T16:00', ['2027-02-01', '2027-03-01T09', '2027-02-01T09']],
  ] as const)('%s', (_, rhythm, day, until, expected) => expect(due(rhythm, day, until)).toEqual(expected));

  it('on a working day, after the one before it, and the same one until the next', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RHYTHMS), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 60, max: 1000 }), (rhythm, day, later) => {
        const until = hanoi(`${addDays('2025-02-01' as IsoDate, later)}T12:00`);
        const found = reportDue(rhythm, { day, time: '16:00' }, calendar, until);
        expect(isWorkingDay(calendar, localDate(found.at, COMMITTEE_TIME_ZONE))).toBe(true);
        expect(found.since < found.at && found.at <= until).toBe(true);
        expect(reportDue(rhythm, { day, time: '16:00' }, calendar, found.at)).toEqual(found);
        // Reports follow each other without a gap.
        expect(reportDue(rhythm, { day, time: '16:00' }, calendar, found.since).at).toBe(found.since);
      }),
    );
  });
});
