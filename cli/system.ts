/** Every part of dondoc in one process, on given addresses: what `up` runs, and what end-to-end tests start. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createBacklogWatch } from '../activities/backlog.ts';
import { AHEAD } from '../activities/deliver.ts';
import { createEmailSender } from '../activities/deliver-email.ts';
import { createSlackSender, SLACK_LIMITS, type SlackLimits } from '../activities/deliver-slack.ts';
import { createWebhookSender } from '../activities/deliver-webhook.ts';
import { createDirectory } from '../activities/directory.ts';
import { nextDue } from '../activities/next-due.ts';
import { createMakers } from '../activities/notices/makers.ts';
import { createNudgeLetters } from '../activities/nudge-letter.ts';
import { TASK_CHANGED } from '../activities/record.ts';
import type { Sender } from '../activities/sender.ts';
import { startBot } from '../bot/app.ts';
import { botQueries } from '../bot/queries.ts';
import { backlogText } from '../config/backlog-text.ts';
import type { Shadow, WebhookAccess } from '../config/env.ts';
import { loadRiskWeights } from '../config/risk.ts';
import type { BacklogRule } from '../domain/backlog.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import { type Calendar, endOfOfficeHours, oneCalendar } from '../domain/calendar.ts';
import { CHANNELS, type Channel } from '../domain/names.ts';
import type { ReportRules } from '../domain/rhythm.ts';
import { addMilliseconds, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { carryOutAgencyChanges } from '../inbox/agency-tasks.ts';
import { armTasks } from '../inbox/arm.ts';
import { loseChannel } from '../inbox/gone.ts';
import { createInbox } from '../inbox/inbox.ts';
import { nameAnother } from '../inbox/name-another.ts';
import { DIRECTORY_CHANGED, replanMarked } from '../inbox/replan.ts';
import { createNoticesSchedule, keepSchedules } from '../inbox/schedules.ts';
import { serveChannels } from '../inbox/served.ts';
import { divertMails } from '../mail/divert.ts';
import { createMailTransport, mailPace, type SmtpAccess } from '../mail/transport.ts';
import type { StackInfo } from '../ops/stack.ts';
import { createAttendance } from '../prisma/attendance.ts';
import { createCalendars } from '../prisma/calendars.ts';
import { openDatabase } from '../prisma/database.ts';
import { createBacklogReader } from '../prisma/delivery.ts';
import { listen, NOTIFICATION_PLANNED } from '../prisma/listen.ts';
import { createPlanner } from '../prisma/planner.ts';
import { createPolicyOf } from '../prisma/policies.ts';
import { createRateLimits } from '../prisma/rate-limits.ts';
import { createRiskReader } from '../prisma/risk.ts';
import { startWeb } from '../web/app.tsx';
import { createPayloadCodec } from '../worker/payload-codec.ts';
import { startWorkers } from '../worker/worker.ts';
import { courierWorkflowId, PARTITIONS } from '../workflows/names.ts';
import { channelsOf } from './channels.ts';
import { ROLES, type Role } from './roles.ts';

/** How often what a lost NOTIFY or an outage left over is looked for. */
const SWEEP_MS = 5_000;
/** So long after its moment what waits is told to a courier whatever it is taken for. */
const HUNG_MS = 10_000;
/** How often the worker looks whether a channel is late; often enough that its threshold counts. */
const BACKLOG_MS = 10_000;
/** As many statements as the couriers of two channels have open at once, most of the time. */
const COURIER_CONNECTIONS_MAX = 8;
/** How long a stop waits for the one under way. */
const SWEEP_END_MS = 3_000;

/** Where the parts are that this process talks to. */
export interface Connections {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly apiKey?: string; readonly historySecret: string };
  /** Null where there is no Slack: mail and web go on. */
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string;
    readonly apiUrl?: string;
    /** Null where it takes whatever comes: a local one. */
    readonly limits: SlackLimits | null;
  } | null;
  readonly smtp: SmtpAccess;
  readonly mailDomain: string;
  /** A gateway of one's own; null where there is none. */
  readonly webhook: WebhookAccess | null;
  /** Where people reach the web; null: where it listens. */
  readonly webUrl: string | null;
  readonly linkSecret: string;
  /** Shadow mode: where every message goes instead of to whom it names. */
  readonly shadow: Shadow | null;
  /** When a day's volume waits for a word. */
  readonly breaker: BreakerRule;
  /** When a message is late, and when that is to be told. */
  readonly backlog: BacklogRule;
  readonly courierLingerMinutes: number;
  /** When the committee's report is sent by itself. */
  readonly reports: ReportRules;
}

/** The connections of an embedded stack. */
export function connectionsOf({
  databaseUrl,
  temporal,
  slack: access,
  mail,
  webhook,
  linkSecret,
  webUrl,
  shadow,
  breaker,
  backlog,
  courierLingerMinutes,
  reports,
}: StackInfo): Connections {
  // Without a control there is no local one.
  const slack = access === null ? null : { ...access, limits: access.control === null ? SLACK_LIMITS : null };
  return {
    databaseUrl,
    temporal,
    slack,
    smtp: mail.smtp,
    mailDomain: mail.domain,
    webhook,
    webUrl,
    linkSecret,
    shadow,
    breaker,
    backlog,
    courierLingerMinutes,
    reports,
  };
}

export interface SystemOptions {
  /** Which parts this process runs; absent: all. */
  readonly roles?: readonly Role[];
  /** The clock of everything outside the workflows; tests move it together with the engine's. */
  readonly now?: () => IsoInstant;
  /** Of everybody, instead of those in force. */
  readonly calendar?: Calendar;
  /** Something between the couriers and a channel: a test takes a promise of the channel away. */
  readonly throughSender?: (sender: Sender) => Sender;
}

/**
 * Starts the roles asked for; everything they share is made once. @param webPort where the web listens on loopback
 * @throws Error where shadow mode would divert the mails and not the messages of another channel
 */
export async function startSystem(connections: Connections, webPort: number, options: SystemOptions = {}) {
  const { roles = ROLES } = options;
  const { shadow } = connections;
  if (shadow !== null && shadow.channel === null && connections.slack !== null) {
    throw new Error('SHADOW_CHANNEL: messages would go to real people: SHADOW_MAILBOX wants SHADOW_CHANNEL beside it where Slack is on');
  }
  if (shadow !== null && shadow.webhook === null && connections.webhook !== null) {
    throw new Error(
      'SHADOW_WEBHOOK: messages would go to real people: SHADOW_MAILBOX wants SHADOW_WEBHOOK beside it where the webhook is on',
    );
  }
  const now = options.now ?? ((): IsoInstant => instantFromEpochMs(Date.now()));
  const { address, namespace, apiKey, historySecret } = connections.temporal;
  const dataConverter = { payloadCodecs: [createPayloadCodec(historySecret)] };
  const database = openDatabase(connections.databaseUrl);
  // A storm has its own: a press does not wait for a connection behind it.
  const courierDatabase = roles.includes('worker') ? openDatabase(connections.databaseUrl, COURIER_CONNECTIONS_MAX) : database;
  const secured = apiKey === undefined ? {} : { apiKey, tls: true as const };
  const connection = await Connection.connect({ address, ...secured });
  const client = new Client({ connection, namespace, dataConverter });
  const directory = createDirectory(database);
  const { calendar } = options;
  const calendars = calendar === undefined ? createCalendars({ database, now }) : async () => oneCalendar(calendar);
  const inbox = createInbox({ database, temporal: client, now, calendars });
  const weights = loadRiskWeights();
  const plan = createPlanner({ database, calendars, weights, directory: (mark) => directory.get(mark) });
  const risks = createRiskReader({ database, calendars, weights });
  const rateLimits = createRateLimits(courierDatabase);
  const onFailure = (part: string) => (error: unknown) =>
    void process.stderr.write(`${part}: ${error instanceof Error ? error.message : String(error)}\n`);
  const policyOf = createPolicyOf(database);
  const people = async () => (await directory.get()).people;
  const { linkSecret } = connections;
  const isShadow = shadow !== null;
  // The link of a diverted message is in the wrong hands: signed so that it opens nothing.
  const sentLinkSecret = isShadow ? randomBytes(32).toString('hex') : linkSecret;
  const sending = channelsOf(connections);
  const { channels } = sending;
  const backlogs = createBacklogReader({ database, rule: connections.backlog, ...sending, shadow: isShadow });

  const web = roles.includes('web')
    ? await startWeb(
        { database, inbox, people, now, calendars, risks, backlogs, linkSecret, shadow: isShadow, onError: onFailure('web') },
        webPort,
      )
    : null;
  const webUrl = connections.webUrl ?? web?.url ?? `http://127.0.0.1:${webPort}`;
  const slack =
    connections.slack === null
      ? null
      : createSlackSender({
          database: courierDatabase,
          directory: () => directory.get(),
          risks,
          now,
          access: connections.slack,
          limits: connections.slack.limits,
          rateLimits,
          webUrl: () => webUrl,
          shadowChannel: shadow?.channel ?? null,
        });
  const smtp = createMailTransport(connections.smtp);
  const transport =
    shadow === null ? smtp : divertMails(smtp, shadow.mailbox, async (address) => (await directory.get()).people.get(address));
  const webhook =
    connections.webhook === null
      ? null
      : createWebhookSender({
          database: courierDatabase,
          directory: () => directory.get(),
          now,
          access: connections.webhook,
          webUrl: () => webUrl,
          linkSecret: sentLinkSecret,
          shadowAddress: shadow?.webhook ?? null,
        });
  // One for each channel that there is; null where it is not set up.
  const made: Readonly<Record<Channel, Sender | null>> = {
    slack: slack?.sender ?? null,
    email: createEmailSender({
      database: courierDatabase,
      transport,
      directory: () => directory.get(),
      risks,
      letters: createNudgeLetters({ database, calendars, directory: () => directory.get(), now }),
      now,
      webUrl: () => webUrl,
      linkSecret: sentLinkSecret,
      domain: connections.mailDomain,
      pace: mailPace(connections.smtp.limits, PARTITIONS),
      shadow: isShadow,
    }),
    webhook: webhook?.sender ?? null,
  };
  const senders = CHANNELS.flatMap((channel) => made[channel] ?? []).map(options.throughSender ?? ((sender) => sender));
  if (roles.includes('worker')) {
    await serveChannels(database, channels, now());
    directory.forget();
  }
  const planned = createHearing();
  const attendance = createAttendance(connections.databaseUrl, database);
  const workers = roles.includes('worker')
    ? await startWorkers({
        address,
        namespace,
        ...secured,
        client,
        dataConverter,
        database,
        courierDatabase,
        plan,
        inbox,
        calendars,
        senders,
        loseChannel: (recipient, channel) => loseChannel(database, { person: recipient, channel, at: now() }),
        policyOf,
        person: async (address) => (await people()).get(address),
        rateLimits,
        // A clock that is moved by hand stands still while a courier would wait.
        ahead:
          options.now === undefined
            ? { ...AHEAD, lingerMs: connections.courierLingerMinutes * 60_000 }
            : { prepareMs: 0, stayMs: 0, lingerMs: 0 },
        attendance,
        onPlanned: planned.hear,
        onFailure,
        breaker: connections.breaker,
        makers: createMakers({
          database,
          calendars,
          directory: () => directory.get(),
          policyOf,
          channels,
          backlogs,
          webUrl: () => webUrl,
        }),
        directory: () => directory.get(),
        reports: connections.reports,
        now,
      })
    : null;
  const bot =
    connections.slack === null || !roles.includes('bot')
      ? null
      : await startBot({
          inbox,
          nameAnother: (naming) => nameAnother({ database, inbox }, naming),
          now,
          deadlines: async () => {
            const { main } = await calendars();
            return (deadline) => endOfOfficeHours(main, deadline);
          },
          access: connections.slack,
          countPost: async () => slack?.countPost(),
          personBySlackId: async (slackId) => [...(await directory.get()).people.values()].find((each) => each.slackId === slackId),
          directory: () => directory.get(),
          ...botQueries(database, () => webUrl),
          onFailure: onFailure('bot'),
        });

  const refresh = (code?: string) => void slack?.refreshCards(code).catch(() => {});
  const listeners =
    workers === null
      ? []
      : [listen(connections.databaseUrl, TASK_CHANGED, refresh), listen(connections.databaseUrl, NOTIFICATION_PLANNED, planned.tell)];
  // A process that keeps the directory in memory must not plan with what was true a minute ago.
  const directoryListener = listen(connections.databaseUrl, DIRECTORY_CHANGED, () => directory.forget());
  const earliestTold = new Map<string, string>();
  /** An import plans without a workflow, and a signal can be lost: couriers hear of the ledger's next instant whenever it changes. */
  async function tellCouriers(): Promise<void> {
    // A hold that was let go brings back an instant of which the couriers have heard before.
    const { _max: holds } = await database.hold.aggregate({ _max: { madeAt: true, releasedAt: true } });
    for (const { channel, shadow: isDiverted } of senders) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const at = await nextDue(database, { channel, shadow: isDiverted, partition }, now());
        const news = JSON.stringify([at, holds]);
        if (at === null || earliestTold.get(`${channel}/${partition}`) === news) continue;
        // One that is at work looks by itself, unless its process hangs.
        if (at > addMilliseconds(now(), -HUNG_MS) && (await attendance.isThere(courierWorkflowId(channel, partition)))) continue;
        await workers?.wakeCourier(channel, partition, at);
        earliestTold.set(`${channel}/${partition}`, news);
      }
    }
  }
  const keepNoticesSchedule = createNoticesSchedule(client);
  let sweeping: Promise<void> | undefined;
  /** What an outage, a lost NOTIFY or a cut import left over; one at a time. A failure is met again by the next sweep. */
  function sweep(): Promise<void> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  }
  async function sweepOnce(): Promise<void> {
    try {
      await tellCouriers();
      await armTasks({ database, temporal: client, plan, now });
      await inbox.relay();
      await carryOutAgencyChanges({ database, inbox, now });
      await replanMarked(database, client, () => directory.forget());
      await slack?.refreshCards();
      await keepSchedules({ database, temporal: client });
      await keepNoticesSchedule();
    } catch {}
  }
  const timer = workers === null ? undefined : setInterval(() => void sweep(), SWEEP_MS);
  const watchBacklogs = createBacklogWatch({
    database,
    backlogs,
    rule: connections.backlog,
    directory: () => directory.get(),
    channels,
    now,
    onBacklog: (backlog) => onFailure('backlog')(new Error(backlogText('en', backlog, now()))),
  });
  let watching: Promise<void> | undefined;
  /** Beside the sweep: what is late may be late because the sweep waits. A store that is away is met by the next look. */
  function watch(): void {
    watching ??= watchBacklogs()
      .catch(() => {})
      .finally(() => {
        watching = undefined;
      });
  }
  const backlogTimer = workers === null ? undefined : setInterval(watch, BACKLOG_MS);
  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    clearInterval(timer);
    clearInterval(backlogTimer);
    await bot?.stop();
    await web?.stop();
    await workers?.stop();
    transport.close();
    await webhook?.close();
    for (const listener of listeners) await listener.stop();
    await directoryListener.stop();
    await attendance.stop();
    // A call of the engine's client that is tried again after its connection was closed ends the process with an error.
    await Promise.race([Promise.all([sweeping, watching]), pause(SWEEP_END_MS, undefined, { ref: false })]);
    await connection.close();
    if (courierDatabase !== database) await courierDatabase.$disconnect();
    await database.$disconnect();
  }

  return {
    database,
    client,
    inbox,
    directory,
    calendars,
    plan,
    risks,
    now,
    webUrl,
    /** Where the web of this process listens. */
    listensAt: web?.url ?? '',
    sweep,
    /** Twice: the second waits for the first. */
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
export type System = Awaited<ReturnType<typeof startSystem>>;

/** Who waits for something to be planned on a channel is called back. */
function createHearing() {
  const waiting = new Map<string, Set<() => void>>();
  return {
    hear(channel: string, heard: () => void): () => void {
      const those = waiting.get(channel) ?? new Set();
      waiting.set(channel, those.add(heard));
      return () => void those.delete(heard);
    },
    tell(channel: string): void {
      for (const heard of waiting.get(channel) ?? []) heard();
    },
  };
}
