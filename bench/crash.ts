/**
 * `kill -9` of the worker one second into the storm, another started one second later: who is told twice, who waits, and how long.
 * `npm run -s bench:crash -- --reminders 10000 --people 1500`; one JSON line a system, all with the same keys.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Armed } from './armed.ts';
import { crashGoalsOf } from './goals.ts';
import { MACHINE } from './machine.ts';
import { PEERS, PG_BOSS_WITH_HEARTBEATS } from './peers.ts';
import { say } from './progress.ts';
import { rounded } from './rounded.ts';
import type { Stage } from './stage.ts';
import { runSystems, untilTold } from './systems.ts';
import { afterCrash } from './told.ts';

const KILL_AFTER_MS = 1_000;
const RESTART_AFTER_MS = 1_000;
const GIVE_UP_SECONDS = 180;
/** Its store is asked this seldom: asking takes from what it does. */
const REST_POLL_MS = 2_000;

export interface CrashLine {
  readonly bench: 'crash';
  readonly system: string;
  readonly setting: string;
  readonly reminders: number | null;
  readonly people: number;
  /** Tellings beyond the first of each reminder, until everyone was told and the store was at rest, or until it was given up. */
  readonly twice: number | null;
  /** Nobody was told of them, and the store does not have them either. */
  readonly lost: number | null;
  /** Nobody was told of them yet; the store has them, locked by the worker that is dead. */
  readonly held: number | null;
  /** Told, and yet the store has them as not done: they will be told again when their lock ends. */
  readonly toBeRepeated: number | null;
  /** From the due instant; null where somebody was not told when it was given up. */
  readonly secondsUntilLast: number | null;
  /** From the restart to the first message after it. */
  readonly secondsToFirstAfterRestart: number | null;
  readonly gaveUpAfterSeconds: number;
  readonly machine: string;
  readonly absent: string | null;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      reminders: { type: 'string', default: '10000' },
      people: { type: 'string', default: '1500' },
      only: { type: 'string' },
      // They are JSON lines in any case; the word is taken as elsewhere.
      json: { type: 'boolean' },
    },
  });
  const size = { reminders: Number(values.reminders), people: Number(values.people), limits: 'none' } as const;
  const lines = await runSystems<CrashLine>({
    peers: [...PEERS.filter(({ survives }) => survives), PG_BOSS_WITH_HEARTBEATS],
    size,
    only: values.only?.split(',') ?? null,
    measure: (armed, stage, who) => crash(armed, stage, { ...who, people: size.people }),
    absent: ({ system, setting }, why) => ({ ...nothing(size.people), system, setting, absent: why }),
  });
  for (const sentence of crashGoalsOf(lines)) say(sentence);
  process.exit(0);
}

async function crash(armed: Armed, stage: Stage, who: { system: string; setting: string; people: number }): Promise<CrashLine> {
  await pause(armed.dueAt + KILL_AFTER_MS - Date.now());
  await armed.worker.kill();
  await pause(RESTART_AFTER_MS);
  const restartedAt = Date.now();
  const worker = await armed.startWorker();
  await untilTold(armed, stage, {
    giveUpAt: armed.dueAt + GIVE_UP_SECONDS * 1_000,
    async atRest() {
      if ((await armed.held()).length === 0) return true;
      await pause(REST_POLL_MS);
      return false;
    },
  });
  const held = new Set(await armed.held());
  const planned = await armed.planned();
  const { twice, untold, secondsUntilLast, secondsToFirstAfterRestart } = afterCrash(planned, await stage.slack.log(), restartedAt);
  await worker.stop();
  const waiting = untold.filter((key) => held.has(key)).length;
  return {
    ...nothing(who.people),
    ...who,
    reminders: armed.reminders,
    twice,
    lost: untold.length - waiting,
    held: waiting,
    toBeRepeated: held.size - waiting,
    secondsUntilLast: secondsUntilLast === null ? null : rounded(secondsUntilLast, 3),
    secondsToFirstAfterRestart: secondsToFirstAfterRestart === null ? null : rounded(secondsToFirstAfterRestart, 3),
  };
}

/** A line of which nothing is known yet: every line has the same keys in the same order. */
function nothing(people: number): CrashLine {
  return {
    bench: 'crash',
    system: '',
    setting: 'none',
    reminders: null,
    people,
    twice: null,
    lost: null,
    held: null,
    toBeRepeated: null,
    secondsUntilLast: null,
    secondsToFirstAfterRestart: null,
    gaveUpAfterSeconds: GIVE_UP_SECONDS,
    machine: MACHINE,
    absent: null,
  };
}
