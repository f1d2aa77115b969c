/** Proves who is told what and when under the committee's policy. Does not prove sending. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { evolve } from './evolve.ts';
import type { AgencyCode, Channel, Email, TaskCode } from './names.ts';
import { type Directory, goneOf, plan } from './plan.ts';
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
  askedToName: () => undefined,
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

const GONE_AT = '2027-02-09T02:00:00.000Z' as IsoInstant;
/** Lan with some channels lost; the head stands in once none is left. */
function lanWithout(...lost: Channel[]): Directory {
  const isLan = (email: Email) => email.startsWith('lan');
  const goneAt = lost.length === 2 ? GONE_AT : null;
  const person = (email: Email) => {
    const known = directory.person(email);
    return known === undefined || !isLan(email) ? known : { ...known, lost, goneAt };
  };
  const head = person('head@most.example' as Email);
  return {
    ...directory,
    person,
    standIn: (email) => (isLan(email) && goneAt !== null ? head : undefined),
    askedToName: (email) => (isLan(email) ? head : undefined),
  };
}
const toldBy = (known: Directory, from = GONE_AT) => plan({ task: acknowledged(), policy, calendar, directory: known, from, waiting: [] });

it('uses the channel that is left where the wished one is gone', () => {
  const channels = (known: Directory) =>
    toldBy(known, assignedAt)
      .notifications.filter(({ recipient, step }) => recipient.startsWith('lan') && step.startsWith('before'))
      .map(({ step, channel }) => `${step} ${channel}`)
      .sort();
  expect(channels(directory)).toEqual(['before-1wd email', 'before-1wd slack', 'before-3wd slack', 'before-7d slack']);
  expect(channels(lanWithout('slack'))).toEqual(['before-1wd email', 'before-3wd email', 'before-7d email']);
  expect(channels(lanWithout('email'))).toEqual(['before-1wd slack', 'before-3wd slack', 'before-7d slack']);
});

it('tells whoever stands in for who has left, nobody who has, and asks once for another', () => {
  const { notifications } = toldBy(lanWithout('slack', 'email'));
  expect(notifications.filter(({ recipient }) => recipient.startsWith('lan'))).toEqual([]);
  const questions = notifications.filter(({ kind }) => kind === 'assignee_gone');
  expect(questions.map(({ key, sendAt, urgent }) => [key, sendAt, urgent])).toEqual([
    ['assignee-gone/lan@most.example/2027-02-09T02:00:00.000Z/head@most.example/email', '2027-02-12T01:00:00.000Z', true],
  ]);
  expect(questions.map(goneOf)).toEqual(['lan@most.example']);
});

it('asks nothing while a channel is left', () => {
  for (const known of [directory, lanWithout(), lanWithout('slack'), lanWithout('email')])
    expect(toldBy(known).notifications.filter(({ kind }) => kind === 'assignee_gone')).toEqual([]);
});

it('leaves nobody answerable by silence who has left', () => {
  const by = { by: 'lan@most.example' as Email, via: 'slack' as const, commandId: 'c' };
  const asked = evolve(acknowledged(), {
    type: 'TransferRequested',
    toAgency: 'MOF' as AgencyCode,
    reason: 'x',
    seq: 3,
    at: assignedAt,
    ...by,
  });
  const approved = evolve(asked, { type: 'TransferApproved', toAgency: 'MOF' as AgencyCode, reason: '', seq: 4, at: assignedAt, ...by });
  const meaning = (goneAt: IsoInstant | null) => {
    const person: Directory['person'] = (email) => {
      const known = directory.person(email);
      return known === undefined ? undefined : { ...known, goneAt: email.startsWith('head') ? goneAt : null };
    };
    const { wakes } = plan({ task: approved, policy, calendar, directory: { ...directory, person }, from: assignedAt, waiting: [] });
    return wakes.flatMap(({ input }) => (input.type === 'AnswerTacitly' ? [input.answer.means] : []));
  };
  expect(meaning(null)).toEqual(['accepted']);
  expect(meaning(GONE_AT)).toEqual(['declined']);
});
