/** Whether a process written down earlier still runs, and when this one is to end. */
import { existsSync, readFileSync } from 'node:fs';

/** The kernel's start time of a process (clock ticks since boot); null where the system has no `/proc` or no such process. */
export function bornAt(pid: number): string | null {
  return statusOf(pid)?.bornAt ?? null;
}

/**
 * Dead are also: a process that ended and was not yet reaped by its parent, and one whose number now belongs to another.
 * @param born its `bornAt` when it was written down; null accepts any
 */
export function isAlive(pid: number, born: string | null = null): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = statusOf(pid);
  if (status === null) return true;
  return status.state !== 'Z' && (born === null || status.bornAt === born);
}

/** proc(5): after the command in brackets come the state (field 3) and the start time (field 22). */
function statusOf(pid: number): { state: string; bornAt: string } | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { state: fields[0] ?? '', bornAt: fields[19] ?? '' };
}

/**
 * Until this process is told to end. A further signal ends nothing the sooner: Ctrl-C reaches a process from the terminal and from whoever
 * started it, and one that ended amid its stop would leave its parts running.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}
