/** Proves which days are free: Vietnam's published ones, swaps, and what is said of a calendar that is written wrongly. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addWorkingDays, isWorkingDay, missingYear } from '../domain/calendar.ts';
import type { AgencyCode } from '../domain/names.ts';
import type { IsoDate } from '../domain/time.ts';
import { assembleCalendars, buildCalendar, readCalendar, shippedCalendars, specialDays, vietnamCalendar } from './calendar.ts';
import type { CalendarFile } from './calendar-file.ts';

const shipped = shippedCalendars().map(({ file }) => file);
const years = { from: 2024, to: 2031 };
const vietnam = vietnamCalendar(years);

/** The working days of the week that are free, as month and day. */
function freeWeekdays(from: string, to: string): string[] {
  const found: string[] = [];
  for (let date = from as IsoDate; date <= to; date = addDays(date, 1)) {
    const weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
    if (weekday !== 0 && weekday !== 6 && !isWorkingDay(vietnam, date)) found.push(date.slice(5));
  }
  return found;
}

describe('Vietnam', () => {
  // Announced: 2025 and 2026. From 2027 on what the law gives until it is announced: the eve, Tết and three days after it, and
  // what of them lies on a weekend made good. Tết of 2030 is a day before China's: the new moon comes at 23:07 in Hanoi.
  it.each([
    ['Tết 2025 (29 January)', '2025-01-15', '2025-02-15', ['01-27', '01-28', '01-29', '01-30', '01-31']],
    ['Tết 2026 (17 February)', '2026-02-01', '2026-03-01', ['02-16', '02-17', '02-18', '02-19', '02-20']],
    ['Tết 2027 (6 February, a Saturday)', '2027-01-25', '2027-02-28', ['02-05', '02-08', '02-09', '02-10', '02-11']],
    ['Tết 2028 (26 January)', '2028-01-10', '2028-02-15', ['01-25', '01-26', '01-27', '01-28', '01-31']],
    ['Tết 2029 (13 February)', '2029-02-01', '2029-03-01', ['02-12', '02-13', '02-14', '02-15', '02-16']],
    ['Tết 2030 (2 February, a Saturday)', '2030-01-20', '2030-02-20', ['02-01', '02-04', '02-05', '02-06', '02-07']],
    [
      "the rest of 2025: New Year, Hùng Kings' day, reunification with a swap, National Day",
      '2025-02-15',
      '2025-12-31',
      ['04-07', '04-30', '05-01', '05-02', '09-01', '09-02'],
    ],
    ["the rest of 2026, Hùng Kings' day on a Sunday", '2026-03-01', '2026-12-31', ['04-27', '04-30', '05-01', '08-31', '09-01', '09-02']],
    ['New Year 2025 and 2026', '2025-12-25', '2026-01-15', ['01-01', '01-02']],
  ])('%s', (_, from, to, free) => {
    expect(freeWeekdays(from, to)).toEqual(free);
  });

  it.each([
    ['2025-04-26', true],
    ['2025-02-03', true],
    ['2026-01-10', true],
    ['2026-08-22', true],
    ['2026-08-29', false],
  ])('works on %s, by decision: %s', (date, working) => {
    expect(isWorkingDay(vietnam, date as IsoDate)).toBe(working);
  });

  it('counts over swaps and Tết there and back', () => {
    const date = fc.integer({ min: 0, max: 6 * 365 }).map((days) => addDays('2025-01-01' as IsoDate, days));
    fc.assert(
      fc.property(date, fc.integer({ min: -60, max: 60 }), (given, count) => {
        const start = isWorkingDay(vietnam, given) ? given : addWorkingDays(vietnam, given, 1);
        expect(addWorkingDays(vietnam, addWorkingDays(vietnam, start, count), -count)).toBe(start);
      }),
    );
  });
});

const STORM = `name: quang-ninh
extends: vn
agencies: [QNINH]
daysOff:
  - { date: 2026-07-22, to: 2026-07-23, reason: "118/CĐ-TTg: bão số 3" }
`;
function read(text: string, others: readonly CalendarFile[] = shipped): CalendarFile {
  const found = readCalendar(text, others);
  if ('errors' in found) throw new Error(JSON.stringify(found.errors));
  return found.value;
}

it('gives an agency its own days beside those of the calendar that it extends, and everybody else the common ones', () => {
  const { main, of } = assembleCalendars([...shipped, read(STORM)], years);
  const [there, elsewhere] = [of('QNINH' as AgencyCode), of('HN' as AgencyCode)];
  expect(elsewhere).toBe(main);
  expect(['2026-07-21', '2026-07-22', '2026-07-23', '2026-07-24'].map((date) => isWorkingDay(there, date as IsoDate))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(isWorkingDay(elsewhere, '2026-07-22' as IsoDate)).toBe(true);
  expect(isWorkingDay(there, '2026-02-17' as IsoDate)).toBe(false);
  expect({ ...there, holidays: 0 }).toEqual({ ...main, holidays: 0 });
});

it('knows another country, with its hours and its zone', () => {
  const paris = read(
    'name: paris\ncountry: FR\ntimeZone: Europe/Paris\nweekend: [saturday, sunday]\nofficeHours: [{ from: "09:00", to: "18:00" }]\nknown: { from: 2026, to: 2030 }\nagencies: [EMB]\n',
  );
  const calendar = buildCalendar(paris, [...shipped, paris], years);
  expect([calendar.timeZone, calendar.officeHours]).toEqual(['Europe/Paris', [{ from: '09:00', to: '18:00' }]]);
  expect(['2026-07-14', '2026-04-30', '2026-09-02'].map((date) => isWorkingDay(calendar, date as IsoDate))).toEqual([false, true, true]);
});

it('says of each day whose word it is, the last one winning', () => {
  const works = read(`${STORM}workingDays:\n  - { date: 2026-09-01, reason: "makes up for the storm" }\n`);
  const days = specialDays(works, [...shipped, works], { from: 2026, to: 2026 });
  expect(days.filter(({ date }) => date > '2026-04-20')).toMatchObject([
    { date: '2026-04-26', because: 'holiday', of: 'vn' },
    { date: '2026-04-27', because: 'compensation', of: 'vn' },
    { date: '2026-04-30' },
    { date: '2026-05-01' },
    { date: '2026-07-22', working: false, because: 'decision', reason: '118/CĐ-TTg: bão số 3', of: 'quang-ninh' },
    { date: '2026-07-23' },
    { date: '2026-08-22', working: true, because: 'decision', of: 'vn' },
    { date: '2026-08-31', working: false },
    { date: '2026-09-01', working: true, reason: 'makes up for the storm', of: 'quang-ninh' },
    { date: '2026-09-02', because: 'holiday' },
  ]);
});

describe('a calendar that is written wrongly', () => {
  const vn = readFileSync(new URL('./calendars/vn.yaml', import.meta.url), 'utf8');
  it.each([
    ['not YAML', 'name: [', '1:8'],
    ['an unknown word', `${STORM}holiday: []\n`, '6:1 unknown word holiday; known here: name, extends, country,'],
    ['an unknown word deeper', STORM.replace('reason', 'why'), '5:41 daysOff: 0: unknown word why; known here: date, to, reason'],
    ['no reason', STORM.replace(', reason: "118/CĐ-TTg: bão số 3"', ''), '5:5 daysOff.0.reason: say why: the number of the decision'],
    ['no such date', STORM.replace('2026-07-22', '2026-02-30'), '5:13 daysOff.0.date: no such date; write YYYY-MM-DD'],
    [
      'an end before the beginning',
      STORM.replace('to: 2026-07-23', 'to: 2026-07-21'),
      '5:29 daysOff.0.to: lies before 2026-07-22; write the last free day',
    ],
    ['a month of storm', STORM.replace('to: 2026-07-23', 'to: 2026-09-21'), '5:29 daysOff.0.to: more than 31 days at once'],
    ['an unknown calendar', STORM.replace('extends: vn', 'extends: vm'), '2:10 extends: there is no calendar vm; write one of vn'],
    ['itself', STORM.replace('extends: vn', 'extends: quang-ninh'), '2:10 extends: a circle: quang-ninh → quang-ninh; write one of vn'],
    ['a country and a calendar', `${STORM}country: VN\n`, '6:10 country: a calendar with a country of its own extends none; leave out one'],
    [
      'an unknown country',
      vn.replace('country: VN', 'country: VNM'),
      '4:10 country: no country that is known; write its two letters, for example VN',
    ],
    ['an unknown zone', vn.replace('Ho_Chi_Minh', 'Hanoi'), '5:11 timeZone: no time zone; write one as Asia/Ho_Chi_Minh'],
    [
      'another zone for the committee',
      vn.replace('Ho_Chi_Minh', 'Tokyo'),
      "5:11 timeZone: the committee's is Asia/Ho_Chi_Minh; give another zone to a calendar of its own",
    ],
    [
      'no working day',
      vn.replace('[saturday, sunday]', '[monday, tuesday, wednesday, thursday, friday, saturday, sunday]'),
      '6:10 weekend: at least one day of the week is a working day',
    ],
    ['a weekday in another language', vn.replace('[saturday', '[samedi'), '6:11 weekend.0: write monday, tuesday,'],
    [
      'hours that overlap',
      vn.replace('from: "13:00"', 'from: "11:00"'),
      '9:13 officeHours.1.from: begins before the span above ends, at 12:00',
    ],
    [
      'hours without quotes',
      vn.replace('to: "17:00"', 'to: 17'),
      '9:26 officeHours.1.to: write a local time in quotes, for example "08:00"',
    ],
    [
      'too little',
      'name: x\n',
      '1:1 country: missing; write country: VN (or null: no public holidays), or take it from another calendar: extends: vn',
    ],
    [
      'a swap of a free day',
      vn.replace('off: 2026-01-02', 'off: 2026-01-03'),
      'swaps.1.off: 2026-01-03 is free already; write the working day that becomes free',
    ],
    [
      'a swap to a working day',
      vn.replace('working: 2026-01-10', 'working: 2026-01-09'),
      'swaps.1.working: 2026-01-09 is a working day already; write the free day that is worked',
    ],
    ['the same day twice', `${STORM}  - { date: 2026-07-23, reason: again }\n`, '1:1 2026-07-23 is written twice; leave out one'],
    [
      'the committee for one agency',
      vn.replace('name: vn', 'name: vn\nagencies: [MOF]'),
      '4:11 agencies: vn is of every agency without one of its own; leave them out',
    ],
    [
      'years backwards',
      vn.replace('{ from: 2025, to: 2026 }', '{ from: 2026, to: 2025 }'),
      '13:26 known.to: before `from`; write the last year that is known',
    ],
  ])('%s', (_, text, expected) => {
    const found = readCalendar(text, shipped);
    const told = 'errors' in found ? found.errors.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
    expect(told.join('\n')).toContain(expected);
  });

  it('knows the other calendars and the agencies', () => {
    const storm = read(STORM);
    const other = readCalendar(STORM.replace('name: quang-ninh', 'name: storm'), [...shipped, storm], new Set(['HN']));
    expect(other).toEqual({
      errors: [
        { line: 3, column: 12, message: 'agencies.0: there is no agency QNINH; dondoc agency list names them' },
        { line: 3, column: 12, message: 'agencies.0: QNINH has the calendar quang-ninh; take it out there first' },
      ],
    });
    expect(readCalendar(STORM, [...shipped, storm], new Set(['QNINH']))).toHaveProperty('value');
  });
});

it.each([
  ['2026-11-01', null],
  ['2026-11-02', 2027],
  ['2026-12-31', 2027],
  ['2027-03-01', 2027],
  ['2027-11-02', 2027],
  ['2026-01-01', null],
])('asked on %s, a calendar that knows 2026 lacks %s', (today, missing) => {
  expect(missingYear({ name: 'vn', from: 2025, to: 2026 }, today as IsoDate)).toBe(missing);
});
