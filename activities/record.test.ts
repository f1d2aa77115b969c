/** Whom a record wakes: couriers for what waits in the ledger, and for nothing that was told. On a real database. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('wakes couriers for what waits, not for what a plan names although it was told', async () => {
  const plans = [notification('passed', NOW), notification('ahead', LATER)];
  const woken: (readonly Waiting[])[] = [];
  const record = createRecord({
    database,
    plan: async () => ({ notifications: plans, wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null }),
    wakeCouriers: async (waiting) => void woken.push(waiting),
  });
  const events: TaskEvent[] = [
    {
      type: 'TaskAssigned',
      code: CODE,
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
    },
  ];
  const task = events.reduce<Task | null>(evolve, null);
  if (task === null) throw new Error('no task');
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
