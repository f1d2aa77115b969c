/** Proves that the reason for a silence comes from the plan itself: it is never missing, and never given where someone is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { type Act, HA, LAN, MINH, NOW, SON, taskAfter } from '../test/people.ts';
import { addDays, addMinutes } from './calendar.ts';
import type { Agency, Person } from './directory.ts';
import type { Email } from './names.ts';
import { judgedOccurrences } from './occurrences.ts';
import { type Directory, type PlanInput, plan } from './plan.ts';
import { type Policy, policy as policySchema } from './policy.ts';
import { isOpen, type Task } from './task.ts';
import { type IsoDate, localDate } from './time.ts';
import { whyNot } from './why-not.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2026 });
const STRANGER = 'stranger@mofa.example' as Email;
const PARIS: Person = { ...SON, email: 'paris@mofa.example' as Email, timeZone: 'Europe/Paris', slackId: null };
const people = [LAN, MINH, HA, SON, PARIS];
const AWAY = new Set<Email>([SON.email]);
const directory: Directory = {
  person: (email) => people.find((person) => person.email === email),
  agency: (code): Agency => ({ code, name: { vi: code, en: code, fr: code }, kind: 'ministry', head: SON.email }),
  standIn: (email) => (AWAY.has(email) ? HA : undefined),
  askedToName: () => undefined,
};
const { policy: standard } = loadPolicy(new URL('../config/policies/standard.yaml', import.meta.url).pathname);
const every = policySchema.parse({
  name: 'every',
  version: 1,
  timing: 'office_hours',
  steps: [
    {
      id: 'paris',
      anchor: 'assignment',
      offset: '0m',
      when: 'unreported',
      kind: 'nudge',
      audience: [{ person: PARIS.email }],
      channels: { order: ['slack'], use: 'first' },
    },
    {
      id: 'again',
      anchor: 'assignment',
      offset: '+1wd',
      at: '07:00',
      repeat: { every: '+2wd', times: 5 },
      when: 'unreported',
      stop: ['acknowledgment'],
      kind: 'nudge',
      audience: ['assignee', { person: PARIS.email }],
      channels: { order: ['slack', 'email'], use: 'in_turn', after: '+4h' },
    },
    {
      id: 'only-high',
      anchor: 'deadline',
      offset: '-1d',
      at: '08:00',
      when: 'unreported',
      only: { priority: ['high'] },
      kind: 'reminder',
      audience: ['supervisor'],
      channels: { order: ['email'], use: 'first' },
    },
  ],
});

const LIVES: readonly Act[][] = [
  [],
  ['acknowledge'],
  ['acknowledge', 'report'],
  ['acknowledge', 'report', 'verify'],
  ['acknowledge', 'report', 'return'],
  ['transfer'],
  ['transfer', 'approve'],
  ['transfer', 'refuse'],
  ['acknowledge', 'extend'],
  ['acknowledge', 'obstacle'],
  ['acknowledge', 'obstacle', 'answer'],
  ['acknowledge', 'question'],
  ['acknowledge', 'contribution'],
  ['late'],
  ['late', 'acknowledge', 'nudge'],
  ['cancel'],
];
const anyQuestion = fc.record({
  acts: fc.constantFrom(...LIVES),
  policy: fc.constantFrom<Policy>(standard, every),
  person: fc.constantFrom(...people.map(({ email }) => email), STRANGER),
  /** From two hours before the assignment to seven weeks after it. */
  minutes: fc.integer({ min: -120, max: 49 * 24 * 60 }),
  days: fc.integer({ min: 0, max: 27 }),
});
const inputOf = ({ acts, policy, minutes }: { acts: readonly Act[]; policy: Policy; minutes: number }): PlanInput => ({
  task: taskAfter(acts),
  policy,
  calendar,
  directory,
  from: addMinutes(NOW, minutes),
  waiting: [HA.email],
});
const dayAfter = ({ from }: PlanInput, days: number) => addDays(localDate(from, calendar.timeZone), days);

it('agrees with the plan, and always has a reason where nothing is told: 1,000 tasks, people and days', () => {
  let silences = 0;
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const input = inputOf(question);
      const date = dayAfter(input, question.days);
      const zone = directory.person(question.person)?.timeZone ?? calendar.timeZone;
      const planned = plan(input).notifications.filter(
        ({ recipient, sendAt }) => recipient === question.person && localDate(sendAt, zone) === date,
      );
      const { told, reasons } = whyNot(input, question.person, date);
      expect(told).toEqual(planned);
      expect(reasons.length > 0).toBe(planned.length === 0);
      if (planned.length === 0) silences += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(silences).toBeGreaterThan(100);
});

it('names a moment only as the plan has it', () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const input = inputOf(question);
      if (!isOpen(input.task)) return;
      const fates = judgedOccurrences(input.task, input.policy, calendar, input.from);
      for (const { because, step, at, instead } of whyNot(input, question.person, dayAfter(input, question.days)).reasons) {
        if (because === 'other_day' || because === 'outside_hours') {
          const all = plan(input).notifications.filter((each) => each.step === step && each.recipient === question.person);
          // Beyond the horizon nothing is planned yet.
          if (all.length > 0) expect(all.map(({ sendAt }) => sendAt)).toContain(at);
        }
        if (because === 'superseded') expect(fates.some((each) => each.step.id !== step && each.at <= input.from)).toBe(true);
        if (because === 'substitute' || (because === 'no_channel' && instead !== null)) expect([HA.email, SON.email]).toContain(instead);
        if (because === 'not_happened' || because === 'state' || because === 'not_concerned' || because === 'stopped')
          expect(fates.filter((each) => each.step.id === step)).toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
});

describe('the first reason', () => {
  const MONDAY = '2026-03-02' as IsoDate;
  const task = (...acts: Act[]): Task => taskAfter(acts);
  it.each<[because: string, task: Task, policy: Policy, person: Email, date: string, step: string | null]>([
    ['task_closed', task('cancel'), standard, LAN.email, '2026-03-03', null],
    ['unknown_person', task(), standard, STRANGER, '2026-03-03', null],
    ['not_addressed', task(), every, HA.email, '2026-03-03', null],
    ['state', task('acknowledge'), standard, LAN.email, '2026-03-03', 'unacknowledged-1wd'],
    ['stopped', { ...task('acknowledge'), heldSince: addMinutes(NOW, -60) }, every, LAN.email, '2026-03-03', 'again'],
    ['not_concerned', task(), every, MINH.email, '2026-03-19', 'only-high'],
    ['no_channel', task(), every, PARIS.email, MONDAY, 'paris'],
    ['other_day', task(), every, LAN.email, '2026-03-04', 'again'],
    ['substitute', task(), standard, SON.email, '2026-03-06', 'unacknowledged-4wd'],
    [
      'beyond_horizon',
      { ...task('acknowledge'), deadline: '2026-06-19' as IsoDate, deadlineAt: '2026-06-19T10:00:00.000Z' as Task['deadlineAt'] },
      standard,
      LAN.email,
      '2026-06-12',
      'before-7d',
    ],
  ])('%s', (because, of, policy, person, date, step) => {
    const input = { task: of, policy, calendar, directory, from: NOW, waiting: [] };
    expect(whyNot(input, person, date as IsoDate).reasons[0]).toMatchObject({ because, step });
  });

  it('says when it will be, where the day is free', () => {
    // Saturday: what is due then comes on Monday morning.
    const saturday = { ...task(), deadline: '2026-03-14' as IsoDate, deadlineAt: '2026-03-14T10:00:00.000Z' as Task['deadlineAt'] };
    const { reasons } = whyNot(
      { task: saturday, policy: standard, calendar, directory, from: NOW, waiting: [] },
      LAN.email,
      '2026-03-07' as IsoDate,
    );
    expect(reasons[0]).toMatchObject({ because: 'outside_hours', step: 'before-7d', at: '2026-03-09T01:00:00.000Z' });
  });
});
