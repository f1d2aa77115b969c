/** Proves the arithmetic of working days and hours, in zones with and without daylight saving. Which days are free: config/calendar.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMinutes,
  addWorkingDays,
  atLocalTime,
  type Calendar,
  endOfOfficeHours,
  isWorkingDay,
  minutesOfDay,
  morningFrom,
  nextOpenInstant,
  type OpenHours,
  workingMinutes,
} from './calendar.ts';
import { epochMs, Instant, type IsoDate, type IsoInstant, instantFromEpochMs, localDate, toIsoInstant } from './time.ts';

const ZONES = ['Asia/Ho_Chi_Minh', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'UTC'] as const;
const FIRST = '2024-01-01' as IsoDate;

const zone = fc.constantFrom(...ZONES);
/** Around every clock change of five years, and on all days between. */
const date = fc.integer({ min: 0, max: 5 * 365 }).map((days) => addDays(FIRST, days));
const instant = fc
  .integer({ min: Date.UTC(2024, 0, 1) / 1_000, max: Date.UTC(2028, 11, 31) / 1_000 })
  .map((seconds) => instantFromEpochMs(seconds * 1_000));
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const hours = fc.uniqueArray(time, { minLength: 2, maxLength: 2 }).map((times) => {
  const [from = '', to = ''] = times.sort();
  return { from, to };
});
const officeHours = fc.constantFrom(
  [
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '17:00' },
  ],
  // The hours that a clock change leaves out or repeats.
  [{ from: '01:30', to: '02:30' }],
  [{ from: '02:30', to: '03:00' }],
  [{ from: '00:00', to: '23:59' }],
);
const calendar: fc.Arbitrary<Calendar> = fc.record({
  timeZone: zone,
  officeHours,
  weekend: fc.constantFrom([6, 7], [7], [5, 6], []),
  holidays: fc.array(date, { maxLength: 200 }).map((dates) => new Set(dates)),
  workingDays: fc.array(date, { maxLength: 30 }).map((dates) => new Set(dates)),
});
const open: fc.Arbitrary<OpenHours> = fc.oneof(
  fc.constant('office_hours' as const),
  hours.chain((window) => fc.constantFrom('working' as const, 'all' as const).map((days) => ({ ...window, days }))),
);

const OFFICE: Calendar = {
  timeZone: 'Europe/Paris',
  officeHours: [
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '17:00' },
  ],
  weekend: [6, 7],
  holidays: new Set(),
  workingDays: new Set(),
};
const at = (text: string) => toIsoInstant(Instant.from(text));
const localTime = (moment: IsoInstant, timeZone: string) =>
  Instant.from(moment).toZonedDateTimeISO(timeZone).toPlainTime().toString().slice(0, 5);

describe('working days', () => {
  it('added and then taken away lead back to where one was, from a working day', () => {
    fc.assert(
      fc.property(calendar, date, fc.integer({ min: -60, max: 60 }), (by, given, count) => {
        const start = isWorkingDay(by, given) ? given : addWorkingDays(by, given, 1);
        expect(addWorkingDays(by, addWorkingDays(by, start, count), -count)).toBe(start);
      }),
    );
  });

  it('are as many as were counted, one after another, and end on a working day', () => {
    fc.assert(
      fc.property(calendar, date, fc.integer({ min: 1, max: 40 }), (by, given, count) => {
        const end = addWorkingDays(by, given, count);
        let found = 0;
        for (let day = addDays(given, 1); day <= end; day = addDays(day, 1)) found += Number(isWorkingDay(by, day));
        expect(found).toBe(count);
        expect(isWorkingDay(by, end)).toBe(true);
        expect(addWorkingDays(by, addWorkingDays(by, given, 1), count - 1)).toBe(end);
      }),
    );
  });

  it('keep their order: who starts later does not end earlier', () => {
    fc.assert(
      fc.property(calendar, date, date, fc.integer({ min: -40, max: 40 }), (by, one, other, count) => {
        const [early = one, late = other] = [one, other].sort();
        expect(addWorkingDays(by, early, count) <= addWorkingDays(by, late, count)).toBe(true);
      }),
    );
  });

  it.each([
    ['a Friday', '2026-03-06', 1, '2026-03-09'],
    ['a Saturday', '2026-03-07', 1, '2026-03-09'],
    ['a Saturday, none', '2026-03-07', 0, '2026-03-07'],
    ['a Monday, back', '2026-03-09', -1, '2026-03-06'],
    ['over the end of a year', '2026-12-31', 2, '2027-01-04'],
    ['over 29 February', '2028-02-28', 2, '2028-03-01'],
  ])('from %s', (_, from, count, to) => {
    expect(addWorkingDays(OFFICE, from as IsoDate, count)).toBe(to);
  });

  it('says that a calendar without any is broken, and does not loop', () => {
    const never = { ...OFFICE, weekend: [1, 2, 3, 4, 5, 6, 7] };
    expect(() => addWorkingDays(never, FIRST, 1)).toThrow('calendar broken: no working day within 60 days');
    expect(() => nextOpenInstant(never, at('2026-03-06T08:00Z'), 'office_hours', 'UTC')).toThrow('calendar broken');
  });
});

describe('the next moment at which people may be told', () => {
  /** Within a window by the reader's own clock, on a day on which one may be told. */
  const isOpenAt = (by: Calendar, moment: IsoInstant, window: OpenHours, timeZone: string) => {
    const day = localDate(moment, timeZone);
    if ((window === 'office_hours' || window.days === 'working') && !isWorkingDay(by, day)) return false;
    return (window === 'office_hours' ? by.officeHours : [window]).some(
      ({ from, to }) => atLocalTime(day, from, timeZone) <= moment && moment < atLocalTime(day, to, timeZone),
    );
  };

  it('is never a free one and never goes back, and the first there is; a moment that is open stays', () => {
    fc.assert(
      fc.property(calendar, instant, open, zone, (by, given, window, timeZone) => {
        const found = nextOpenInstant(by, given, window, timeZone);
        expect(found >= given).toBe(true);
        expect(isOpenAt(by, found, window, timeZone)).toBe(true);
        expect(nextOpenInstant(by, found, window, timeZone)).toBe(found);
        if (isOpenAt(by, given, window, timeZone)) expect(found).toBe(given);
        else {
          const between = instantFromEpochMs(Math.floor((epochMs(given) + epochMs(found)) / 2));
          if (between < found) expect(isOpenAt(by, between, window, timeZone)).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the order of moments', () => {
    fc.assert(
      fc.property(calendar, instant, fc.integer({ min: 0, max: 200_000 }), open, zone, (by, given, minutes, window, timeZone) => {
        const later = addMinutes(given, minutes);
        expect(nextOpenInstant(by, later, window, timeZone) >= nextOpenInstant(by, given, window, timeZone)).toBe(true);
      }),
    );
  });

  it('is, for a digest, the first working morning: never before, never on a free day', () => {
    fc.assert(
      fc.property(calendar, instant, time, zone, (by, given, clock, timeZone) => {
        const found = morningFrom(by, given, clock, timeZone);
        const day = localDate(found, timeZone);
        expect(found >= given).toBe(true);
        expect(isWorkingDay(by, day)).toBe(true);
        expect(found).toBe(atLocalTime(day, clock, timeZone));
        for (let earlier = localDate(given, timeZone); earlier < day; earlier = addDays(earlier, 1))
          expect(isWorkingDay(by, earlier) && atLocalTime(earlier, clock, timeZone) >= given).toBe(false);
      }),
    );
  });

  it.each([
    ['in office hours', '2026-03-06T09:00+01:00', '2026-03-06T09:00+01:00'],
    ['in the lunch break', '2026-03-06T12:00+01:00', '2026-03-06T13:00+01:00'],
    ['at the end of the day', '2026-03-06T17:00+01:00', '2026-03-09T08:00+01:00'],
    ['on a Sunday on which summer time begins', '2026-03-29T12:00+02:00', '2026-03-30T08:00+02:00'],
    ['on the Friday before', '2026-03-27T17:00+01:00', '2026-03-30T08:00+02:00'],
    ['on the Friday before winter time', '2026-10-23T17:00+02:00', '2026-10-26T08:00+01:00'],
  ])('is, asked %s in Paris, %s → %s', (_, given, expected) => {
    expect(nextOpenInstant(OFFICE, at(given), 'office_hours', 'Europe/Paris')).toBe(at(expected));
  });

  it('skips hours that a clock change leaves out', () => {
    const night = { from: '02:30', to: '03:00', days: 'all' } as const;
    // On 8 March 2026 New York has no 02:30: that night has no such half hour.
    expect(nextOpenInstant(OFFICE, at('2026-03-08T00:00-05:00'), night, 'America/New_York')).toBe(at('2026-03-09T02:30-04:00'));
  });
});

describe('a local time', () => {
  it.each([
    ['Europe/Paris', '2026-03-29', '02:30', '2026-03-29T01:30:00.000Z', '03:30'],
    ['America/New_York', '2026-03-08', '02:30', '2026-03-08T07:30:00.000Z', '03:30'],
    ['Europe/Paris', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z', '02:30'],
    ['America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30:00.000Z', '01:30'],
    ['Asia/Ho_Chi_Minh', '2026-03-29', '02:30', '2026-03-28T19:30:00.000Z', '02:30'],
  ])('%s %s %s, left out or repeated, is one instant', (timeZone, day, clock, expected, shown) => {
    expect(atLocalTime(day as IsoDate, clock, timeZone)).toBe(expected);
    expect(localTime(expected as IsoInstant, timeZone)).toBe(shown);
  });

  it('lies on its date, left out or not', () => {
    fc.assert(
      fc.property(date, time, zone, (day, clock, timeZone) => {
        expect(localDate(atLocalTime(day, clock, timeZone), timeZone)).toBe(day);
      }),
    );
  });
});

describe('working minutes', () => {
  it('add up, wherever a span is cut, and none are negative', () => {
    const inside = fc.integer({ min: 0, max: 60 * 24 * 30 });
    fc.assert(
      fc.property(calendar, instant, inside, inside, (by, from, a, b) => {
        const to = addMinutes(from, a + b);
        const cut = addMinutes(from, a);
        expect(workingMinutes(by, from, cut) + workingMinutes(by, cut, to)).toBeCloseTo(workingMinutes(by, from, to), 6);
        expect(workingMinutes(by, from, to)).toBeGreaterThanOrEqual(0);
        expect(workingMinutes(by, to, from)).toBe(0);
      }),
    );
  });

  it('of a whole day are its office hours, in summer and in winter, and none where it is free', () => {
    fc.assert(
      fc.property(date, fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Paris', 'America/New_York'), (day, timeZone) => {
        const by = { ...OFFICE, timeZone };
        const minutes = workingMinutes(by, atLocalTime(day, '00:00', timeZone), atLocalTime(addDays(day, 1), '00:00', timeZone));
        expect(minutes).toBe(isWorkingDay(by, day) ? minutesOfDay(by) : 0);
      }),
    );
  });

  it('are what has passed on the clock on the wall of a night with a clock change', () => {
    const nights = { ...OFFICE, weekend: [], officeHours: [{ from: '00:00', to: '06:00' }] };
    const night = (day: string) =>
      workingMinutes(nights, atLocalTime(day as IsoDate, '00:00', 'Europe/Paris'), atLocalTime(day as IsoDate, '12:00', 'Europe/Paris'));
    expect([night('2026-03-28'), night('2026-03-29'), night('2026-10-25')]).toEqual([360, 300, 420]);
  });

  it('leave out the lunch break', () => {
    expect(workingMinutes(OFFICE, at('2026-03-06T11:00+01:00'), at('2026-03-06T14:00+01:00'))).toBe(120);
    expect(minutesOfDay(OFFICE)).toBe(480);
  });
});

it('takes a deadline for the end of office hours of its date, also of a free day', () => {
  expect(endOfOfficeHours(OFFICE, '2026-03-08' as IsoDate)).toBe(at('2026-03-08T17:00+01:00'));
  expect(endOfOfficeHours(OFFICE, '2026-07-01' as IsoDate)).toBe(at('2026-07-01T17:00+02:00'));
});
