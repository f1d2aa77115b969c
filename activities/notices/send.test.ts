/** Proves on the real store that notices keep to what the provider takes of everything: the room that couriers share, and its refusals. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addMinutes } from '../../domain/calendar.ts';
import type { Email } from '../../domain/names.ts';
import { limitPerSecond } from '../../domain/rate-limit.ts';
import { addMilliseconds, type IsoDate, type IsoInstant } from '../../domain/time.ts';
import { storeNotices } from '../../prisma/notices.ts';
import { createRateLimits } from '../../prisma/rate-limits.ts';
import { type LedgerStore, openLedgerStore } from '../../test/ledger-store.ts';
import { HA, LAN, MINH, NOW, SON } from '../../test/people.ts';
import type { Sender, SendOutcome } from '../sender.ts';
import type { Addressed, Makers } from './maker.ts';
import { createNotices } from './send.ts';

const PEOPLE = [LAN, MINH, HA, SON];
const LIMIT = limitPerSecond(1);
let store: LedgerStore;
let at: IsoInstant;
let outcome: SendOutcome;
let told: Email[];
beforeAll(async () => {
  store = await openLedgerStore();
});
afterAll(() => store.stop());
beforeEach(async () => {
  await store.database.notice.deleteMany();
  await store.database.$executeRaw`DELETE FROM rate_limit`;
  at = NOW;
  outcome = { outcome: 'sent', providerId: 'x' };
  told = [];
  const morning = { kind: 'digest', channel: 'slack', sendAt: NOW, notAfter: null, body: { day: '2026-03-02' as IsoDate } } as const;
  await storeNotices(
    store.database,
    PEOPLE.map(({ email }) => ({ ...morning, key: `digest/${email}`, recipient: email })),
    NOW,
  );
});

const notice = { title: 'x', parts: [], link: { label: 'x', url: 'http://x' } };
const make = async (_: unknown, { key }: Addressed) => ({ ...notice, key });
const makers: Makers = { hold: make, backlog: make, undelivered: make, digest: make, week: make, report: make };
function send(): Promise<void> {
  const sender: Sender = {
    channel: 'slack',
    shadow: false,
    pace: { limit: LIMIT, perDay: null, perRecipientMs: 0, onWireMax: 1, unsettledMax: 1, aheadMax: 0 },
    prepare: async () => [],
    find: async () => ({ arrived: 'unknown' }),
    async notify({ email }) {
      told.push(email);
      return outcome;
    },
  };
  const { database } = store;
  const rateLimits = createRateLimits(database);
  const person = async (email: Email) => PEOPLE.find((each) => each.email === email);
  const wakeForNotices = async () => {};
  return createNotices({
    database,
    sender,
    channels: ['slack'],
    rateLimits,
    makers,
    person,
    now: () => at,
    heartbeat: () => {},
    wakeForNotices,
  })();
}
const rows = () => store.database.notice.findMany({ orderBy: { key: 'asc' } });

it('sends no more at once than there is room for, and the rest when there is again', async () => {
  await send();
  expect(told).toHaveLength(1);
  expect((await rows()).map(({ status, attempts }) => `${status} ${attempts}`).sort()).toEqual([
    'planned 0',
    'planned 0',
    'planned 0',
    'sent 1',
  ]);
  for (let seconds = 1; seconds <= 10; seconds += 1) {
    at = addMilliseconds(NOW, seconds * 1_000);
    await send();
  }
  expect(told.toSorted()).toEqual(PEOPLE.map(({ email }) => email).toSorted());
});

it('leaves the room that others have taken to them', async () => {
  await createRateLimits(store.database).take('slack', LIMIT, { urgent: 1, routine: 0 }, NOW);
  await send();
  expect(told).toEqual([]);
});

it('tells everybody who sends that the provider takes nothing for a while, and counts no attempt', async () => {
  outcome = { outcome: 'limited', why: 'ratelimited', retryAfterMs: 30_000 };
  await send();
  expect(told).toHaveLength(1);
  expect((await rows()).map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(Array(4).fill('planned 0'));
  at = addMilliseconds(NOW, 29_000);
  await send();
  expect(told).toHaveLength(1);
  const { granted } = await createRateLimits(store.database).take('slack', LIMIT, { urgent: 1, routine: 0 }, at);
  expect(granted).toBe(0);
  outcome = { outcome: 'sent', providerId: 'x' };
  at = addMinutes(NOW, 2);
  await send();
  expect(told.length).toBeGreaterThan(1);
});
