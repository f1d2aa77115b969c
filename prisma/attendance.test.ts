/** Proves on the real PostgreSQL that everybody knows which courier listens, and that one whose process dies is not taken for it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { createAttendance } from './attendance.ts';
import { type Database, openDatabase } from './database.ts';

let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
const opened: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-attendance-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  database = openDatabase(postgres.databaseUrl);
});
afterAll(async () => {
  for (const each of opened) await each.stop();
  await database.$disconnect();
  await postgres.stop();
  removeState(state);
});

/** As in a process of its own. */
function attendance() {
  const made = createAttendance(postgres.databaseUrl, database);
  opened.push(made);
  return made;
}

it('is seen by every process from its begin to its end, each courier for itself', async () => {
  const [one, other] = [attendance(), attendance()];
  const [leaveFirst, leaveSecond] = await Promise.all([one.begin('courier/slack/0'), one.begin('courier/slack/1')]);
  for (const each of [one, other]) expect(await each.isThere('courier/slack/0')).toBe(true);
  await leaveFirst();
  await leaveFirst();
  for (const each of [one, other]) expect(await each.isThere('courier/slack/0')).toBe(false);
  expect(await other.isThere('courier/slack/1')).toBe(true);
  await leaveSecond();
});

it('ends with the connection, and begins again by another', async () => {
  const one = attendance();
  const leave = await one.begin('courier/email/0');
  await database.$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_locks WHERE locktype = 'advisory' AND granted`;
  await expect.poll(() => one.isThere('courier/email/0')).toBe(false);
  await leave();
  const leaveAgain = await one.begin('courier/email/0');
  expect(await one.isThere('courier/email/0')).toBe(true);
  await leaveAgain();
});

it('lets a second one work while the first hangs, without taking its place', async () => {
  const [one, other] = [attendance(), attendance()];
  const leave = await one.begin('courier/email/1');
  const leaveOther = await other.begin('courier/email/1');
  await leaveOther();
  expect(await other.isThere('courier/email/1')).toBe(true);
  await leave();
});

it('leaves one courier of two to a process that has none', async () => {
  const [one, other] = [attendance(), attendance()];
  const couriers = ['courier/webhook/0', 'courier/webhook/1'];
  const tooMany = () => Promise.all(couriers.map((courier) => one.isOneTooMany('webhook', courier, couriers)));
  await one.carry(['webhook', 'slack']);
  const [leaveFirst, leaveSecond] = await Promise.all(couriers.map((courier) => one.begin(courier)));
  expect(await tooMany()).toEqual([false, false]);
  await other.carry(['slack']);
  expect(await tooMany()).toEqual([false, false]);
  await other.carry(['webhook']);
  expect(await tooMany()).toEqual([false, true]);
  await leaveSecond?.();
  expect(await tooMany()).toEqual([false, false]);
  const leaveOther = await other.begin('courier/webhook/1');
  const leaveAgain = await one.begin('courier/webhook/2');
  expect(await one.isOneTooMany('webhook', 'courier/webhook/2', [...couriers, 'courier/webhook/2'])).toBe(false);
  for (const leave of [leaveFirst, leaveOther, leaveAgain]) await leave?.();
});

it('is seen as one that carries a channel again after its connection was lost, without being asked for anything', async () => {
  const [one, other] = [attendance(), attendance()];
  const couriers = ['courier/email/0', 'courier/email/1'];
  await other.carry(['email']);
  await database.$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_locks WHERE locktype = 'advisory' AND granted`;
  await one.carry(['email']);
  const leaves = await Promise.all(couriers.map((courier) => one.begin(courier)));
  await expect.poll(() => one.isOneTooMany('email', 'courier/email/1', couriers), { timeout: 5_000 }).toBe(true);
  for (const leave of leaves) await leave();
});
