/**
 * The bench itself works, on real PostgreSQL, a real peer in a process of its own and the stub in another: what is armed is told, also
 * past a kill, and the stage leaves nothing behind. Not how fast anything is. The peer is the one that needs no packages of its own.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isAlive } from '../ops/process.ts';
import { armPeer, PEERS } from './peers.ts';
import { type Stage, startStage } from './stage.ts';
import { untilTold } from './systems.ts';
import { toldOf } from './told.ts';

const REMINDERS = 300;
const DUE_IN_MS = 4_000;
/** Two loops of a hundred rows each: what a crash may repeat. */
const IN_FLIGHT_MAX = 200;
const GIVE_UP_MS = 20_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ limits: 'none' });
});
afterAll(async () => {
  await stage.stop();
  expect(existsSync(stage.state)).toBe(false);
});

it('a peer armed, killed in the storm and started again tells everyone', async () => {
  const peer = PEERS.find(({ name }) => name === 'cron-query');
  if (peer === undefined) throw new Error('no such peer');
  const armed = await armPeer(peer, stage, { reminders: REMINDERS, people: 30, limited: false, dueInMs: DUE_IN_MS });
  await expect.poll(async () => (await stage.slack.count()).accepted, { timeout: GIVE_UP_MS, interval: 2 }).toBeGreaterThan(0);
  await armed.worker.kill();
  expect(isAlive(armed.worker.pid)).toBe(false);

  const worker = await armed.startWorker();
  await untilTold(armed, stage, { giveUpAt: armed.dueAt + GIVE_UP_MS, atRest: async () => (await armed.held()).length === 0 });
  expect(worker.peakMemoryMB()).toBeGreaterThan(20);
  await worker.stop();
  const log = await stage.slack.log();
  expect(Math.min(...log.map(({ at }) => at))).toBeGreaterThan(armed.dueAt);
  const told = toldOf(await armed.planned(), log);
  expect(told.missing).toEqual([]);
  expect(told.duplicates).toBeLessThanOrEqual(IN_FLIGHT_MAX);
  expect(await armed.held()).toEqual([]);
});
