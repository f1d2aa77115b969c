/**
 * Proves that what the simulation announces is what happens: a hundred tasks are assigned, answered and left alone at random, on the
 * real engine, store and couriers with a clock that skips, and the ledger afterwards is the list that `simulate` gives for the same
 * acts. Then their past, relived under the policy in force, is that ledger again. Does not prove the rules themselves: see
 * domain/plan.test.ts; nor anything about a store or provider that is away.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { addMinutes, oneCalendar } from '../domain/calendar.ts';
import { command as commandSchema, type Request } from '../domain/command.ts';
import type { Told } from '../domain/ledger.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import type { Policy } from '../domain/policy.ts';
import { relive } from '../domain/relive.ts';
import type { Surroundings } from '../domain/risk.ts';
import { type Act, simulate } from '../domain/simulate.ts';
import type { Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { pastTasks } from '../prisma/past.ts';
import { storePolicy } from '../prisma/policies.ts';
import { HA, LAN, MINH, type Office, openOffice, SON } from './office.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const calendar = vietnamCalendar({ from: 2030, to: 2032 });
/** Monday, 09:00 in Hanoi. */
const MONDAY = '2031-03-03T02:00:00.000Z' as IsoInstant;
const END = '2031-05-05T02:00:00.000Z' as IsoInstant;
const TASKS = Number(process.env.DONDOC_TASKS ?? 100);
/** All acts lie within so many days; what is left alone afterwards has the rest of the time. */
const DAYS = 35;
const weights = loadRiskWeights();
const DUNG = { email: 'dung.mai@most.example' as Email };

const due = (deadline: string) => ({ deadline: deadline as IsoDate, deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant });
const REQUESTS: readonly (readonly [weight: number, actor: { readonly email: Email }, request: Request])[] = [
  [6, LAN, { type: 'AcknowledgeTask' }],
  [2, SON, { type: 'AcknowledgeTask' }],
  [3, LAN, { type: 'ReportProgress', percent: 40, milestone: null, text: 'x', forecast: null }],
  [4, LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: '12/2031/NĐ-CP' }] }],
  [3, HA, { type: 'ReturnTask', reason: 'Thiếu chữ ký' }],
  [1, HA, { type: 'ReturnTask', reason: 'Thiếu chữ ký', until: due('2031-04-04') }],
  [2, HA, { type: 'VerifyTask', note: '' }],
  [3, LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'Không đúng chức năng' }],
  [1, HA, { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' }],
  [1, HA, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'x' }],
  [1, SON, { type: 'DeclineTransfer', reason: 'x' }],
  [2, LAN, { type: 'RequestExtension', ...due('2031-04-18'), reason: 'Chờ dữ liệu', basis: '' }],
  [1, HA, { type: 'DecideExtension', decision: 'grant', until: null, reason: '' }],
  [1, HA, { type: 'DecideExtension', decision: 'refuse', until: null, reason: 'x' }],
  [2, LAN, { type: 'ReportObstacle', kind: 'data', text: 'x' }],
  [1, HA, { type: 'AnswerObstacle', obstacle: null, text: 'x' }],
  [2, LAN, { type: 'AskQuestion', text: 'x' }],
  [1, HA, { type: 'AnswerQuestion', question: null, text: 'x' }],
  [1, LAN, { type: 'RequestContribution', agency: 'MOF' as AgencyCode, text: 'x', ...due('2031-03-28') }],
  [1, SON, { type: 'GiveContribution', contribution: null, text: 'x' }],
  [1, HA, { type: 'NudgeAssignee', text: '' }],
  [1, LAN, { type: 'AddComment', text: 'x', files: [] }],
  [1, HA, { type: 'AmendTask', changes: due('2031-03-21') }],
  [1, HA, { type: 'AmendTask', changes: { priority: 'high' } }],
  [1, DUNG, { type: 'AcknowledgeTask' }],
  [1, HA, { type: 'CancelTask', reason: 'x' }],
];

const anyRequest = fc.oneof(...REQUESTS.map(([weight, actor, request]) => ({ weight, arbitrary: fc.constant({ actor, request }) })));
/** Ten seconds past a minute, so that the few that the engine needs end within the same one; never with the morning's messages. */
const anyMinute = (days: number) =>
  fc.tuple(fc.integer({ min: 0, max: days - 1 }), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 2, max: 57 }));
const anyTask = fc.record({
  assigned: anyMinute(7),
  days: fc.integer({ min: 2, max: 30 }),
  policy: fc.constantFrom('standard', 'standard', 'every-word'),
  acts: fc.array(fc.tuple(anyMinute(DAYS), anyRequest), { maxLength: 7, size: 'max' }),
});
const tasks = fc.sample(anyTask, { numRuns: TASKS, seed: 57 }).map((task, index) => ({ ...task, code: `T-${index}` as TaskCode }));

function instantOf([day, hour, minute]: readonly [number, number, number]): IsoInstant {
  return addMinutes(MONDAY, day * 24 * 60 + hour * 60 + minute + 1 / 6);
}

let time: MovableTime;
let office: Office;
const policies = new Map<string, Policy>();
const policyOf = ({ policy: { name } }: Task): Policy => {
  const found = policies.get(name);
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
};
/** What was done, and when it was meant to be. */
const script: { readonly at: IsoInstant; readonly code: TaskCode; readonly key: string }[] = [];

beforeAll(async () => {
  time = await openMovableTime(MONDAY);
  process.env.TEMPORAL_ADDRESS = time.environment.address;
  // A simulation knows no hold: a busy Monday must not wait for a word.
  process.env.BREAKER_MINIMUM = '100000';
  office = await openOffice({ system: { now: time.now, calendar } });
  for (const file of ['config/policies/standard.yaml', 'test/fixtures/every-word.yaml']) {
    const loaded = loadPolicy(join(root, file));
    const { policy } = loaded;
    policies.set(policy.name, policy);
    if (policy.name === 'standard') continue;
    await storePolicy(office.system.database, loaded, MONDAY);
  }
  const agenda = tasks
    .flatMap(({ code, assigned, days, policy, acts }) => [
      { at: instantOf(assigned), code, key: `test:assign:${code}`, go: () => assign(code, policy, days) },
      ...acts.map(([minute, { actor, request }], index) => {
        const key = `act:${code}:${index}`;
        return {
          at: instantOf(minute),
          code,
          key,
          go: () => office.submit({ key, code, actor: actor.email, via: 'slack', request }),
        };
      }),
    ])
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const { go, ...act } of agenda) {
    await time.moveTo(act.at);
    await go();
    script.push(act);
  }
  await time.moveTo(END);
}, 600_000);
afterAll(async () => {
  await office.close();
  await time.close();
  delete process.env.TEMPORAL_ADDRESS;
  delete process.env.BREAKER_MINIMUM;
});

function assign(code: TaskCode, policy: string, days: number) {
  const { version } = policies.get(policy) ?? { version: 0 };
  return office.assign(code, { policy, days, more: { policy: { name: policy, version }, supervisor: MINH.email } });
}

/** To the minute: between a moment and its turn the engine takes some milliseconds. */
const line = (o: { key: string; at: IsoInstant }) => `${o.at.slice(0, 16)} ${o.key}`;

async function ledger(): Promise<Map<string, { key: string; at: IsoInstant }[]>> {
  const rows = await office.system.database.notification.findMany({ where: { status: { notIn: ['planned', 'cancelled'] } } });
  return Map.groupBy(
    rows.map(({ taskCode, key, sendAt }) => ({ code: taskCode, key, at: sendAt.toISOString() as IsoInstant })),
    ({ code }) => code,
  );
}

it('what was announced for the same acts is what stands in the ledger, task by task', async () => {
  const commands = await office.system.database.command.findMany();
  const byKey = new Map(commands.map(({ key, body }) => [key, commandSchema.parse(body)]));
  const directory = await office.system.directory.get();
  const told = await ledger();
  const surroundings = await surroundingsAt();
  let lines = 0;
  let atRisk = 0;
  let letters = 0;
  for (const { code } of tasks) {
    const acts = script
      .filter((each) => each.code === code)
      .flatMap(({ at, key }): Act[] => {
        const command = byKey.get(key);
        return command === undefined ? [] : [{ at, input: { kind: 'command', ...command } }];
      });
    const world = { calendars: oneCalendar(calendar), directory, policyOf, waiting: [], risk: { weights, surroundings } };
    const announced = simulate({ code, task: null, acts, from: MONDAY, until: END, world }).told.map(toLine).sort();
    const happened = (told.get(code) ?? []).map(line).sort();
    expect(announced, code).toEqual(happened);
    lines += happened.length;
    letters += happened.filter((each) => each.includes('/letter.')).length;
    atRisk += happened.filter((each) => each.includes('/at-risk/')).length;
  }
  expect(lines).toBeGreaterThan(TASKS * 5);
  expect(atRisk).toBeGreaterThan(0);
  expect(letters).toBeGreaterThan(0);
});

/** What was known of the one agency that leads: how many of its tasks had ended, and how many of them on time. */
async function surroundingsAt(): Promise<(at: IsoInstant) => Surroundings> {
  const ended = await office.system.database.task.findMany({ where: { status: 'completed' } });
  return (at) => {
    const before = ended.filter(({ completedAt }) => completedAt !== null && completedAt.toISOString() <= at);
    const onTime = before.filter(({ reportedAt, deadlineAt }) => reportedAt !== null && reportedAt <= deadlineAt);
    return { agency: { ended: before.length, onTime: onTime.length }, waitsFor: [] };
  };
}

it('relived under the policy in force the past is the ledger, to the millisecond', async () => {
  const directory = await office.system.directory.get();
  const told = await ledger();
  let seen = 0;
  const risk = {
    weights,
    surroundings: (): Surroundings => {
      throw new Error('each planning has kept its own');
    },
  };
  for await (const page of pastTasks(office.system.database, null, END)) {
    for (const { code, events, plannings, isApproximate } of page) {
      expect(isApproximate).toBe(false);
      const again = relive({ events, plannings, policyOf, calendars: oneCalendar(calendar), directory, until: END, risk });
      const exact = (o: { key: string; at: IsoInstant }) => `${o.at} ${o.key}`;
      expect(again.map(({ notification: { key, sendAt } }) => exact({ key, at: sendAt })).sort(), code).toEqual(
        (told.get(code) ?? []).map(exact).sort(),
      );
      seen += 1;
    }
  }
  expect(seen).toBe(TASKS);
});

function toLine({ notification: { key, sendAt } }: Told): string {
  return line({ key, at: sendAt });
}
