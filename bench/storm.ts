/**
 * Everything due at one instant, sent by each system to a stub of Slack: `npm run -s bench:storm -- --reminders 10000 --people 1500`.
 * One JSON line a system, all with the same keys; lateness is the receiver's own instant less the due one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Armed } from './armed.ts';
import { goalsOf, type Pace, paceOf } from './goals.ts';
import { MACHINE } from './machine.ts';
import { PEERS } from './peers.ts';
import { rounded } from './rounded.ts';
import type { Stage } from './stage.ts';
import { runSystems, type Size, untilTold } from './systems.ts';
import { toldOf } from './told.ts';

const GIVE_UP_SECONDS = { none: 180, slack: 900 };
/** After the last telling: a second one of the same would come now. */
const SETTLE_MS = 1_500;

/** `setting` is dondoc's merging. Of a system that is not there every figure is null and `absent` says why. */
export interface StormLine {
  readonly bench: 'storm' | 'storm-limits';
  readonly system: string;
  readonly setting: string;
  readonly reminders: number | null;
  readonly people: number;
  readonly armSeconds: number | null;
  readonly latenessP50Seconds: number | null;
  readonly latenessP99Seconds: number | null;
  readonly latenessMaxSeconds: number | null;
  readonly messagesPerSecond: number | null;
  readonly messages: number | null;
  readonly duplicates: number | null;
  readonly lost: number | null;
  readonly peakMemoryMB: number | null;
  readonly rateLimited: number | null;
  readonly machine: string;
  readonly absent: string | null;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      reminders: { type: 'string' },
      people: { type: 'string' },
      limits: { type: 'string', default: 'none' },
      only: { type: 'string' },
      // They are JSON lines in any case; the word is taken as elsewhere.
      json: { type: 'boolean' },
    },
  });
  const { limits } = values;
  if (limits !== 'none' && limits !== 'slack') throw new Error(`--limits is none or slack, not ${limits}`);
  // At 300 a minute ten thousand would take half an hour of each system: these take a little over one minute.
  const usual = limits === 'none' ? { reminders: 10_000, people: 1_500 } : { reminders: 600, people: 150 };
  const size: Size = {
    reminders: Number(values.reminders ?? usual.reminders),
    people: Number(values.people ?? usual.people),
    limits,
  };
  const paces = new Map<string, Pace>();
  const lines = await runSystems<StormLine>({
    peers: PEERS,
    size,
    only: values.only?.split(',') ?? null,
    async measure(armed, stage, who) {
      const line = await storm(armed, stage, who, size);
      const log = await stage.slack.log();
      if (who.system === 'dondoc')
        paces.set(
          who.setting,
          paceOf(
            armed.dueAt,
            log.map(({ at }) => at),
          ),
        );
      return line;
    },
    absent: ({ system, setting }, why) => ({ ...nothing(size), system, setting, absent: why }),
  });
  // With a provider's limit everyone waits for the provider.
  if (limits === 'none') for (const sentence of goalsOf(lines, paces)) process.stderr.write(`bench: ${sentence}\n`);
  process.exit(0);
}

async function storm(armed: Armed, stage: Stage, who: { system: string; setting: string }, size: Size): Promise<StormLine> {
  await untilTold(armed, stage, { giveUpAt: armed.dueAt + GIVE_UP_SECONDS[size.limits] * 1_000, atRest: async () => true });
  await pause(SETTLE_MS);
  const peakMemoryMB = armed.worker.peakMemoryMB();
  const { rateLimited } = await stage.slack.count();
  const told = toldOf(await armed.planned(), await stage.slack.log());
  await armed.worker.stop();
  return {
    ...nothing(size),
    ...who,
    reminders: armed.reminders,
    armSeconds: rounded(armed.armSeconds, 3),
    latenessP50Seconds: rounded(told.latenessP50Seconds, 3),
    latenessP99Seconds: rounded(told.latenessP99Seconds, 3),
    latenessMaxSeconds: rounded(told.latenessMaxSeconds, 3),
    messagesPerSecond: rounded(told.messagesPerSecond, 1),
    messages: told.messages,
    duplicates: told.duplicates,
    lost: told.missing.length,
    peakMemoryMB: rounded(peakMemoryMB, 1),
    rateLimited,
  };
}

/** A line of which nothing is known yet: every line has the same keys in the same order. */
function nothing(size: Size): StormLine {
  return {
    bench: size.limits === 'none' ? 'storm' : 'storm-limits',
    system: '',
    setting: 'none',
    reminders: null,
    people: size.people,
    armSeconds: null,
    latenessP50Seconds: null,
    latenessP99Seconds: null,
    latenessMaxSeconds: null,
    messagesPerSecond: null,
    messages: null,
    duplicates: null,
    lost: null,
    peakMemoryMB: null,
    rateLimited: null,
    machine: MACHINE,
    absent: null,
  };
}
