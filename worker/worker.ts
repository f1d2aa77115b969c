/** Wires activities and workflows to task queues. */
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Client, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createVolumeCheck } from '../activities/breaker.ts';
import { createDeliver, type DeliverDependencies } from '../activities/deliver.ts';
import type { Makers } from '../activities/notices/maker.ts';
import { createPlanNotices, type PlanNoticesDependencies } from '../activities/notices/plan.ts';
import { createNotices } from '../activities/notices/send.ts';
import { createOpenPeriod } from '../activities/open-period.ts';
import { createRecord } from '../activities/record.ts';
import type { Sender } from '../activities/sender.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import type { Channel, Email } from '../domain/names.ts';
import { addMilliseconds, type IsoInstant } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Attendance } from '../prisma/attendance.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import type { PlanTask } from '../prisma/planner.ts';
import type { RateLimits } from '../prisma/rate-limits.ts';
import type { CourierInput } from '../workflows/courier.ts';
import {
  COURIER_SIGNAL,
  courierWorkflowId,
  deliveryTaskQueue,
  formerCourierWorkflowId,
  PARTITIONS,
  TASK_QUEUE,
} from '../workflows/names.ts';
import { workflowBundlePath } from './bundle.ts';
import { partitionOf } from './partition.ts';

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
  /** With connections of its own, so that a storm leaves those of commands alone. */
  readonly courierDatabase: Database;
  readonly plan: PlanTask;
  readonly inbox: Inbox;
  readonly calendars: ReadCalendars;
  readonly senders: readonly Sender[];
  readonly loseChannel: DeliverDependencies['loseChannel'];
  readonly policyOf: DeliverDependencies['policyOf'];
  readonly person: DeliverDependencies['person'];
  readonly rateLimits: RateLimits;
  readonly attendance: Omit<Attendance, 'stop'>;
  readonly ahead: DeliverDependencies['ahead'];
  readonly onPlanned: DeliverDependencies['onPlanned'];
  readonly onFailure: (part: string) => (error: unknown) => void;
  readonly breaker: BreakerRule;
  /** Of the words of notices. */
  readonly makers: Makers;
  readonly directory: PlanNoticesDependencies['directory'];
  readonly reports: PlanNoticesDependencies['reports'];
  readonly now: () => IsoInstant;
}

export interface RunningWorkers {
  /** Tells a courier that something of its partition is planned for an instant. */
  wakeCourier(channel: Channel, partition: number, at: IsoInstant): Promise<void>;
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
  const channels = o.senders.map(({ channel }) => channel);
  const wakeCourier = createCourierWaker(o.client);
  const plans = createPlanTeller(wakeCourier, o.attendance, new Set(channels));
  const stopping = new AbortController();
  const record = createRecord({
    database: o.database,
    plan: o.plan,
    wakeCouriers: plans.tell,
  });
  const openPeriod = createOpenPeriod({ database: o.database, calendars: o.calendars, now: o.now, submit: o.inbox.submit });
  const checkVolume = createVolumeCheck({ ...o, rule: o.breaker, channels, wakeCouriers: plans.tell });
  const shadow = o.senders.some((sender) => sender.shadow);
  const planNotices = createPlanNotices({ ...o, channels, shadow, wakeCouriers: plans.tell });
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
            database: o.courierDatabase,
            sender,
            checkVolume,
            notices: createNotices({ ...o, database: o.courierDatabase, sender, channels, chance: Math.random, wakeCouriers: plans.tell }),
            heartbeat: () => heartbeat(),
            // Who lingers ends at once when the worker stops, not with the engine's grace.
            cancelled: () => AbortSignal.any([cancellationSignal(), stopping.signal]),
            attend: (partition) => o.attendance.begin(courierWorkflowId(sender.channel, partition)),
            isOneTooMany: (partition) =>
              o.attendance.isOneTooMany(sender.channel, courierWorkflowId(sender.channel, partition), couriersOf(sender.channel)),
            chance: Math.random,
            onFailure: o.onFailure(`courier ${sender.channel}`),
            onPause: (partition) => plans.forget(courierWorkflowId(sender.channel, partition)),
          }),
        },
        // One that is alone carries all; of two each takes one, because neither asks for a second before it has the first, and whoever has two
        // leaves one to a worker that starts later.
        maxConcurrentActivityTaskExecutions: PARTITIONS,
        maxConcurrentActivityTaskPolls: 1,
      }),
    ),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  await o.attendance.carry(channels);
  for (const channel of channels) {
    await endFormerCourier(o.client, channel);
    for (let partition = 0; partition < PARTITIONS; partition += 1) await startCourier(o.client, channel, partition);
  }
  return {
    wakeCourier,
    async stop() {
      // First, so that what ends is not taken up again here.
      for (const worker of workers) worker.shutdown();
      stopping.abort();
      await running;
      await connection.close();
    },
  };
}

function startCourier(client: Client, channel: Channel, partition: number): Promise<unknown> {
  return client.workflow.start('courier', {
    workflowId: courierWorkflowId(channel, partition),
    taskQueue: TASK_QUEUE,
    args: [{ channel, partition, timesOnlyAhead: true } satisfies CourierInput],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  });
}

function couriersOf(channel: Channel): string[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => courierWorkflowId(channel, partition));
}

/** It keeps nothing: the ledger is the queue, and those that share the channel now send from it. */
async function endFormerCourier(client: Client, channel: Channel): Promise<void> {
  await client.workflow
    .getHandle(formerCourierWorkflowId(channel))
    .terminate('couriers share a channel now')
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
}

/** What comes while a signal is under way is joined to the next. */
function createCourierWaker(client: Client) {
  const wanted = new Map<string, IsoInstant>();
  const busy = new Set<string>();
  const flush = async (id: string): Promise<void> => {
    const at = wanted.get(id);
    if (at === undefined || busy.has(id)) return;
    wanted.delete(id);
    busy.add(id);
    try {
      await client.workflow.getHandle(id).signal(COURIER_SIGNAL, at);
    } finally {
      busy.delete(id);
    }
    await flush(id);
  };
  return async (channel: Channel, partition: number, at: IsoInstant): Promise<void> => {
    const id = courierWorkflowId(channel, partition);
    const next = wanted.get(id);
    if (next === undefined || at < next) wanted.set(id, at);
    await flush(id);
  };
}

/**
 * Tells the couriers of what was planned, and of nothing that they know: one that was told of an instant wakes by it and looks at the
 * ledger itself. So a plan made anew costs the engine nothing unless it brings something forward. What another process's courier does
 * not know although this one thinks so, since what was told first has been cancelled meanwhile, is far off, and told by the next sweep.
 */
function createPlanTeller(
  wakeCourier: ReturnType<typeof createCourierWaker>,
  { isThere }: Pick<Attendance, 'isThere'>,
  channels: ReadonlySet<Channel>,
) {
  const told = new Map<string, IsoInstant>();
  return {
    async tell(planned: readonly { channel: Channel; recipient: Email; sendAt: IsoInstant }[], now: IsoInstant): Promise<void> {
      const earliest = new Map<string, { channel: Channel; partition: number; at: IsoInstant }>();
      for (const { channel, recipient, sendAt: at } of planned) {
        const partition = partitionOf(recipient);
        const id = courierWorkflowId(channel, partition);
        if (channels.has(channel) && at < (earliest.get(id)?.at ?? FOR_EVER)) earliest.set(id, { channel, partition, at });
      }
      const soon = addMilliseconds(now, NEAR_MS);
      await Promise.all(
        [...earliest].map(async ([id, { channel, partition, at }]) => {
          const known = told.get(id);
          if (at > soon && known !== undefined && known > now && known <= at) return;
          // It hears of it by the store's NOTIFY.
          if (await isThere(id)) return;
          await wakeCourier(channel, partition, at);
          told.set(id, at);
        }),
      );
    },
    /** A courier has gone to sleep by what the ledger says: what it was told before is over. */
    forget(id: string): void {
      told.delete(id);
    },
  };
}

/** Longer than a sweep takes to come round. */
const NEAR_MS = 30_000;
const FOR_EVER = '9999' as IsoInstant;
