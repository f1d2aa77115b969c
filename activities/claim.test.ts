/** What is taken in hand, how much of it and for how long, on the real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addMilliseconds } from '../domain/time.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA, LAN, NOW } from '../test/people.ts';
import { partitionOf } from '../worker/partition.ts';
import { createClaims, KEEP_EVERY_MS } from './claim.ts';

let store: LedgerStore;
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
});
beforeEach(() => store.clear());
afterAll(() => store.stop());

const claims = () => createClaims(store.database, { channel: 'slack', partition: partitionOf(LAN.email) });
const due = (count: number) => store.add(...Array.from({ length: count }, () => ({ status: 'planned', sendAt: NOW, urgent: true })));
const count = (status: string) => store.database.notification.count({ where: { status } });

it('takes no more than there is room for', async () => {
  await due(5);
  expect(await claims().claim({ at: NOW, by: NOW, max: 2 })).toHaveLength(2);
  expect({ claimed: await count('claimed'), planned: await count('planned') }).toEqual({ claimed: 2, planned: 3 });
});

it('gives back what a lease has run out on, and not what was kept', async () => {
  await due(2);
  const [kept] = await claims().claim({ at: NOW, by: NOW, max: 2 });
  let at = NOW;
  for (let turn = 0; turn < 10; turn += 1) {
    at = addMilliseconds(at, KEEP_EVERY_MS);
    await claims().keep([kept?.id ?? ''], at);
    await claims().releaseExpired(at);
  }
  expect(await store.database.notification.findMany({ where: { status: 'claimed' }, select: { claimId: true } })).toEqual([
    { claimId: kept?.id },
  ]);
  expect(await count('planned')).toBe(1);
});

it('keeps nothing that is claimed for another message meanwhile', async () => {
  await due(1);
  const [before] = await claims().claim({ at: NOW, by: NOW, max: 1 });
  await claims().release([before?.id ?? '']);
  await claims().claim({ at: NOW, by: NOW, max: 1 });
  const leases = () => store.database.notification.findMany({ select: { leasedUntil: true } });
  const lease = await leases();
  await claims().keep([before?.id ?? ''], addMilliseconds(NOW, KEEP_EVERY_MS));
  expect(await leases()).toEqual(lease);
});

it('takes the urgent first, and then each agency in its turn: one with hundreds due keeps nobody waiting', async () => {
  const earlier = { status: 'planned', sendAt: addMilliseconds(NOW, -60_000), recipient: LAN };
  const later = { status: 'planned', sendAt: NOW };
  await store.add(...Array.from({ length: 600 }, () => earlier), { ...later, recipient: HA }, { ...later, urgent: true });
  const taken = async (max: number) =>
    (await claims().claim({ at: NOW, by: NOW, max })).map(({ recipient, urgent }) => `${recipient} ${urgent}`).sort();
  expect(await taken(1)).toEqual([`${LAN.email} true`]);
  expect(await taken(2)).toEqual([`${HA.email} false`, `${LAN.email} false`]);
});

it('takes what one person is to be told of a moment together, or leaves it', async () => {
  await store.add(...Array.from({ length: 7 }, () => ({ status: 'planned', sendAt: NOW })));
  const [message, ...others] = await claims().claim({ at: NOW, by: NOW, max: 2 });
  expect(message?.notifications).toHaveLength(7);
  expect(others).toEqual([]);
});

it('neither waits for what a command is just changing, nor takes it', async () => {
  await due(2);
  const [locked] = await store.database.notification.findMany({ orderBy: { key: 'asc' }, take: 1 });
  await store.database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT id FROM notification WHERE id = ${locked?.id}::uuid FOR UPDATE`;
    const claimed = await claims().claim({ at: NOW, by: NOW, max: 10 });
    expect(claimed.flatMap(({ notifications }) => notifications.map(({ id }) => id))).not.toContain(locked?.id);
    expect(claimed).toHaveLength(1);
  });
  expect(await claims().claim({ at: NOW, by: NOW, max: 10 })).toHaveLength(1);
});
