/** BullMQ (https://docs.bullmq.io): jobs in Redis. */
import { type Job, Queue, Worker } from 'bullmq';
import type { PeerConfig } from '../peer-config.ts';
import type { Reminder } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { createSend, RateLimited } from './send.ts';

const QUEUE = 'reminders';
/** Docs, "Parallelism and Concurrency": for jobs that wait for others "something between 100 and 300". */
const CONCURRENCY = 100;
const INSERT_BATCH = 1_000;

// Docs, "Going to production": null for workers, which the worker sets itself.
const connectionOf = ({ redisPort }: PeerConfig) => ({ host: '127.0.0.1', port: redisPort });
const queueOf = (config: PeerConfig) => new Queue<Reminder>(QUEUE, { connection: connectionOf(config) });

await runPeer({
  async arm(config) {
    const queue = queueOf(config);
    await queue.waitUntilReady();
    return {
      async enqueue(reminders, dueAt) {
        // Docs, "Adding jobs in bulk".
        for (let from = 0; from < reminders.length; from += INSERT_BATCH) {
          const delay = Math.max(0, dueAt.getTime() - Date.now());
          await queue.addBulk(
            reminders.slice(from, from + INSERT_BATCH).map((data) => ({
              name: 'remind',
              data,
              opts: {
                delay,
                // Docs, "Job ids": a second adding of the same is ignored.
                jobId: data.key,
                // Docs, "Retrying failing jobs".
                attempts: 5,
                backoff: { type: 'exponential', delay: 1_000 },
                // Docs, "Going to production": keep few of the finished.
                removeOnComplete: true,
              },
            })),
          );
        }
      },
      close: () => queue.close(),
    };
  },

  async work(config) {
    const send = createSend(config.slackUrl);
    const worker: Worker<Reminder> = new Worker<Reminder>(
      QUEUE,
      async ({ data }: Job<Reminder>) => {
        try {
          await send(data);
        } catch (error) {
          if (!(error instanceof RateLimited)) throw error;
          // Docs, "Rate limiting", on answers 429: the whole queue waits, and the job goes back without having failed.
          await worker.rateLimit(error.retryAfterSeconds * 1_000);
          throw Worker.RateLimitError();
        }
      },
      {
        connection: connectionOf(config),
        concurrency: CONCURRENCY,
        // Docs, "Rate limiting": what the receiver is known to take; posting is 300 a minute here.
        ...(config.limited ? { limiter: { max: 300, duration: 60_000 } } : {}),
      },
    );
    worker.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
    await worker.waitUntilReady();
    return { close: () => worker.close() };
  },

  async held(config) {
    const jobs = await queueOf(config).getJobs(['active', 'waiting', 'delayed', 'prioritized', 'failed']);
    return jobs.map(({ data }) => data.key);
  },
});
