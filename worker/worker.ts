/** Wires activities and workflows to task queues. */
import { fileURLToPath } from 'node:url';
import { heartbeat } from '@temporalio/activity';
import { type Client, WorkflowIdConflictPolicy } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createDeliver, type Sender } from '../activities/deliver.ts';
import type { createDirectory } from '../activities/directory.ts';
import { createRecord } from '../activities/record.ts';
import type { Calendar } from '../domain/calendar.ts';
import { CHANNELS, type Channel } from '../domain/names.ts';
import { policy as policySchema } from '../domain/policy.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { COURIER_SIGNAL, courierWorkflowId, deliveryTaskQueue, TASK_QUEUE } from '../workflows/names.ts';

/** The engine tells of each queue it polls; a person who starts dondoc wants its errors only. */
const QUIET = new DefaultLogger('ERROR');
let installed = false;

/** The runtime is one a process. */
export function installQuietRuntime(): void {
  // Signals are for whoever started us: workers that drain on their own would be stopped twice and the stop would fail.
  if (!installed) Runtime.install({ logger: QUIET, shutdownSignals: [] });
  installed = true;
}

export interface WorkerOptions {
  readonly address: string;
  readonly namespace?: string;
  readonly client: Client;
  readonly database: Database;
  readonly directory: ReturnType<typeof createDirectory>;
  readonly calendar: Calendar;
  readonly senders: readonly Sender[];
  readonly now: () => IsoInstant;
}

export interface RunningWorkers {
  stop(): Promise<void>;
}

export async function startWorkers(o: WorkerOptions): Promise<RunningWorkers> {
  installQuietRuntime();
  const connection = await NativeConnection.connect({ address: o.address });
  const shared = { connection, namespace: o.namespace ?? 'default', shutdownGraceTime: '5s' as const };
  const workflowBundle = await bundleWorkflows();
  const record = createRecord({
    database: o.database,
    calendar: o.calendar,
    directory: () => o.directory.get(),
    policy: createPolicyStore(o.database),
    wakeCouriers: createCourierWaker(o.client, new Set(o.senders.map(({ channel }) => channel))),
  });
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: TASK_QUEUE, workflowBundle, activities: { record }, maxConcurrentActivityTaskExecutions: 20 }),
    ...o.senders.map((sender) =>
      Worker.create({
        ...shared,
        taskQueue: deliveryTaskQueue(sender.channel),
        activities: { deliver: createDeliver({ database: o.database, sender, now: o.now, heartbeat: () => heartbeat() }) },
        maxConcurrentActivityTaskExecutions: 1,
      }),
    ),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  for (const { channel } of o.senders) await startCourier(o.client, channel);
  return {
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** The workflows' code as every worker runs it. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)), logger: QUIET });
}

/** Policies are immutable: read once, kept for good. */
function createPolicyStore(database: Database) {
  const known = new Map<string, ReturnType<typeof policySchema.parse>>();
  return async (name: string, version: number) => {
    const id = `${name}@${version}`;
    const kept = known.get(id);
    if (kept !== undefined) return kept;
    const row = await database.policy.findUniqueOrThrow({ where: { name_version: { name, version } } });
    const parsed = policySchema.parse(row.document);
    known.set(id, parsed);
    return parsed;
  };
}

function startCourier(client: Client, channel: Channel): Promise<unknown> {
  return client.workflow.start('courier', {
    workflowId: courierWorkflowId(channel),
    taskQueue: TASK_QUEUE,
    args: [{ channel }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  });
}

/** One signal for a burst of plans: what comes while one is under way is joined to the next. */
function createCourierWaker(client: Client, channels: ReadonlySet<Channel>) {
  const earliest = new Map<Channel, IsoInstant>();
  const busy = new Set<Channel>();
  const flush = async (channel: Channel): Promise<void> => {
    const at = earliest.get(channel);
    if (at === undefined || busy.has(channel)) return;
    earliest.delete(channel);
    busy.add(channel);
    try {
      await client.workflow.getHandle(courierWorkflowId(channel)).signal(COURIER_SIGNAL, at);
    } finally {
      busy.delete(channel);
    }
    await flush(channel);
  };
  return async (planned: readonly { channel: Channel; sendAt: IsoInstant }[]) => {
    for (const { channel, sendAt } of planned) {
      const known = earliest.get(channel);
      if (channels.has(channel) && (known === undefined || sendAt < known)) earliest.set(channel, sendAt);
    }
    await Promise.all(CHANNELS.map(flush));
  };
}
