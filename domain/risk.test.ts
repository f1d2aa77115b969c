/**
 * Proves what is measured of a task and what it weighs, on cases and for any task. Not how well it foretells: that is measured
 * (cli/risk.ts); and not that the weights are those of config/risk.yaml: see config/risk.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import type { Actor, Request } from './command.ts';
import { decide } from './decide.ts';
import type { TaskEvent } from './event.ts';
import { evolve, replay, replayUntil } from './evolve.ts';
import type { AgencyCode, Email, TaskCode } from './names.ts';
import { isRefusal } from './refusals.ts';
import {
  assess,
  FEATURES,
  type Feature,
  features,
  isAtRisk,
  type RiskContext,
  type RiskFacts,
  type RiskWeights,
  riskFacts,
} from './risk.ts';
import type { Task } from './task.ts';
import { epochMs, type IsoDate, type IsoInstant, instantFromEpochMs } from './time.ts';

const calendar = vietnamCalendar({ from: 2025, to: 2027 });
const NOW = '2026-03-18T03:00:00.000Z' as IsoInstant; // a Wednesday
const unit = (weight: number, cap: number) => ({ weight, cap });
const weights: RiskWeights = {
  version: 1,
  base: -2,
  levels: { medium: 0.3, high: 0.6 },
  soon_days: 20,
  agency: { usual_late_share: 0.2, steady_after: 10 },
  weights: {
    time_over_progress: unit(2, 1),
    days_left: unit(0.01, 20),
    forecast_late: unit(2.5, 1),
    silence: unit(0.1, 20),
    unacknowledged: unit(0.1, 10),
    obstacles: unit(0.7, 3),
    extensions: unit(0.5, 3),
    returns: unit(0.6, 3),
    agency_record: unit(4, 1),
    dependencies: unit(0.8, 3),
  },
};
const NOTHING: RiskContext = { agency: { ended: 0, onTime: 0 }, dependencies: 0 };
/** Assigned on 2 March, due on 3 April: at NOW half of its time is used. */
const calm: RiskFacts = {
  status: 'acknowledged',
  regular: false,
  assignedAt: '2026-03-02T03:00:00.000Z' as IsoInstant,
  deadline: '2026-04-03' as IsoDate,
  deadlineAt: '2026-04-03T03:00:00.000Z' as IsoInstant,
  heldSince: '2026-03-02T03:00:00.000Z' as IsoInstant,
  activeAt: NOW,
  percent: 50,
  forecast: null,
  obstacles: 0,
  extensions: 0,
  returns: 0,
};
const measured = (facts: Partial<RiskFacts> = {}, context: Partial<RiskContext> = {}, now = NOW) =>
  features({ ...calm, ...facts }, calendar, now, { ...NOTHING, ...context }, weights);
const scoreOf = (facts: Partial<RiskFacts>, context: Partial<RiskContext> = {}, now = NOW) =>
  assess(measured(facts, context, now), weights).score;

describe('what is measured', () => {
  it.each<[string, Feature, number, Partial<RiskFacts>, Partial<RiskContext>?]>([
    ['half of the time, half done', 'time_over_progress', 0, {}],
    ['half of the time, a fifth done', 'time_over_progress', 0.3, { percent: 20 }],
    ['half of the time, nothing said', 'time_over_progress', 0.5, { percent: null }],
    ['further than the time', 'time_over_progress', 0, { percent: 90 }],
    ['due the moment it was assigned', 'time_over_progress', 1, { deadlineAt: calm.assignedAt, percent: 0 }],
    ['twelve working days left of twenty that count', 'days_left', 8, {}],
    ['due today', 'days_left', 20, { deadline: '2026-03-18' as IsoDate, deadlineAt: '2026-03-18T10:00:00.000Z' as IsoInstant }],
    ['far ahead', 'days_left', 0, { deadline: '2027-01-29' as IsoDate, deadlineAt: '2027-01-29T10:00:00.000Z' as IsoInstant }],
    ['a forecast on the deadline', 'forecast_late', 0, { forecast: calm.deadline }],
    ['a forecast a day later', 'forecast_late', 1, { forecast: '2026-04-04' as IsoDate }],
    ['heard today', 'silence', 0, {}],
    ['heard on Friday: Monday, Tuesday and today since', 'silence', 3, { activeAt: '2026-03-13T09:00:00.000Z' as IsoInstant }],
    ['heard on Saturday', 'silence', 3, { activeAt: '2026-03-14T02:00:00.000Z' as IsoInstant }],
    ['followed here only from a later instant', 'silence', 0, { activeAt: '2026-03-25T02:00:00.000Z' as IsoInstant }],
    ['acknowledged', 'unacknowledged', 0, {}],
    ['given on 2 March, a Monday, and not acknowledged', 'unacknowledged', 12, { status: 'assigned' }],
    ['open obstacles', 'obstacles', 2, { obstacles: 2 }],
    ['extensions', 'extensions', 1, { extensions: 1 }],
    ['returns', 'returns', 3, { returns: 3 }],
    ['an agency without a record', 'agency_record', 0, {}],
    ['an agency as usual', 'agency_record', 0, {}, { agency: { ended: 100, onTime: 80 } }],
    ['an agency with a short bad record', 'agency_record', 0.4, {}, { agency: { ended: 10, onTime: 0 } }],
    ['an agency with a long good one', 'agency_record', -0.18, {}, { agency: { ended: 90, onTime: 90 } }],
    ['what it waits for', 'dependencies', 2, {}, { dependencies: 2 }],
  ])('%s', (_what, feature, value, facts, context) => {
    const found = measured(facts, context).find((each) => each.feature === feature);
    expect(found?.value).toBeCloseTo(value, 2);
    expect(found?.unit).toBe(FEATURES[feature]);
  });

  it.each<[string, boolean, Partial<RiskFacts>]>([
    ['given and acknowledged', true, {}],
    ['given', true, { status: 'assigned' }],
    ['at the very instant of the deadline', true, { deadlineAt: NOW }],
    ['a millisecond late: overdue is not risk', false, { deadlineAt: '2026-03-18T02:59:59.999Z' as IsoInstant }],
    ['reported: in the verifier’s hands', false, { status: 'reported' }],
    ['completed', false, { status: 'completed' }],
    ['cancelled', false, { status: 'cancelled' }],
    ['regular', false, { regular: true }],
    ['not assigned yet', false, { assignedAt: '2026-03-18T03:00:00.001Z' as IsoInstant }],
  ])('%s: %s', (_what, expected, facts) => {
    expect(isAtRisk({ ...calm, ...facts }, NOW)).toBe(expected);
  });
});

describe('what it weighs', () => {
  it('is the base where nothing speaks against the deadline, and gives no reason', () => {
    const { score, level, reasons } = assess(measured(), weights);
    expect(score).toBeCloseTo(1 / (1 + Math.exp(2 - 0.08)), 12);
    expect([level, reasons]).toEqual(['low', []]);
  });

  it('names what weighs most, heaviest first, with its values', () => {
    const facts = { percent: 20, forecast: '2026-04-10' as IsoDate, activeAt: '2026-03-02T03:00:00.000Z' as IsoInstant };
    const { level, reasons } = assess(measured(facts, { agency: { ended: 38, onTime: 23 } }), weights);
    expect(level).toBe('high');
    expect(reasons.map(({ feature, said }) => [feature, said])).toEqual([
      ['forecast_late', { date: '2026-04-10' }],
      ['silence', { days: 12 }],
      ['agency_record', { share: 61, onTime: 23, ended: 38 }],
      ['time_over_progress', { used: 50, done: 20 }],
    ]);
  });

  it('counts each measure up to its cap', () => {
    expect(scoreOf({ returns: 3 })).toBe(scoreOf({ returns: 30 }));
    expect(scoreOf({ returns: 3 })).toBeGreaterThan(scoreOf({ returns: 2 }));
  });

  it.each([
    [0.29, 'low'],
    [0.31, 'medium'],
    [0.59, 'medium'],
    [0.61, 'high'],
  ])('a score of %s is %s', (score, level) => {
    expect(assess([], { ...weights, base: Math.log(score / (1 - score)) }).level).toBe(level);
  });
});

const anyDay = fc
  .integer({ min: 0, max: 60 })
  .map((day) => instantFromEpochMs(epochMs('2026-01-20T03:00:00.000Z' as IsoInstant) + day * 86_400_000));
const anyFacts = fc.record({
  status: fc.constantFrom('assigned' as const, 'acknowledged' as const),
  percent: fc.option(fc.integer({ min: 0, max: 100 })),
  forecast: fc.option(fc.constantFrom('2026-03-20' as IsoDate, '2026-04-20' as IsoDate)),
  obstacles: fc.nat(4),
  extensions: fc.nat(4),
  returns: fc.nat(4),
  activeAt: anyDay,
});
const anyContext = fc
  .record({ ended: fc.nat(50), late: fc.nat(50), dependencies: fc.nat(4) })
  .map(({ ended, late, dependencies }) => ({ agency: { ended, onTime: Math.max(0, ended - late) }, dependencies }));

describe('for any task', () => {
  const never = (worse: (facts: RiskFacts, context: RiskContext) => [Partial<RiskFacts>, Partial<RiskContext>?]) =>
    fc.assert(
      fc.property(anyFacts, anyContext, (facts, context) => {
        const [changed, around] = worse({ ...calm, ...facts }, context);
        expect(scoreOf({ ...facts, ...changed }, { ...context, ...around })).toBeGreaterThanOrEqual(scoreOf(facts, context));
      }),
    );

  it('more silence never lowers it', () => never(({ activeAt }) => [{ activeAt: instantFromEpochMs(epochMs(activeAt) - 5 * 86_400_000) }]));
  it('a forecast after the deadline never lowers it', () => never(() => [{ forecast: '2026-05-01' as IsoDate }]));
  it('less progress never lowers it', () => never(({ percent }) => [{ percent: percent === null ? null : Math.floor(percent / 2) }]));
  it('another obstacle, extension or return never lowers it', () =>
    never(({ obstacles, extensions, returns }) => [{ obstacles: obstacles + 1, extensions: extensions + 1, returns: returns + 1 }]));
  it('another late end of the agency never lowers it', () =>
    never((_, { agency: { ended, onTime } }) => [{}, { agency: { ended: ended + 1, onTime } }]));
  it('another task that it waits for never lowers it', () => never((_, { dependencies }) => [{}, { dependencies: dependencies + 1 }]));
  it('lies between 0 and 1, and every reason stands for a late end', () =>
    fc.assert(
      fc.property(anyFacts, anyContext, (facts, context) => {
        const { score, reasons } = assess(measured(facts, context), weights);
        expect(score > 0 && score < 1 && reasons.every(({ points }) => points > 0)).toBe(true);
      }),
    ));
});

const code = 'NQ57-0001' as TaskCode;
const who = (email: string, role: Actor['role']): Actor => ({ email: email as Email, role, agency: 'MOST' as AgencyCode });
const lan = who('lan@most.example', 'assignee');
const ha = who('ha@vptw.example', 'coordinator');
const assign: Request = {
  type: 'AssignTask',
  assignment: {
    ...{ title: 'Trình nghị định', product: '', document: '', group: '', leadAgency: 'MOST' as AgencyCode, coordinatingAgencies: [] },
    ...{ assignee: lan.email, supervisor: null, coordinator: ha.email, assignedAt: calm.assignedAt, regular: false },
    ...{ deadline: calm.deadline, deadlineAt: calm.deadlineAt, priority: 'normal', policy: { name: 'standard', version: 1 } },
  },
};
const anyRequest: fc.Arbitrary<[Actor, Request]> = fc.constantFrom<[Actor, Request]>(
  [lan, { type: 'AcknowledgeTask' }],
  [lan, { type: 'ReportProgress', percent: 40, milestone: null, text: '', forecast: '2026-04-20' as IsoDate }],
  [lan, { type: 'ReportObstacle', kind: 'law', text: 'x' }],
  [ha, { type: 'AnswerObstacle', obstacle: null, text: 'x' }],
  [lan, { type: 'ReportRisk', level: 'high', reason: 'x' }],
  [
    lan,
    {
      type: 'RequestExtension',
      deadline: '2026-05-04' as IsoDate,
      deadlineAt: '2026-05-04T10:00:00.000Z' as IsoInstant,
      reason: 'x',
      basis: '',
    },
  ],
  [ha, { type: 'DecideExtension', decision: 'grant', until: null, reason: '' }],
  [lan, { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] }],
  [ha, { type: 'ReturnTask', reason: 'x' }],
  [ha, { type: 'VerifyTask', note: '' }],
);

/** A life of a task, one act an hour or a day after the other; what is refused has not happened. */
const anyLife = fc.array(fc.tuple(anyRequest, fc.constantFrom(3_600_000, 86_400_000)), { maxLength: 15 }).map((acts) => {
  const events: TaskEvent[] = [];
  let task: Task | null = null;
  let at = calm.assignedAt;
  for (const [[actor, request], wait] of [[[ha, assign], 0] as [[Actor, Request], number], ...acts]) {
    at = instantFromEpochMs(epochMs(at) + wait);
    const decided = decide(code, task, { kind: 'command', id: 'c', actor, via: 'cli', request }, at);
    if (isRefusal(decided)) continue;
    events.push(...decided);
    task = decided.reduce<Task | null>(evolve, task);
  }
  return events;
});

it('is made of nothing that came after the instant: the events before it give the same', () => {
  let changedSince = 0;
  fc.assert(
    fc.property(anyLife, fc.nat(14), (events, last) => {
      const cut = events[Math.min(last, events.length - 1)];
      if (cut === undefined) throw new Error('a life begins with its assignment');
      const known = events.filter(({ seq }) => seq <= cut.seq);
      const at = cut.at;
      const [then, rebuilt, whole] = [replayUntil(events, at), replay(known), replay(events)];
      if (then === null || rebuilt === null || whole === null) throw new Error('a life begins with its assignment');
      // Two acts of one instant are one moment.
      if (events.some((event) => event.seq > cut.seq && event.at === at)) return;
      expect(measured(riskFacts(then), {}, at)).toEqual(measured(riskFacts(rebuilt), {}, at));
      if (JSON.stringify(measured(riskFacts(whole), {}, at)) !== JSON.stringify(measured(riskFacts(then), {}, at))) changedSince += 1;
    }),
    { numRuns: 300 },
  );
  // It would be seen: what came later did change what is measured, where it is not left out.
  expect(changedSince).toBeGreaterThan(20);
});
