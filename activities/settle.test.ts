/** Proves on the real PostgreSQL what the ledger says of a message after each answer. That two answers may cross: see test/chaos. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMinutes } from '../domain/calendar.ts';
import type { Channel, Email } from '../domain/names.ts';
import { addMilliseconds, epochMs, type IsoInstant } from '../domain/time.ts';
import { createPolicyOf } from '../prisma/policies.ts';
import { readUndelivered } from '../prisma/undelivered.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA, LAN, NOW } from '../test/people.ts';
import type { SendOutcome } from './sender.ts';
import { createSettle } from './settle.ts';

const HOURS_4 = 4 * 60;
const TRANSIENT: SendOutcome = { outcome: 'transient', why: 'busy', retryAfterMs: 2_000 };
let store: LedgerStore;
let lost: string[];
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
});
afterAll(() => store.stop());
beforeEach(async () => {
  await store.clear();
  await store.database.task.updateMany({ data: { replanSince: null } });
  lost = [];
});

/** What becomes of a message on the wire, by an answer that comes so many minutes after it was due. */
async function settled(
  result: SendOutcome,
  o: { attempts?: number; channel?: Channel; minutes?: number; chance?: number; person?: typeof LAN } = {},
) {
  const { attempts = 1, channel = 'slack', minutes = 0, chance = 0.5, person = LAN } = o;
  const at: IsoInstant = addMinutes(NOW, minutes);
  const messageId = randomUUID();
  await store.add({ status: 'sending', sendAt: NOW, attemptedAt: at, attempts, messageId, channel, step: 'step' });
  const settle = createSettle({
    database: store.database,
    sender: { channel },
    policyOf: createPolicyOf(store.database),
    person: async () => person,
    loseChannel: async (email, by) => void lost.push(`${email} ${by}`),
    chance: () => chance,
  });
  const row = () => store.database.notification.findFirstOrThrow({ where: { channel } });
  const { id } = await row();
  await settle([{ message: { id: messageId, recipient: LAN.email as Email, items: [] }, notifications: [id], result, at }]);
  const after = await row();
  const waitMs = after.retryAt === null ? null : after.retryAt.getTime() - epochMs(at);
  const others = await store.database.notification.findMany({ where: { id: { not: id } } });
  return { status: after.status, attempts: after.attempts, waitMs, messageId: after.messageId, others };
}

describe('what may be sent later', () => {
  it.each([
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [9, 512_000],
    [12, 600_000],
    [900, 600_000],
  ])('waits longer with each attempt, up to ten minutes: after %d', async (attempts, waitMs) => {
    expect(await settled(TRANSIENT, { attempts })).toMatchObject({ status: 'planned', attempts, waitMs, messageId: null });
  });

  it('is spread by chance, so that what failed together does not come back together', async () => {
    expect(await settled(TRANSIENT, { chance: 0 })).toMatchObject({ waitMs: 1_600 });
    await store.clear();
    expect(await settled(TRANSIENT, { chance: 1 })).toMatchObject({ waitMs: 2_400 });
    await store.clear();
    expect(await settled(TRANSIENT, { chance: 1, attempts: 12 })).toMatchObject({ waitMs: 720_000 });
  });

  it('is tried as late as the provider asks for, however long', async () => {
    const halfAnHour: SendOutcome = { outcome: 'transient', why: 'greylisted', retryAfterMs: 1_800_000 };
    expect(await settled(halfAnHour, { attempts: 3 })).toMatchObject({ status: 'planned', waitMs: 1_800_000 });
  });

  it.each([
    ['after four hours and five attempts, not before', 5, HOURS_4, 'planned'],
    ['nor after fewer attempts', 4, HOURS_4 + 1, 'planned'],
    ['then it is given up', 5, HOURS_4 + 1, 'failed'],
  ])('goes by another channel: %s', async (_, attempts, minutes, status) => {
    const { others, ...rest } = await settled(TRANSIENT, { attempts, minutes });
    expect(rest).toMatchObject({ status });
    const told = others.map(({ channel, status: its }) => `${channel} ${its}`);
    expect(told).toEqual(status === 'failed' ? ['email planned'] : []);
  });
});

it('counts no attempt where the provider takes nothing for a while, however often and however late', async () => {
  const limited: SendOutcome = { outcome: 'limited', why: 'ratelimited', retryAfterMs: 30_000 };
  const found = await settled(limited, { attempts: 50, minutes: HOURS_4 * 2 });
  expect(found).toMatchObject({ status: 'planned', attempts: 49, waitMs: 30_000, messageId: null, others: [] });
});

it.each([
  [HOURS_4, 'planned', []],
  [HOURS_4 + 1, 'failed', ['email planned']],
])('goes by another channel where this one refuses us as a whole, for hours: %d minutes', async (minutes, status, told) => {
  const refused: SendOutcome = { outcome: 'limited', why: 'token_revoked', retryAfterMs: 30_000, refusesUs: true };
  const { others, ...rest } = await settled(refused, { minutes });
  expect(rest).toMatchObject({ status, attempts: 0 });
  expect(others.map(({ channel, status: its }) => `${channel} ${its}`)).toEqual(told);
});

it('tells the coordinator of what no channel takes', async () => {
  const nowhere = { ...LAN, slackId: null, email: LAN.email };
  const refused: SendOutcome = { outcome: 'permanent', why: '554 5.7.1' };
  expect(await settled(refused, { channel: 'email', person: nowhere })).toMatchObject({ status: 'failed', others: [] });
  const told = { coordinator: HA.email, since: addMilliseconds(NOW, -1), until: addMinutes(NOW, 1) };
  expect(await readUndelivered(store.database, told)).toMatchObject([{ notifications: 1, channels: ['email'] }]);
});

it.each(['user_not_found', 'account_inactive'])(
  'says that the channel is lost, and leaves the rest to whoever plans, where Slack says %s',
  async (why) => {
    expect(await settled({ outcome: 'permanent', why, gone: true })).toMatchObject({ status: 'failed', others: [] });
    expect(lost).toEqual([`${LAN.email} slack`]);
    // Also where a plan was made between the loss and this.
    expect((await store.database.task.findFirstOrThrow()).replanSince).not.toBeNull();
  },
);

it('asks about what may have arrived', async () => {
  expect(await settled({ outcome: 'ambiguous', why: 'timeout' })).toMatchObject({
    status: 'uncertain',
    attempts: 1,
    waitMs: 5_000,
    others: [],
  });
});
