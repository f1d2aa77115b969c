/** Temporal as its samples use it: a workflow for each reminder, which sleeps and then runs an activity. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Reminder } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { CONNECTIONS, createSend, RateLimited } from './send.ts';
import type { ReminderActivities, remind } from './temporal-workflows.ts';

const TASK_QUEUE = 'bench-reminders';
/** Of a history whose timer is set: started, workflow task scheduled, started, completed, timer started. */
const EVENTS_WHEN_ASLEEP = 5;
/** Docs, "Worker tuning": slots for what waits for others cost little. */
const ACTIVITIES = 200;
const WORKFLOW_TASKS = 200;
/** Asked without a pause the server would do little else. */
const POLL_MS = 100;

async function clientOf(address: string): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address }) });
}

/** As many at a time as there are connections to the receiver: the server is not asked for everything at once. */
async function all<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const item of waiting) await act(item);
    }),
  );
}

await runPeer({
  async arm({ temporalAddress }) {
    const client = await clientOf(temporalAddress);
    return {
      async enqueue(reminders, dueAt) {
        await all(reminders, async (reminder) => {
          await client.workflow.start<typeof remind>('remind', {
            taskQueue: TASK_QUEUE,
            workflowId: reminder.key,
            args: [reminder, dueAt.getTime()],
          });
        });
        // Armed is who sleeps, not who was only started.
        await all(reminders, async ({ key }) => {
          const handle = client.workflow.getHandle(key);
          while (Number((await handle.describe()).historyLength) < EVENTS_WHEN_ASLEEP) await pause(POLL_MS);
        });
      },
      close: async () => client.connection.close(),
    };
  },

  async work({ temporalAddress, slackUrl, reminders }) {
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
    const send = createSend(slackUrl);
    const activities: ReminderActivities = {
      async post(reminder: Reminder) {
        try {
          await send(reminder);
        } catch (error) {
          if (!(error instanceof RateLimited)) throw error;
          // Docs, "Failure detection": an activity may say when it is to be tried again.
          throw ApplicationFailure.create({ message: error.message, nextRetryDelay: `${error.retryAfterSeconds} s` });
        }
      },
    };
    const worker = await Worker.create({
      connection: await NativeConnection.connect({ address: temporalAddress }),
      taskQueue: TASK_QUEUE,
      workflowsPath: fileURLToPath(new URL('./temporal-workflows.ts', import.meta.url)),
      activities,
      maxConcurrentActivityTaskExecutions: ACTIVITIES,
      maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
      // All stay in memory: none has to be replayed when it wakes.
      maxCachedWorkflows: reminders + WORKFLOW_TASKS,
      // Docs, "Worker performance": the recommended way.
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
    });
    const running = worker.run();
    return {
      async close() {
        worker.shutdown();
        await running;
      },
    };
  },

  async held({ temporalAddress }) {
    const keys: string[] = [];
    const client = await clientOf(temporalAddress);
    for await (const { workflowId } of client.workflow.list({ query: `TaskQueue = '${TASK_QUEUE}' AND ExecutionStatus = 'Running'` })) {
      keys.push(workflowId);
    }
    return keys;
  },
});
