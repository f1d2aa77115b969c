/** The peers: which there are, what each needs, and one run of one of them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Armed } from './armed.ts';
import type { PeerConfig, PeerLine, PeerRole } from './peer-config.ts';
import { startSpeaking } from './process.ts';
import { remindersOf } from './reminders.ts';
import type { Stage } from './stage.ts';

const FOLDER = fileURLToPath(new URL('./peers', import.meta.url));
/** Between the worker's start and the due instant everything comes to rest. */
const REST_MS = 1_000;
const WARM_UP_MESSAGES = 10_000;
/** The Temporal sample fires about a hundred timers a second here: more would only take longer. */
const TEMPORAL_REMINDERS_MAX = 2_000;

export interface PeerSystem {
  /** As it is called in the lines, and by `--only`. */
  readonly name: string;
  readonly file: string;
  readonly needs: 'nothing' | 'database' | 'redis' | 'temporal';
  /** It never sends more than this many. */
  readonly remindersMax: number;
  /** Arming is given this long; where it was not enough, twice as long. */
  readonly dueInMs: number;
  /** It arms by working: its worker runs from the start. */
  readonly worksWhileArming: boolean;
  readonly heartbeats: boolean;
  /** The loop without a memory is a floor for speed, and nothing to crash. */
  readonly survives: boolean;
}

const USUAL = {
  remindersMax: Number.POSITIVE_INFINITY,
  dueInMs: 8_000,
  worksWhileArming: false,
  heartbeats: false,
  survives: true,
} as const;

export const PEERS: readonly PeerSystem[] = [
  { ...USUAL, name: 'http-loop', file: 'http-loop.ts', needs: 'nothing', survives: false },
  { ...USUAL, name: 'pg-boss', file: 'pg-boss.ts', needs: 'database' },
  { ...USUAL, name: 'graphile-worker', file: 'graphile-worker.ts', needs: 'database' },
  { ...USUAL, name: 'bullmq', file: 'bullmq.ts', needs: 'redis' },
  { ...USUAL, name: 'cron-query', file: 'cron-query.ts', needs: 'database' },
  {
    ...USUAL,
    name: 'temporal-sample',
    file: 'temporal.ts',
    needs: 'temporal',
    remindersMax: TEMPORAL_REMINDERS_MAX,
    dueInMs: 60_000,
    worksWhileArming: true,
  },
];

/** Only in the crash: what pg-boss offers against crashed workers, which is off unless it is asked for. */
export const PG_BOSS_WITH_HEARTBEATS: PeerSystem = {
  ...USUAL,
  name: 'pg-boss-heartbeats',
  file: 'pg-boss.ts',
  needs: 'database',
  heartbeats: true,
};

/** The peers' own packages, on the first run and whenever their lockfile changed. @throws Error with npm's status */
export function installPeers(): void {
  const stamp = join(FOLDER, 'node_modules', '.installed');
  const lockfile = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;
  process.stderr.write('bench: installing the peers (once) …\n');
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const cli = process.env.npm_execpath;
  const { status } =
    cli?.endsWith('.js') === true
      ? spawnSync(process.execPath, [cli, ...args], { cwd: FOLDER, stdio: ['ignore', 2, 2] })
      : spawnSync('npm', args, { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`the peers' packages could not be installed (npm ended with ${status})`);
  writeFileSync(stamp, lockfile);
}

/**
 * As many messages as a storm's through the stub, then forgotten: a receiver whose code is not compiled yet would be the slowest of all,
 * and only for the first.
 */
export async function warmUp(stage: Stage): Promise<void> {
  const config: PeerConfig = {
    slackUrl: stage.slack.url,
    databaseUrl: '',
    redisPort: 0,
    temporalAddress: '',
    reminders: WARM_UP_MESSAGES,
    people: WARM_UP_MESSAGES,
    dueInMs: 0,
    dueAt: 0,
    limited: false,
    heartbeats: false,
  };
  const loop = startSpeaking<PeerLine>(join(FOLDER, 'http-loop.ts'), ['work', JSON.stringify(config)]);
  while ((await stage.slack.count()).accepted < WARM_UP_MESSAGES) await pause(100);
  await loop.stop();
  await stage.slack.reset();
}

/** @throws Error saying which part of it there is not */
export async function armPeer(
  peer: PeerSystem,
  stage: Stage,
  o: { reminders: number; people: number; limited: boolean; dueInMs?: number },
): Promise<Armed> {
  const dueInMs = o.dueInMs ?? peer.dueInMs;
  const config: PeerConfig = {
    slackUrl: stage.slack.url,
    databaseUrl: peer.needs === 'database' ? await stage.database(`peer_${peer.name.replaceAll('-', '_')}`) : '',
    redisPort: peer.needs === 'redis' ? await stage.redis() : 0,
    temporalAddress: peer.needs === 'temporal' ? await stage.temporal() : '',
    reminders: Math.min(o.reminders, peer.remindersMax),
    people: o.people,
    dueInMs,
    dueAt: null,
    limited: o.limited,
    heartbeats: peer.heartbeats,
  };
  const start = (role: PeerRole, known: PeerConfig) => startSpeaking<PeerLine>(join(FOLDER, peer.file), [role, JSON.stringify(known)]);
  const startWorker = async (known: PeerConfig) => {
    const worker = start('work', known);
    await worker.next('ready');
    return worker;
  };
  const early = peer.worksWhileArming ? await startWorker(config) : null;
  const armed = await start('arm', config).next('armed');
  const known = { ...config, dueAt: armed.dueAt };
  const worker = early ?? (await startWorker(known));
  if (Date.now() + REST_MS > armed.dueAt) {
    // What was armed too late would be measured as late: once more, with more time.
    await worker.stop();
    await stage.slack.reset();
    return armPeer(peer, stage, { ...o, dueInMs: 2 * Math.max(dueInMs, armed.seconds * 1_000) });
  }
  const keys = remindersOf(config).map(({ key }) => key);
  return {
    armSeconds: armed.seconds,
    reminders: config.reminders,
    planned: async () => ({ dueAt: armed.dueAt, keys }),
    dueAt: armed.dueAt,
    worker,
    startWorker: () => startWorker(known),
    held: async () => (await start('held', known).next('held')).keys,
  };
}
