/** Graphile Worker (https://worker.graphile.org): jobs in PostgreSQL, told of by LISTEN/NOTIFY, polled for those of later. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import type { Reminder } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { CONNECTIONS, createSend } from './send.ts';

const TASK = 'remind';
const INSERT_BATCH = 1_000;
const QUIET = new Logger(() => () => {});

const presetOf = (connectionString: string) =>
  ({
    worker: {
      connectionString,
      // Docs, "performance": "set this to whatever suits"; as many as there are connections to the receiver.
      concurrentJobs: CONNECTIONS,
      // Docs, "performance": "one more than concurrency".
      localQueue: { size: CONNECTIONS + 1 },
      // Docs, "performance": starting points for a queue with high throughput.
      completeJobBatchDelay: 25,
      failJobBatchDelay: 25,
      // Docs, "performance": one more than the jobs at once; with both kinds of batching far fewer are ever open.
      maxPoolSize: CONNECTIONS + 1,
      // Jobs of later are found by polling, every 2 s by default: all would be late by that.
      pollInterval: 100,
      logger: QUIET,
    },
  }) satisfies GraphileConfig.Preset;

await runPeer({
  async arm({ databaseUrl }) {
    const tools = await makeWorkerUtils({ connectionString: databaseUrl, logger: QUIET });
    await tools.migrate();
    return {
      async enqueue(reminders, runAt) {
        // Docs, "addJobs": many jobs in one call.
        for (let from = 0; from < reminders.length; from += INSERT_BATCH) {
          await tools.addJobs(reminders.slice(from, from + INSERT_BATCH).map((payload) => ({ identifier: TASK, payload, runAt })));
        }
      },
      close: async () => tools.release(),
    };
  },

  async work({ databaseUrl, slackUrl }) {
    const send = createSend(slackUrl);
    const runner = await run({ preset: presetOf(databaseUrl), taskList: { [TASK]: (payload) => send(payload as Reminder) } });
    return { close: () => runner.stop() };
  },

  async held({ databaseUrl }) {
    const pool = new pg.Pool({ connectionString: databaseUrl });
    const { rows } = await pool.query<{ key: string }>("SELECT payload->>'key' AS key FROM graphile_worker._private_jobs");
    return rows.map(({ key }) => key);
  },
});
