/**
 * The same with more tasks: what arming, a morning's reminders, a press and the store take, per task, as the tasks become many:
 * `npm run -s bench:scale -- --tasks 1287,10000,100000`. One JSON line a size, all with the same keys, each on a stack made anew.
 * The largest takes the better part of an hour; how far it is stands on stderr.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadPolicy, POLICIES_DIR } from '../config/policy.ts';
import { addDays } from '../domain/calendar.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { storePolicy } from '../prisma/policies.ts';
import type { SendingProcess } from './armed.ts';
import { armBench, codeOf, type Dondoc, importBench, openDondoc, untilAtRest } from './dondoc.ts';
import { GROWTH_MAX, type Growth, growthOf } from './growth.ts';
import { MACHINE } from './machine.ts';
import { percentile } from './percentile.ts';
import { cpuSeconds, residentMemoryMB } from './process.ts';
import { say, whileSaying } from './progress.ts';
import { rounded } from './rounded.ts';
import { type Stage, withStage } from './stage.ts';
import { REST_MS } from './storm-dondoc.ts';

const PREFIX = 'SCALE';
const POLICY = 'standard';
/** As in the body that dondoc is made for: each answers for some seven. */
const PEOPLE_SHARE = 0.15;
/** Of the tasks, those with a reminder on one morning: more than any morning of a rehearsed year has. They are of as many people. */
const REMINDED_SHARE = 0.1;
/** Tasks a file: nobody brings a hundred thousand in one. */
const FILE_TASKS = 5_000;
const PRESSES = 100;
const SWEEPS = 5;
const GIVE_UP_MS = 600_000;
const CARD_GIVE_UP_MS = 10_000;
const POLL_MS = 200;

/** What is compared from size to size; of a press its time, of the others what one task or message takes. */
interface Costs {
  readonly armMsPerTask: number;
  readonly reminderMsEach: number;
  readonly pressP50Ms: number;
  readonly databaseKBPerTask: number;
  readonly engineKBPerTask: number;
}

export interface ScaleLine extends Costs, Growth {
  readonly bench: 'scale';
  readonly system: 'dondoc';
  readonly setting: 'none';
  readonly tasks: number;
  readonly people: number;
  /** From the first row of the file until each task's workflow has had its first turn. */
  readonly armSeconds: number;
  /** Of it, until the rows were stored. */
  readonly importSeconds: number;
  /** Milliseconds of a core a task while arming. */
  readonly armWorkerCpuMs: number;
  readonly armEngineCpuMs: number;
  readonly armDatabaseCpuMs: number;
  readonly armImporterCpuMs: number;
  readonly reminders: number;
  /** From due to sent. */
  readonly remindersLastSeconds: number;
  readonly presses: number;
  readonly pressP99Ms: number;
  /** From the press to the card that shows it. */
  readonly cardP50Ms: number;
  readonly cardP99Ms: number;
  /** The look, every five seconds, for what an outage has left over. */
  readonly sweepMs: number;
  readonly workerPeakMB: number;
  readonly workerPeakKBPerTask: number;
  /** At the end, with nothing to do. */
  readonly workerRestMB: number;
  readonly machine: string;
}

type Measured = Omit<ScaleLine, keyof Growth>;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      tasks: { type: 'string', default: '1287,10000,100000' },
      // They are JSON lines in any case; the word is taken as elsewhere.
      json: { type: 'boolean' },
    },
  });
  const sizes = values.tasks.split(',').map(Number);
  const wrong = sizes.find((size) => !Number.isInteger(size) || size * REMINDED_SHARE < 1);
  if (wrong !== undefined) throw new Error(`--tasks takes numbers of at least ${1 / REMINDED_SHARE}, not ${values.tasks}`);
  let smallest: Measured | undefined;
  for (const tasks of sizes.toSorted((a, b) => a - b)) {
    await withStage({ limits: 'none' }, async (stage) => {
      const measured = await measure(stage, tasks);
      smallest ??= measured;
      const growth = growthOf(costsOf(smallest), costsOf(measured));
      const line: ScaleLine = { ...measured, ...growth };
      process.stdout.write(`${JSON.stringify(line)}\n`);
      explain(smallest, line);
    });
  }
  process.exit(0);
}

async function measure(stage: Stage, tasks: number): Promise<Measured> {
  const people = Math.ceil(tasks * PEOPLE_SHARE);
  const dondoc = await openDondoc(stage, { people, limits: 'none' });
  const { system } = dondoc;
  await storePolicy(system.database, loadPolicy(join(POLICIES_DIR, `${POLICY}.yaml`)), system.now());
  const worker = await dondoc.start('worker');
  const empty = await storesOf(dondoc, stage);
  const armed = await arm(dondoc, stage, worker, { tasks, people });
  const morning = await remind(dondoc, stage, tasks);
  const pressed = await press(dondoc, stage, morning.cards);
  await untilAtRest(worker.pid);
  const sweepMs = await sweep(dondoc);
  const full = await storesOf(dondoc, stage);
  const workerPeakMB = worker.peakMemoryMB();
  const measured = {
    bench: 'scale',
    system: 'dondoc',
    setting: 'none',
    tasks,
    people,
    ...armed,
    reminders: morning.cards.length,
    remindersLastSeconds: rounded(morning.lastSeconds, 3) ?? 0,
    reminderMsEach: rounded((morning.lastSeconds * 1_000) / morning.cards.length, 3) ?? 0,
    ...pressed,
    sweepMs,
    workerPeakMB: Math.round(workerPeakMB),
    workerPeakKBPerTask: rounded((workerPeakMB * 1_024) / tasks, 1) ?? 0,
    workerRestMB: Math.round(residentMemoryMB(worker.pid)),
    databaseKBPerTask: rounded((full.database - empty.database) / 1_024 / tasks, 2) ?? 0,
    engineKBPerTask: rounded((full.engine - empty.engine) / 1_024 / tasks, 2) ?? 0,
    machine: MACHINE,
  } as const;
  await worker.stop();
  await system.stop();
  return measured;
}

/** Bytes. */
async function storesOf({ system }: Dondoc, stage: Stage): Promise<{ database: number; engine: number }> {
  const [row] = await system.database.$queryRaw<{ bytes: bigint }[]>`SELECT pg_database_size(current_database()) AS bytes`;
  return { database: Number(row?.bytes ?? 0), engine: stage.temporalBytes() };
}

/** Brings the tasks in, acknowledged, with deadlines spread over weeks: no day is the first or the last of all. */
async function arm({ system }: Dondoc, stage: Stage, worker: SendingProcess, { tasks, people }: { tasks: number; people: number }) {
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  const { database, engine } = stage.pids();
  const cpu = () => ({
    worker: cpuSeconds(worker.pid),
    engine: engine === null ? Number.NaN : cpuSeconds(engine),
    database: cpuSeconds(database),
    importer: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  });
  const before = cpu();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  say(`${tasks} tasks are brought in …`);
  for (let from = 0; from < tasks; from += FILE_TASKS) {
    const count = Math.min(FILE_TASKS, tasks - from);
    await importBench(system, {
      prefix: PREFIX,
      from,
      count,
      people,
      assignedOn: today,
      acknowledgedOn: today,
      deadlineOf: (index) => addDays(today, 40 + (index % 60)),
      policy: POLICY,
    });
    if (from + count < tasks) say(`${from + count} of ${tasks} tasks imported after ${Math.round(seconds())} s`);
  }
  const importSeconds = seconds();
  await armBench(system);
  const restingSince = await whileSaying(
    async () => `${tasks} workflows started, the last of them have their first turn, ${Math.round(seconds())} s`,
    () => untilAtRest(worker.pid),
  );
  const armSeconds = (restingSince - began) / 1_000;
  const after = cpu();
  const perTask = (part: keyof typeof before) => rounded(((after[part] - before[part]) * 1_000) / tasks, 2) ?? 0;
  return {
    armSeconds: rounded(armSeconds, 2) ?? 0,
    importSeconds: rounded(importSeconds, 2) ?? 0,
    armMsPerTask: rounded((armSeconds * 1_000) / tasks, 2) ?? 0,
    armWorkerCpuMs: perTask('worker'),
    armEngineCpuMs: perTask('engine'),
    armDatabaseCpuMs: perTask('database'),
    armImporterCpuMs: perTask('importer'),
  };
}

interface PostedCard {
  readonly code: TaskCode;
  readonly assignee: Email;
  readonly channel: string;
  readonly ts: string;
}

/** One reminder each of the last tenth of the tasks, all due at one instant: each is of another person, so that none is merged. */
async function remind({ system }: Dondoc, stage: Stage, tasks: number): Promise<{ cards: PostedCard[]; lastSeconds: number }> {
  const { database } = system;
  const first = tasks - Math.floor(tasks * REMINDED_SHARE);
  const dueAt = Date.now() + REST_MS;
  const rows = await database.$queryRaw<{ key: string }[]>`
    UPDATE notification SET send_at = ${new Date(dueAt)}::timestamptz
    WHERE id IN (
      SELECT DISTINCT ON (task_code) id FROM notification
      WHERE task_code >= ${codeOf(PREFIX, first)} AND status = 'planned' AND channel = 'slack' ORDER BY task_code, send_at)
    RETURNING key`;
  const keys = rows.map(({ key }) => key);
  if (keys.length !== tasks - first) throw new Error(`${keys.length} of ${tasks - first} tasks have a reminder`);
  const accepted = async () => (await stage.slack.count()).accepted;
  await whileSaying(
    async () => `${await accepted()} of ${keys.length} reminders sent`,
    async () => {
      while ((await accepted()) < keys.length) {
        if (Date.now() > dueAt + GIVE_UP_MS) throw new Error(`${await accepted()} of ${keys.length} reminders were sent`);
        await pause(POLL_MS);
      }
    },
  );
  const left = () =>
    database.notification.count({ where: { sendAt: new Date(dueAt), status: { in: ['planned', 'claimed', 'sending', 'uncertain'] } } });
  // The last outcomes are written a moment after the last message.
  while ((await left()) > 0 && Date.now() < dueAt + GIVE_UP_MS) await pause(POLL_MS);
  const log = new Map((await stage.slack.log()).map((entry) => [entry.key, entry]));
  const sent = await database.notification.findMany({
    where: { sendAt: new Date(dueAt) },
    select: { messageId: true, taskCode: true, recipient: true },
  });
  const posted = sent.map(({ messageId, taskCode, recipient }) => {
    const entry = log.get(messageId ?? '');
    if (entry === undefined) throw new Error(`nobody was told of ${taskCode}`);
    return { code: taskCode as TaskCode, assignee: recipient as Email, ...entry }; // stored names
  });
  return { cards: posted, lastSeconds: (Math.max(...posted.map(({ at }) => at)) - dueAt) / 1_000 };
}

/** One after another through the inbox, as any entrance hands them in, on tasks whose cards were just posted. */
async function press({ system }: Dondoc, stage: Stage, cards: readonly PostedCard[]) {
  const made: { readonly card: PostedCard; readonly at: number; readonly answeredAt: number }[] = [];
  const instant = () => performance.timeOrigin + performance.now();
  for (const card of cards.slice(0, PRESSES)) {
    const at = instant();
    const { answer } = await system.inbox.submit({
      key: `scale:${card.code}`,
      code: card.code,
      actor: card.assignee,
      via: 'cli',
      request: { type: 'ReportProgress', percent: 50, milestone: null, text: 'x', forecast: null },
    });
    if (answer !== 'done') throw new Error(`${card.code}: ${answer}`);
    made.push({ card, at, answeredAt: instant() });
  }
  const shown = async () => {
    const replies = await stage.slack.replies();
    return made.map(({ card, at }) => {
      const update = replies.find((reply) => reply.what === 'update' && reply.ts === card.ts && reply.channel === card.channel);
      return update === undefined ? null : update.at - at;
    });
  };
  const giveUpAt = Date.now() + CARD_GIVE_UP_MS;
  while ((await shown()).includes(null) && Date.now() < giveUpAt) await pause(POLL_MS);
  const cardMs = (await shown()).map((ms, index) => {
    if (ms === null) throw new Error(`the card of ${made[index]?.card.code} does not show the progress`);
    return ms;
  });
  const answerMs = made.map(({ at, answeredAt }) => answeredAt - at);
  const ms = (values: readonly number[], share: number) => rounded(percentile(values, share), 1) ?? 0;
  return {
    presses: made.length,
    pressP50Ms: ms(answerMs, 0.5),
    pressP99Ms: ms(answerMs, 0.99),
    cardP50Ms: ms(cardMs, 0.5),
    cardP99Ms: ms(cardMs, 0.99),
  };
}

async function sweep({ system }: Dondoc): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < SWEEPS; index += 1) {
    const began = performance.now();
    await system.sweep();
    times.push(performance.now() - began);
  }
  return rounded(percentile(times, 0.5), 1) ?? 0;
}

function costsOf({ armMsPerTask, reminderMsEach, pressP50Ms, databaseKBPerTask, engineKBPerTask }: Measured): Costs {
  return { armMsPerTask, reminderMsEach, pressP50Ms, databaseKBPerTask, engineKBPerTask };
}

/** Says where the goal is not met, and what arming spent its time on, beside the smallest. */
function explain(smallest: Measured, line: ScaleLine): void {
  if (line.growth <= GROWTH_MAX) return;
  say(`${line.growsMost} is ${line.growth} times that of ${smallest.tasks} tasks; at most ${GROWTH_MAX} was the goal`);
  for (const part of ['Worker', 'Engine', 'Database', 'Importer'] as const)
    say(
      `  arming, ${part.toLowerCase()}: ${line[`arm${part}CpuMs`]} ms of a core a task, of ${smallest.tasks} tasks ${smallest[`arm${part}CpuMs`]}`,
    );
}
