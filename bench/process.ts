/** Processes of a benchmark: started, listened to by the line, measured, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Spoken<Line> {
  readonly pid: number;
  /** The first line that is an event of this name. @throws Error when the process ends before */
  next<Name extends Line extends { event: infer N } ? N : never>(event: Name): Promise<Extract<Line, { event: Name }>>;
  /** Peak memory of it and of what it started, in MB. */
  peakMemoryMB(): number;
  /** SIGKILL to it alone, by its number. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const STOP_MS_MAX = 10_000;

/** Starts this Node with a file and listens to the JSON lines on its stdout; its stderr is ours. @param nodeArgs of Node itself */
export function startSpeaking<Line extends { readonly event: string }>(
  file: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Spoken<Line> {
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`${file} did not start`);
  const ended = once(child, 'exit');
  // A bench that fails leaves nothing behind that goes on sending.
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  const lines: Line[] = [];
  const reader = createInterface(stdout);
  let arrived = Promise.withResolvers<void>();
  reader.on('line', (line) => {
    // The engine's SDK writes errors of its own where only results belong (docs/progress.md).
    if (!line.startsWith('{')) return void process.stderr.write(`${line}\n`);
    lines.push(JSON.parse(line) as Line);
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    async next(event) {
      for (;;) {
        const line = lines.find((each) => each.event === event);
        if (line !== undefined) return line as never;
        if (isOver()) throw new Error(`${file} ended with ${child.exitCode ?? child.signalCode} before "${event}"`);
        await Promise.race([arrived.promise, ended]);
      }
    },
    peakMemoryMB: () => peakMemoryMB(pid),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      if (isOver()) return;
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(giveUp);
    },
  };
}

/** The kernel's own high-water marks (proc(5), VmHWM), of a process and its descendants; NaN where there is no `/proc`. */
export function peakMemoryMB(root: number): number {
  return memoryMB(root, 'VmHWM');
}

/** What a process and its descendants hold now; NaN where there is no `/proc`. */
export function residentMemoryMB(root: number): number {
  return memoryMB(root, 'VmRSS');
}

function memoryMB(root: number, field: 'VmHWM' | 'VmRSS'): number {
  const of = (pid: number) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(statusOf(pid))?.[1] ?? 0) / 1_024;
  return familyOf(root)?.reduce((sum, pid) => sum + of(pid), 0) ?? Number.NaN;
}

/** Seconds of a core that a process, its descendants and those of them that have ended have used; NaN where there is no `/proc`. */
export function cpuSeconds(root: number): number {
  // In ticks of a hundredth of a second: user and system time, and those of children waited for (proc(5), fields 14 to 17 of stat).
  const ticks = (pid: number) =>
    (read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []).slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return familyOf(root)?.reduce((sum, pid) => sum + ticks(pid) / 100, 0) ?? Number.NaN;
}

/** A process and its descendants; null where there is no `/proc`. */
function familyOf(root: number): number[] | null {
  const parents = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(statusOf(Number(name)))?.[1] ?? Number.NaN);
      parents.set(Number(name), parent);
    }
  } catch {
    return null;
  }
  const family = new Set([root]);
  for (let grown = 0; grown !== family.size; ) {
    grown = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  return [...family];
}

function statusOf(pid: number): string {
  return read(`/proc/${pid}/status`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}
