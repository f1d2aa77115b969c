/** Proves why a task is in one figure and not in another, and that every difference between any two figures has a reason. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reasonText } from '../config/explain-text.ts';
import { TEXTS } from '../config/text.ts';
import { type Act, agencyName, HA, LAN, NOW, SON, taskAfter } from '../test/people.ts';
import type { Facts, TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { type Asked, explain, type ReasonId } from './explain.ts';
import { type Expression, FIGURE_NAMES, FIGURES, readExpression } from './figures.ts';
import { type AgencyCode, type Email, LOCALES } from './names.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const BEFORE = '2026-03-10T10:00:00.000Z' as IsoInstant;
const LATER = '2026-03-23T10:00:00.000Z' as IsoInstant;

const read = (written: string): Expression => {
  const expression = readExpression(written);
  if ('fault' in expression) throw new Error(JSON.stringify(expression));
  return expression;
};
const then = (task: Task, by: Email | null, facts: Facts, at = '2026-03-12T02:00:00.000Z' as IsoInstant): Task =>
  evolve(task, { ...facts, seq: task.seq + 1, at, by, via: 'cli', commandId: null } as TaskEvent);
const asked = (written: string, at: IsoInstant, tasks: readonly Task[]): Asked => ({ expression: read(written), at, tasks });

const started = taskAfter(['acknowledge']);
const reported = taskAfter(['acknowledge', 'report']);
const due = (date: string) => ({ deadline: date as IsoDate, deadlineAt: `${date}T10:00:00.000Z` as IsoInstant });
const extended = taskAfter(['acknowledge', 'extend', 'grant']);
const verified = then(reported, HA.email, { type: 'TaskVerified', note: '' });

/** The task is counted by the first figure, not by the second. */
const CASES: readonly [
  figure: string,
  at: IsoInstant,
  task: Task,
  other: string,
  otherAt: IsoInstant,
  elsewhere: Task | null,
  said: string,
][] = [
  [
    'toFinishBy:2026-03-31',
    BEFORE,
    reported,
    'toFinishBy:2026-03-31,not-waitingForVerification',
    BEFORE,
    reported,
    'reported done on 02 March 2026, waiting for verification',
  ],
  ['overdue', LATER, started, 'overdue', BEFORE, started, 'within its deadline, 20 March 2026'],
  ['overdue', LATER, started, 'overdue', BEFORE, null, 'assigned on 02 March 2026'],
  ['withinDeadline', BEFORE, started, 'withinDeadline', LATER, started, 'overdue since 20 March 2026'],
  ['withinDeadline', BEFORE, reported, 'withinDeadline', LATER, verified, 'completed on 12 March 2026'],
  [
    'withinDeadline',
    BEFORE,
    started,
    'withinDeadline',
    LATER,
    then(started, HA.email, { type: 'TaskCancelled', reason: 'x' }),
    'Cancelled, on 12 March 2026',
  ],
  [
    'toFinishBy:2026-03-31',
    BEFORE,
    taskAfter(['acknowledge']),
    'toFinishBy:2026-03-31',
    LATER,
    extended,
    'extended from 20 March 2026 to 10 April 2026',
  ],
  ['withinDeadline', BEFORE, extended, 'toFinishBy:2026-03-31', BEFORE, extended, 'extended from 20 March 2026 to 10 April 2026'],
  ['withinDeadline', BEFORE, started, 'toFinishBy:2026-03-15', BEFORE, started, 'due 20 March 2026'],
  [
    'dueBy:2026-03-31',
    BEFORE,
    started,
    'dueBy:2026-03-31',
    LATER,
    then(started, HA.email, { type: 'TaskAmended', changes: due('2026-04-30') }),
    'deadline corrected from 20 March 2026 to 30 April 2026',
  ],
  [
    'overdue',
    LATER,
    started,
    'overdue',
    BEFORE,
    then(started, HA.email, { type: 'TaskAmended', changes: due('2026-03-15') }),
    'deadline corrected from 15 March 2026 to 20 March 2026',
  ],
  ['total', BEFORE, { ...started, regular: true }, 'toFinishBy:2026-03-31', BEFORE, { ...started, regular: true }, 'a regular task'],
  ['completed', LATER, verified, 'completedLate', LATER, verified, 'completed on time, on 12 March 2026'],
  [
    'waitingForVerification',
    BEFORE,
    reported,
    'waitingForVerification',
    LATER,
    then(reported, HA.email, { type: 'TaskReturned', reason: 'x' }),
    'returned, not reported again',
  ],
  ['waitingForVerification', LATER, reported, 'waitingForVerification', BEFORE, started, 'reported done on 02 March 2026'],
  ['total', BEFORE, started, 'waitingForVerification', BEFORE, started, 'not reported done'],
  ['total', BEFORE, started, 'unacknowledged', BEFORE, started, 'acknowledged on 02 March 2026'],
  [
    'agency:MOST',
    BEFORE,
    started,
    'agency:MOST',
    LATER,
    then(started, HA.email, { type: 'TaskReassigned', agency: 'MOF' as AgencyCode, assignee: SON.email, supervisor: null, reason: 'x' }),
    'moved from Ministry of Science and Technology to Ministry of Finance',
  ],
  ['total', BEFORE, started, 'agency:MOF', BEFORE, started, 'led by Ministry of Science and Technology'],
  ['total', BEFORE, started, 'group:"Nhân lực"', BEFORE, { ...started, group: 'Dữ liệu' }, 'of the group Dữ liệu'],
  ['total', BEFORE, started, 'extended', BEFORE, started, 'never extended'],
  ['total', BEFORE, started, 'withObstacle', BEFORE, started, 'no open obstacle'],
  ['total', BEFORE, started, 'not-withinDeadline', BEFORE, started, 'counts as withinDeadline'],
  [
    'overdue',
    LATER,
    then(started, LAN.email, { type: 'DelayCauseGiven', kind: 'data', text: '' }),
    'withoutCause',
    LATER,
    then(started, LAN.email, { type: 'DelayCauseGiven', kind: 'data', text: '' }),
    'does not count as withoutCause',
  ],
];

it.each(CASES)('%s at %s, not in %s: $6', (figure, at, task, other, otherAt, elsewhere, said) => {
  const found = explain(asked(figure, at, [task]), asked(other, otherAt, elsewhere === null ? [] : [elsewhere]));
  expect(found).toMatchObject({ countA: 1, countB: 0, both: 0, onlyB: [] });
  const [why] = found.onlyA.flatMap(({ tasks }) => tasks.map((each) => each.why));
  if (why === undefined) throw new Error('nothing explained');
  expect(reasonText('en', why, agencyName('en') as (code: string) => string)).toBe(said);
  // The other way round it is in the second figure alone.
  const swapped = explain(asked(other, otherAt, elsewhere === null ? [] : [elsewhere]), asked(figure, at, [task]));
  expect(swapped).toMatchObject({ countA: 0, countB: 1, onlyA: [], onlyB: found.onlyA });
});

it('has nearly every reason among its cases', () => {
  const seen = CASES.flatMap(([figure, at, task, other, otherAt, elsewhere]) =>
    explain(asked(figure, at, [task]), asked(other, otherAt, elsewhere === null ? [] : [elsewhere])).onlyA.map(({ reason }) => reason),
  );
  const unseen: ReasonId[] = ['completed_late'];
  const known = Object.keys(TEXTS.en).flatMap((id) => (id.startsWith('explain.reason.') ? [id.slice('explain.reason.'.length)] : []));
  expect([...new Set<string>([...seen, ...unseen])].sort()).toEqual(known.sort());
});

it('explains every difference between any two figures of any tasks: what both count and what only one counts add up', () => {
  const path = fc.constantFrom<Act[]>(
    ['acknowledge', 'report', 'return', 'report', 'verify'],
    ['acknowledge', 'extend', 'grant', 'report', 'verify'],
    ['acknowledge', 'obstacle', 'answer', 'cancel'],
    ['acknowledge', 'late', 'delayCause', 'report', 'verify'],
  );
  const lived = fc.tuple(path, fc.nat(5), fc.nat(5), fc.boolean()).map(([whole, one, two, regular]) => {
    const [early, late] = [Math.min(one, two), Math.max(one, two)];
    const state = (length: number): Task => ({ ...taskAfter(whole.slice(0, length)), regular });
    return { before: early === 0 ? null : state(early - 1), after: state(late) };
  });
  const term = fc.tuple(fc.constantFrom(...FIGURE_NAMES), fc.boolean()).map(([figure, isNegated]) => {
    const kind = FIGURES[figure].argument;
    return { figure, isNegated, argument: kind === null ? '' : { date: '2026-03-31', agency: 'MOST', group: 'Dữ liệu' }[kind] };
  });
  const expression = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms): Expression => ({ terms, at: null }));
  const instants = fc.constantFrom([NOW, LATER], [BEFORE, LATER], [LATER, '2026-06-01T00:00:00.000Z' as IsoInstant]);
  const reasons = new Set<ReasonId>();
  fc.assert(
    fc.property(fc.array(lived, { maxLength: 8 }), expression, expression, instants, (tasks, one, two, [early, late]) => {
      const coded = (task: Task | null, index: number): Task[] => (task === null ? [] : [{ ...task, code: `T-${index}` as Task['code'] }]);
      const a = { expression: one, at: early as IsoInstant, tasks: tasks.flatMap(({ before }, index) => coded(before, index)) };
      const b = { expression: two, at: late as IsoInstant, tasks: tasks.flatMap(({ after }, index) => coded(after, index)) };
      const { countA, countB, both, onlyA, onlyB } = explain(a, b);
      const size = (groups: typeof onlyA) => groups.reduce((sum, { tasks: those }) => sum + those.length, 0);
      expect(both + size(onlyA)).toBe(countA);
      expect(both + size(onlyB)).toBe(countB);
      for (const { reason, tasks: those } of [...onlyA, ...onlyB]) {
        reasons.add(reason);
        for (const { why } of those)
          for (const locale of LOCALES) expect(reasonText(locale, why, (code) => code)).not.toMatch(/[{}]|undefined/);
      }
    }),
    { numRuns: 1000 },
  );
  expect(reasons.size).toBeGreaterThan(10);
});
