/**
 * Proves on real parts what couriers promise of a storm: a worker that starts later shares it, is killed in it, and everyone is told once; a
 * provider's limits are kept by both together, and its `Retry-After` is obeyed. Not how fast: see bench/; not the second before: see
 * test/ahead.test.ts.
 */
import { afterEach, expect, it } from 'vitest';
import { SLACK_LIMITS } from '../activities/deliver-slack.ts';
import type { Armed, SendingProcess } from '../bench/armed.ts';
import { COORDINATOR } from '../bench/dondoc.ts';
import type { Limits } from '../bench/slack-stub.ts';
import { type Stage, startStage } from '../bench/stage.ts';
import { armDondoc } from '../bench/storm-dondoc.ts';
import { untilTold } from '../bench/systems.ts';
import { toldOf } from '../bench/told.ts';
import type { TaskCode } from '../domain/names.ts';
import type { Database } from '../prisma/database.ts';
import { courierWorkflowId, PARTITIONS } from '../workflows/names.ts';

/** What was on the wire of a worker that died is asked about twice, the second time a minute after the attempt. */
const SETTLED_MS = 100_000;
let stage: Stage;
/** The last that was begun is ended first. */
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function arm(merging: 'off' | 'on', o: { reminders: number; people: number; limits: Limits; provider?: Limits }) {
  stage = await startStage({ limits: o.provider ?? o.limits });
  ends.push(stage.stop);
  const armed = await armDondoc(merging, stage, o);
  ends.push(armed.worker.stop);
  return armed;
}

/** How many processes have a courier of Slack at work: each holds a lock. */
async function processesOfCouriers(database: Database): Promise<number> {
  const couriers = Array.from({ length: PARTITIONS }, (_, partition) => courierWorkflowId('slack', partition));
  const rows = await database.$queryRaw<{ pid: number }[]>`
    SELECT DISTINCT pid FROM pg_locks JOIN unnest(${couriers}::text[]) c (courier)
      ON (classid::bigint << 32 | objid::bigint) = hashtextextended(c.courier, 0) WHERE locktype = 'advisory' AND granted`;
  return rows.length;
}

async function startAnother(armed: Armed): Promise<SendingProcess> {
  const worker = await armed.startWorker();
  ends.push(worker.stop);
  return worker;
}

it('two workers share a storm, one is killed in it, and everyone is told once', async () => {
  const { system, ...armed } = await arm('off', { reminders: 800, people: 120, limits: 'none' });
  const { slack } = stage;
  const second = await startAnother(armed);
  // The first had both couriers, and leaves one.
  await expect.poll(() => processesOfCouriers(system.database), { timeout: 15_000, interval: 50 }).toBe(PARTITIONS);
  expect(Date.now()).toBeLessThan(armed.dueAt);
  await expect.poll(async () => (await slack.count()).accepted, { timeout: 60_000, interval: 2 }).toBeGreaterThan(100);
  await second.kill();
  await untilTold(armed, stage, {
    giveUpAt: armed.dueAt + SETTLED_MS,
    atRest: async () => (await armed.held()).length === 0,
  });
  const told = toldOf(await armed.planned(), await slack.log());
  expect({ missing: told.missing, twice: told.duplicates, held: await armed.held() }).toEqual({ missing: [], twice: 0, held: [] });
}, 240_000);

it('is one message for each person where reminders are merged', async () => {
  const armed = await arm('on', { reminders: 300, people: 40, limits: 'none' });
  await untilTold(armed, stage, { giveUpAt: armed.dueAt + SETTLED_MS, atRest: async () => (await armed.held()).length === 0 });
  const told = toldOf(await armed.planned(), await stage.slack.log());
  expect({ messages: told.messages, missing: told.missing, twice: told.duplicates }).toEqual({ messages: 40, missing: [], twice: 0 });
}, 240_000);

it('keeps what Slack takes, and takes all that it does: of two workers together, also of what waits longer than a lease', async () => {
  const { max, windowMs } = SLACK_LIMITS.post;
  const reminders = max + 30;
  const { system, ...armed } = await arm('off', { reminders, people: 110, limits: 'slack' });
  const { slack } = stage;
  // What is given back is taken anew: a courier that lives has no need of it.
  await system.database.$executeRaw`CREATE TABLE given_back (id UUID)`;
  await system.database.$executeRaw`
    CREATE FUNCTION note_given_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO given_back VALUES (OLD.id); RETURN NULL; END $$`;
  await system.database.$executeRaw`
    CREATE TRIGGER given_back AFTER UPDATE ON notification FOR EACH ROW
    WHEN (OLD.status = 'claimed' AND NEW.status = 'planned') EXECUTE FUNCTION note_given_back()`;
  await startAnother(armed);
  await untilTold(armed, stage, { giveUpAt: armed.dueAt + 3 * SETTLED_MS, atRest: async () => (await armed.held()).length === 0 });
  const log = await slack.log();
  const told = toldOf(await armed.planned(), log);
  expect({ missing: told.missing, twice: told.duplicates }).toEqual({ missing: [], twice: 0 });
  expect((await slack.count()).rateLimited).toBe(0);
  for (const entries of Map.groupBy(log, ({ channel }) => channel).values()) {
    const gaps = entries.slice(1).map(({ at }, index) => at - (entries[index]?.at ?? 0));
    expect(Math.min(1_000, ...gaps)).toBeGreaterThanOrEqual(1_000);
  }
  // What goes beyond a window goes as soon as it is over.
  expect(told.latenessMaxSeconds).toBeGreaterThan(windowMs / 1_000);
  expect(told.latenessMaxSeconds).toBeLessThan((windowMs / 1_000) * 1.2);
  expect(log.filter(({ at }) => at < armed.dueAt + windowMs)).toHaveLength(max);
  expect(await system.database.$queryRaw`SELECT id FROM given_back`).toEqual([]);
}, 300_000);

it('takes in hand again what an unexpected refusal keeps from leaving: it can still be cancelled', async () => {
  // The provider has limits of which nobody has told us.
  const { system, ...armed } = await arm('off', { reminders: 120, people: 30, limits: 'none', provider: 'slack' });
  const { slack } = stage;
  await expect.poll(async () => (await slack.count()).rateLimited, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
  const inHand = () => system.database.notification.findFirst({ where: { status: 'claimed' }, orderBy: { key: 'desc' } });
  await expect.poll(inHand, { interval: 5 }).not.toBeNull();
  const row = await inHand();
  const request = { type: 'CancelTask', reason: 'Trùng lặp' } as const;
  const code = (row?.taskCode ?? '') as TaskCode;
  expect(await system.inbox.submit({ key: 'patience', code, actor: COORDINATOR, via: 'cli', request })).toMatchObject({ answer: 'done' });
  const left = ['planned', 'claimed', 'sending', 'uncertain'];
  await expect.poll(() => system.database.notification.count({ where: { status: { in: left } } }), { timeout: 60_000 }).toBe(0);
  const told = toldOf(await armed.planned(), await slack.log());
  expect({ missing: told.missing, twice: told.duplicates }).toEqual({ missing: [row?.key], twice: 0 });
  expect(await system.database.notification.findUnique({ where: { id: row?.id ?? '' } })).toMatchObject({ status: 'cancelled' });
}, 240_000);
