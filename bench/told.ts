/** What the stub's own log says of a storm, held against what was to be told. Pure: no system is asked how well it did. */
import { percentile } from './percentile.ts';
import type { StubEntry } from './slack-stub.ts';

/** What a system was to do. */
export interface Planned {
  /** Epoch milliseconds at which everything was due. */
  readonly dueAt: number;
  /** Each is to be told exactly once. */
  readonly keys: readonly string[];
  /** What one message tells, where it tells several at once; else the one whose key it carries. */
  readonly tells?: (entry: StubEntry) => readonly string[];
}

export interface Told {
  readonly latenessP50Seconds: number;
  readonly latenessP99Seconds: number;
  /** Of the reminder that was told last. */
  readonly latenessMaxSeconds: number;
  /** From the due instant to the last message. */
  readonly messagesPerSecond: number;
  readonly messages: number;
  /** Tellings beyond the first of each reminder. */
  readonly duplicates: number;
  /** Keys that nobody was told of. */
  readonly missing: readonly string[];
}

/** A reminder counts from its first message. What carries a key that nobody planned is a defect of the bench. @throws Error naming it */
export function toldOf(planned: Planned, log: readonly StubEntry[]): Told {
  const tells = planned.tells ?? (({ key }: StubEntry) => [key]);
  const first = new Map<string, number>();
  const known = new Set(planned.keys);
  let tellings = 0;
  for (const entry of log) {
    for (const key of tells(entry)) {
      if (!known.has(key)) throw new Error(`a message at ${entry.ts} in ${entry.channel} tells of "${key}", which nobody planned`);
      tellings += 1;
      first.set(key, Math.min(first.get(key) ?? Number.POSITIVE_INFINITY, entry.at));
    }
  }
  const lateness = [...first.values()].map((at) => (at - planned.dueAt) / 1_000);
  const last = log.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
  return {
    latenessP50Seconds: percentile(lateness, 0.5),
    latenessP99Seconds: percentile(lateness, 0.99),
    latenessMaxSeconds: percentile(lateness, 1),
    messagesPerSecond: log.length / ((last - planned.dueAt) / 1_000),
    messages: log.length,
    duplicates: tellings - first.size,
    missing: planned.keys.filter((key) => !first.has(key)),
  };
}

export interface AfterCrash {
  /** Tellings beyond the first of each reminder. */
  readonly twice: number;
  readonly untold: readonly string[];
  /** From the due instant until everyone was told; null where somebody was not. */
  readonly secondsUntilLast: number | null;
  /** From the restart to the first message after it; null where none came. */
  readonly secondsToFirstAfterRestart: number | null;
}

/** @param restartedAt epoch milliseconds */
export function afterCrash(planned: Planned, log: readonly StubEntry[], restartedAt: number): AfterCrash {
  const told = toldOf(planned, log);
  const later = log.filter(({ at }) => at >= restartedAt).map(({ at }) => at);
  return {
    twice: told.duplicates,
    untold: told.missing,
    secondsUntilLast: told.missing.length > 0 ? null : told.latenessMaxSeconds,
    secondsToFirstAfterRestart: later.length === 0 ? null : (Math.min(...later) - restartedAt) / 1_000,
  };
}
