/** Proves what a task counts as at an instant. Not that SQL says the same: a test with a database compares the two. */
import { expect, it } from 'vitest';
import { type StandingFacts, scoreboard, standing } from './scoreboard.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const at = '2025-12-04T05:00:00.000Z' as IsoInstant;
const before = '2025-12-04T04:59:59.999Z' as IsoInstant;
const after = '2025-12-04T05:00:00.001Z' as IsoInstant;
const yearEnd = '2025-12-31' as IsoDate;

function task(facts: Partial<StandingFacts> & { deadline?: string } = {}): StandingFacts & { deadline: IsoDate } {
  const base = {
    status: 'acknowledged',
    regular: false,
    assignedAt: before,
    deadlineAt: after,
    completedAt: null,
    cancelledAt: null,
  } as const;
  return { ...base, ...facts, deadline: (facts.deadline ?? '2025-12-20') as IsoDate };
}

it.each([
  ['open, its deadline ahead', task(), 'within_deadline'],
  ['open, not even acknowledged', task({ status: 'assigned' }), 'within_deadline'],
  ['open, at the very instant of the deadline', task({ deadlineAt: at }), 'within_deadline'],
  ['open, a millisecond late', task({ deadlineAt: before }), 'overdue'],
  ['reported, not verified, and late', task({ status: 'reported', deadlineAt: before }), 'overdue'],
  ['reported, within its deadline', task({ status: 'reported' }), 'within_deadline'],
  ['completed by then', task({ status: 'completed', completedAt: at }), 'completed'],
  ['completed late, by then', task({ status: 'completed', completedAt: at, deadlineAt: before }), 'completed'],
  ['completed only later, then within its deadline', task({ status: 'completed', completedAt: after }), 'within_deadline'],
  ['completed only later, then overdue', task({ status: 'completed', completedAt: after, deadlineAt: before }), 'overdue'],
  ['cancelled by then', task({ status: 'cancelled', cancelledAt: at }), null],
  ['cancelled only later, then within its deadline', task({ status: 'cancelled', cancelledAt: after }), 'within_deadline'],
  ['cancelled only later, then overdue', task({ status: 'cancelled', cancelledAt: after, deadlineAt: before }), 'overdue'],
  ['assigned at that very instant', task({ assignedAt: at }), 'within_deadline'],
  ['not yet assigned', task({ assignedAt: after }), null],
  ['regular', task({ regular: true }), 'regular'],
  ['regular and late', task({ regular: true, deadlineAt: before }), 'regular'],
  ['regular and completed', task({ regular: true, status: 'completed', completedAt: before }), 'regular'],
  ['regular and cancelled', task({ regular: true, status: 'cancelled', cancelledAt: before }), null],
  ['regular and not yet assigned', task({ regular: true, assignedAt: after }), null],
])('%s', (_case, facts, expected) => {
  expect(standing(facts, at)).toBe(expected);
});

it.each([task({ status: 'completed' }), task({ completedAt: before }), task({ status: 'cancelled' }), task({ cancelledAt: before })])(
  'throws on facts that contradict each other',
  (facts) => {
    expect(() => standing(facts, at)).toThrow();
  },
);

it('gives the figures that the committee reported on 4 December 2025', () => {
  const many = (count: number, facts: Parameters<typeof task>[0]) => Array.from({ length: count }, () => task(facts));
  const rows = [
    ...many(601, { status: 'completed', completedAt: before }),
    ...many(367, { deadline: '2025-12-20' }),
    ...many(1, { deadline: '2025-12-31' }),
    ...many(36, { deadline: '2026-01-01' }),
    ...many(104, { deadlineAt: before, deadline: '2025-11-28' }),
    ...many(178, { regular: true }),
    ...many(9, { status: 'cancelled', cancelledAt: before }),
    ...many(5, { assignedAt: after }),
  ];
  expect(scoreboard(rows, at, yearEnd)).toEqual({
    total: 1287,
    completed: 601,
    withinDeadline: 404,
    overdue: 104,
    regular: 178,
    dueBy: { '2025-12-31': 368 },
  });
});

it('counts nothing of nothing', () => {
  expect(scoreboard([], at, yearEnd)).toEqual({
    total: 0,
    completed: 0,
    withinDeadline: 0,
    overdue: 0,
    regular: 0,
    dueBy: { '2025-12-31': 0 },
  });
});
