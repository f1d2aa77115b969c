import { expect, it } from 'vitest';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import { loadOf, noticesOf } from './load.ts';

const longer = { deadline: '2026-12-31' as IsoDate, deadlineAt: '2026-12-31T10:00:00.000Z' as IsoInstant };
const size = { forMs: 180_000, notifications: 3_000, assignees: 40, coordinators: 6, longer };

it('is the same for the same seed, and another for another', () => {
  expect(loadOf('7', size)).toEqual(loadOf('7', size));
  expect(loadOf('7', size)).not.toEqual(loadOf('8', size));
});

it('has all that people do, some of it delivered twice, and at most one nudge and one request for time a task', () => {
  const tasks = loadOf('7', size);
  expect(tasks).toHaveLength(334);
  expect(new Set(tasks.flatMap(({ acts }) => acts.map(({ request }) => request.type)))).toEqual(
    new Set(['AddComment', 'AskQuestion', 'ReportObstacle', 'NudgeAssignee', 'RequestExtension']),
  );
  expect(tasks.flatMap(({ acts }) => acts).some(({ againAfterMs }) => againAfterMs !== null)).toBe(true);
  for (const type of ['NudgeAssignee', 'RequestExtension'])
    for (const { acts } of tasks) expect(acts.filter(({ request }) => request.type === type).length).toBeLessThanOrEqual(1);
});

it('presses every button, more than a thousand times in three minutes, some twice; nobody grants what nobody asks for', () => {
  const tasks = loadOf('7', size);
  const presses = tasks.flatMap((task) => task.presses);
  expect(new Set(presses.map(({ button }) => button))).toEqual(new Set(['acknowledge', 'details', 'progress', 'grantExtension']));
  expect(presses.length).toBeGreaterThan(1_000);
  expect(presses.some(({ againAfterMs }) => againAfterMs !== null)).toBe(true);
  for (const { acts, presses } of tasks) {
    expect(acts.some(({ request }) => request.type === 'RequestExtension')).toBe(presses.some(({ button }) => button === 'grantExtension'));
    expect(presses.filter(({ button }) => button === 'acknowledge').length).toBeLessThanOrEqual(1);
  }
  expect(tasks.some(({ presses }) => presses.every(({ button }) => button !== 'acknowledge'))).toBe(true);
});

it('has notices for every channel, at moments that many share', () => {
  const notices = noticesOf('7', size);
  expect(notices).toEqual(noticesOf('7', size));
  expect(notices).toHaveLength(120);
  expect(new Set(notices.map(({ channels }) => channels[0]))).toEqual(new Set(['slack', 'email', 'webhook']));
  expect(new Set(notices.map(({ afterMs }) => afterMs)).size).toBe(6);
  expect(Math.max(...notices.map(({ afterMs }) => afterMs))).toBe(size.forMs);
});
