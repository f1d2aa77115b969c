/** Every part of dondoc in one process, on given addresses: what `up` runs, and what end-to-end tests start. */
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { createEmailSender } from '../activities/deliver-email.ts';
import { createSlackSender } from '../activities/deliver-slack.ts';
import { createDirectory } from '../activities/directory.ts';
import { TASK_CHANGED } from '../activities/record.ts';
import { startBot } from '../bot/app.ts';
import { botQueries } from '../bot/queries.ts';
import { committeeCalendar } from '../config/calendar.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Channel, Email } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { armTasks } from '../inbox/arm.ts';
import { createInbox } from '../inbox/inbox.ts';
import { createMailTransport } from '../mail/transport.ts';
import type { StackInfo } from '../ops/stack.ts';
import { openDatabase } from '../prisma/database.ts';
import { createPlanner } from '../prisma/planner.ts';
import { startWeb } from '../web/app.tsx';
import { startWorkers } from '../worker/worker.ts';

/** How often what a lost NOTIFY or an outage left over is looked for. */
const SWEEP_MS = 5_000;

export interface SystemOptions {
  /** The clock of everything outside the workflows; tests move it together with the engine's. */
  readonly now?: () => IsoInstant;
  readonly calendar?: Calendar;
}

export async function startSystem(info: StackInfo, webPort: number, options: SystemOptions = {}) {
  const now = options.now ?? ((): IsoInstant => instantFromEpochMs(Date.now()));
  const database = openDatabase(info.databaseUrl);
  const connection = await Connection.connect({ address: info.temporalAddress });
  const client = new Client({ connection });
  const directory = createDirectory(database);
  const inbox = createInbox({ database, temporal: client, now });
  const calendar = options.calendar ?? committeeCalendar(now());
  const plan = createPlanner({ database, calendar, directory: () => directory.get() });
  let webUrl = '';
  const web = await startWeb(
    { database, inbox, person: async (email: Email) => (await directory.get()).person(email), now, linkSecret: info.linkSecret },
    webPort,
  );
  webUrl = web.url;
  const transport = createMailTransport({ host: info.mail.smtpHost, port: info.mail.smtpPort });
  const email = createEmailSender({
    transport,
    directory: () => directory.get(),
    now,
    webUrl: () => webUrl,
    linkSecret: info.linkSecret,
    domain: 'dondoc.example',
  });
  const slack = info.slack === null ? null : createSlackSender({ database, directory: () => directory.get(), now, access: info.slack });
  const workers = await startWorkers({
    address: info.temporalAddress,
    client,
    database,
    plan,
    senders: slack === null ? [email] : [slack.sender, email],
    now,
  });
  const bot =
    info.slack === null
      ? null
      : await startBot({
          inbox,
          now,
          access: info.slack,
          personBySlackId: async (slackId) => [...(await directory.get()).people.values()].find((person) => person.slackId === slackId),
          directory: () => directory.get(),
          ...botQueries(database, () => webUrl),
          onFailure: (error) => process.stderr.write(`bot: ${error instanceof Error ? error.message : String(error)}\n`),
        });

  const listener = new pg.Client({ connectionString: info.databaseUrl });
  listener.on('error', () => {});
  await listener.connect();
  await listener.query(`LISTEN ${TASK_CHANGED}`);
  listener.on('notification', ({ payload }) => void slack?.refreshCards(payload).catch(() => {}));
  const earliestTold = new Map<string, number>();
  /** An import plans without a workflow, and a signal can be lost: couriers hear of the ledger's next instant whenever it changes. */
  async function tellCouriers(): Promise<void> {
    const rows = await database.notification.groupBy({ by: ['channel'], where: { status: 'planned' }, _min: { sendAt: true } });
    for (const { channel, _min } of rows) {
      const at = _min.sendAt?.getTime();
      if (at === undefined || earliestTold.get(channel) === at) continue;
      await workers.wakeCouriers([{ channel: channel as Channel, sendAt: instantFromEpochMs(at) }]); // the column is checked
      earliestTold.set(channel, at);
    }
  }
  let sweeping = false;
  /** What an outage, a lost NOTIFY or a cut import left over. A failure is met again by the next sweep. */
  async function sweep(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      await armTasks({ database, temporal: client, plan, now });
      await inbox.relay();
      await tellCouriers();
      await slack?.refreshCards();
    } catch {
    } finally {
      sweeping = false;
    }
  }
  const timer = setInterval(() => void sweep(), SWEEP_MS);

  return {
    database,
    client,
    inbox,
    directory,
    calendar,
    plan,
    now,
    webUrl,
    sweep: () => void sweep(),
    async stop() {
      clearInterval(timer);
      await bot?.stop();
      await web.stop();
      await workers.stop();
      transport.close();
      await listener.end().catch(() => {});
      await connection.close();
      await database.$disconnect();
    },
  };
}
export type System = Awaited<ReturnType<typeof startSystem>>;
