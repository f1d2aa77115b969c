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
const WAVES = ['killed', 'changed', 'held', 'frozen'] as const;
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
  const dueAt = await marked('changed');
  const submit = (index: number, request: Request) =>
    system.inbox.submit({
      key: `ahead:${index}`,
      code: codeOf('WAVE', index) as TaskCode,
      actor: COORDINATOR,
      via: 'cli',
      request,
    });
  const answers = await Promise.all([
    submit(7, { type: 'CancelTask', reason: 'Trùng lặp' }),
    submit(8, { type: 'AddComment', text: 'Đã trao đổi', files: [] }),
  ]);
  const left = dueAt - Date.now();
  expect(answers).toMatchObject([{ answer: 'done' }, { answer: 'done' }]);
  expect(left).toBeGreaterThan(0);
  expect(await told('changed', dueAt, TASKS - 1)).toEqual({ messages: TASKS - 1, missing: [], duplicates: 0, tooEarly: 0 });
  const ofTask = async (index: number) => (await rows('changed')).find(({ taskCode }) => taskCode === codeOf('WAVE', index));
  expect(await ofTask(7)).toMatchObject({ status: 'cancelled', sentAt: null });
  // The card was made anew before it was posted: it knows the comment, and was not brought up to date afterwards.
  const card = await system.database.chatMessage.findFirst({ where: { messageId: (await ofTask(8))?.messageId ?? '' } });
  const task = await system.database.task.findUnique({ where: { code: codeOf('WAVE', 8) } });
  expect(card).toMatchObject({ shownSeq: task?.seq, revision: 0 });
}, 180_000);

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
