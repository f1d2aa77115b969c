import { expect, it } from 'vitest';
import { loadOf } from './load.ts';

const size = { forMs: 180_000, notifications: 3_000, assignees: 40, coordinators: 6 };

it('is the same for the same seed, and another for another', () => {
  expect(loadOf('7', size)).toEqual(loadOf('7', size));
  expect(loadOf('7', size)).not.toEqual(loadOf('8', size));
});

it('has all that people do, some of it delivered twice, and at most one nudge a task', () => {
  const tasks = loadOf('7', size);
  expect(tasks).toHaveLength(500);
  expect(new Set(tasks.flatMap(({ acts }) => acts.map(({ request }) => request.type)))).toEqual(
    new Set(['AddComment', 'AskQuestion', 'ReportObstacle', 'NudgeAssignee']),
  );
  expect(tasks.flatMap(({ acts }) => acts).some(({ againAfterMs }) => againAfterMs !== null)).toBe(true);
  for (const { acts } of tasks) expect(acts.filter(({ request }) => request.type === 'NudgeAssignee').length).toBeLessThanOrEqual(1);
  expect(tasks.some(({ pressAfterMs }) => pressAfterMs === null)).toBe(true);
});
