/** What every system of a storm is given alike: one PostgreSQL with a database for each, Temporal, Redis, and the stub to send to. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Child, type Supervision, startChild } from '../ops/child.ts';
import { freePort } from '../ops/ports.ts';
import { removeState, startPostgres } from '../ops/postgres.ts';
import { startTemporal } from '../ops/temporal.ts';
import { type Spoken, startSpeaking } from './process.ts';
import type { Limits, StubEntry, StubReply } from './slack-stub.ts';
import type { StubPress } from './socket-mode.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** The receiver's answer time. */
const DELAY_MS = 5;
const SUPERVISION: Supervision = {
  restartMs: 250,
  onCrash: ({ name }) => process.stderr.write(`bench: ${name} crashed; the figures of this run are worthless\n`),
};

type StubLine = { readonly event: 'ready'; readonly url: string };

export interface Stage {
  /** A folder that is gone with the stage. */
  readonly state: string;
  readonly slack: {
    /** Base of Slack's methods, with a slash at the end. */
    readonly url: string;
    log(): Promise<StubEntry[]>;
    count(): Promise<{ readonly accepted: number; readonly rateLimited: number }>;
    /** Sends the app what a person pressed. @param payload as Slack makes it */
    press(id: string, payload: object): Promise<void>;
    presses(): Promise<StubPress[]>;
    replies(): Promise<StubReply[]>;
    reset(): Promise<void>;
  };
  /** An empty database of this name, made anew. @returns its URL */
  database(name: string): Promise<string>;
  /** Started anew, empty, each time. @returns HOST:PORT */
  temporal(): Promise<string>;
  /** Bytes that the engine's store takes. */
  temporalBytes(): number;
  /** What the work can be waiting for. */
  pids(): { readonly database: number; readonly engine: number | null };
  /** Started anew, empty, each time. @returns its port. @throws Error saying why there is none */
  redis(): Promise<number>;
  stop(): Promise<void>;
}

export async function startStage(o: { limits: Limits }): Promise<Stage> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-storm-'));
  const postgres = await startPostgres({ state, port: await freePort(), supervision: SUPERVISION });
  const stub: Spoken<StubLine> = startSpeaking<StubLine>(fileURLToPath(new URL('./slack-stub.ts', import.meta.url)), [
    '--delay-ms',
    String(DELAY_MS),
    '--limits',
    o.limits,
  ]);
  const { url } = await stub.next('ready');
  const root = new URL('/', url).href;
  const linesOf = async <Entry>(path: string) => {
    const text = await (await fetch(`${root}${path}`)).text();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Entry);
  };
  let temporal: Child | null = null;
  let temporalFolder = state;
  let redis: Child | null = null;
  return {
    state,
    slack: {
      url,
      log: () => linesOf<StubEntry>('_log'),
      count: async () => (await fetch(`${root}_count`)).json() as Promise<{ accepted: number; rateLimited: number }>,
      async press(id, payload) {
        const { status } = await fetch(`${root}_press`, { method: 'POST', body: JSON.stringify({ id, payload }) });
        if (status !== 200) throw new Error(`the press ${id} was answered ${status}`);
      },
      presses: () => linesOf<StubPress>('_presses'),
      replies: () => linesOf<StubReply>('_replies'),
      async reset() {
        await fetch(`${root}_reset`, { method: 'POST' });
      },
    },
    database: (name) => emptyDatabase(postgres.databaseUrl, name),
    async temporal() {
      await temporal?.stop();
      const port = await freePort();
      temporalFolder = mkdtempSync(join(state, 'temporal-'));
      temporal = await startTemporal({ state: temporalFolder, port, uiPort: await freePort(), supervision: SUPERVISION });
      return `127.0.0.1:${port}`;
    },
    temporalBytes: () =>
      readdirSync(temporalFolder)
        .filter((file) => file.startsWith('temporal.db'))
        .reduce((sum, file) => sum + statSync(join(temporalFolder, file)).size, 0),
    pids: () => ({ database: postgres.pid(), engine: temporal?.pid() ?? null }),
    async redis() {
      await redis?.stop();
      const port = await freePort();
      redis = await startRedis(mkdtempSync(join(state, 'redis-')), port);
      return port;
    },
    async stop() {
      await stub.stop();
      await redis?.stop();
      await temporal?.stop();
      await postgres.stop();
      removeState(state);
    },
  };
}

/** A stage of its own for one piece of work, ended also when a person interrupts it. */
export async function withStage(o: { limits: Limits }, work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await startStage(o);
  const interrupted = () => void stage.stop().finally(() => process.exit(1));
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    await work(stage);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await stage.stop();
  }
}

async function emptyDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** @throws Error saying that there is none and how to get it */
function findRedis(): string {
  const found = () =>
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((place) => join(place, 'redis-server'))
      .find((path) => existsSync(path));
  const there = found();
  if (there !== undefined) return there;
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-qq', 'redis-server'], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  const installed = found();
  if (installed !== undefined) return installed;
  throw new Error('no redis-server on PATH, and it could not be installed: apt-get install redis-server');
}

async function startRedis(folder: string, port: number): Promise<Child> {
  return startChild({
    name: 'Redis',
    command: findRedis(),
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      // BullMQ's docs, "Going to production": the append-only file, a write a second; nothing is ever evicted.
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
    ],
    logFile: join(folder, 'redis.log'),
    healthy: () => answers(port),
    supervision: SUPERVISION,
  });
}

/** Redis says `+PONG` only once it has read its file. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
