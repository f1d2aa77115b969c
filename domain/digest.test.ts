import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { type Act, HA, LAN, MINH, NOW, SON, taskAfter } from '../test/people.ts';
import { addMinutes } from './calendar.ts';
import { changesFrom, type DigestFacts, digest, morningNear } from './digest.ts';
import type { Person } from './directory.ts';
import type { TaskEvent } from './event.ts';
import type { AgencyCode, Email, TaskCode } from './names.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

/** The morning after everything was done: acts are all of NOW. */
const MORNING = '2026-03-03T01:00:00.000Z' as IsoInstant;
const CODE = 'NQ57-0001' as TaskCode;
const agency = (code: string, head: Email | null) => ({
  code: code as AgencyCode,
  name: { vi: code, en: code, fr: code },
  kind: 'ministry',
  head,
});
const directory = (away: ReadonlyMap<Email, Person> = new Map()): DigestFacts['directory'] => ({
  person: (address) => [LAN, MINH, HA, SON].find(({ email }) => email === address),
  agency: (code) => (code === 'MOF' ? agency('MOF', SON.email) : agency(code, null)),
  standIn: (address) => away.get(address),
  askedToName: () => undefined,
});
const facts = (person: Person, tasks: readonly Task[], more: Partial<DigestFacts> = {}): DigestFacts => ({
  ...{ person, at: MORNING, directory: directory(), tasks, events: new Map(), told: new Map(), last: null },
  ...more,
});
const said = (...given: Parameters<typeof facts>) =>
  digest(facts(...given)).map((item) =>
    [item.part, item.task.code, ...('matters' in item ? item.matters : []), ...('changes' in item ? item.changes : [])].join(' '),
  );
const event = (type: string, o: { by?: Email | null; at?: string; via?: string } = {}) =>
  ({ type, by: HA.email, via: 'slack', at: NOW, seq: 9, commandId: null, ...o }) as unknown as TaskEvent;
const changed = (...events: TaskEvent[]) => ({ events: new Map([[CODE, events]]) });

describe('a digest says', () => {
  it.each<[string, Person, Act[], string[]]>([
    ['an assignment to acknowledge', LAN, [], ['waits NQ57-0001 acknowledgment']],
    ['nothing to the assignee who has acknowledged what is far away', LAN, ['acknowledge'], []],
    ['what is reported, to the coordinator', HA, ['acknowledge', 'report'], ['waits NQ57-0001 verification']],
    ['nothing of what is reported, to who reported', LAN, ['acknowledge', 'report'], []],
    ['a transfer to decide', HA, ['acknowledge', 'transfer'], ['waits NQ57-0001 transfer']],
    ['a transfer to accept, to the head who receives', SON, ['acknowledge', 'transfer', 'approve'], ['waits NQ57-0001 acceptance']],
    [
      'all that waits for one decision maker, in one line',
      HA,
      ['acknowledge', 'extend', 'obstacle', 'question'],
      ['waits NQ57-0001 extension obstacle question'],
    ],
    ['what the head’s agency owes', SON, ['acknowledge', 'contribution'], ['waits NQ57-0001 contribution']],
    ['a period to verify', HA, ['acknowledge', 'recur', 'openPeriod', 'reportPeriod'], ['waits NQ57-0001 period']],
    ['what is late, to the assignee', LAN, ['acknowledge', 'late'], ['late NQ57-0001']],
    ['what is late, to the supervisor', MINH, ['acknowledge', 'late'], ['late NQ57-0001']],
    ['nothing of what is late to the coordinator, whose report it is', HA, ['acknowledge', 'late'], []],
    ['a period that is due', LAN, ['acknowledge', 'recur', 'openPeriod'], ['due NQ57-0001']],
    ['nothing of what is over', LAN, ['acknowledge', 'report', 'verify'], []],
  ])('%s', (_, person, acts, expected) => expect(said(person, [taskAfter(acts)])).toEqual(expected));

  it('what is due within seven days, from the seventh day before on', () => {
    const due = (deadline: string) => said(LAN, [taskAfter(['acknowledge'], { deadline })]);
    expect(due('2026-03-10')).toEqual(['due NQ57-0001']);
    expect(due('2026-03-11')).toEqual([]);
  });

  it('what others have done, not what one did oneself, nor what came by an import', () => {
    const done = taskAfter(['acknowledge', 'report', 'verify']);
    expect(said(LAN, [done], changed(event('TaskVerified')))).toEqual(['changed NQ57-0001 completed']);
    expect(said(MINH, [done], changed(event('TaskReturned'), event('TaskVerified')))).toEqual(['changed NQ57-0001 returned completed']);
    expect(said(HA, [done], changed(event('TaskVerified', { by: LAN.email })))).toEqual([]);
    expect(said(LAN, [done], changed(event('TaskVerified', { by: LAN.email })))).toEqual([]);
    expect(said(LAN, [done], changed(event('TaskVerified', { via: 'import' })))).toEqual([]);
    expect(said(LAN, [done], changed(event('ProgressReported')))).toEqual([]);
    // By silence: nobody did it.
    expect(said(LAN, [done], changed(event('ExtensionGranted', { by: null })))).toEqual(['changed NQ57-0001 extended']);
  });

  it('to the supervisor what is newly given to the assignee', () => {
    const given = changed(event('TaskAssigned'));
    expect(said(MINH, [taskAfter(['acknowledge'])], given)).toEqual(['changed NQ57-0001 assigned']);
    expect(said(LAN, [taskAfter(['acknowledge'])], given)).toEqual([]);
  });

  it('to who stands in what the absent would be told, and nothing to the absent', () => {
    const away = directory(new Map([[LAN.email, MINH]]));
    expect(said(LAN, [taskAfter([])], { directory: away })).toEqual([]);
    expect(said(MINH, [taskAfter([])], { directory: away })).toEqual(['waits NQ57-0001 acknowledgment']);
  });

  it('the most pressing first, part by part', () => {
    const tasks = [
      taskAfter(['acknowledge'], { code: 'C', deadline: '2026-03-09' }),
      taskAfter(['acknowledge'], { code: 'B', deadline: '2026-03-04' }),
      taskAfter(['acknowledge', 'late'], { code: 'D' }),
      taskAfter([], { code: 'A' }),
    ];
    expect(said(LAN, tasks)).toEqual(['waits A acknowledgment', 'late D', 'due B', 'due C']);
  });
});

describe('nobody is told twice', () => {
  const late = taskAfter(['acknowledge', 'late']);
  const done = taskAfter(['acknowledge', 'report', 'verify'], { code: 'DONE' });
  const verified = { events: new Map([['DONE' as TaskCode, [event('TaskVerified')]]]) };
  const after = addMinutes(NOW, 5);

  it('by a digest of what a notification has told since it came about', () => {
    expect(said(LAN, [late], { told: new Map([[CODE, NOW]]) })).toEqual([]);
    // Told before it was late: that was of something else.
    expect(said(LAN, [late], { told: new Map([[CODE, '2026-02-27T09:00:00.000Z' as IsoInstant]]) })).toEqual(['late NQ57-0001']);
  });

  it('by a second digest of what the first has said; something new brings what stands with it', () => {
    expect(said(LAN, [late], { last: after })).toEqual([]);
    expect(said(LAN, [late, done], { ...verified, last: '2026-03-01T01:00:00.000Z' as IsoInstant })).toEqual([
      'late NQ57-0001',
      'changed DONE completed',
    ]);
    expect(said(LAN, [late, done], { ...verified, last: after })).toEqual([]);
  });

  it('of the earlier of two changes, where only that one was told', () => {
    const both = changed(event('TaskReturned'), event('TaskVerified', { at: addMinutes(NOW, 9) }));
    const over = taskAfter(['acknowledge', 'report', 'verify']);
    expect(said(LAN, [over], { ...both, told: new Map([[CODE, after]]) })).toEqual(['changed NQ57-0001 completed']);
  });

  it('of a change that was told, though another one brings a digest', () => {
    const told = new Map([['DONE' as TaskCode, after]]);
    expect(said(LAN, [late, done], { ...verified, told })).toEqual(['late NQ57-0001']);
  });

  it('whatever is told and said: a digest that has gone out leaves nothing for one that follows at once', () => {
    const acts: Act[] = ['acknowledge', 'late', 'extend', 'obstacle', 'question'];
    fc.assert(
      fc.property(fc.constantFrom(LAN, MINH, HA, SON), fc.integer({ min: 0, max: acts.length }), (person, count) => {
        const tasks = [taskAfter(acts.slice(0, count)), done];
        expect(digest(facts(person, tasks, { ...verified, last: MORNING }))).toEqual([]);
      }),
    );
  });

  it('of what has come about after the morning that a late run asks for', () => {
    const later = changed(event('TaskVerified', { at: addMinutes(MORNING, 90) }));
    expect(said(LAN, [taskAfter(['acknowledge', 'report', 'verify'])], later)).toEqual([]);
  });
});

it('looks back to the last digest, the first one for a week', () => {
  expect(changesFrom(NOW, MORNING)).toBe(NOW);
  expect(changesFrom(null, MORNING)).toBe('2026-02-24T01:00:00.000Z');
});

describe('a morning is near', () => {
  const calendar = vietnamCalendar({ from: 2025, to: 2027 });
  const installedAt = '2026-03-01T01:00:00.000Z' as IsoInstant;
  const hanoi = { calendar, time: '08:00', timeZone: 'Asia/Ho_Chi_Minh', installedAt };
  const near = (at: string, o: Partial<typeof hanoi> = {}) => {
    const found = morningNear(`2026-03-${at}:00.000Z` as IsoInstant, { ...hanoi, ...o });
    return found === null ? null : `${found.day} ${found.at.slice(8, 16)} ${found.notAfter.slice(8, 16)}`;
  };
  it.each([
    ['two hours before', '02T23:00', '2026-03-03 03T01:00 03T05:00'],
    ['not sooner', '02T22:59', null],
    ['until noon, for what an outage has kept back', '03T04:59', '2026-03-03 03T01:00 03T05:00'],
    ['not later', '03T05:00', null],
    ['not on a Sunday', '08T01:00', null],
  ])('%s', (_, at, expected) => expect(near(at)).toBe(expected));

  it('by the clock of the person, also where the day is another one', () => {
    expect(near('02T16:00', { timeZone: 'America/Los_Angeles' })).toBe('2026-03-02 02T16:00 02T20:00');
    expect(near('02T23:30', { timeZone: 'Asia/Tokyo' })).toBe('2026-03-03 02T23:00 03T03:00');
    expect(near('02T16:30', { time: '00:15' })).toBe('2026-03-03 02T17:15 02T21:15');
  });

  it('from the day after the installation on: before there is nothing to look back at', () => {
    expect(near('03T01:00', { installedAt: '2026-03-03T00:30:00.000Z' as IsoInstant })).toBeNull();
    expect(near('04T01:00', { installedAt: '2026-03-03T00:30:00.000Z' as IsoInstant })).not.toBeNull();
  });

  it('is one for each working day, whatever the hour at which it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 * 24 * 20 }), (minutes) => {
        const found = morningNear(addMinutes('2026-03-02T22:00:00.000Z' as IsoInstant, minutes), hanoi);
        if (found !== null) expect(found.at).toBe(`${found.day satisfies IsoDate}T01:00:00.000Z`);
      }),
    );
  });
});
