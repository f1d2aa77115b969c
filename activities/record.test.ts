/** Whom a record wakes, and what it does with a state that does not follow from what is stored. On a real database. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskEvent } from '../domain/event.ts';
import { evolve } from '../domain/evolve.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import type { PlannedNotification } from '../domain/notification.ts';
import type { Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { seedDirectory } from '../examples/demo.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from '../prisma/database.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { storedTask } from '../prisma/task-record.ts';
import { createDirectory } from './directory.ts';
import { createRecord, type Waiting } from './record.ts';

const NOW = '2031-03-03T02:00:00.000Z' as IsoInstant;
const LATER = '2031-03-05T01:00:00.000Z' as IsoInstant;
const CODE = 'WAKE-1' as TaskCode;
const LAN = 'lan.nguyen@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-record-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  await applyMigrations({ databaseUrl: postgres.databaseUrl, directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)) });
  database = openDatabase(postgres.databaseUrl);
  await seedDirectory({ database, now: () => NOW, directory: createDirectory(database) });
});
afterAll(async () => {
  await database?.$disconnect();
  await postgres?.stop();
  removeState(state);
});

const notification = (step: string, sendAt: IsoInstant): PlannedNotification => ({
  key: `${CODE}/${step}/1/${LAN}/slack`,
  code: CODE,
  kind: 'reminder',
  step,
  recipient: LAN,
  channel: 'slack',
  sendAt,
  urgent: false,
  reason: 'x',
});

/** The state that events lead to. */
function stateAfter(before: Task | null, events: readonly TaskEvent[]): Task {
  const task = events.reduce(evolve, before);
  if (task === null) throw new Error('no task');
  return task;
}

const assigned = (code: TaskCode): TaskEvent => ({
  type: 'TaskAssigned',
  code,
  seq: 1,
  at: NOW,
  by: HA,
  via: 'cli',
  commandId: null,
  assignment: {
    title: 'x',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: LAN,
    supervisor: null,
    coordinator: HA,
    assignedAt: NOW,
    deadline: '2031-03-20' as IsoDate,
    deadlineAt: '2031-03-20T10:00:00.000Z' as IsoInstant,
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: 3 },
  },
});

it('wakes couriers for what waits, not for what a plan names although it was told', async () => {
  const plans = [notification('passed', NOW), notification('ahead', LATER)];
  const woken: (readonly Waiting[])[] = [];
  const record = createRecord({
    database,
    plan: async () => ({ notifications: plans, wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null }),
    wakeCouriers: async (waiting) => void woken.push(waiting),
  });
  const events = [assigned(CODE)];
  const task = stateAfter(null, events);
  const waits = ({ channel, recipient, sendAt }: PlannedNotification) => ({ channel, recipient, sendAt });

  await record({ code: CODE, events, task, now: NOW });
  expect(woken.at(-1)).toEqual(plans.map(waits));
  await database.notification.updateMany({
    where: { step: 'passed' },
    data: { status: 'sent', messageId: '00000000-0000-8000-8000-000000000001', attemptedAt: NOW, sentAt: NOW },
  });
  await record({ code: CODE, events: [], task, now: NOW });
  expect(woken.at(-1)).toEqual(plans.slice(1).map(waits));
});

describe('a state that is not what the store has', () => {
  const MOMENT = '2031-03-03T03:00:00.000Z' as IsoInstant;
  const REPLAYED = '2031-03-03T03:00:01.235Z' as IsoInstant;
  const record = () =>
    createRecord({
      database,
      plan: async () => ({ notifications: [], wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null }),
      wakeCouriers: async () => {},
    });
  const nudged = (at: IsoInstant): TaskEvent => ({
    type: 'AssigneeNudged',
    seq: 2,
    at,
    by: HA,
    via: 'cli',
    commandId: null,
    text: 'Đến đâu rồi?',
  });
  const comment: TaskEvent = {
    type: 'CommentAdded',
    seq: 3,
    at: LATER,
    by: HA,
    via: 'cli',
    commandId: null,
    text: 'x',
    files: [],
  };
  const rowOf = async (code: TaskCode) => {
    const { seq, state: kept } = await database.task.findUniqueOrThrow({ where: { code } });
    return { seq, state: storedTask(kept) };
  };

  it.each([
    ['a turn that has an event', [comment]],
    ['a turn that only wants a plan', []],
  ])('writes nothing for %s, and answers with the state by the record', async (name, events) => {
    const code = `REPLAYED-${name.length}` as TaskCode;
    const atFirst = stateAfter(null, [assigned(code)]);
    await record()({ code, events: [assigned(code)], task: atFirst, now: NOW });
    const stored = stateAfter(atFirst, [nudged(MOMENT)]);
    await record()({ code, events: [nudged(MOMENT)], task: stored, now: MOMENT });

    const task = stateAfter(stateAfter(atFirst, [nudged(REPLAYED)]), events);
    expect(await record()({ code, events, task, now: LATER })).toEqual({ wakes: [], ahead: [], stored });
    expect(await rowOf(code)).toEqual({ seq: 2, state: stored });

    const decidedAnew = stateAfter(stored, events);
    expect(await record()({ code, events, task: decidedAnew, now: LATER })).toEqual({ wakes: [] });
    expect(await rowOf(code)).toEqual({ seq: decidedAnew.seq, state: decidedAnew });
  });

  it('mends a row that is not what the record says, where what was given is', async () => {
    const code = 'REPLAYED-ROW' as TaskCode;
    const task = stateAfter(null, [assigned(code)]);
    await record()({ code, events: [assigned(code)], task, now: NOW });
    await database.task.update({ where: { code }, data: { state: { ...task, nudges: 7 } as object } });
    expect(await record()({ code, events: [], task, now: LATER })).toEqual({ wakes: [] });
    expect(await rowOf(code)).toEqual({ seq: 1, state: task });
  });
});
