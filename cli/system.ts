/** Every part of dondoc in one process, on given addresses: what `up` runs, and what end-to-end tests start. */
import { Client, Connection } from '@temporalio/client';
import { createEmailSender } from '../activities/deliver-email.ts';
import { createSlackSender } from '../activities/deliver-slack.ts';
import { createDirectory } from '../activities/directory.ts';
import { TASK_CHANGED } from '../activities/record.ts';
import { startBot } from '../bot/app.ts';
import { botQueries } from '../bot/queries.ts';
import { committeeCalendar } from '../config/calendar.ts';
import { type Calendar, endOfOfficeHours } from '../domain/calendar.ts';
import type { Channel, Email } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { carryOutAgencyChanges } from '../inbox/agency-tasks.ts';
import { armTasks } from '../inbox/arm.ts';
import { createInbox } from '../inbox/inbox.ts';
import { DIRECTORY_CHANGED, replanMarked } from '../inbox/replan.ts';
import { keepSchedules } from '../inbox/schedules.ts';
import { createMailTransport, type SmtpAccess } from '../mail/transport.ts';
import type { StackInfo } from '../ops/stack.ts';
import { openDatabase } from '../prisma/database.ts';
import { listen } from '../prisma/listen.ts';
import { createPlanner } from '../prisma/planner.ts';
import { startWeb } from '../web/app.tsx';
import { createPayloadCodec } from '../worker/payload-codec.ts';
import { startWorkers } from '../worker/worker.ts';
import { ROLES, type Role } from './roles.ts';

/** How often what a lost NOTIFY or an outage left over is looked for. */
const SWEEP_MS = 5_000;

/** Where the parts are that this process talks to. */
export interface Connections {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly apiKey?: string; readonly historySecret: string };
  /** Null where there is no Slack: mail and web go on. */
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl?: string } | null;
  readonly smtp: SmtpAccess;
  readonly mailDomain: string;
  /** Where people reach the web; null: where it listens. */
  readonly webUrl: string | null;
  readonly linkSecret: string;
}

/** The connections of an embedded stack. */
export function connectionsOf({ databaseUrl, temporal, slack, mail, linkSecret, webUrl }: StackInfo): Connections {
  return { databaseUrl, temporal, slack, smtp: mail.smtp, mailDomain: mail.domain, webUrl, linkSecret };
}

export interface SystemOptions {
  /** Which parts this process runs; absent: all. */
  readonly roles?: readonly Role[];
  /** The clock of everything outside the workflows; tests move it together with the engine's. */
  readonly now?: () => IsoInstant;
  readonly calendar?: Calendar;
}

/** Starts the roles asked for; everything they share is made once. @param webPort where the web listens on loopback */
export async function startSystem(connections: Connections, webPort: number, options: SystemOptions = {}) {
  const { roles = ROLES } = options;
  const now = options.now ?? ((): IsoInstant => instantFromEpochMs(Date.now()));
  const { address, namespace, apiKey, historySecret } = connections.temporal;
  const dataConverter = { payloadCodecs: [createPayloadCodec(historySecret)] };
  const database = openDatabase(connections.databaseUrl);
  const secured = apiKey === undefined ? {} : { apiKey, tls: true as const };
  const connection = await Connection.connect({ address, ...secured });
  const client = new Client({ connection, namespace, dataConverter });
  const directory = createDirectory(database);
  const calendar = options.calendar ?? committeeCalendar(now());
  const inbox = createInbox({ database, temporal: client, now, calendar });
  const plan = createPlanner({ database, calendar, directory: (mark) => directory.get(mark) });
  const onFailure = (part: string) => (error: unknown) =>
    void process.stderr.write(`${part}: ${error instanceof Error ? error.message : String(error)}\n`);
  const person = async (address: Email) => (await directory.get()).person(address);
  const { linkSecret } = connections;

  const web = roles.includes('web')
    ? await startWeb({ database, inbox, person, now, calendar, linkSecret, onError: onFailure('web') }, webPort)
    : null;
  const webUrl = connections.webUrl ?? web?.url ?? `http://127.0.0.1:${webPort}`;
  const slack =
    connections.slack === null
      ? null
      : createSlackSender({ database, directory: () => directory.get(), now, access: connections.slack, webUrl: () => webUrl });
  const transport = createMailTransport(connections.smtp);
  const senders = [
    ...(slack === null ? [] : [slack.sender]),
    createEmailSender({
      transport,
      directory: () => directory.get(),
      now,
      webUrl: () => webUrl,
      linkSecret,
      domain: connections.mailDomain,
    }),
  ];
  const workers = roles.includes('worker')
    ? await startWorkers({
        address,
        namespace,
        ...secured,
        client,
        dataConverter,
        database,
        plan,
        inbox,
        calendar,
        senders,
        now,
      })
    : null;
  const bot =
    connections.slack === null || !roles.includes('bot')
      ? null
      : await startBot({
          inbox,
          now,
          deadlineAt: (deadline) => endOfOfficeHours(calendar, deadline),
          access: connections.slack,
          personBySlackId: async (slackId) => [...(await directory.get()).people.values()].find((each) => each.slackId === slackId),
          directory: () => directory.get(),
          ...botQueries(database, () => webUrl),
          onFailure: onFailure('bot'),
        });

  const refresh = (code?: string) => void slack?.refreshCards(code).catch(() => {});
  const listener = workers === null ? null : listen(connections.databaseUrl, TASK_CHANGED, refresh);
  // A process that keeps the directory in memory must not plan with what was true a minute ago.
  const directoryListener = listen(connections.databaseUrl, DIRECTORY_CHANGED, () => directory.forget());
  const earliestTold = new Map<string, number>();
  /** An import plans without a workflow, and a signal can be lost: couriers hear of the ledger's next instant whenever it changes. */
  async function tellCouriers(): Promise<void> {
    const rows = await database.notification.groupBy({ by: ['channel'], where: { status: 'planned' }, _min: { sendAt: true } });
    for (const { channel, _min } of rows) {
      const at = _min.sendAt?.getTime();
      if (at === undefined || earliestTold.get(channel) === at) continue;
      await workers?.wakeCouriers([{ channel: channel as Channel, sendAt: instantFromEpochMs(at) }]); // the column is checked
      earliestTold.set(channel, at);
    }
  }
  let sweeping = false;
  /** What an outage, a lost NOTIFY or a cut import left over. A failure is met again by the next sweep. */
  async function sweep(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      await tellCouriers();
      await armTasks({ database, temporal: client, plan, now });
      await inbox.relay();
      await carryOutAgencyChanges({ database, inbox, now });
      await replanMarked(database, client);
      await slack?.refreshCards();
      await keepSchedules({ database, temporal: client });
    } catch {
    } finally {
      sweeping = false;
    }
  }
  const timer = workers === null ? undefined : setInterval(() => void sweep(), SWEEP_MS);

  return {
    database,
    client,
    inbox,
    directory,
    calendar,
    plan,
    now,
    webUrl,
    /** Where the web of this process listens. */
    listensAt: web?.url ?? '',
    sweep,
    async stop() {
      clearInterval(timer);
      await bot?.stop();
      await web?.stop();
      await workers?.stop();
      transport.close();
      await listener?.stop();
      await directoryListener.stop();
      await connection.close();
      await database.$disconnect();
    },
  };
}
export type System = Awaited<ReturnType<typeof startSystem>>;
