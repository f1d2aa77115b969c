/**
 * Proves what each figure counts, that the four standings share out the total whatever the tasks, and how the notation is read and
 * refused. Not that SQL counts the same: test/report.test.ts compares the two.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Act, HA, taskAfter } from '../test/people.ts';
import { evolve } from './evolve.ts';
import { type Expression, FIGURE_NAMES, FIGURES, isIn, readExpression, standingFactsOf, writeExpression } from './figures.ts';
import { scoreboard } from './scoreboard.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

/** Acts happen on 2 March 2026; the deadline is 20 March, 17:00. */
const BEFORE = '2026-03-20T10:00:00.000Z' as IsoInstant;
const AFTER = '2026-03-20T10:00:00.001Z' as IsoInstant;

const read = (written: string): Expression => {
  const expression = readExpression(written);
  if ('fault' in expression) throw new Error(JSON.stringify(expression));
  return expression;
};
/** The names that count a task, by their own definition. */
const namesOf = (task: Task, at: IsoInstant) =>
  FIGURE_NAMES.filter((name) => FIGURES[name].argument === null).filter((name) => isIn(task, at, read(name)));

describe('a task counts as', () => {
  it.each([
    ['assigned, in time', [], BEFORE, ['total', 'withinDeadline', 'unacknowledged']],
    ['assigned, late', [], AFTER, ['total', 'overdue', 'unacknowledged', 'withoutCause']],
    ['acknowledged, in time', ['acknowledge'], BEFORE, ['total', 'withinDeadline']],
    ['reported, in time', ['acknowledge', 'report'], BEFORE, ['total', 'withinDeadline', 'waitingForVerification']],
    ['reported, late', ['acknowledge', 'report'], AFTER, ['total', 'overdue', 'waitingForVerification']],
    ['verified', ['acknowledge', 'report', 'verify'], AFTER, ['total', 'completed', 'completedOnTime']],
    ['returned', ['acknowledge', 'report', 'return'], BEFORE, ['total', 'withinDeadline']],
    ['extended', ['acknowledge', 'extend', 'grant'], AFTER, ['total', 'withinDeadline', 'extended']],
    ['with an obstacle', ['acknowledge', 'obstacle'], BEFORE, ['total', 'withinDeadline', 'withObstacle']],
    ['cancelled', ['cancel'], BEFORE, []],
  ] as [string, Act[], IsoInstant, string[]][])('%s', (_case, acts, at, names) => {
    expect(namesOf(taskAfter(acts), at)).toEqual(names);
  });

  it('completed late, where it was verified after the deadline', () => {
    const task = evolve(taskAfter(['acknowledge', 'report']), {
      type: 'TaskVerified',
      note: '',
      seq: 4,
      at: AFTER,
      by: HA.email,
      via: 'cli',
      commandId: null,
    });
    expect(namesOf(task, AFTER)).toEqual(['total', 'completed', 'completedLate']);
  });

  it.each([
    ['dueBy:2026-03-20', BEFORE, true],
    ['dueBy:2026-03-19', BEFORE, false],
    ['dueBy:2026-03-20', AFTER, false],
    ['toFinishBy:2026-03-19', BEFORE, false],
    ['toFinishBy:2026-03-19', AFTER, true],
    ['agency:MOST', BEFORE, true],
    ['agency:MOF', BEFORE, false],
    ['not-agency:MOF', BEFORE, true],
    ['group:"A, B"', BEFORE, false],
    ['withinDeadline,unacknowledged', BEFORE, true],
    ['withinDeadline,not-unacknowledged', BEFORE, false],
  ] as [string, IsoInstant, boolean][])('%s at %s: %s', (written, at, expected) => {
    expect(isIn(taskAfter([]), at, read(written))).toBe(expected);
  });
});

const arbitraryTask = fc
  .record({
    acts: fc.constantFrom<Act[]>(
      [],
      ['acknowledge'],
      ['acknowledge', 'report'],
      ['acknowledge', 'report', 'verify'],
      ['acknowledge', 'report', 'return'],
      ['acknowledge', 'extend', 'grant'],
      ['cancel'],
    ),
    regular: fc.boolean(),
    deadline: fc.integer({ min: 1, max: 28 }).map((day) => `2026-03-${String(day).padStart(2, '0')}`),
  })
  .map(({ acts, regular, deadline }): Task => ({ ...taskAfter(acts, { deadline }), regular }));
const arbitraryInstant = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 5, 1) })
  .map((ms) => new Date(ms).toISOString() as IsoInstant);

it('shares out all that counts: completed, within the deadline, overdue and regular are disjoint and add up', () => {
  fc.assert(
    fc.property(fc.array(arbitraryTask, { maxLength: 20 }), arbitraryInstant, (tasks, at) => {
      const count = (written: string) => tasks.filter((task) => isIn(task, at, read(written))).length;
      const parts = ['completed', 'withinDeadline', 'overdue', 'regular'] as const;
      for (const task of tasks)
        expect(parts.filter((part) => isIn(task, at, read(part))).length).toBe(isIn(task, at, read('total')) ? 1 : 0);
      expect(parts.reduce((sum, part) => sum + count(part), 0)).toBe(count('total'));
      expect(count('completedOnTime') + count('completedLate')).toBe(count('completed'));
      expect(count('toFinishBy:2026-03-15')).toBe(count('overdue') + count('dueBy:2026-03-15'));
      // The scoreboard counts by the same definitions.
      const board = scoreboard(tasks.map(standingFactsOf), at, '2026-03-15' as IsoDate);
      expect(board).toEqual({
        total: count('total'),
        ...Object.fromEntries(parts.map((part) => [part, count(part)])),
        dueBy: { '2026-03-15': count('dueBy:2026-03-15') },
      });
    }),
    { numRuns: 200 },
  );
});

it('reads what it writes', () => {
  const name = fc.constantFrom(...FIGURE_NAMES);
  const group = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && !text.includes('"') && text.normalize('NFC') === text);
  const term = fc.tuple(name, fc.boolean(), group).map(([figure, isNegated, said]) => {
    const { argument } = FIGURES[figure];
    return { figure, isNegated, argument: { date: '2025-12-31', agency: 'MOST', group: said, none: '' }[argument ?? 'none'] };
  });
  const at = fc.constantFrom(null, { date: '2025-12-04' as IsoDate }, { instant: '2025-12-04T05:00:00.000Z' as IsoInstant });
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 4 }), at, (terms, when) => {
      expect(readExpression(writeExpression({ terms, at: when }))).toEqual({ terms, at: when });
    }),
  );
});

it.each([
  ['overdu', 'figure_unknown', 1, 'overdu', 'overdue'],
  ['toFinishBy:2025-12-31,waitingForVerfication', 'figure_unknown', 23, 'waitingForVerfication', 'waitingForVerification'],
  ['overdue,not-OVERDUE', 'figure_unknown', 13, 'OVERDUE', 'overdue'],
  ['', 'figure_empty', 1, '', FIGURE_NAMES.join(', ')],
  ['overdue,', 'figure_empty', 9, '', FIGURE_NAMES.join(', ')],
  ['dueBy', 'argument_missing', 6, 'dueBy', 'dueBy:2025-12-31'],
  ['dueBy:31/12/2025', 'date_invalid', 7, '31/12/2025', 'dueBy:2025-12-31'],
  ['overdue:2025-12-31', 'argument_unwanted', 9, '2025-12-31', 'overdue'],
  ['agency:Bộ', 'agency_invalid', 8, 'Bộ', 'agency:MOST'],
  ['overdue@4.12.2025', 'instant_invalid', 9, '4.12.2025', '2025-12-04'],
  ['group:"Dữ liệu, cơ sở', 'quote_open', 7, '"Dữ liệu, cơ sở', '"'],
])('refuses %s: %s at place %d', (written, fault, position, value, expected) => {
  expect(readExpression(written)).toEqual({ fault, position, value, expected });
});
