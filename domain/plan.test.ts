/** Proves who is told what and when under the committee's policy. Does not prove sending. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { evolve } from './evolve.ts';
import type { AgencyCode, Email, TaskCode } from './names.ts';
import { type Directory, plan } from './plan.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2027 });
const { policy } = loadPolicy(fileURLToPath(new URL('../config/policies/standard.yaml', import.meta.url)));
const directory: Directory = {
  person: (email) => ({
    email,
    name: email,
    agency: 'MOST' as AgencyCode,
    role: 'assignee',
    locale: 'vi',
    timeZone: 'Asia/Ho_Chi_Minh',
    slackId: email.startsWith('lan') ? 'U1' : null,
  }),
  standIn: () => undefined,
  agency: (code) => ({ code, name: { vi: code, en: code, fr: code }, kind: 'ministry', head: 'head@most.example' as Email }),
};

/** Monday 1 February 2027; the deadline is the Friday before the week after Tết. */
const assignedAt = '2027-02-01T02:00:00.000Z' as IsoInstant;
function assigned(): Task {
  return evolve(null, {
    type: 'TaskAssigned',
    seq: 1,
    at: assignedAt,
    by: 'ha@vptw.example' as Email,
    via: 'cli',
    commandId: 'a',
    code: 'T-1' as TaskCode,
    assignment: {
      title: 'x',
      product: '',
      document: '',
      group: '',
      leadAgency: 'MOST' as AgencyCode,
      coordinatingAgencies: [],
      assignee: 'lan@most.example' as Email,
      supervisor: 'minh@most.example' as Email,
      coordinator: 'ha@vptw.example' as Email,
      assignedAt,
      deadline: '2027-02-12' as IsoDate,
      deadlineAt: '2027-02-12T10:00:00.000Z' as IsoInstant,
      regular: false,
      priority: 'normal',
      policy: { name: 'standard', version: 1 },
    },
  });
}
const acknowledged = () =>
  evolve(assigned(), { type: 'TaskAcknowledged', seq: 2, at: assignedAt, by: 'lan@most.example' as Email, via: 'slack', commandId: 'b' });
const told = (task: Task, from: IsoInstant) =>
  plan({ task, policy, calendar, directory, from, waiting: [] })
    .notifications.map(({ step, recipient, channel, sendAt }) => `${sendAt} ${step} ${recipient.split('@')[0]} ${channel}`)
    .sort();

it('reminds before a deadline over Tết on working mornings only, then escalates step by step', () => {
  expect(told(acknowledged(), assignedAt)).toMatchInlineSnapshot(`
    [
      "2027-02-02T01:00:00.000Z before-3wd lan slack",
      "2027-02-04T01:00:00.000Z before-1wd lan email",
      "2027-02-04T01:00:00.000Z before-1wd lan slack",
      "2027-02-12T01:00:00.000Z before-7d lan slack",
      "2027-02-15T01:00:00.000Z overdue-1wd lan email",
      "2027-02-15T01:00:00.000Z overdue-1wd lan slack",
      "2027-02-15T01:00:00.000Z overdue-1wd minh email",
      "2027-02-17T01:00:00.000Z overdue-3wd head email",
      "2027-02-19T01:00:00.000Z overdue-5wd ha email",
    ]
  `);
});

it('tells the one step that now applies when a task comes late, never the series of missed ones', () => {
  expect(told(acknowledged(), '2027-03-01T02:00:00.000Z' as IsoInstant)).toEqual([
    // A minute later than now: the person's other late ones join the same message.
    '2027-03-01T02:01:00.000Z overdue-5wd ha email',
  ]);
});

it('gives a step the same key whenever it is planned', () => {
  const at = (from: string) =>
    new Set(
      plan({ task: acknowledged(), policy, calendar, directory, from: from as IsoInstant, waiting: [] }).notifications.map(
        ({ key }) => key,
      ),
    );
  const first = at('2027-02-01T02:00:00.000Z');
  expect([...at('2027-02-11T09:00:00.000Z')].filter((key) => !first.has(key))).toEqual([]);
});

it('keeps what is asked in the evening for the next morning, whatever else is asked that evening', () => {
  const evening = '2027-02-01T13:00:00.000Z' as IsoInstant;
  const later = '2027-02-01T14:00:00.000Z' as IsoInstant;
  const by = { by: 'lan@most.example' as Email, via: 'slack' as const, commandId: 'c' };
  const blocked = evolve(acknowledged(), { type: 'ObstacleReported', kind: 'law', text: 'x', seq: 3, at: evening, ...by });
  const both = evolve(blocked, {
    type: 'ExtensionRequested',
    deadline: '2027-03-01' as IsoDate,
    deadlineAt: '2027-03-01T10:00:00.000Z' as IsoInstant,
    reason: 'x',
    basis: '',
    afterDeadline: false,
    seq: 4,
    at: later,
    ...by,
  });
  const next = told(both, later).filter((line) => line.startsWith('2027-02-02T01:00'));
  expect(next).toEqual([
    '2027-02-02T01:00:00.000Z before-3wd lan slack',
    '2027-02-02T01:00:00.000Z extension-asked ha email',
    '2027-02-02T01:00:00.000Z obstacle ha email',
  ]);
});
