/** dondoc on a bench's stage: its store and people, its roles as processes of their own, tasks brought in as any are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SLACK_LIMITS } from '../activities/deliver-slack.ts';
import type { Role } from '../cli/roles.ts';
import { type Connections, type System, type SystemOptions, startSystem } from '../cli/system.ts';
import { loadPolicy } from '../config/policy.ts';
import type { Email } from '../domain/names.ts';
import type { IsoDate } from '../domain/time.ts';
import { armTasks } from '../inbox/arm.ts';
import { importTasks } from '../inbox/import/import.ts';
import { freePort } from '../ops/ports.ts';
import type { Database } from '../prisma/database.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { storePolicy } from '../prisma/policies.ts';
import type { SendingProcess } from './armed.ts';
import { cpuSeconds, startSpeaking } from './process.ts';
import { whileSaying } from './progress.ts';
import type { Limits } from './slack-stub.ts';
import type { Stage } from './stage.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOOK_MS = 1_000;
const QUIET_MS = 3_000;
/** Of a core, in a look. */
const QUIET_SHARE = 0.1;
/** Who has assigned everything. */
export const COORDINATOR = 'ha@vptw.example' as Email; // an invented one
const LEAD = 'MOST';

export interface Dondoc {
  /** The entrances and the store, without a role: nothing here works by itself. */
  readonly system: System;
  start(role: Role): Promise<SendingProcess>;
}

/** A store and a Temporal made anew, with people whom Slack knows. */
export async function openDondoc(
  stage: Stage,
  o: { readonly people: number; readonly limits: Limits; readonly now?: SystemOptions['now'] },
): Promise<Dondoc> {
  const databaseUrl = await stage.database('dondoc');
  await applyMigrations({ databaseUrl, directory: join(ROOT, 'prisma/migrations') });
  const connections: Connections = {
    databaseUrl,
    temporal: { address: await stage.temporal(), namespace: 'default', historySecret: 'of a benchmark, which keeps nothing at all' },
    slack: { botToken: 'xoxb-bench', appToken: 'xapp-bench', apiUrl: stage.slack.url, limits: o.limits === 'slack' ? SLACK_LIMITS : null },
    smtp: { host: '127.0.0.1', port: 9, secure: false },
    mailDomain: 'dondoc.example',
    webhook: null,
    webUrl: 'http://dondoc.example',
    linkSecret: 'of a benchmark, which signs nothing at all',
    shadow: null,
    breaker: { factor: Number.MAX_VALUE, minimum: Number.MAX_SAFE_INTEGER },
    courierLingerMinutes: 10,
    backlog: { lateSeconds: 60, alarmSeconds: 300 },
    reports: { weekly: null, monthly: null },
  };
  const system = await startSystem(connections, await freePort(), { roles: [], ...(o.now === undefined ? {} : { now: o.now }) });
  await seedPeople(system.database, o.people);
  return {
    system,
    async start(role) {
      const file = fileURLToPath(new URL('./dondoc-role.ts', import.meta.url));
      const started = startSpeaking<{ event: 'ready' }>(file, [role, JSON.stringify(connections)], ['--import', 'tsx']);
      await started.next('ready');
      return started;
    },
  };
}

/** Each with a conversation that is known, as after the first day. */
async function seedPeople(database: Database, people: number): Promise<void> {
  await database.agency.create({ data: { code: LEAD, nameVi: 'Bộ', nameEn: 'Ministry', nameFr: 'Ministère', kind: 'ministry' } });
  const person = (email: string, role: string, slackId: string, slackDm: string | null) => ({
    email,
    name: 'Nguyễn Thị Lan',
    agencyCode: LEAD,
    role,
    slackId,
    slackDm,
  });
  await database.person.createMany({
    data: [
      person(COORDINATOR, 'coordinator', 'U0HA', null),
      ...Array.from({ length: people }, (_, index) => person(addressOf(index), 'assignee', `U0${digits(index)}`, `D0${digits(index)}`)),
    ],
  });
}

export function addressOf(index: number): Email {
  return `person-${index}@most.example` as Email; // an invented one
}

function digits(index: number): string {
  return String(index).padStart(6, '0');
}

/** A policy in force from now on. @param steps each as in a policy's file */
export async function storeSteps({ database, now }: System, stage: Stage, name: string, steps: readonly string[]): Promise<void> {
  const file = join(stage.state, `${name}.yaml`);
  writeFileSync(file, [`name: ${name}`, 'version: 1', 'timing: any_time', 'steps:', ...steps.map((step) => `  - ${step}`), ''].join('\n'));
  await storePolicy(database, loadPolicy(file), now());
}

export interface BenchTasks {
  /** What their codes begin with, in capitals. */
  readonly prefix: string;
  /** The number of the first; they go on from there. */
  readonly from?: number;
  readonly count: number;
  /** Each gets an equal share, one after another. */
  readonly people: number;
  readonly assignedOn: IsoDate;
  /** Null: not acknowledged. */
  readonly acknowledgedOn: IsoDate | null;
  readonly deadlineOf: (index: number) => IsoDate;
  readonly policy: string;
}

export function codeOf(prefix: string, index: number): string {
  return `${prefix}-${digits(index)}`;
}

/** Brings tasks in as a person does: as a file. @throws Error with the first fault where one is refused */
export async function importBench(system: System, tasks: BenchTasks): Promise<void> {
  const directory = await system.directory.get();
  const { created, errors } = await importTasks(
    { ...system, directory },
    { bytes: Buffer.from(tasksText(tasks)), dryRun: false, skipRefused: false },
  );
  if (created !== tasks.count) throw new Error(`imported ${created} tasks: ${JSON.stringify(errors[0])}`);
}

/** Gives every imported task its workflow, as an import does, while the worker's own sweep does the same. */
export async function armBench(system: System): Promise<void> {
  const unarmed = () => system.database.task.count({ where: { armedAt: null } });
  const of = await unarmed();
  await whileSaying(
    async () => `${of - (await unarmed())} of ${of} tasks have their workflow`,
    () => armTasks({ ...system, temporal: system.client }),
  );
}

function tasksText({ prefix, from = 0, count, people, assignedOn, acknowledgedOn, deadlineOf, policy }: BenchTasks): string {
  const header = 'code,title,product,lead_agency,assignee,coordinator,assigned_on,deadline,status,acknowledged_on,policy';
  const title = 'Xây dựng, trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát đối với công nghệ, sản phẩm, dịch vụ mới';
  const status = acknowledgedOn === null ? 'assigned,' : `acknowledged,${acknowledgedOn}`;
  const rows = Array.from({ length: count }, (_, offset) => {
    const index = from + offset;
    return `${codeOf(prefix, index)},"${title}",Nghị định của Chính phủ,${LEAD},${addressOf(index % people)},${COORDINATOR},${assignedOn},${deadlineOf(index)},${status},${policy}`;
  });
  return [header, ...rows].join('\n');
}

/** Until a process has hardly used a core for a while. @returns when that while began, by `performance.now()` */
export async function untilAtRest(pid: number): Promise<number> {
  let quietSince = performance.now();
  for (let before = cpuSeconds(pid); performance.now() - quietSince < QUIET_MS; ) {
    await pause(LOOK_MS);
    const now = cpuSeconds(pid);
    if (now - before > QUIET_SHARE) quietSince = performance.now();
    before = now;
  }
  return quietSince;
}
