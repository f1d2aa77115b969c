/**
 * Proves on real parts what is promised of a storm that is marked ahead of its moment: until it leaves, a command or a hold still takes back
 * what it concerns; a worker that dies then leaves nothing in doubt; one that was frozen and taken for dead sends nothing when it wakes.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SendingProcess } from '../bench/armed.ts';
import { armBench, COORDINATOR, codeOf, type Dondoc, importBench, openDondoc, storeSteps, untilAtRest } from '../bench/dondoc.ts';
import { type Stage, startStage } from '../bench/stage.ts';
import { messagesOf, noteTellings, REST_MS, stormStep } from '../bench/storm-dondoc.ts';
import { toldOf } from '../bench/told.ts';
import { addDays } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { TaskCode } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import { COMMITTEE_TIME_ZONE, instantFromEpochMs, localDate } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';

/** Of two couriers, each has more than it takes to be a storm. */
const TASKS = 400;
const PEOPLE = 80;
/** A busy machine may take longer for a command than there is time before one of them. */
const CHANGED = ['changed', 'changed-again', 'changed-once-more'] as const;
const WAVES = ['killed', ...CHANGED, 'held', 'frozen'] as const;
/** Long enough to be seen by a courier that is at work, and looks every five seconds. */
const SEEN_MS = 12_000;
/** Longer than a frozen worker's beat is waited for, and what it then had is taken over. */
const TAKEN_OVER_MS = 60_000;

let stage: Stage;
let dondoc: Dondoc;
let worker: SendingProcess;
beforeAll(async () => {
  stage = await startStage({ limits: 'none' });
  dondoc = await openDondoc(stage, { people: PEOPLE, limits: 'none' });
  const { system, start } = dondoc;
  await noteTellings(system.database);
  await storeSteps(
    system,
    stage,
    'waves',
    WAVES.map((wave, index) => stormStep('off', wave, 3 + index)),
  );
  worker = await start('worker');
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  await importBench(system, {
    prefix: 'WAVE',
    count: TASKS,
    people: PEOPLE,
    assignedOn: today,
    acknowledgedOn: null,
    deadlineOf: () => addDays(today, 60),
    policy: 'waves',
  });
  await armBench(system);
}, 180_000);
afterAll(async () => {
  await worker?.stop();
  await dondoc?.system.stop();
  await stage?.stop();
});

const rows = (step: string) => dondoc.system.database.notification.findMany({ where: { step }, orderBy: { key: 'asc' } });
const count = (step: string, status: string) => dondoc.system.database.notification.count({ where: { step, status } });

/** Everything of a step falls due a little later; resolves when all of it is marked, which is before. @returns when, in epoch milliseconds */
async function marked(step: string, seenMs = SEEN_MS): Promise<number> {
  const dueAt = Date.now() + seenMs;
  await stage.slack.reset();
  await dondoc.system.database.notification.updateMany({ where: { step, status: 'planned' }, data: { sendAt: new Date(dueAt) } });
  const all = await count(step, 'planned');
  await expect.poll(() => count(step, 'sending'), { timeout: seenMs, interval: 10 }).toBe(all);
  expect(Date.now()).toBeLessThan(dueAt);
  return dueAt;
}

/** Until so many are told; @returns what came, against what the ledger says of it */
async function told(step: string, dueAt: number, expected: number) {
  await expect.poll(() => count(step, 'sent'), { timeout: TAKEN_OVER_MS + 30_000, interval: 100 }).toBe(expected);
  const messages = await messagesOf(dondoc.system.database);
  const keys = (await rows(step)).filter(({ status }) => status !== 'cancelled').map(({ key }) => key);
  const log = await stage.slack.log();
  const { missing, duplicates } = toldOf({ dueAt, keys, tells: ({ key }) => messages.get(key) ?? [] }, log);
  return { messages: log.length, missing, duplicates, tooEarly: log.filter(({ at }) => at < dueAt).length };
}

it('asks about nothing after a kill in the last second: what has not left was surely not sent', async () => {
  const { database } = dondoc.system;
  await expect.poll(() => database.notification.count(), { timeout: 60_000 }).toBe(TASKS * WAVES.length);
  const dueAt = await marked('killed', REST_MS);
  await worker.kill();
  expect((await stage.slack.count()).accepted).toBe(0);
  worker = await dondoc.start('worker');
  expect(await told('killed', dueAt, TASKS)).toEqual({ messages: TASKS, missing: [], duplicates: 0, tooEarly: 0 });
  // Asked about, each would have counted two.
  expect(new Set((await rows('killed')).map(({ attempts, error }) => `${attempts} ${error}`))).toEqual(new Set(['1 null']));
}, 180_000);

it('takes back what a command cancels in the last second, and says what another one changed', async () => {
  const { system } = dondoc;
  const submit = (task: TaskCode, request: Request) =>
    system.inbox.submit({ key: `ahead:${task}`, code: task, actor: COORDINATOR, via: 'cli', request });
  for (const [attempt, wave] of CHANGED.entries()) {
    const cancelled = codeOf('WAVE', 2 * attempt) as TaskCode;
    const changed = codeOf('WAVE', 2 * attempt + 1) as TaskCode;
    const waiting = await count(wave, 'planned');
    const dueAt = await marked(wave);
    const answers = await Promise.all([
      submit(cancelled, { type: 'CancelTask', reason: 'Trùng lặp' }),
      submit(changed, { type: 'AddComment', text: 'Đã trao đổi', files: [] }),
    ]);
    const wasInTime = Date.now() < dueAt;
    expect(answers).toMatchObject([{ answer: 'done' }, { answer: 'done' }]);
    if (!wasInTime) {
      await expect.poll(() => count(wave, 'sending'), { timeout: 30_000 }).toBe(0);
      continue;
    }
    expect(await told(wave, dueAt, waiting - 1)).toEqual({ messages: waiting - 1, missing: [], duplicates: 0, tooEarly: 0 });
    const ofTask = async (code: string) => (await rows(wave)).find(({ taskCode }) => taskCode === code);
    expect(await ofTask(cancelled)).toMatchObject({ status: 'cancelled', sentAt: null });
    // The card was made anew before it was posted: it knows the comment, and was not brought up to date afterwards.
    const card = await system.database.chatMessage.findFirst({ where: { messageId: (await ofTask(changed))?.messageId ?? '' } });
    const task = await system.database.task.findUnique({ where: { code: changed } });
    expect(card).toMatchObject({ shownSeq: task?.seq, revision: 0 });
    return;
  }
  throw new Error('no command was answered in time');
}, 240_000);

it('keeps everything back that a hold of the last second covers, until it is let go', async () => {
  const { database, now } = dondoc.system;
  const waiting = await count('held', 'planned');
  const dueAt = await marked('held');
  const scope = { agency: null, channel: null, exceptUrgent: false, until: instantFromEpochMs(dueAt + 3_600_000), reason: 'Bão' };
  const hold = await enterHold({ database, now: now() }, scope, COORDINATOR);
  if (isRefusal(hold)) throw new Error(hold.refused);
  expect(Date.now()).toBeLessThan(dueAt);
  await expect.poll(() => count('held', 'planned'), { timeout: SEEN_MS }).toBe(waiting);
  expect(Date.now()).toBeGreaterThan(dueAt);
  expect((await stage.slack.count()).accepted).toBe(0);
  expect(isRefusal(await releaseHold({ database, now: now() }, hold.id, COORDINATOR))).toBe(false);
  // One message for each person then.
  await expect.poll(() => count('held', 'sent'), { timeout: 30_000 }).toBe(PEOPLE);
  expect(await told('held', dueAt, PEOPLE)).toEqual({ messages: PEOPLE, missing: [], duplicates: 0, tooEarly: 0 });
}, 180_000);

it('lets a worker send nothing that was frozen in the last second and wakes when another has taken over', async () => {
  const waiting = await count('frozen', 'planned');
  const dueAt = await marked('frozen');
  process.kill(worker.pid, 'SIGSTOP');
  const other = await dondoc.start('worker');
  try {
    expect(await told('frozen', dueAt, waiting)).toMatchObject({ messages: waiting, duplicates: 0 });
    process.kill(worker.pid, 'SIGCONT');
    // Awake, it finds that its couriers are others' now; at rest again, it has had its chance.
    await untilAtRest(worker.pid);
    expect(await told('frozen', dueAt, waiting)).toEqual({ messages: waiting, missing: [], duplicates: 0, tooEarly: 0 });
  } finally {
    process.kill(worker.pid, 'SIGCONT');
    await other.stop();
  }
}, 180_000);
