/**
 * The risk that a task will end late, from what is known before its deadline: measures of what is known, and what they weigh.
 * Pure; the weights come from `config/risk.yaml`, how well they foretell is measured by `dondoc risk evaluate`.
 */
import { z } from 'zod';
import { type Calendar, workingDaysSince } from './calendar.ts';
import type { RiskLevel, Status } from './names.ts';
import type { Task } from './task.ts';
import { epochMs, type IsoDate, type IsoInstant } from './time.ts';

/** What is measured of a task, each with its unit. */
export const FEATURES = {
  /** The share of its time that is used, less the share reported as done; never below 0. */
  time_over_progress: 'share',
  /** How far less than `soon_days` are left to the deadline. */
  days_left: 'working_days',
  /** Whether the assignee's own forecast lies after the deadline. */
  forecast_late: 'yes_or_no',
  /** Since the lead's last sign of life. */
  silence: 'working_days',
  /** Since it was given to an assignee who has not acknowledged it. */
  unacknowledged: 'working_days',
  /** Reported and not answered. */
  obstacles: 'count',
  /** Granted, or asked for. */
  extensions: 'count',
  returns: 'count',
  /** How much larger the share of late ends is with this agency than is usual; below 0 where it is smaller. */
  agency_record: 'share',
  /** Open tasks that it waits for and that are late, or due only after it. */
  dependencies: 'count',
} as const satisfies Record<string, 'share' | 'yes_or_no' | 'working_days' | 'count'>;
export type Feature = keyof typeof FEATURES;
const FEATURE_NAMES = Object.keys(FEATURES) as Feature[]; // the table's own keys

/** What one unit of a measure adds to the logarithm of the odds of ending late, and above which value it adds no more. */
const weight = z.strictObject({ weight: z.number().min(0).max(20), cap: z.number().positive().max(1_000) });
const share = z.number().gt(0).lt(1);

/** No weight is below 0: what is measured is what makes late. Otherwise more silence could make a task look safer. */
export const riskWeights = z
  .strictObject({
    version: z.int().positive(),
    /** The logarithm of the odds of a task of which nothing speaks against its deadline. */
    base: z.number().min(-20).max(20),
    levels: z.strictObject({ medium: share, high: share }),
    /** From so many working days before the deadline on each day counts. */
    soon_days: z.int().min(1).max(1_000),
    agency: z.strictObject({
      /** The share of late ends where nothing is known of an agency. */
      usual_late_share: share,
      /** An agency's own record counts as much as the usual one once it has ended so many tasks. */
      steady_after: z.int().min(0).max(10_000),
    }),
    weights: z.strictObject(Object.fromEntries(FEATURE_NAMES.map((name) => [name, weight])) as Record<Feature, typeof weight>),
  })
  .refine(({ levels }) => levels.medium < levels.high, { path: ['levels', 'high'], message: 'high begins above medium' });
export type RiskWeights = z.infer<typeof riskWeights>;

/** What a risk is computed from, of the task itself. */
export interface RiskFacts {
  readonly status: Status;
  readonly regular: boolean;
  readonly assignedAt: IsoInstant;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly heldSince: IsoInstant;
  /** The lead's last sign of life. */
  readonly activeAt: IsoInstant;
  readonly percent: number | null;
  readonly forecast: IsoDate | null;
  readonly obstacles: number;
  readonly extensions: number;
  readonly returns: number;
}

/** What a risk is computed from, of the world around the task, as it was known at the same instant. */
export interface RiskContext {
  /** Tasks of the lead agency that had ended, and how many of them on time. */
  readonly agency: { readonly ended: number; readonly onTime: number };
  /** How many of the tasks it waits for are open, and late or due only after it. */
  readonly dependencies: number;
}

/** What a risk ahead is worked out from, besides the task: as it is known when the task is planned. */
export interface Surroundings {
  readonly agency: RiskContext['agency'];
  /** The deadlines of the open tasks that it waits for. */
  readonly waitsFor: readonly IsoInstant[];
}
export interface Outlook {
  readonly surroundings: Surroundings;
  readonly weights: RiskWeights;
  /** The committee's: by it the days of a risk are counted, whoever leads the task. */
  readonly calendar: Calendar;
}

/** One measure, with the values by which it is said in words. */
export interface Measure {
  readonly feature: Feature;
  readonly value: number;
  readonly unit: (typeof FEATURES)[Feature];
  readonly said: Readonly<Record<string, number | string>>;
}
/** A measure with what it adds to the logarithm of the odds. */
export interface Reason extends Measure {
  readonly points: number;
}
export interface Assessment {
  /** 0 to 1: of a hundred tasks like it, so many end late. */
  readonly score: number;
  readonly level: RiskLevel;
  /** What weighs most towards late, heaviest first. */
  readonly reasons: readonly Reason[];
}

const REASONS_MAX = 4;
/** Below this a measure explains nothing: one working day of silence is no reason. */
const REASON_POINTS_MIN = 0.2;

export function riskFacts(task: Task): RiskFacts {
  const { status, regular, assignedAt, deadline, deadlineAt, heldSince, activity, progress, obstacles, extension, returns } = task;
  return {
    ...{ status, regular, assignedAt, deadline, deadlineAt, heldSince, returns },
    activeAt: activity.at,
    percent: progress?.percent ?? null,
    forecast: progress?.forecast ?? null,
    obstacles: obstacles.length,
    extensions: task.extensionsGranted + (extension === null ? 0 : 1),
  };
}

/**
 * Whether a task can still become late by its assignee: given, not reported, its deadline ahead. What is overdue is late, not at
 * risk; what is reported is in the verifier's hands; a regular task has no end to be late for.
 */
export function isAtRisk({ status, regular, assignedAt, deadlineAt }: RiskFacts, now: IsoInstant): boolean {
  return (status === 'assigned' || status === 'acknowledged') && !regular && assignedAt <= now && now <= deadlineAt;
}

/**
 * The measures of a task at an instant, in the order of `FEATURES`.
 * @param task as it was at that instant: nothing later may be in it, nor in the context
 */
export function features(
  task: RiskFacts,
  calendar: Calendar,
  now: IsoInstant,
  { agency, dependencies }: RiskContext,
  { soon_days: soon, agency: { usual_late_share: usual, steady_after: steady } }: Pick<RiskWeights, 'agency' | 'soon_days'>,
): Measure[] {
  const used = shareUsed(task, now);
  const done = (task.percent ?? 0) / 100;
  const daysLeft = workingDaysSince(calendar, now, task.deadlineAt, soon);
  const isForecastLate = task.forecast !== null && task.forecast > task.deadline;
  const silence = workingDaysSince(calendar, task.activeAt, now);
  const unacknowledged = task.status === 'assigned' ? workingDaysSince(calendar, task.heldSince, now) : 0;
  const late = agency.ended - agency.onTime;
  // A few tasks prove little: the usual share counts as so many tasks more.
  const expected = agency.ended + steady === 0 ? usual : (late + steady * usual) / (agency.ended + steady);
  const measured: Readonly<Record<Feature, readonly [value: number, said: Measure['said']]>> = {
    time_over_progress: [Math.max(0, used - done), { used: percentOf(used), done: task.percent ?? 'none' }],
    days_left: [Math.max(0, soon - daysLeft), { days: daysLeft }],
    forecast_late: [isForecastLate ? 1 : 0, { date: task.forecast ?? '' }],
    silence: [silence, { days: silence }],
    unacknowledged: [unacknowledged, { days: unacknowledged }],
    obstacles: [task.obstacles, { count: task.obstacles }],
    extensions: [task.extensions, { count: task.extensions }],
    returns: [task.returns, { count: task.returns }],
    agency_record: [
      expected - usual,
      { share: agency.ended === 0 ? 0 : percentOf(agency.onTime / agency.ended), onTime: agency.onTime, ended: agency.ended },
    ],
    dependencies: [dependencies, { count: dependencies }],
  };
  return FEATURE_NAMES.map((feature) => ({
    feature,
    value: measured[feature][0],
    unit: FEATURES[feature],
    said: measured[feature][1],
  }));
}

/** What the measures weigh together: a logistic curve over their points. */
export function assess(measures: readonly Measure[], { base, levels, weights }: RiskWeights): Assessment {
  const reasons = measures.map((measure) => {
    const { weight: each, cap } = weights[measure.feature];
    return { ...measure, points: each * Math.max(-cap, Math.min(cap, measure.value)) };
  });
  const points = reasons.reduce((sum, reason) => sum + reason.points, base);
  const score = 1 / (1 + Math.exp(-points));
  return {
    score,
    level: score >= levels.high ? 'high' : score >= levels.medium ? 'medium' : 'low',
    reasons: reasons
      .filter((reason) => reason.points >= REASON_POINTS_MIN)
      .sort((a, b) => b.points - a.points)
      .slice(0, REASONS_MAX),
  };
}

/**
 * What a task's risk is at an instant if nothing happens until then: as computed, and as a person said it. The two need not agree;
 * none is left once the deadline has come.
 */
export function risksAt(task: Task, at: IsoInstant, { surroundings, weights, calendar }: Outlook): RiskLevel[] {
  // At the deadline itself the clock makes it late.
  if (at >= task.deadlineAt) return [];
  const facts = riskFacts(task);
  const dependencies = surroundings.waitsFor.filter((deadlineAt) => deadlineAt < at || deadlineAt > task.deadlineAt).length;
  const measures = () => features(facts, calendar, at, { agency: surroundings.agency, dependencies }, weights);
  const computed = isAtRisk(facts, at) ? [assess(measures(), weights).level] : [];
  return task.risk === null ? computed : [...computed, task.risk.level];
}

/** Of the time from assignment to deadline, 0 to 1. */
function shareUsed({ assignedAt, deadlineAt }: RiskFacts, now: IsoInstant): number {
  const assigned = epochMs(assignedAt);
  const span = epochMs(deadlineAt) - assigned;
  return span <= 0 ? 1 : Math.min(1, Math.max(0, (epochMs(now) - assigned) / span));
}

function percentOf(part: number): number {
  return Math.round(part * 100);
}
