/** pg-boss (https://pgboss.io): jobs in PostgreSQL, polled. */
import pg from 'pg';
import { type Job, PgBoss } from 'pg-boss';
import type { PeerConfig } from '../peer-config.ts';
import type { Reminder } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { createSend } from './send.ts';

const QUEUE = 'reminders';
const INSERT_BATCH = 1_000;

const bossOf = ({ databaseUrl, heartbeats }: PeerConfig) =>
  new PgBoss({
    connectionString: databaseUrl,
    // Docs, "constructor": expired jobs and missed heartbeats are looked for this often, by default each minute.
    ...(heartbeats ? { monitorIntervalSeconds: 5, superviseIntervalSeconds: 5 } : {}),
  });

await runPeer({
  async arm(config) {
    const boss = bossOf(config);
    await boss.start();
    await boss.createQueue(QUEUE, {
      // Docs, "queues": retry with backoff what may pass. Two tries more, the default, would not outlast a receiver's minute of refusals.
      retryLimit: 50,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      // Docs, "heartbeats": off by default, 10 s is the least that may be asked for.
      ...(config.heartbeats ? { heartbeatSeconds: 10 } : {}),
    });
    return {
      async enqueue(reminders, dueAt) {
        // Docs, "insert": many jobs in one statement.
        for (let from = 0; from < reminders.length; from += INSERT_BATCH) {
          await boss.insert(
            QUEUE,
            reminders.slice(from, from + INSERT_BATCH).map((data) => ({ data, startAfter: dueAt })),
          );
        }
      },
      close: () => boss.stop(),
    };
  },

  async work(config) {
    const send = createSend(config.slackUrl);
    const boss = bossOf(config);
    boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
    await boss.start();
    await boss.work(
      QUEUE,
      {
        // Docs, "work": a batch a fetch, several workers a process: while one settles its batch the other sends.
        localConcurrency: 2,
        batchSize: 100,
        // The shortest that is allowed; the default is 2 s.
        pollingIntervalSeconds: 0.5,
        // Docs, "work": goes on without a pause while batches come back full.
        burstWhenBatchFull: true,
        // Docs, "work": without it one refused message would send its whole batch again.
        perJobResults: true,
      },
      (jobs: Job<Reminder>[]) =>
        Promise.all(
          jobs.map(async ({ id, data }) => {
            try {
              await send(data);
              return { id, status: 'completed' as const };
            } catch (error) {
              return { id, status: 'failed' as const, output: { message: String(error) } };
            }
          }),
        ),
    );
    return { close: () => boss.stop() };
  },

  async held(config) {
    const pool = new pg.Pool({ connectionString: config.databaseUrl });
    const { rows } = await pool.query<{ key: string }>(
      `SELECT data->>'key' AS key FROM pgboss.job WHERE name = '${QUEUE}' AND state < 'completed'`,
    );
    return rows.map(({ key }) => key);
  },
});
