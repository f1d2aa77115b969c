/**
 * Proves on the real PostgreSQL that a storm leaves a portion at a time: what has not left can be cancelled or held back until the first of
 * its portion is taken, and a courier that dies leaves no more than two portions in doubt.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { addMinutes, oneCalendar } from '../domain/calendar.ts';
import type { Channel } from '../domain/names.ts';
import { addMilliseconds, instantFromEpochMs } from '../domain/time.ts';
import { createDepartures, IS_WITHDRAWN, recallMarked, withdrawn } from '../prisma/departures.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { LAN, NOW, taskAfter } from '../test/people.ts';
import { partitionOf } from '../worker/partition.ts';
import { AheadMarks } from './ahead.ts';
import { createMark, type Markable } from './mark.ts';

const PORTION = 500;
const MESSAGES = 3 * PORTION + 100;
const MOMENT = addMinutes(NOW, 1);
const TASK = taskAfter([], { code: 'LEDGER-1' });
const { policy } = loadPolicy(join(fileURLToPath(new URL('..', import.meta.url)), 'config/policies/standard.yaml'));

let store: LedgerStore;
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task(TASK.code);
});
beforeEach(() => store.clear());
afterAll(() => store.stop());

const departures = () =>
  createDepartures(store.database, { channel: 'slack' as Channel, partition: partitionOf(LAN.email), run: randomUUID() });
const statusCount = (status: string) => store.database.notification.count({ where: { status } });
async function leftUntil() {
  const [row] = await store.database.$queryRaw<{ at: Date | null }[]>`SELECT left_until AS at FROM departure`;
  return row?.at == null ? null : instantFromEpochMs(row.at.getTime());
}

/** Urgent messages, each of so many notifications, marked ahead of the moment: no cap concerns them. */
async function marked({ messages: count = MESSAGES, each = 1 } = {}) {
  const run = departures();
  await run.takeOver(NOW, 0);
  const ids = Array.from({ length: count }, () => randomUUID());
  await store.add(
    ...ids.flatMap((claimId) =>
      Array.from({ length: each }, () => ({ status: 'claimed', claimId, sendAt: MOMENT, urgent: true, attempts: 0 })),
    ),
  );
  const rows = Map.groupBy(await store.database.notification.findMany(), ({ claimId }) => claimId);
  const idsOf = (message: string) => rows.get(message)?.map(({ id }) => id) ?? [];
  const messages: Markable[] = ids.map((id) => {
    const items = idsOf(id).map((item) => ({ id: item, seq: TASK.seq, policy: TASK.policy }));
    return { id, recipient: LAN.email, urgent: true, held: false, items };
  });
  const { markAhead } = createMark({
    database: store.database,
    shadow: false,
    calendars: async () => oneCalendar(vietnamCalendar({ from: 2025, to: 2028 })),
    policyOf: async () => policy,
    person: async () => LAN,
  });
  const ahead = new AheadMarks({ departures: run, mark: markAhead, warmUp: async () => {}, now: () => NOW });
  ahead.begin(MOMENT, messages);
  await ahead.settle(MOMENT);
  expect(await statusCount('sending')).toBe(count * each);
  return { ahead, id: (index: number) => idsOf(ids[index] ?? '')[0] ?? '', message: (index: number) => ids[index] ?? '' };
}

it('leaves a portion with the first of it and the next one after it: only these are in doubt after a crash', async () => {
  const { ahead, id, message } = await marked();
  const taken = await ahead.take([message(0), message(1)]);
  expect([...taken]).toEqual([0, 1].map((index) => [message(index), [{ id: id(index), seq: TASK.seq, policy: TASK.policy }]]));
  await expect.poll(leftUntil).toBe(addMilliseconds(MOMENT, 1));
  await departures().takeOver(MOMENT, 0);
  expect({ uncertain: await statusCount('uncertain'), planned: await statusCount('planned') }).toEqual({
    uncertain: 2 * PORTION,
    planned: MESSAGES - 2 * PORTION,
  });
});

it('leaves no more at a time where a message tells several things', async () => {
  const { ahead, message } = await marked({ messages: 300, each: 4 });
  await ahead.take([message(0)]);
  await expect.poll(leftUntil).toBe(addMilliseconds(MOMENT, 1));
  await departures().takeOver(MOMENT, 0);
  expect({ uncertain: await statusCount('uncertain'), planned: await statusCount('planned') }).toEqual({
    uncertain: 2 * PORTION,
    planned: 200,
  });
});

it('keeps nothing waiting once the last has left', async () => {
  const { ahead, message } = await marked();
  expect(ahead.attemptAt(MOMENT)).toBe(addMilliseconds(MOMENT, 4));
  expect((await ahead.take([message(MESSAGES - 1), message(0)])).size).toBe(2);
  expect(await leftUntil()).toBeNull();
  expect(ahead.attemptAt(MOMENT)).toBe(MOMENT);
});

it('lets a command take back what has not left, and nothing that has', async () => {
  const { ahead, id, message } = await marked();
  await ahead.take([message(0)]);
  await expect.poll(leftUntil).toBe(addMilliseconds(MOMENT, 1));
  const [left, waiting] = [1, 2 * PORTION];
  await store.database.$executeRaw`
    WITH ${withdrawn(TASK.code)}
    UPDATE notification SET status = 'cancelled' WHERE ${IS_WITHDRAWN} AND id = ANY(${[id(left), id(waiting)]}::uuid[])`;
  const statusOf = async (index: number) => (await store.database.notification.findUniqueOrThrow({ where: { id: id(index) } })).status;
  expect([await statusOf(left), await statusOf(waiting)]).toEqual(['sending', 'cancelled']);
  // It has left: what is taken of it is looked at once more, as the task has changed.
  expect((await ahead.take([message(waiting)])).size).toBe(0);
  // With its portion the next one leaves, which is the last.
  await expect.poll(leftUntil).toBeNull();
});

it('takes everything in hand again that has not been posted when a hold has come', async () => {
  const { ahead, message } = await marked();
  expect((await ahead.take([message(0)])).size).toBe(1);
  await expect.poll(leftUntil).toBe(addMilliseconds(MOMENT, 1));
  await recallMarked(store.database);
  expect((await ahead.take([message(2 * PORTION)])).size).toBe(0);
  expect({ sending: await statusCount('sending'), claimed: await statusCount('claimed') }).toEqual({ sending: 1, claimed: MESSAGES - 1 });
  expect(await leftUntil()).toBeNull();
});

it('takes everything in hand again that has not left two seconds after the moment', async () => {
  const { ahead, message } = await marked();
  await ahead.take([message(0)]);
  await ahead.settle(addMilliseconds(MOMENT, 2_001));
  expect({ sending: await statusCount('sending'), claimed: await statusCount('claimed') }).toEqual({ sending: 1, claimed: MESSAGES - 1 });
  expect(ahead.isDue(MOMENT)).toBe(false);
});

it('lets nothing leave once another run has taken over', async () => {
  const { ahead, message } = await marked();
  await departures().takeOver(MOMENT, 0);
  await expect(ahead.take([message(0)])).rejects.toThrow('taken over');
  expect(await statusCount('planned')).toBe(MESSAGES);
});
