/**
 * Proves on the real store that notices go by the couriers like everything: the room of all who send, the provider's refusals and its day,
 * one message to a person at a time; and that one in doubt is asked about and never blindly sent again. The provider is what a test says
 * that it answers; the real ones are in test/.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addMinutes } from '../../domain/calendar.ts';
import type { Email } from '../../domain/names.ts';
import { limitPerDay, type RateLimit } from '../../domain/rate-limit.ts';
import { addMilliseconds, type IsoDate, type IsoInstant, instantFromEpochMs } from '../../domain/time.ts';
import { createCalendars } from '../../prisma/calendars.ts';
import { storeNotices } from '../../prisma/notices.ts';
import { createPolicyOf } from '../../prisma/policies.ts';
import { createRateLimits, nameOfDay, readFree } from '../../prisma/rate-limits.ts';
import { type LedgerStore, openLedgerStore } from '../../test/ledger-store.ts';
import { HA, LAN, MINH, NOW, SON } from '../../test/people.ts';
import { PARTITIONS } from '../../workflows/names.ts';
import { createDeliver } from '../deliver.ts';
import type { Found, Pace, Sender, SendOutcome, Sought } from '../sender.ts';
import type { Addressed, Makers } from './maker.ts';
import { createNotices } from './send.ts';

const PEOPLE = [LAN, MINH, HA, SON];
const NO_LIMIT: Pace = { limit: null, perDay: null, perRecipientMs: 0, onWireMax: 4, unsettledMax: 16, aheadMax: 0 };
const EVERY_MS = 300;
const ONE_AT_A_TIME: RateLimit = { max: 1, windowMs: EVERY_MS };
const SENT: SendOutcome = { outcome: 'sent', providerId: 'x' };
let store: LedgerStore;
/** By hand, or as time goes. */
let now: () => IsoInstant;
let pace: Pace;
let outcomes: SendOutcome[];
let found: Found;
let told: { email: Email; id: string; atMs: number }[];
let sought: Sought[];
let lost: Email[];
let stopping: AbortController;
/** What is wrong with how notices are made. */
let mistake: string | null;

beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
});
afterAll(() => store.stop());
beforeEach(async () => {
  await store.clear();
  now = () => NOW;
  pace = NO_LIMIT;
  outcomes = [];
  found = { arrived: 'unknown' };
  told = [];
  sought = [];
  lost = [];
  stopping = new AbortController();
  mistake = null;
});

async function digestsTo(...people: readonly { email: Email }[]): Promise<void> {
  const sendAt = now();
  const morning = { kind: 'digest', channel: 'slack', sendAt, notAfter: null, body: { day: '2026-03-02' as IsoDate } } as const;
  await storeNotices(
    store.database,
    people.map(({ email }) => ({ ...morning, key: `digest/${email}`, recipient: email })),
    sendAt,
  );
}

const make = async (_: unknown, { key }: Addressed) => {
  if (mistake !== null) throw new Error(mistake);
  return { key, title: 'x', parts: [], link: { label: 'x', url: 'http://x' } };
};
const makers: Makers = { hold: make, backlog: make, undelivered: make, digest: make, week: make, report: make };

/** Every courier of the channel, each until it has nothing more to do. */
async function run(): Promise<void> {
  const post = (email: Email, id: string): SendOutcome => {
    told.push({ email, id, atMs: performance.now() });
    return outcomes.shift() ?? SENT;
  };
  const sender: Sender = {
    channel: 'slack',
    shadow: false,
    pace,
    prepare: async (messages) => messages.map(({ id, recipient }) => ({ post: async () => post(recipient, id) })),
    find: async (message) => {
      sought.push(message);
      return found;
    },
    notify: async ({ email }, _, id) => post(email, id),
  };
  const { database } = store;
  const shared = {
    database,
    sender,
    now,
    person: async (email: Email) => PEOPLE.find((each) => each.email === email),
    loseChannel: async (email: Email) => void lost.push(email),
    chance: () => 0.5,
  };
  const deliver = createDeliver({
    ...shared,
    calendars: createCalendars({ database, now }),
    policyOf: createPolicyOf(database),
    rateLimits: createRateLimits(database),
    checkVolume: async () => {},
    notices: createNotices({ ...shared, channels: ['slack'], makers, wakeCouriers: async () => {} }),
    heartbeat: () => {},
    cancelled: () => stopping.signal,
    onFailure: () => {},
    attend: async () => async () => {},
    isOneTooMany: async () => false,
    onPause: () => {},
    ahead: { prepareMs: 0, stayMs: 0, lingerMs: 0 },
    onPlanned: () => () => {},
  });
  await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => deliver('slack', partition)));
}

const rows = () => store.database.notice.findMany({ orderBy: { key: 'asc' } });
const states = async () => (await rows()).map(({ status, attempts }) => `${status} ${attempts}`).sort();
const gaps = () => told.slice(1).map(({ atMs }, index) => atMs - (told[index]?.atMs ?? 0));
const asTimeGoes = () => {
  now = () => instantFromEpochMs(Date.now());
};

it('goes to each person once, by whichever courier is theirs', async () => {
  await digestsTo(...PEOPLE);
  await run();
  await run();
  expect(told.map(({ email }) => email).sort()).toEqual(PEOPLE.map(({ email }) => email).sort());
  expect(await states()).toEqual(Array(4).fill('sent 1'));
});

it('waits a minute where it could not be made, and goes once it can be', async () => {
  await digestsTo(LAN);
  mistake = 'no such text';
  await run();
  await run();
  expect(await rows()).toMatchObject([{ status: 'planned', attempts: 0, error: 'the message could not be made: no such text' }]);
  mistake = null;
  now = () => addMilliseconds(NOW, 59_000);
  await run();
  expect(told).toEqual([]);
  now = () => addMinutes(NOW, 1);
  await run();
  expect(told.map(({ email }) => email)).toEqual([LAN.email]);
  expect(await states()).toEqual(['sent 1']);
});

it('goes no faster than all who send may together', async () => {
  asTimeGoes();
  pace = { ...NO_LIMIT, limit: ONE_AT_A_TIME };
  await digestsTo(...PEOPLE);
  await run();
  expect(told).toHaveLength(4);
  expect(Math.min(...gaps())).toBeGreaterThanOrEqual(EVERY_MS);
});

it('leaves a person the time between two messages, whatever they are', async () => {
  asTimeGoes();
  pace = { ...NO_LIMIT, perRecipientMs: EVERY_MS };
  await store.add({ status: 'planned', sendAt: now(), recipient: LAN });
  await digestsTo(LAN);
  await run();
  expect(told.map(({ email }) => email)).toEqual([LAN.email, LAN.email]);
  expect(Math.min(...gaps())).toBeGreaterThanOrEqual(EVERY_MS);
});

it('waits with everything where the provider asks for patience, and counts no attempt', async () => {
  asTimeGoes();
  const patienceMs = 900;
  pace = { ...NO_LIMIT, limit: { max: 10, windowMs: 1_000 }, onWireMax: 1 };
  outcomes = [{ outcome: 'limited', why: 'ratelimited', retryAfterMs: patienceMs }];
  await digestsTo(LAN);
  await store.add({ status: 'planned', sendAt: now(), recipient: LAN });
  await run();
  expect(told.length).toBeGreaterThan(2);
  expect(gaps()[0]).toBeGreaterThanOrEqual(patienceMs);
  expect(await states()).toEqual(['sent 1']);
});

it('takes no more of a day than there is, and gives back what did not go', async () => {
  const left = () => readFree(store.database, nameOfDay('slack'), limitPerDay(3), now());
  pace = { ...NO_LIMIT, perDay: 3 };
  outcomes = [{ outcome: 'transient', why: 'x', retryAfterMs: 60_000 }];
  await digestsTo(LAN);
  await run();
  expect(await left()).toBe(3);
  await digestsTo(MINH, HA, SON);
  await store.add({ status: 'planned', sendAt: NOW, recipient: LAN });
  // Whoever waits for the day's room stays.
  const running = run();
  await expect.poll(left).toBe(0);
  await expect.poll(() => told.length).toBe(4);
  stopping.abort();
  await running;
  expect(told).toHaveLength(4);
  expect(await store.database.notice.count({ where: { status: 'claimed' } })).toBe(0);
});

it('tries again after a wait that grows, and gives up after hours', async () => {
  await digestsTo(LAN);
  const waits: number[] = [];
  for (let tries = 1; tries <= 5; tries += 1) {
    outcomes = [{ outcome: 'transient', why: 'x', retryAfterMs: 1_000 }];
    await run();
    const [row] = await rows();
    waits.push((row?.retryAt?.getTime() ?? 0) - new Date(now()).getTime());
    const next = addMilliseconds(now(), waits.at(-1) ?? 0);
    now = () => next;
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  now = () => addMinutes(NOW, 4 * 60 + 1);
  outcomes = [{ outcome: 'transient', why: 'x' }];
  await run();
  expect(await states()).toEqual(['failed 6']);
});

it('is given up where the provider refuses us as a whole for hours, not where it only asks for patience', async () => {
  await digestsTo(LAN);
  now = () => addMinutes(NOW, 4 * 60 + 1);
  outcomes = [{ outcome: 'limited', why: 'ratelimited', retryAfterMs: 0 }];
  await run();
  expect(await states()).toEqual(['sent 1']);
  await store.clear();
  now = () => NOW;
  await digestsTo(LAN);
  now = () => addMinutes(NOW, 4 * 60 + 1);
  outcomes = [{ outcome: 'limited', why: 'token_revoked', retryAfterMs: 0, refusesUs: true }];
  await run();
  expect(await states()).toEqual(['failed 1']);
});

it('says of whoever a provider knows no more that the channel is lost', async () => {
  outcomes = [{ outcome: 'permanent', why: 'user_not_found', gone: true }];
  await digestsTo(SON);
  await run();
  expect({ lost, states: await states() }).toEqual({ lost: [SON.email], states: ['failed 1'] });
});

it('asks about one in doubt, by its message and its key, and posts it again only when it surely did not arrive', async () => {
  outcomes = [{ outcome: 'ambiguous', why: 'timeout' }];
  await digestsTo(LAN);
  await run();
  expect(await states()).toEqual(['uncertain 1']);
  found = { arrived: false };
  now = () => addMilliseconds(NOW, 5_000);
  await run();
  expect(sought).toEqual([{ id: told[0]?.id, recipient: LAN.email, attemptedAt: NOW, keys: [`digest/${LAN.email}`] }]);
  // Shown late, perhaps: not yet.
  expect(told).toHaveLength(1);
  now = () => addMilliseconds(NOW, 60_000);
  await run();
  expect(await states()).toEqual(['sent 2']);
  expect(new Set(told.map(({ id }) => id)).size).toBe(2);
});

it.each<{ found: Found; state: string; asked: boolean; times: number }>([
  { found: { arrived: true, providerId: 'D1/1.2' }, state: 'sent 1', asked: false, times: 1 },
  { found: { arrived: 'unknown' }, state: 'uncertain 1', asked: false, times: 1 },
  { found: { arrived: 'ask_again', retryAfterMs: 30_000 }, state: 'uncertain 1', asked: true, times: 1 },
  // Under the same id: the provider drops what it has had.
  { found: { arrived: 'repeatable', forMs: 60_000 }, state: 'sent 1', asked: false, times: 2 },
])('settles one in doubt where the provider says $found', async (each) => {
  outcomes = [{ outcome: 'ambiguous', why: 'timeout' }];
  await digestsTo(LAN);
  await run();
  ({ found } = each);
  now = () => addMilliseconds(NOW, 5_000);
  await run();
  expect(await states()).toEqual([each.state]);
  expect((await rows())[0]?.retryAt !== null).toBe(each.asked);
  expect(told).toHaveLength(each.times);
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
});

it('goes on where a courier died: what was in hand is sent, what was on the wire is asked about', async () => {
  await digestsTo(LAN, MINH);
  const change = (email: Email, data: object) =>
    store.database.notice.update({ where: { key: `digest/${email}` }, data: { messageId: randomUUID(), ...data } });
  await change(LAN.email, { status: 'claimed', leasedUntil: addMinutes(NOW, 1) });
  await change(MINH.email, { status: 'sending', attemptedAt: addMilliseconds(NOW, -6_000), attempts: 1 });
  found = { arrived: true, providerId: 'D1/1.2' };
  await run();
  await run();
  expect(told.map(({ email }) => email)).toEqual([LAN.email]);
  expect(sought.map(({ recipient }) => recipient)).toEqual([MINH.email]);
  expect(await states()).toEqual(['sent 1', 'sent 1']);
});

it('has nobody asked about what an earlier version had on the wire', async () => {
  await digestsTo(LAN);
  await store.database.notice.updateMany({ data: { status: 'sending', attemptedAt: addMinutes(NOW, -5), attempts: 1 } });
  await run();
  expect({ states: await states(), sought, told }).toEqual({ states: ['uncertain 1'], sought: [], told: [] });
});
