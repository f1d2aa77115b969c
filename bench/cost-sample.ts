/** The whole life of a task in the usual Temporal sample, lived on a real server and counted from its history. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { freePort } from '../ops/ports.ts';
import { removeState } from '../ops/postgres.ts';
import { startTemporal } from '../ops/temporal.ts';
import { installQuietRuntime } from '../worker/worker.ts';
import { costOf, type HistoryCost, isAtRest } from './history-cost.ts';
import { commandSignal, type followTask, type LifeActivities } from './peers/temporal-life.ts';

const TASK_QUEUE = 'bench-life';
/** A life that the six steps of a policy and five commands make up; the assignment is its beginning. */
export const LIFE_REMINDERS = 6;
export const LIFE_COMMANDS = ['acknowledge', 'progress', 'progress', 'report', 'verify'] as const;
/** Long enough that a command's turn is over before the next reminder: they never share a workflow task and save one. */
const WAIT_MS = 2_000;
const POLL_MS = 50;

/** @throws Error when no Temporal server can be started */
export async function costSample(): Promise<HistoryCost> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-cost-'));
  const port = await freePort();
  const server = await startTemporal({ state, port, uiPort: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  const address = `127.0.0.1:${port}`;
  try {
    installQuietRuntime();
    const done: string[] = [];
    const activities: LifeActivities = {
      async carryOut(what) {
        done.push(what);
      },
    };
    const worker = await Worker.create({
      connection: await NativeConnection.connect({ address }),
      taskQueue: TASK_QUEUE,
      workflowsPath: fileURLToPath(new URL('./peers/temporal-life.ts', import.meta.url)),
      activities,
    });
    return await worker.runUntil(async () => {
      const client = new Client({ connection: await Connection.connect({ address }) });
      const handle = await client.workflow.start<typeof followTask>('followTask', {
        taskQueue: TASK_QUEUE,
        workflowId: 'life',
        args: [Array.from({ length: LIFE_REMINDERS }, () => WAIT_MS)],
      });
      await live(handle, done);
      const { events } = await handle.fetchHistory();
      await client.connection.close();
      return costOf(events ?? []);
    });
  } finally {
    await server.stop();
    removeState(state);
  }
}

/** A reminder, a command, a reminder, …: each answered before the next, as days lie between them. */
async function live(handle: WorkflowHandle, done: readonly string[]): Promise<void> {
  const reminded = () => done.filter((what) => what === 'remind').length;
  const until = async (holds: () => boolean) => {
    while (!holds()) await pause(POLL_MS);
  };
  const atRest = async () => {
    while (!isAtRest((await handle.fetchHistory()).events ?? [])) await pause(POLL_MS);
  };
  for (const [index, command] of LIFE_COMMANDS.entries()) {
    // The last comes when all reminders were of no use.
    await until(() => reminded() > (index === LIFE_COMMANDS.length - 1 ? LIFE_REMINDERS - 1 : index));
    await atRest();
    const before = done.length;
    await handle.signal(commandSignal, command);
    await until(() => done.length > before);
    if (index < LIFE_COMMANDS.length - 1) await atRest();
  }
  await handle.result();
}
