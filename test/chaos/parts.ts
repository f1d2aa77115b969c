/**
 * Everything that a chaos run starts: PostgreSQL, Temporal, the local Slack and a proxy before it, workers and bots as the production
 * roles run them. Each is a process of its own, with its address for good, so that it can be killed and come back.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WebhookAccess } from '../../config/env.ts';
import type { Child } from '../../ops/child.ts';
import { startChild } from '../../ops/child.ts';
import { findLocalSlack, type SlackAccess, type SlackUser, startLocalSlack } from '../../ops/local-slack.ts';
import { freePort } from '../../ops/ports.ts';
import { startPostgres } from '../../ops/postgres.ts';
import { startTemporal } from '../../ops/temporal.ts';
import { applyMigrations } from '../../prisma/migrate.ts';
import type { FaultProxyOptions } from './fault-proxy.ts';
import { PARTS, type Part } from './kills.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECRET = 'the same in every chaos run: it keeps nothing';
/** A process that ends by itself comes back after this, as a supervisor would bring it back. */
const RESTART_MS = 500;
const START_TRIES_MAX = 30;
/** Far more than a run plans: a day's volume has its own tests. */
const BREAKER_MINIMUM = 1_000_000;

export interface PartsOptions {
  readonly seed: string;
  /** How much likelier than usual a call goes wrong. */
  readonly faultTimes: number;
  readonly state: string;
  readonly smtpPort: number;
  readonly webhook: WebhookAccess;
  readonly slackUsers: readonly SlackUser[];
  readonly withoutReconcile: boolean;
}

export interface Parts {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly historySecret: string };
  /** The local Slack itself, past the proxy. */
  readonly slack: SlackAccess;
  readonly faultLog: string;
  /** Parts that have ended without having been killed by us. */
  readonly ended: readonly string[];
  /** `kill -9`, and once it has ended a start after a while; a second kill of a part that is away waits for it. */
  kill(part: Part, awayMs: number): Promise<void>;
  /** Everything up; workers by a clock that runs ahead from now on. */
  putForward(aheadMs: number): Promise<void>;
  /** No call goes wrong any more. */
  quieten(): Promise<void>;
  stop(): Promise<void>;
}

export async function startParts(o: PartsOptions): Promise<Parts> {
  const { state } = o;
  mkdirSync(state, { recursive: true, mode: 0o755 });
  const ended: string[] = [];
  const supervision = { restartMs: RESTART_MS, onCrash: ({ name }: { name: string }) => void ended.push(name) };
  const ports = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  const [databasePort = 0, temporalPort = 0, uiPort = 0, slackPort = 0, proxyPort = 0] = ports;
  const faultLog = join(state, 'faults.jsonl');
  let quiet = false;
  let aheadMs = 0;
  let launches = 0;

  const binary = findLocalSlack();
  if (binary === null) throw new Error(`no local Slack is packaged for ${process.platform}-${process.arch}`);
  const [{ databaseUrl, ...postgres }, temporal, slack] = await Promise.all([
    startPostgres({ state, port: databasePort, supervision }),
    startTemporal({ state, port: temporalPort, uiPort, supervision }),
    startLocalSlack({ binary, state, port: slackPort, users: o.slackUsers, supervision }),
  ]);
  await applyMigrations({ databaseUrl, directory: join(ROOT, 'prisma', 'migrations') });

  const environment = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
    SLACK_BOT_TOKEN: slack.access.botToken,
    SLACK_APP_TOKEN: slack.access.appToken,
    SLACK_API_URL: `http://127.0.0.1:${proxyPort}/api/`,
    // The local one takes whatever comes; refusals are the proxy's to make.
    SLACK_LIMITS: 'none',
    SMTP_URL: `smtp://127.0.0.1:${o.smtpPort}`,
    SMTP_LOG: join(state, 'mail.log'),
    WEBHOOK_URL: o.webhook.url,
    WEBHOOK_SECRET: o.webhook.secret,
    WEBHOOK_PER_SECOND: String(o.webhook.perSecond),
    ...(o.webhook.statusUrl === null ? {} : { WEBHOOK_STATUS_URL: o.webhook.statusUrl }),
    WEBHOOK_REPEATS: o.webhook.dropsRepeats ? 'dropped' : 'taken',
    WEB_URL: 'http://dondoc.example',
    LINK_SECRET: SECRET,
    HISTORY_SECRET: SECRET,
    BREAKER_MINIMUM: String(BREAKER_MINIMUM),
  };

  /** One of our own programs, up once it has said so. */
  async function launch(name: Part, args: readonly string[], o: { says: string; env?: NodeJS.ProcessEnv }): Promise<Child> {
    launches += 1;
    const logFile = join(state, `${name}.${launches}.log`);
    return startChild({
      name,
      command: process.execPath,
      args: ['--import', 'tsx', ...args],
      logFile,
      env: { ...environment, ...o.env },
      cwd: ROOT,
      healthy: async () => readFileSync(logFile, 'utf8').includes(o.says),
      supervision,
    });
  }
  const worker = (name: Part) => () =>
    aheadMs === 0 && !o.withoutReconcile
      ? launch(name, ['cli/main.ts', 'worker'], { says: 'dondoc worker runs' })
      : launch(
          name,
          ['test/chaos/worker-process.ts', '--ahead-ms', String(aheadMs), ...(o.withoutReconcile ? ['--without-reconcile'] : [])],
          { says: 'dondoc worker runs' },
        );
  const bot = (name: Part) => () => launch(name, ['cli/main.ts', 'bot'], { says: 'dondoc bot runs' });
  const proxy = () => {
    const options: FaultProxyOptions = { seed: o.seed, times: o.faultTimes, port: proxyPort, target: slackPort, logFile: faultLog, quiet };
    return launch('proxy', ['test/chaos/fault-proxy.ts'], { says: 'ready', env: { DONDOC_CHAOS_PROXY: JSON.stringify(options) } });
  };
  const starts: Readonly<Record<Part, () => Promise<Child>>> = {
    PostgreSQL: () => startPostgres({ state, port: databasePort, supervision }),
    Temporal: () => startTemporal({ state, port: temporalPort, uiPort, supervision }),
    proxy,
    'worker-1': worker('worker-1'),
    'worker-2': worker('worker-2'),
    'bot-1': bot('bot-1'),
    'bot-2': bot('bot-2'),
  };

  const running = new Map<Part, Child>([
    ['PostgreSQL', postgres],
    ['Temporal', temporal],
  ]);
  const turns = new Map<Part, Promise<void>>();

  /** What is done to one part is done one after the other. */
  function inTurn(part: Part, act: () => Promise<void>): Promise<void> {
    const turn = (turns.get(part) ?? Promise.resolve()).then(act);
    turns.set(part, turn);
    return turn;
  }

  /** As a supervisor does: a start that fails because another part is away is tried again. */
  async function start(part: Part): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        running.set(part, await starts[part]());
        return;
      } catch (error) {
        if (tries >= START_TRIES_MAX) throw error;
        await pause(RESTART_MS);
      }
    }
  }

  async function end(part: Part): Promise<void> {
    const child = running.get(part);
    if (child === undefined) return;
    running.delete(part);
    if (child.pid() > 1) {
      try {
        process.kill(child.pid(), 'SIGKILL');
      } catch (error) {
        // It has ended by itself, and is about to be started again.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    // Before its end is noticed: what is stopped is not started again.
    await child.stop();
  }

  const anew = (part: Part) =>
    inTurn(part, async () => {
      await end(part);
      await start(part);
    });

  const stop = async () => {
    await Promise.allSettled(turns.values());
    for (const part of PARTS.filter((each) => each !== 'PostgreSQL' && each !== 'Temporal')) await end(part);
    await slack.stop();
    for (const part of ['Temporal', 'PostgreSQL'] as const) await running.get(part)?.stop();
  };

  try {
    await start('proxy');
    await Promise.all((['worker-1', 'worker-2', 'bot-1', 'bot-2'] as const).map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    databaseUrl,
    temporal: { address: `127.0.0.1:${temporalPort}`, historySecret: SECRET },
    slack: slack.access,
    faultLog,
    ended,
    kill: (part, awayMs) =>
      inTurn(part, async () => {
        await end(part);
        await pause(awayMs);
        await start(part);
      }),
    async putForward(ahead) {
      aheadMs = ahead;
      await Promise.all([...turns.values(), ...(ahead === 0 ? [] : [anew('worker-1'), anew('worker-2')])]);
    },
    async quieten() {
      quiet = true;
      await anew('proxy');
    },
    stop,
  };
}
