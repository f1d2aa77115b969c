/** Wires activities and workflows to task queues. */
import { heartbeat } from '@temporalio/activity';
import { type Client, WorkflowIdConflictPolicy } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createVolumeCheck } from '../activities/breaker.ts';
import { createDeliver, type DeliverDependencies, type Sender } from '../activities/deliver.ts';
import type { Makers } from '../activities/notices/maker.ts';
import { createPlanNotices, type PlanNoticesDependencies } from '../activities/notices/plan.ts';
import { createNotices } from '../activities/notices/send.ts';
import { createOpenPeriod } from '../activities/open-period.ts';
import { createRecord } from '../activities/record.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import { CHANNELS, type Channel } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import type { PlanTask } from '../prisma/planner.ts';
import { COURIER_SIGNAL, courierWorkflowId, deliveryTaskQueue, TASK_QUEUE } from '../workflows/names.ts';
import { workflowBundlePath } from './bundle.ts';

/** The engine tells of each queue it polls; a person who starts dondoc wants its errors only. */
const QUIET = new DefaultLogger('ERROR');
/** Each cached workflow holds its own heap; one that is not cached is replayed from a short history. */
const CACHED_WORKFLOWS_MAX = 40;
let installed = false;

/** The runtime is one a process. */
export function installQuietRuntime(): void {
  // Signals are for whoever started us: workers that drain on their own would be stopped twice and the stop would fail.
  if (!installed)
    Runtime.install({ logger: QUIET, shutdownSignals: [], telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  installed = true;
}

export interface WorkerOptions {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  readonly tls?: true;
  readonly client: Client;
  readonly dataConverter: DataConverter;
  readonly database: Database;
  readonly plan: PlanTask;
  readonly inbox: Inbox;
  readonly calendars: ReadCalendars;
  readonly senders: readonly Sender[];
  readonly loseChannel: DeliverDependencies['loseChannel'];
  readonly policyOf: DeliverDependencies['policyOf'];
  readonly person: DeliverDependencies['person'];
  readonly breaker: BreakerRule;
  /** Of the words of notices. */
  readonly makers: Makers;
  readonly directory: PlanNoticesDependencies['directory'];
  readonly reports: PlanNoticesDependencies['reports'];
  readonly now: () => IsoInstant;
}

export interface RunningWorkers {
  /** Tells the couriers of notifications that something else than `record` has planned. */
  wakeCouriers(planned: readonly { readonly channel: Channel; readonly sendAt: IsoInstant }[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkers(o: WorkerOptions): Promise<RunningWorkers> {
  installQuietRuntime();
  const connection = await NativeConnection.connect({
    address: o.address,
    ...(o.apiKey === undefined ? {} : { apiKey: o.apiKey }),
    ...(o.tls === undefined ? {} : { tls: o.tls }),
  });
  const shared = { connection, namespace: o.namespace, dataConverter: o.dataConverter, shutdownGraceTime: '5s' as const };
  const workflowBundle = { codePath: workflowBundlePath() };
  const wakeCouriers = createCourierWaker(o.client, new Set(o.senders.map(({ channel }) => channel)));
  const record = createRecord({
    database: o.database,
    plan: o.plan,
    wakeCouriers,
  });
  const openPeriod = createOpenPeriod({ database: o.database, calendars: o.calendars, now: o.now, submit: o.inbox.submit });
  const channels = o.senders.map(({ channel }) => channel);
  const shadow = o.senders.some((sender) => sender.shadow);
  const planNotices = createPlanNotices({ ...o, channels, shadow, wakeCouriers });
  const checkVolume = createVolumeCheck({ ...o, rule: o.breaker, channels, wakeCouriers });
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUE,
      workflowBundle,
      activities: { record, openPeriod, planNotices },
      maxConcurrentActivityTaskExecutions: 20,
      maxConcurrentLocalActivityExecutions: 20,
      maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
    }),
    ...o.senders.map((sender) =>
      Worker.create({
        ...shared,
        taskQueue: deliveryTaskQueue(sender.channel),
        activities: {
          deliver: createDeliver({
            ...o,
            sender,
            checkVolume,
            sendNotices: createNotices({ ...o, sender, heartbeat: () => heartbeat() }),
            heartbeat: () => heartbeat(),
          }),
        },
        maxConcurrentActivityTaskExecutions: 1,
      }),
    ),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  for (const { channel } of o.senders) await startCourier(o.client, channel);
  return {
    wakeCouriers,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
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
