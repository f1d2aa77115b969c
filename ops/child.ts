/** A process of the embedded stack: started, watched, started again after a crash, stopped in time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What happens when a child ends that nobody has stopped. */
export interface Supervision {
  readonly onCrash: (report: { name: string; code: number | null; restartMs: number }) => void;
  /** The pause before it is started again; doubles with each crash, up to half a minute. */
  readonly restartMs: number;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly healthy: () => Promise<boolean>;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly stopSignal?: NodeJS.Signals;
  readonly supervision: Supervision;
}

export interface Child {
  pid(): number;
  stop(): Promise<void>;
}

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 6_000;
const RESTART_MS_MAX = 30_000;

/**
 * Starts a child and resolves once it is healthy.
 * @throws Error with the end of its log when it ends or stays unhealthy for a minute
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  let stopping = false;
  let restartMs = options.supervision.restartMs;
  let process = launch();

  function launch(): ChildProcess {
    const log = openSync(options.logFile, 'a');
    // A group of its own: a terminal's Ctrl-C must reach the parent alone, which stops the parts in order.
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: options.env,
      cwd: options.cwd,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    closeSync(log);
    child.once('error', () => {});
    return child;
  }

  function watch(child: ChildProcess): void {
    child.once('exit', async (code) => {
      if (stopping) return;
      options.supervision.onCrash({ name: options.name, code, restartMs });
      await pause(restartMs);
      restartMs = Math.min(RESTART_MS_MAX, restartMs * 2);
      if (stopping) return;
      process = launch();
      watch(process);
    });
  }

  await untilHealthy(options, process);
  watch(process);
  return {
    pid: () => process.pid ?? -1,
    async stop() {
      stopping = true;
      const child = process;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      child.kill(options.stopSignal ?? 'SIGTERM');
      await Promise.race([ended, pause(STOP_MS_MAX, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}

async function untilHealthy(options: ChildOptions, child: ChildProcess): Promise<void> {
  const giveUp = Date.now() + START_MS_MAX;
  for (;;) {
    const healthy = await options.healthy();
    const ended = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    // Healthy and ended: another process answers at its address.
    if (healthy && !ended) return;
    if (ended || Date.now() > giveUp) {
      if (!ended) child.kill('SIGKILL');
      const why = ended ? 'ended at its start' : 'did not become healthy within a minute';
      throw new Error(`${options.name} ${why}: ${explain(readFileSync(options.logFile, 'utf8'))} (more in ${options.logFile})`);
    }
    await pause(25);
  }
}

/** The part of a program's last words that tells a person what to do. */
export function explain(log: string): string {
  if (/No space left on device|ENOSPC/.test(log)) return 'the disk is full; free some space (about 200 MB) and start again';
  if (/address already in use|EADDRINUSE/i.test(log))
    return 'its port is taken by another program; start again, another port is then chosen';
  return log.trim().split('\n').slice(-3).join(' / ').slice(-600);
}

/** Whether an HTTP address answers at all. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}
