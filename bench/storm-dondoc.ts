/** Where dondoc itself joins the storm and the crash, beside its peers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SLACK_LIMITS } from '../activities/deliver-slack.ts';
import { type Connections, startSystem } from '../cli/system.ts';
import { loadPolicy } from '../config/policy.ts';
import { addDays } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { armTasks } from '../inbox/arm.ts';
import { importTasks } from '../inbox/import/import.ts';
import { freePort } from '../ops/ports.ts';
import type { Database } from '../prisma/database.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { storePolicy } from '../prisma/policies.ts';
import type { Armed, SendingProcess } from './armed.ts';
import { startSpeaking } from './process.ts';
import type { Limits, StubEntry } from './slack-stub.ts';
import type { Stage } from './stage.ts';

/** Whether reminders to one person become one message. */
type Merging = 'off' | 'on';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** From the end of arming to the instant at which everything is due: the sweep, by which couriers hear, and what they make ahead. */
const REST_MS = 20_000;
const QUIET_SECONDS = 3;
const QUIET_TICKS = 10;

/**
 * Brings dondoc to where a peer is after `armPeer`: real tasks, one reminder each, imported and armed as any, each with its workflow, its
 * record and its plan, a worker running. Only the instant of the reminders is then set to a few seconds from now, so that nobody waits
 * for a policy's next hour.
 */
export async function armDondoc(
  merging: Merging,
  stage: Stage,
  { reminders, people, limits }: { readonly reminders: number; readonly people: number; readonly limits: Limits },
): Promise<Armed> {
  const databaseUrl = await stage.database('dondoc');
  await applyMigrations({ databaseUrl, directory: join(ROOT, 'prisma/migrations') });
  const connections: Connections = {
    databaseUrl,
    temporal: { address: await stage.temporal(), namespace: 'default', historySecret: 'of a benchmark, which keeps nothing at all' },
    slack: { botToken: 'xoxb-bench', appToken: 'xapp-bench', apiUrl: stage.slack.url, limits: limits === 'slack' ? SLACK_LIMITS : null },
    smtp: { host: '127.0.0.1', port: 9, secure: false },
    mailDomain: 'dondoc.example',
    webUrl: 'http://dondoc.example',
    linkSecret: 'of a benchmark, which signs nothing at all',
    shadow: null,
    breaker: { factor: Number.MAX_VALUE, minimum: Number.MAX_SAFE_INTEGER },
    backlog: { lateSeconds: 60, alarmSeconds: 300 },
    reports: { weekly: null, monthly: null },
  };
  const start = async (): Promise<SendingProcess> => {
    const worker = startSpeaking<{ event: 'ready' }>(
      fileURLToPath(new URL('./dondoc-worker.ts', import.meta.url)),
      [JSON.stringify(connections)],
      ['--import', 'tsx'],
    );
    await worker.next('ready');
    return worker;
  };
  const system = await startSystem(connections, await freePort(), { roles: [] });
  const { database } = system;
  await seedPeople(database, people);
  const policy = join(stage.state, `${merging}.yaml`);
  writeFileSync(policy, policyText(merging));
  await storePolicy(database, loadPolicy(policy), system.now());
  const worker = await start();

  const began = performance.now();
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  const bytes = Buffer.from(tasksText({ reminders, people, assignedOn: today, deadline: addDays(today, 60), policy: `storm-${merging}` }));
  const directory = await system.directory.get();
  const imported = await importTasks({ ...system, directory }, { bytes, dryRun: false, skipRefused: false });
  if (imported.created !== reminders) throw new Error(`imported ${imported.created} tasks: ${JSON.stringify(imported.errors[0])}`);
  await armTasks({ ...system, temporal: system.client });
  // Until each task's workflow has had its first turn: what is still beginning then would be part of the storm.
  await untilAtRest(worker.pid);
  const armSeconds = (performance.now() - began) / 1_000;

  const dueAt = Date.now() + REST_MS;
  await database.notification.updateMany({ where: { status: 'planned' }, data: { sendAt: new Date(dueAt) } });
  const rows = await database.notification.findMany({ select: { key: true } });
  const keys = rows.map(({ key }) => key);
  let told = new Map<string, string[]>();
  return {
    armSeconds,
    dueAt,
    reminders: keys.length,
    worker: { ...worker, stop: () => worker.stop().then(() => system.stop()) },
    startWorker: start,
    async planned() {
      told = await messagesOf(database);
      return { dueAt, keys, tells: ({ key }: StubEntry) => told.get(key) ?? [] };
    },
    async held() {
      const left = await database.notification.findMany({
        where: { status: { in: ['planned', 'claimed', 'sending', 'uncertain'] } },
        select: { key: true },
      });
      return left.map(({ key }) => key);
    },
  };
}

/** Until a process has hardly used a core for a while. */
async function untilAtRest(pid: number): Promise<void> {
  // User and system time in ticks of a hundredth of a second (proc(5), fields 14 and 15 of stat).
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let quiet = 0, before = ticks(); quiet < QUIET_SECONDS; ) {
    await pause(1_000);
    const now = ticks();
    quiet = now - before < QUIET_TICKS ? quiet + 1 : 0;
    before = now;
  }
}

/** What each message told, also of those that were found not to have arrived and were made anew: the ledger forgets these. */
async function messagesOf(database: Database): Promise<Map<string, string[]>> {
  const rows = await database.$queryRaw<{ message_id: string; key: string }[]>`SELECT message_id, key FROM bench_told`;
  const told = new Map<string, string[]>();
  for (const { message_id, key } of rows) told.set(message_id, [...(told.get(message_id) ?? []), key]);
  return told;
}

/** Each person with a conversation that is known, as after the first day; and a note of every message that is put on the wire. */
async function seedPeople(database: Database, people: number): Promise<void> {
  await database.agency.create({ data: { code: 'MOST', nameVi: 'Bộ', nameEn: 'Ministry', nameFr: 'Ministère', kind: 'ministry' } });
  const person = (email: string, role: string, slackId: string, slackDm: string | null) => ({
    email,
    name: 'Nguyễn Thị Lan',
    agencyCode: 'MOST',
    role,
    slackId,
    slackDm,
  });
  await database.person.createMany({
    data: [
      person('ha@vptw.example', 'coordinator', 'U0HA', null),
      ...Array.from({ length: people }, (_, index) =>
        person(addressOf(index), 'assignee', `U0${String(index).padStart(6, '0')}`, `D0${String(index).padStart(6, '0')}`),
      ),
    ],
  });
  await database.$executeRaw`CREATE TABLE bench_told (message_id UUID, key TEXT)`;
  await database.$executeRaw`
    CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO bench_told SELECT message_id, key FROM after WHERE status = 'sending'; RETURN NULL; END $$`;
  await database.$executeRaw`
    CREATE TRIGGER bench_note AFTER UPDATE ON notification REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION bench_note()`;
}

function addressOf(index: number): string {
  return `person-${index}@most.example`;
}

function policyText(merging: Merging): string {
  return `name: storm-${merging}
version: 1
timing: any_time
steps:
  - id: reminder
    anchor: assignment
    offset: +72h
    when: unacknowledged
    kind: reminder
    audience: [assignee]
    channels: { order: [slack], use: first }
    urgent: ${merging === 'off'}
`;
}

function tasksText(o: { reminders: number; people: number; assignedOn: string; deadline: string; policy: string }): string {
  const header = 'code,title,product,lead_agency,assignee,coordinator,assigned_on,deadline,status,policy';
  const title = 'Xây dựng, trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát đối với công nghệ, sản phẩm, dịch vụ mới';
  const rows = Array.from(
    { length: o.reminders },
    (_, index) =>
      `STORM-${String(index).padStart(6, '0')},"${title}",Nghị định của Chính phủ,MOST,${addressOf(index % o.people)},ha@vptw.example,${o.assignedOn},${o.deadline},assigned,${o.policy}`,
  );
  return [header, ...rows].join('\n');
}
