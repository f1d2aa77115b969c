/** Proves what counts as moved between two plans of a task. */
import { expect, it } from 'vitest';
import type { Email, TaskCode } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import type { Plan, Wake } from './plan.ts';
import { movesOf } from './plan-moves.ts';
import type { IsoInstant } from './time.ts';

const at = (day: number) => `2027-03-${String(day).padStart(2, '0')}T01:00:00.000Z` as IsoInstant;
const note = (step: string, day: number): PlannedNotification => ({
  key: `T/${step}/1/lan@most.example/slack`,
  code: 'T' as TaskCode,
  kind: 'reminder',
  step,
  recipient: 'lan@most.example' as Email,
  channel: 'slack',
  sendAt: at(day),
  urgent: false,
  reason: '',
});
const raise = (step: string, day: number): Wake => ({ at: at(day), input: { type: 'RaiseEscalation', level: 1, step } });
const plan = (notifications: PlannedNotification[], wakes: Wake[] = []): Plan => ({ notifications, wakes, silences: [] });
const moves = (before: Plan, after: Plan, told: string[] = []) =>
  movesOf('T' as TaskCode, before, after, new Set(told)).map(
    ({ step, person, from, to }) => `${step} ${person === null ? '-' : 'lan'} ${from?.slice(8, 10)} → ${to?.slice(8, 10)}`,
  );

it.each<[string, Plan, Plan, string[], string[]]>([
  ['nothing that lies where it lay', plan([note('a', 2)]), plan([note('a', 2)]), [], []],
  [
    'what lies elsewhere, the earliest first',
    plan([note('a', 4), note('b', 2)]),
    plan([note('a', 5), note('b', 3)]),
    [],
    ['b lan 02 → 03', 'a lan 04 → 05'],
  ],
  [
    'what leaves the horizon, and what comes into it',
    plan([note('a', 2)]),
    plan([note('b', 3)]),
    [],
    ['a lan 02 → undefined', 'b lan undefined → 03'],
  ],
  ['nothing that was told', plan([note('a', 2)]), plan([note('a', 3)]), ['T/a/1/lan@most.example/slack'], []],
  ['what changes the task by itself', plan([], [raise('a', 2)]), plan([], [raise('a', 3)]), [], ['a - 02 → 03']],
  [
    'not the deadline and the horizon',
    plan(
      [],
      [
        { at: at(2), input: { type: 'PassDeadline' } },
        { at: at(2), input: { type: 'ExtendHorizon' } },
      ],
    ),
    plan([], [{ at: at(3), input: { type: 'PassDeadline' } }]),
    [],
    [],
  ],
])('names %s', (_, before, after, told, expected) => {
  expect(moves(before, after, told)).toEqual(expected);
});
