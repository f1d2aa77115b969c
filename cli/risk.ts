/** `dondoc risk evaluate`: how well the risk would have foretold the ends of finished tasks, against "days left" alone. */

import { loadRiskWeights } from '../config/risk.ts';
import type { Calendar } from '../domain/calendar.ts';
import { areaUnderCurve, type Bin, brierScore, byFifths, calibration, type Foretold, OUTCOMES_MIN } from '../domain/foresight.ts';
import { FEATURES, type Feature, type RiskWeights } from '../domain/risk.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { foretold, type Untold } from '../prisma/foretold.ts';
import { type Context, Usage, withDatabase } from './context.ts';

/** Early enough to act, and late enough to know something. */
const SHARES = [0.5, 0.75];

/** Null in place of a figure: the data are too few for it. */
interface Figures {
  readonly auc: number | null;
  readonly brier: number | null;
  readonly calibration: readonly Bin[];
}
interface RiskFinding {
  readonly finding: 'too_few' | 'never_seen' | 'no_better';
  readonly details: Readonly<Record<string, number | readonly string[]>>;
}
export interface Evaluation {
  readonly atShare: number;
  /** Finished tasks of which something could be foretold, and how they ended. */
  readonly tasks: number;
  readonly late: number;
  readonly onTime: number;
  readonly leftOut: Readonly<Record<Untold, number>>;
  readonly risk: Figures;
  /** Fewer working days left as the only sign, given the share of late ends that each fifth of the tasks had in the end. */
  readonly daysLeft: Figures;
  /** In how many tasks each measure said anything. */
  readonly seen: Readonly<Record<Feature, number>>;
  readonly findings: readonly RiskFinding[];
}

/** What is kept of a task are two numbers and its end: the records themselves pass by in pages. */
export async function evaluateAt(
  known: { database: Database; calendar: Calendar; weights: RiskWeights },
  atShare: number,
): Promise<Evaluation> {
  const byRisk: Foretold[] = [];
  const byDays: Foretold[] = [];
  const leftOut: Record<Untold, number> = { reported_before: 0, late_before: 0, not_given_yet: 0 };
  const names = Object.keys(FEATURES) as Feature[]; // the table's own keys
  const seen = Object.fromEntries(names.map((name) => [name, 0])) as Record<Feature, number>;
  for await (const told of foretold(known, atShare)) {
    if (typeof told === 'string') {
      leftOut[told] += 1;
      continue;
    }
    byRisk.push({ score: told.score, came: told.late });
    byDays.push({ score: -told.daysLeft, came: told.late });
    for (const feature of told.seen) seen[feature] += 1;
  }
  const late = byRisk.filter(({ came }) => came).length;
  const counts = { tasks: byRisk.length, late, onTime: byRisk.length - late };
  const isEnough = Math.min(counts.late, counts.onTime) >= OUTCOMES_MIN;
  const risk = isEnough ? figuresOf(byRisk, byRisk) : NO_FIGURES;
  const daysLeft = isEnough ? figuresOf(byDays, byFifths(byDays)) : NO_FIGURES;
  return { atShare, ...counts, leftOut, risk, daysLeft, seen, findings: findingsOf({ ...counts, risk, daysLeft, seen }) };
}

const NO_FIGURES: Figures = { auc: null, brier: null, calibration: [] };

function figuresOf(scores: readonly Foretold[], probabilities: readonly Foretold[]): Figures {
  return {
    auc: rounded(areaUnderCurve(scores)),
    brier: rounded(brierScore(probabilities)),
    calibration: calibration(probabilities).map(roundedBin),
  };
}

function findingsOf({ tasks, late, onTime, risk, daysLeft, seen }: Omit<Evaluation, 'atShare' | 'leftOut' | 'findings'>): RiskFinding[] {
  const unseen = Object.entries(seen).flatMap(([feature, count]) => (count === 0 ? [feature] : []));
  return [
    ...(risk.auc === null ? [{ finding: 'too_few' as const, details: { late, onTime, needed: OUTCOMES_MIN } }] : []),
    ...(tasks > 0 && unseen.length > 0 ? [{ finding: 'never_seen' as const, details: { features: unseen } }] : []),
    ...(risk.auc !== null && daysLeft.auc !== null && risk.auc <= daysLeft.auc
      ? [{ finding: 'no_better' as const, details: { auc: risk.auc, daysLeft: daysLeft.auc } }]
      : []),
  ];
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 1_000;
}

function roundedBin({ from, to, count, estimated, came }: Bin): Bin {
  return { from, to, count, estimated: rounded(estimated) ?? 0, came: rounded(came) ?? 0 };
}

export async function evaluateRisk(context: Context, flags: { readonly atShare?: string }): Promise<void> {
  const given = flags.atShare === undefined ? null : Number(flags.atShare);
  if (given !== null && !(given > 0 && given < 1))
    throw new Usage(`--at-share ${flags.atShare}: write a number between 0 and 1, for example 0.5`);
  const evaluations = await withDatabase(context, async (database) => {
    const now = () => instantFromEpochMs(Date.now());
    const { main: calendar } = await createCalendars({ database, now })();
    const known = { database, calendar, weights: loadRiskWeights() };
    const found: Evaluation[] = [];
    for (const share of given === null ? SHARES : [given]) found.push(await evaluateAt(known, share));
    return found;
  });
  context.print({ evaluations }, evaluations.map(linesOf).join('\n\n'));
}

function linesOf({ atShare, tasks, late, onTime, risk, daysLeft, findings }: Evaluation): string {
  const row = (name: string, { auc, brier }: Figures) =>
    `${name.padEnd(16)}  AUC ${auc === null ? '    –' : auc.toFixed(3)}  Brier ${brier === null ? '    –' : brier.toFixed(3)}`;
  return [
    `at ${Math.round(atShare * 100)} % of the time from assignment to first deadline: ${tasks} finished tasks, ${late} ended late, ${onTime} on time`,
    row('risk', risk),
    row('days left alone', daysLeft),
    ...risk.calibration.map(
      ({ from, to, count, estimated, came }) =>
        `  estimated ${from.toFixed(1)}–${to.toFixed(1)}: ${String(count).padStart(5)} tasks, estimated ${estimated.toFixed(3)}, ended late ${came.toFixed(3)}`,
    ),
    ...findings.map((each) => `! ${sentenceOf(each)}`),
  ].join('\n');
}

function sentenceOf({ finding, details }: RiskFinding): string {
  switch (finding) {
    case 'too_few':
      return `too few to say anything: ${details.late} late and ${details.onTime} on time, ${details.needed} of each are needed`;
    case 'never_seen':
      return `not measured, because no finished task had it: ${[details.features].flat().join(', ')}`;
    case 'no_better':
      return `orders tasks no better than the days left alone (${details.auc} against ${details.daysLeft})`;
  }
}
