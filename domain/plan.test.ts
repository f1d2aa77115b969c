/** Proves who is told what and when under the committee's policy. Does not prove sending. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { addDays, addMinutes, endOfOfficeHours, oneCalendar } from './calendar.ts';
import { evolve } from './evolve.ts';
import { Ledger } from './ledger.ts';
import type { AgencyCode, Channel, Email, TaskCode } from './names.ts';
import { type Directory, goneOf, type PlanInput, plan, stillToHear } from './plan.ts';
import { policy as policySchema } from './policy.ts';
import { simulate } from './simulate.ts';
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
  expect(channels(directory)).toEqual(['before-1wd email', 'before-1wd slack', 'before-3wd slack']);
  expect(channels(lanWithout('slack'))).toEqual(['before-1wd email', 'before-3wd email']);
  expect(channels(lanWithout('email'))).toEqual(['before-1wd slack', 'before-3wd slack']);
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

describe('the order of steps', () => {
  const offsets = [
    '-14d',
    '-7d',
    '-5d',
    '-4d',
    '-2d',
    '-1d',
    '-10wd',
    '-5wd',
    '-3wd',
    '-2wd',
    '-1wd',
    '-30h',
    '-4h',
    '+1d',
    '+3d',
    '+1wd',
    '+3wd',
  ];
  const steps = fc.uniqueArray(
    fc.record({
      offset: fc.constantFrom(...offsets),
      at: fc.constantFrom('08:00', '16:30'),
      delivery: fc.constantFrom('due', 'due', 'digest'),
      audience: fc.constantFrom(['assignee'], ['assignee', 'supervisor']),
    }),
    { minLength: 2, maxLength: 6, selector: ({ offset }) => offset },
  );
  const policyOf = (of: readonly { offset: string; at: string }[]) =>
    policySchema.parse({
      name: 'tried',
      version: 1,
      timing: 'office_hours',
      steps: of.map(({ at, ...each }) => ({
        ...each,
        ...(each.offset.endsWith('h') ? {} : { at }),
        id: each.offset.replace(/^-/, 'before-').replace('+', 'after-'),
        anchor: 'deadline',
        when: 'unreported',
        kind: 'nudge',
        channels: { order: ['email'], use: 'first' },
      })),
    });
  const dueOn = (deadline: IsoDate): Task => ({
    ...acknowledged(),
    heldSince: '2026-01-01T02:00:00.000Z' as IsoInstant,
    deadline,
    deadlineAt: endOfOfficeHours(calendar, deadline),
  });
  /** What is told of a task that nothing happens to, in order, by person. */
  const lived = (deadline: IsoDate, of: ReturnType<typeof policyOf>, plannedAnew: readonly number[] = []) => {
    const task = dueOn(deadline);
    const from = addMinutes(task.deadlineAt, -40 * 24 * 60);
    const acts = plannedAnew.map((minutes, index) => ({
      at: addMinutes(from, minutes),
      input: {
        kind: 'command' as const,
        id: `c${index}`,
        actor: { email: task.assignee, role: 'assignee' as const, agency: task.leadAgency },
        via: 'slack' as const,
        request: { type: 'AddComment' as const, text: 'x', files: [] },
      },
    }));
    const world = { calendars: oneCalendar(calendar), directory, policyOf: () => of, waiting: [] };
    const { told } = simulate({ code: task.code, task, acts, from, until: addMinutes(task.deadlineAt, 20 * 24 * 60), world });
    return Map.groupBy(told, ({ notification }) => notification.recipient);
  };

  it('nobody is told a step after one that comes later in every ordinary week, whatever days are free', () => {
    let inverted = 0;
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 60 * 24 * 60 }), { maxLength: 2 }),
        (of, shift, plannedAnew) => {
          const tried = policyOf(of);
          const meant = { ...policyOf(of.map((each) => ({ ...each, delivery: 'due' }))), timing: 'any_time' as const };
          // Weeks of June have no free day but the weekend's: what comes first in all five of them is the order that is meant.
          const ordinary = Array.from({ length: 5 }, (_, day) => {
            const all = lived(addDays('2026-06-15' as IsoDate, day), meant);
            return new Map(
              [...all].map(([person, told]) => [person, new Map(told.map(({ notification, at }) => [notification.step, at]))]),
            );
          });
          const isBefore = (person: Email, a: string, b: string) =>
            ordinary.every((week) => {
              const [first, second] = [a, b].map((step) => week.get(person)?.get(step));
              return first !== undefined && second !== undefined && first < second;
            });
          for (const [person, told] of lived(addDays('2027-02-01' as IsoDate, shift), tried, plannedAnew))
            for (const [index, { notification: later, at }] of told.entries())
              for (const { notification: earlier, at: before } of told.slice(0, index)) {
                if (before >= at) continue;
                if (isBefore(person, earlier.step, later.step)) inverted += 1;
                expect(isBefore(person, later.step, earlier.step), `${person}: ${earlier.step}, then ${later.step}`).toBe(false);
              }
        },
      ),
      { numRuns: 200 },
    );
    expect(inverted).toBeGreaterThan(100);
  });

  it('of steps that free days have put in another order the one that applies now is told', () => {
    // During Tết: seven days before have passed last, three and one working days before have passed too.
    const late = told(acknowledged(), '2027-02-09T02:00:00.000Z' as IsoInstant).filter((line) => line.includes('before'));
    expect(late).toEqual(['2027-02-12T01:00:00.000Z before-1wd lan email', '2027-02-12T01:00:00.000Z before-1wd lan slack']);
  });
});

describe('who has not heard while the ladder goes on', () => {
  const inputAt = (from: string, task = acknowledged()): PlanInput => ({
    task,
    policy,
    calendar,
    directory,
    from: from as IsoInstant,
    waiting: [],
  });
  /** Monday 15 February: the assignee and the supervisor; Wednesday: the head; Friday: the coordinator. */
  const steps = (from: string) =>
    stillToHear(inputAt(from)).map((key) =>
      key
        .split('/')
        .filter((_, index) => index === 1 || index > 2)
        .join(' '),
    );

  it('hears the last step that was meant for them, and nothing before it', () => {
    expect(steps('2027-02-15T02:00:00.000Z')).toEqual([]);
    expect(steps('2027-02-20T02:00:00.000Z')).toEqual([
      'overdue-3wd head@most.example email',
      'overdue-1wd lan@most.example slack',
      'overdue-1wd lan@most.example email',
      'overdue-1wd minh@most.example email',
    ]);
    expect(stillToHear(inputAt('2027-02-20T02:00:00.000Z', { ...acknowledged(), status: 'completed' } as unknown as Task))).toEqual([]);
  });

  it('only where it was planned: what comes late is told the one step that applies', () => {
    const tellings = (planned: boolean) => {
      const ledger = new Ledger();
      const replaceAt = (from: string) => {
        const input = inputAt(from);
        ledger.replace(plan(input).notifications, { now: input.from, byClock: false, directory, stillToHear: () => stillToHear(input) });
      };
      if (planned) replaceAt('2027-02-14T02:00:00.000Z');
      replaceAt('2027-02-20T02:00:00.000Z');
      return ledger.planned().map(({ step, recipient }) => `${step} ${recipient.split('@')[0]}`);
    };
    expect(tellings(false)).toEqual(['overdue-5wd ha']);
    expect(tellings(true)).toEqual(['overdue-1wd lan', 'overdue-1wd lan', 'overdue-1wd minh', 'overdue-3wd head', 'overdue-5wd ha']);
  });
});
