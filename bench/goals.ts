/** What the figures come to beside their goals, in words; and where a goal is not met, what limits it. Pure. */
import { rounded } from './rounded.ts';

/** With merging off: of the p99 of the fastest peer that stores what it sends. */
export const P99_SHARE_MAX = 0.75;
/** With merging on: everyone told so many times sooner than by the fastest peer. */
export const SOONER_MIN = 5;
/** After a `kill -9` and a restart it goes on within so long. */
export const GOES_ON_SECONDS_MAX = 15;
/** Of the sample's history events for the same life of a task: so many times fewer. */
export const FEWER_EVENTS_MIN = 3;
/** Whoever presses in a storm hears what became of it within so long: so long Slack waits for an answer. */
export const TOLD_MS_MAX = 3_000;
/** Until a process that has sent nothing yet runs at full speed. */
const COLD_MS = 250;

/** Messages a second at first, and after that; null where nothing came after. */
export interface Pace {
  readonly cold: number;
  readonly warm: number | null;
}

/** @param at epoch milliseconds of each message */
export function paceOf(dueAt: number, at: readonly number[]): Pace {
  const coldUntil = dueAt + COLD_MS;
  const after = at.filter((each) => each > coldUntil);
  const last = Math.max(coldUntil, ...after);
  return {
    cold: Math.round(((at.length - after.length) * 1_000) / COLD_MS),
    warm: after.length === 0 ? null : Math.round((after.length * 1_000) / (last - coldUntil)),
  };
}

/** Of a storm's line. */
interface Told {
  readonly system: string;
  readonly setting: string;
  readonly latenessP99Seconds: number | null;
  readonly latenessMaxSeconds: number | null;
}

/**
 * A sentence for each goal. The loop stores nothing, so it is no peer but the floor; the sample has fewer to tell.
 * @param paces of dondoc, by its setting
 * @returns nothing where the run had no peer or not dondoc
 */
export function goalsOf(lines: readonly Told[], paces: ReadonlyMap<string, Pace>): readonly string[] {
  const own = (setting: string) => lines.find((line) => line.system === 'dondoc' && line.setting === setting);
  const peers = lines.filter(({ system }) => !['dondoc', 'http-loop', 'temporal-sample'].includes(system));
  const fastest = (figure: 'latenessP99Seconds' | 'latenessMaxSeconds') =>
    peers.reduce<Told | null>(
      (best, peer) => ((peer[figure] ?? Number.POSITIVE_INFINITY) < (best?.[figure] ?? Number.POSITIVE_INFINITY) ? peer : best),
      null,
    );
  const sentences: string[] = [];
  const byP99 = fastest('latenessP99Seconds');
  const off = own('off')?.latenessP99Seconds;
  if (off != null && byP99?.latenessP99Seconds != null) {
    const share = rounded(off / byP99.latenessP99Seconds, 2) ?? 0;
    const isMet = share <= P99_SHARE_MAX;
    const loop = lines.find(({ system }) => system === 'http-loop')?.latenessP99Seconds;
    const floor = loop == null ? '' : `; a bare loop, which stores nothing, has ${rounded(loop / byP99.latenessP99Seconds, 2)}`;
    sentences.push(
      `merging off: p99 is ${share} of that of ${byP99.system}, at most ${P99_SHARE_MAX} was the goal: ${isMet ? 'met' : `not met${floor}${limitOf(paces.get('off'))}`}`,
    );
  }
  const byLast = fastest('latenessMaxSeconds');
  const on = own('on')?.latenessMaxSeconds;
  if (on != null && byLast?.latenessMaxSeconds != null) {
    const times = rounded(byLast.latenessMaxSeconds / on, 1) ?? 0;
    const isMet = times >= SOONER_MIN;
    sentences.push(
      `merging on: everyone told ${times} times sooner than by ${byLast.system}, at least ${SOONER_MIN} was the goal: ${isMet ? 'met' : `not met${limitOf(paces.get('on'))}`}`,
    );
  }
  return sentences;
}

/** Of a crash's line. */
interface Crashed {
  readonly system: string;
  readonly setting: string;
  readonly twice: number | null;
  readonly lost: number | null;
  readonly secondsToFirstAfterRestart: number | null;
}

/** Merged, everyone may have been told before the kill: then nothing is to go on. @returns nothing where dondoc was not in the run */
export function crashGoalsOf(lines: readonly Crashed[]): readonly string[] {
  return lines
    .filter(({ system }) => system === 'dondoc')
    .map(({ setting, twice, lost, secondsToFirstAfterRestart: seconds }) => {
      const isMet = lost === 0 && twice === 0 && (seconds ?? 0) <= GOES_ON_SECONDS_MAX;
      const goesOn = seconds === null ? '' : `, goes on after ${rounded(seconds, 1)} s`;
      return `merging ${setting}: ${lost} lost, ${twice} twice${goesOn}; none, none and at most ${GOES_ON_SECONDS_MAX} s was the goal: ${isMet ? 'met' : 'not met'}`;
    });
}

/** @returns nothing where the run had no sample or not dondoc */
export function costGoalsOf(
  lines: readonly { readonly system: string; readonly setting: string; readonly events: number }[],
): readonly string[] {
  const sample = lines.find(({ system }) => system === 'temporal-sample');
  if (sample === undefined) return [];
  return lines
    .filter(({ system }) => system === 'dondoc')
    .map(({ setting, events }) => {
      const times = rounded(sample.events / events, 1) ?? 0;
      const verdict = times >= FEWER_EVENTS_MIN ? 'met' : 'not met; its couriers wake, and go to sleep again, for each message';
      return `${setting}: ${times} times fewer events than the sample, at least ${FEWER_EVENTS_MIN} was the goal: ${verdict}`;
    });
}

/** @returns nothing where there was no storm */
export function pressGoalsOf(
  lines: readonly { readonly setting: string; readonly toldMaxMs: number | null; readonly unanswered: number }[],
): readonly string[] {
  return lines
    .filter(({ setting }) => setting === 'in the storm')
    .map(({ toldMaxMs, unanswered }) => {
      const isMet = unanswered === 0 && toldMaxMs !== null && toldMaxMs <= TOLD_MS_MAX;
      return `in the storm: ${unanswered} unanswered, the last told after ${toldMaxMs} ms; none and at most ${TOLD_MS_MAX} ms was the goal: ${isMet ? 'met' : 'not met; bot, worker, store, engine and receiver share the machine'}`;
    });
}

function limitOf(pace: Pace | undefined): string {
  if (pace === undefined) return '';
  const after = pace.warm === null ? '' : `, then ${pace.warm}`;
  return `; a process that begins cold sent ${pace.cold} messages a second in the first ${COLD_MS} ms${after}`;
}
