/** Proves where a task stands at an instant. Does not prove that the pages count the same: see test/pages. */
import { expect, it } from 'vitest';
import { type Standing, type StandingFacts, scoreboard, standing } from './scoreboard.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const at = '2025-12-04T10:00:00.000Z' as IsoInstant;
const before = '2025-12-04T09:59:59.999Z' as IsoInstant;
const after = '2025-12-04T10:00:00.001Z' as IsoInstant;
const open: StandingFacts = { regular: false, assignedAt: before, deadlineAt: after, completedAt: null, cancelledAt: null };

it.each<[string, Partial<StandingFacts>, Standing | null]>([
  ['open and before its deadline', {}, 'within_deadline'],
  ['open at the very instant of its deadline', { deadlineAt: at }, 'within_deadline'],
  ['open after its deadline', { deadlineAt: before }, 'overdue'],
  ['completed late, by then', { deadlineAt: before, completedAt: at }, 'completed'],
  ['completed only later, then within its deadline', { completedAt: after }, 'within_deadline'],
  ['completed only later, then overdue', { deadlineAt: before, completedAt: after }, 'overdue'],
  ['regular and late', { regular: true, deadlineAt: before }, 'regular'],
  ['regular, its period completed', { regular: true, completedAt: before }, 'regular'],
  ['cancelled by then', { cancelledAt: at }, null],
  ['cancelled only later', { cancelledAt: after }, 'within_deadline'],
  ['not yet assigned', { assignedAt: after }, null],
])('%s', (_, facts, expected) => {
  expect(standing({ ...open, ...facts }, at)).toBe(expected);
});

it('counts each task once, and those due by a date among the ones within their deadline', () => {
  const task = (facts: Partial<StandingFacts>, deadline: string) => ({ ...open, ...facts, deadline: deadline as IsoDate });
  const board = scoreboard(
    [task({}, '2025-12-31'), task({}, '2026-01-01'), task({ deadlineAt: before }, '2025-12-04'), task({ regular: true }, '2025-12-31')],
    at,
    '2025-12-31' as IsoDate,
  );
  expect(board).toEqual({ total: 4, completed: 0, withinDeadline: 2, overdue: 1, regular: 1, dueBy: { '2025-12-31': 1 } });
});
