/**
 * What looking ahead costs, as a person asks for it: the command itself, with its start, on the tasks of a running stack. The peer
 * is the same command for one task: what it costs whatever it is asked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { System } from '../cli/system.ts';

type Result = (name: string, value: number, unit: string, limit: number, peer?: { name: string; value: number }) => void;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MANY = 100_000;

/** @param state of the running stack that the system works on, with the example tasks imported */
export async function benchSimulate(system: Pick<System, 'database'>, state: string, result: Result): Promise<void> {
  const { database } = system;
  const [one] = await database.task.findMany({ where: OPEN, take: 1, select: { code: true } });
  const alone = await simulate(state, '--task', one?.code ?? '');
  const peer = { name: 'the same for one task', value: alone.seconds };
  const few = await simulate(state, '--all');
  result('policy simulate --all, three months, of 1,287 tasks', few.seconds, 's', 2, peer);

  await multiply(database, MANY / 2);
  const half = await simulate(state, '--all');
  await multiply(database, MANY);
  const many = await simulate(state, '--all');
  const open = await database.task.count({ where: OPEN });
  result(`policy simulate --all, three months, of ${open} open tasks`, many.seconds, 's', 60, peer);
  result('peak memory of that', many.megabytes, 'MB', half.megabytes * 1.15, { name: 'of half as many', value: half.megabytes });
  await database.$executeRaw`DELETE FROM task WHERE code LIKE '%.%'`;
}

/** Each example task so many times that this many are open; they have workflows as far as the sweep knows, so nobody starts them. */
async function multiply(database: System['database'], wanted: number): Promise<void> {
  const [examples, there] = await Promise.all([
    database.task.count({ where: { ...OPEN, NOT: { code: { contains: '.' } } } }),
    database.task.count({ where: OPEN }),
  ]);
  await database.$executeRaw`
    INSERT INTO task SELECT (jsonb_populate_record(t, jsonb_build_object(
      'code', t.code || '.' || n, 'armed_at', t.assigned_at, 'recurs', false, 'scheduled', false,
      'state', jsonb_set(t.state, '{code}', to_jsonb(t.code || '.' || n))))).*
    FROM task t CROSS JOIN generate_series(${Math.round(there / examples)}::int, ${Math.ceil(wanted / examples) - 1}::int) n
    WHERE t.status NOT IN ('completed', 'cancelled') AND t.code NOT LIKE '%.%'`;
  await database.$executeRaw`ANALYZE task`;
}

const OPEN = { status: { notIn: ['completed', 'cancelled'] } };

/** Seconds from start to end, and the most memory that it had. */
async function simulate(state: string, ...flags: string[]): Promise<{ seconds: number; megabytes: number }> {
  const began = performance.now();
  const args = ['--import', 'tsx', 'cli/main.ts', 'policy', 'simulate', ...flags, '--json', '--state', state];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  let megabytes = 0;
  const watching = (async () => {
    while (child.exitCode === null) {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
      } catch {
        // It has just ended.
      }
      await pause(50);
    }
  })();
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`policy simulate ended with ${code}`);
  const seconds = (performance.now() - began) / 1_000;
  await watching;
  return { seconds, megabytes };
}
