/**
 * Proves on the real PostgreSQL what is taken in hand, how much of it, in which order and for how long. Not in which order it then goes:
 * see domain/send-queue.test.ts; nor what a hold keeps back: see test/hold.test.ts.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMinutes } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import type { Email } from '../domain/names.ts';
import { addMilliseconds } from '../domain/time.ts';
import { type LedgerRow, type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA, LAN, MINH, NOW } from '../test/people.ts';
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
/** Of one person. */
const waiting = (recipient: Person, count: number, row: Partial<LedgerRow> = {}) =>
  Array.from({ length: count }, () => ({ status: 'planned', sendAt: NOW, recipient, ...row }));
const claim = (max = 1_000) => claims().claim({ at: NOW, by: NOW, max });
/** Whom a claim has taken something for, and how much of it in each message. */
const taken = async (max?: number) => (await claim(max)).map(({ recipient, notifications }) => [recipient, notifications.length]);
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

describe('the order', () => {
  it('is the urgent first, however long the routine has waited and however few of another agency wait', async () => {
    await store.add(...waiting(HA, 1, { sendAt: addMinutes(NOW, -600) }), ...waiting(LAN, 3, { urgent: true }));
    expect(await taken(2)).toEqual([
      [LAN.email, 1],
      [LAN.email, 1],
    ]);
    // Room for what is left of it goes to what is routine.
    expect((await taken(2)).sort()).toEqual([
      [HA.email, 1],
      [LAN.email, 1],
    ]);
  });

  it('is the longest due first, of one agency', async () => {
    await store.add(...waiting(LAN, 1), ...waiting(MINH, 1, { sendAt: addMinutes(NOW, -1) }));
    expect(await taken(1)).toEqual([[MINH.email, 1]]);
    expect(await taken(1)).toEqual([[LAN.email, 1]]);
  });

  it('gives agencies turns: thousands that one has due, urgent or not, keep nobody else waiting', async () => {
    const people = Array.from({ length: 2_400 }, (_, index) => ({ ...LAN, email: `p${index}@most.example` as Email })).filter(
      ({ email }) => partitionOf(email) === partitionOf(HA.email),
    );
    await store.database.person.createMany({
      data: people.map(({ email, name, agency, role }) => ({ email, name, agencyCode: agency, role })),
    });
    for (const urgent of [false, true]) {
      const earlier = { sendAt: addMinutes(NOW, -60), urgent };
      await store.add(...people.flatMap((each) => waiting(each, 1, earlier)), ...waiting(HA, 3, { urgent }));
      const claimed = await claim();
      expect(claimed.flatMap(({ notifications }) => notifications)).toHaveLength(500);
      const ofHa = claimed.flatMap(({ recipient, notifications }) => (recipient === HA.email ? notifications : []));
      expect(ofHa).toHaveLength(3);
      // In hand, too: the other agency's first is not behind hundreds.
      expect(claimed.slice(0, 2).map(({ recipient }) => recipient)).toContain(HA.email);
      await store.clear();
    }
  });
});

describe('what a person is told', () => {
  it('is one message with all that is due, also where there is room for less, and with what is due in a moment', async () => {
    await store.add(
      ...waiting(LAN, 5),
      ...waiting(LAN, 1, { sendAt: addMinutes(NOW, 1) }),
      ...waiting(LAN, 1, { sendAt: addMinutes(NOW, 2) }),
    );
    expect(await taken(2)).toEqual([[LAN.email, 6]]);
    expect(await count('planned')).toBe(1);
  });

  it('is no reason to take anything of somebody to whom nothing is due yet', async () => {
    await store.add(...waiting(LAN, 1), ...waiting(MINH, 1, { sendAt: addMinutes(NOW, 1) }));
    expect(await taken()).toEqual([[LAN.email, 1]]);
  });

  it('leaves what is urgent a message of its own', async () => {
    await store.add(...waiting(LAN, 2), ...waiting(LAN, 1, { urgent: true }));
    const claimed = await claim();
    expect(claimed.map(({ urgent, notifications }) => [urgent, notifications.length]).sort()).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });

  it('is taken as a whole or left as a whole: the part that has no room makes no second message', async () => {
    await store.add(...waiting(LAN, 1_500), ...waiting(MINH, 600));
    expect(await taken()).toEqual([[MINH.email, 600]]);
    expect(await count('planned')).toBe(1_500);
    expect(await taken()).toEqual([[LAN.email, 1_500]]);
  });

  it('is taken though it is more than anybody has room for, by itself', async () => {
    await store.add(...waiting(LAN, 2_100));
    expect(await taken()).toEqual([[LAN.email, 2_100]]);
  });
});

it('neither waits for what a command has locked nor takes it', async () => {
  await store.add(...waiting(LAN, 1, { step: 'cancelled' }), ...waiting(LAN, 1, { urgent: true, step: 'urgent' }), ...waiting(MINH, 2));
  // The command ends after the claim: a claim that waited for it would never end.
  const claimed = await store.database.$transaction(async (command) => {
    const locked = await command.$queryRaw<unknown[]>`SELECT id FROM notification WHERE step IN ('cancelled', 'urgent') FOR UPDATE`;
    expect(locked).toHaveLength(2);
    const taken = await claim();
    await command.$executeRaw`UPDATE notification SET status = 'cancelled' WHERE step = 'cancelled'`;
    return taken;
  });
  expect(claimed.map(({ recipient, notifications }) => [recipient, notifications.length])).toEqual([[MINH.email, 2]]);
  expect(await taken()).toEqual([[LAN.email, 1]]);
  expect(await count('cancelled')).toBe(1);
});
