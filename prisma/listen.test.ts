/** Proves on the real PostgreSQL that couriers at work hear at once whatever is planned again, and not what was not stored after all. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createNotificationDoubts } from '../activities/uncertain-notifications.ts';
import { addMinutes } from '../domain/calendar.ts';
import type { PlannedNotice } from '../domain/notice.ts';
import type { IsoDate } from '../domain/time.ts';
import { enterHold, releaseHold } from '../inbox/hold.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA, LAN, NOW } from '../test/people.ts';
import { partitionOf } from '../worker/partition.ts';
import { listen, NOTIFICATION_PLANNED } from './listen.ts';
import { storeNotices } from './notices.ts';

let store: LedgerStore;
let client: pg.Client;
let heard: (string | undefined)[];
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
  client = new pg.Client({ connectionString: store.databaseUrl });
  await client.connect();
  client.on('notification', ({ payload }) => heard.push(payload));
  await client.query(`LISTEN ${NOTIFICATION_PLANNED}`);
});
beforeEach(async () => {
  await store.clear();
  heard = [];
});
afterAll(async () => {
  await client.end();
  await store.stop();
});

const notice: PlannedNotice = {
  key: 'digest/x',
  kind: 'digest',
  recipient: LAN.email,
  channel: 'email',
  sendAt: NOW,
  notAfter: null,
  body: { day: '2026-03-02' as IsoDate },
};
/** What was notified before this statement has been heard after it. */
const hearAll = () => client.query('SELECT 1');

it('of a notice, once it is stored', async () => {
  await storeNotices(store.database, [notice], NOW);
  await hearAll();
  expect(heard).toEqual(['email']);
  await storeNotices(store.database, [notice], NOW);
  const undone = store.database.$transaction(async (transaction) => {
    await storeNotices(transaction, [{ ...notice, key: 'digest/y' }], NOW);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await hearAll();
  expect(heard).toEqual(['email']);
});

it.each([
  ['slack', ['slack']],
  [null, ['slack', 'email', 'webhook']],
] as const)('of what a hold of %s has let go', async (channel, told) => {
  const hold = { agency: null, channel, exceptUrgent: false, until: addMinutes(NOW, 60), reason: 'x' };
  const { id } = (await enterHold({ database: store.database, now: NOW }, hold, HA.email)) as { id: string };
  await hearAll();
  expect(heard).toEqual([]);
  await releaseHold({ database: store.database, now: addMinutes(NOW, 1) }, id, HA.email);
  await hearAll();
  expect(heard.toSorted()).toEqual([...told].sort());
});

it('of what surely did not arrive', async () => {
  await store.add({ status: 'uncertain', sendAt: NOW, attemptedAt: NOW, attempts: 1, messageId: randomUUID(), retryAt: NOW });
  const sender = { channel: 'slack', shadow: false, prepare: async () => [] } as const;
  const partition = partitionOf(LAN.email);
  const doubts = createNotificationDoubts({
    database: store.database,
    sender,
    partition,
    settle: async () => {},
    textOf: async () => null,
  });
  const [doubt] = await doubts(NOW);
  await doubt?.planAgain('surely not sent; planned again');
  await hearAll();
  expect(heard).toEqual(['slack']);
  expect(await store.database.notification.findFirst()).toMatchObject({ status: 'planned', messageId: null });
});

it('also after the connection was lost', async () => {
  let told = 0;
  const listener = listen(store.databaseUrl, NOTIFICATION_PLANNED, () => {
    told += 1;
  });
  const listening = async () => {
    const { rows } = await client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND state = 'idle'");
    return rows.map(({ pid }) => pid);
  };
  await expect.poll(listening, { timeout: 5_000 }).toHaveLength(1);
  const [lost] = await listening();
  await client.query('SELECT pg_terminate_backend($1)', [lost]);
  await expect.poll(async () => (await listening()).filter((pid) => pid !== lost), { timeout: 5_000 }).toHaveLength(1);
  await storeNotices(store.database, [notice], NOW);
  await expect.poll(() => told).toBe(1);
  await listener.stop();
});
