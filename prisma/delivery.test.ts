/**
 * Proves on a real store what is counted as waiting, a day and a channel; what is late at an instant, and what is not; and whose tasks have
 * something that reached nobody. Not who is told of it: see activities/backlog.test.ts and test/backlog.test.ts.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addMinutes } from '../domain/calendar.ts';
import { CHANNELS } from '../domain/names.ts';
import { limitPerDay } from '../domain/rate-limit.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { type LedgerRow, type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA, LAN, MINH } from '../test/people.ts';
import { createBacklogReader, readDeliveryDays } from './delivery.ts';
import { createRateLimits, nameOfDay } from './rate-limits.ts';
import { readUndelivered, whoseUndelivered } from './undelivered.ts';

/** 09:00 in Hanoi on a Monday. */
const at = '2026-03-02T02:00:00.000Z' as IsoInstant;
const minutes = (count: number) => addMinutes(at, count);
const seconds = (count: number) => instantFromEpochMs(Date.parse(at) + count * 1_000);
let store: LedgerStore;
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
  await store.task('LEDGER-2');
});
afterEach(() => store.clear());
afterAll(() => store.stop());

const hold = (o: { from: number; until: number; releasedAt?: number; channel?: string; exceptUrgent?: boolean }) =>
  store.database.hold.create({
    data: {
      id: randomUUID(),
      channel: o.channel ?? null,
      exceptUrgent: o.exceptUrgent ?? false,
      reason: 'x',
      madeBy: HA.email,
      madeAt: minutes(o.from),
      until: minutes(o.until),
      ...(o.releasedAt === undefined ? {} : { releasedAt: minutes(o.releasedAt), releasedBy: HA.email }),
    },
  });
const notice = (row: {
  sendAt: IsoInstant;
  kind?: string;
  channel?: string;
  status?: string;
  sentAt?: IsoInstant;
  plannedAt?: IsoInstant;
}) => {
  const { kind = 'digest', channel = 'slack', status = 'planned', plannedAt = minutes(-9_999) } = row;
  const attempted = row.sentAt === undefined ? {} : { attemptedAt: row.sentAt };
  return store.database.notice.create({
    data: { key: randomUUID(), recipient: LAN.email, body: {}, urgent: false, ...row, ...attempted, kind, channel, status, plannedAt },
  });
};

describe('how long messages waited', () => {
  const days = (count = 14) => readDeliveryDays(store.database, { days: count, at });
  const sent = (waitedSeconds: number, o: Partial<LedgerRow> = {}): LedgerRow => {
    const sendAt = o.sendAt ?? minutes(-30);
    const sentAt = instantFromEpochMs(Date.parse(sendAt) + waitedSeconds * 1_000);
    return { status: 'sent', messageId: randomUUID(), sentAt, ...o, sendAt };
  };

  it('is nothing where nothing was sent', async () => expect(await days()).toEqual([]));

  it('is half, 99 of 100 and the longest of those that a channel sent on a local day', async () => {
    await store.add(
      ...Array.from({ length: 100 }, (_, index) => sent(index + 1)),
      sent(0.4, { channel: 'email' }),
      // 23:59 and 00:01 in Hanoi are two days.
      sent(1, { sendAt: '2026-02-28T16:59:00.000Z' as IsoInstant }),
      sent(1, { sendAt: '2026-02-28T17:01:00.000Z' as IsoInstant }),
      sent(1, { sendAt: '2026-02-15T17:00:00.000Z' as IsoInstant, channel: 'email' }),
    );
    expect(await days(14)).toEqual([
      { day: '2026-03-02', channel: 'email', messages: 1, p50Ms: 400, p99Ms: 400, maxMs: 400 },
      { day: '2026-03-02', channel: 'slack', messages: 100, p50Ms: 50_000, p99Ms: 99_000, maxMs: 100_000 },
      { day: '2026-03-01', channel: 'slack', messages: 1, p50Ms: 1_000, p99Ms: 1_000, maxMs: 1_000 },
      { day: '2026-02-28', channel: 'slack', messages: 1, p50Ms: 1_000, p99Ms: 1_000, maxMs: 1_000 },
    ]);
    expect(await days(1)).toHaveLength(2);
    expect(await days(15)).toHaveLength(5);
  });

  it('counts a message once, by the longest wait of what was merged into it', async () => {
    const messageId = randomUUID();
    const sentAt = minutes(0);
    const row = (status: string, waited: number) => ({ status, messageId, sentAt, sendAt: seconds(-waited) });
    // What was gathered a moment ahead did not wait.
    await store.add(row('sent', 1), row('merged', 5), row('merged', -40));
    expect(await days()).toMatchObject([{ messages: 1, maxMs: 5_000 }]);
  });

  it('counts no hold, no cap and no closed hours', async () => {
    await hold({ from: -60, until: -20 });
    await hold({ from: -20, until: 60, releasedAt: -10, channel: 'slack' });
    await hold({ from: -60, until: 60, channel: 'email', exceptUrgent: true });
    const heldRow = { status: 'sent', sendAt: minutes(-30), sentAt: minutes(-9) };
    await store.add(
      { ...heldRow, messageId: randomUUID() },
      { ...heldRow, messageId: randomUUID(), channel: 'email', urgent: true, sentAt: minutes(-18) },
    );
    expect(await days()).toMatchObject([
      { channel: 'email', maxMs: 120_000 },
      { channel: 'slack', maxMs: 60_000 },
    ]);
    await store.clear();
    await store.add({ status: 'sent', messageId: randomUUID(), sendAt: minutes(-600), notBefore: minutes(-3), sentAt: minutes(-1) });
    expect(await days()).toMatchObject([{ maxMs: 120_000 }]);
  });

  it('counts notices, each a message', async () => {
    await notice({ sendAt: minutes(-10), sentAt: minutes(-9), status: 'sent' });
    await store.add(sent(10));
    expect(await days()).toMatchObject([{ messages: 2, p50Ms: 10_000, maxMs: 60_000 }]);
  });
});

describe('what is late now', () => {
  const reader = (channels = CHANNELS as readonly (typeof CHANNELS)[number][], shadow = false, perDay = {}) =>
    createBacklogReader({ database: store.database, rule: { lateSeconds: 60, alarmSeconds: 300 }, channels, perDay, shadow });
  const late = () => reader()(at);
  const planned = (o: Partial<LedgerRow> = {}): LedgerRow => ({ status: 'planned', sendAt: minutes(-10), ...o });

  it('is nothing where all that is due has gone, is not due, or only just', async () => {
    await store.add(
      planned({ sendAt: minutes(5) }),
      planned({ sendAt: seconds(-59) }),
      planned({ status: 'sent', sentAt: minutes(-10), messageId: randomUUID() }),
      planned({ status: 'cancelled' }),
      planned({ status: 'failed' }),
      planned({ status: 'dropped' }),
      planned({ notBefore: minutes(5) }),
      planned({ notBefore: seconds(-30) }),
    );
    await notice({ sendAt: minutes(-10), plannedAt: seconds(-1) });
    expect(await late()).toEqual([]);
  });

  it('is what waits, is in hand, is on the wire or is asked about: how much, since when and why', async () => {
    await store.add(
      planned(),
      planned({ recipient: MINH, sendAt: minutes(-20) }),
      planned({ status: 'claimed', recipient: HA }),
      planned({ status: 'sending', attemptedAt: minutes(-9), messageId: randomUUID() }),
      planned({
        status: 'uncertain',
        attemptedAt: seconds(-20),
        messageId: randomUUID(),
        retryAt: seconds(10),
        error: 'HTTP 500',
        attempts: 1,
      }),
      // Nobody can be asked any more: a finding, and no lateness.
      planned({ status: 'uncertain', attemptedAt: minutes(-10), messageId: randomUUID(), error: 'unknown: x' }),
      planned({ channel: 'email', sendAt: minutes(-2) }),
    );
    await notice({ sendAt: minutes(-15), channel: 'email' });
    expect(await late()).toEqual([
      {
        channel: 'slack',
        waiting: 5,
        people: 3,
        since: minutes(-20),
        reason: 'refused',
        answer: 'HTTP 500',
        until: seconds(10),
        isForAll: false,
      },
      { channel: 'email', waiting: 2, people: 1, since: minutes(-15), reason: 'no_courier' },
    ]);
  });

  it('knows what the provider asked of all who send, and what goes meanwhile', async () => {
    await store.add(planned());
    await store.database.$executeRaw`
      INSERT INTO rate_limit (name, pace, at, blocked_until)
      VALUES ('slack', 0.5, ${at}::timestamptz, ${seconds(34)}::timestamptz)`;
    expect(await late()).toMatchObject([{ reason: 'refused', answer: null, until: seconds(34), isForAll: true }]);
    await store.database.$executeRaw`DELETE FROM rate_limit`;
    // To be asked for patience is no attempt.
    await store.add(planned({ attemptedAt: seconds(-20), attempts: 0, retryAt: seconds(5), error: 'Invalid login: 535 5.7.8 no' }));
    expect(await late()).toMatchObject([{ answer: '535 5.7.8', isForAll: true }]);
    await store.add(planned({ status: 'sent', sentAt: seconds(-5), messageId: randomUUID() }));
    expect(await late()).toMatchObject([{ waiting: 2, reason: 'pace' }]);
  });

  it('knows that what a channel takes in a day is used up', async () => {
    await store.add(planned({ channel: 'email' }), planned());
    const limits = createRateLimits(store.database);
    const send = (minute: number) => limits.take(nameOfDay('email'), limitPerDay(2), { urgent: 0, routine: 1 }, minutes(minute));
    await send(-30);
    const reasons = async (email: number | null) =>
      (await reader(CHANNELS, false, { email })(at)).map(({ channel, reason }) => `${channel} ${reason}`);
    expect(await reasons(2)).toEqual(['email no_courier', 'slack no_courier']);
    expect(await reasons(null)).toEqual(['email no_courier', 'slack no_courier']);
    await send(-20);
    expect(await reasons(2)).toEqual(['email day_full', 'slack no_courier']);
    await limits.giveBack(nameOfDay('email'), 1, at);
    expect(await reasons(2)).toEqual(['email no_courier', 'slack no_courier']);
  });

  it('says nothing of a cap or the hours as if a provider had', async () => {
    await store.add(
      planned({ notBefore: minutes(-5), error: 'above 3 messages a day' }),
      planned({ error: 'the message could not be made: x' }),
    );
    expect(await late()).toMatchObject([{ waiting: 2, since: minutes(-10), reason: 'unmade' }]);
  });

  it('is not what a hold keeps back, and what it let go is late only some time after', async () => {
    await store.add(planned(), planned({ urgent: true }), planned({ channel: 'email' }));
    await notice({ sendAt: minutes(-10), kind: 'digest' });
    await notice({ sendAt: minutes(-10), kind: 'hold' });
    await hold({ from: -30, until: 30, exceptUrgent: true });
    // The urgent one, and the notice about a hold.
    expect(await late()).toMatchObject([{ channel: 'slack', waiting: 2 }]);
    await store.database.hold.updateMany({ data: { releasedAt: seconds(-59), releasedBy: HA.email } });
    expect(await late()).toMatchObject([{ channel: 'slack', waiting: 2 }]);
    await store.database.hold.updateMany({ data: { releasedAt: minutes(-2) } });
    expect(await late()).toMatchObject([
      { channel: 'slack', waiting: 4, since: minutes(-10) },
      { channel: 'email', waiting: 1, since: minutes(-2) },
    ]);
  });

  it('is not what waits for a channel that is not there, nor what nobody asks about in this mode', async () => {
    await store.add(
      planned(),
      planned({ status: 'uncertain', attemptedAt: at, messageId: randomUUID(), retryAt: at, channel: 'email', shadow: true }),
    );
    expect(await reader(['email'])(at)).toEqual([]);
    expect(await reader(['email'], true)(at)).toMatchObject([{ channel: 'email', waiting: 1 }]);
  });
});

describe('what reached nobody', () => {
  const window = { since: minutes(-60), until: at };
  const failed = (o: Partial<LedgerRow> = {}): LedgerRow => ({
    status: 'failed',
    sendAt: minutes(-300),
    attemptedAt: minutes(-30),
    attempts: 5,
    error: 'no_permission',
    ...o,
  });
  const found = async () =>
    (await readUndelivered(store.database, { coordinator: HA.email, ...window })).map(({ task: { code }, ...counted }) => ({
      code,
      ...counted,
    }));

  it('is what failed on every channel, a step to a person once, by task', async () => {
    await store.add(
      failed({ step: 'a' }),
      failed({ step: 'a', channel: 'email' }),
      failed({ step: 'a', recipient: MINH }),
      failed({ step: 'b', taskCode: 'LEDGER-2' }),
    );
    expect(await found()).toEqual([
      { code: 'LEDGER-1', notifications: 2, people: [LAN.name, MINH.name].sort(), channels: ['email', 'slack'] },
      { code: 'LEDGER-2', notifications: 1, people: [LAN.name], channels: ['slack'] },
    ]);
    expect(await whoseUndelivered(store.database, window.since)).toEqual([{ coordinator: HA.email, channels: ['email', 'slack'] }]);
    expect(await whoseUndelivered(store.database, minutes(-29))).toEqual([]);
  });

  it.each(['planned', 'claimed', 'sending', 'sent', 'merged', 'uncertain'])(
    'is not what another channel has taken over: %s',
    async (status) => {
      const other = { status, channel: 'email', step: 'a', sendAt: minutes(-30), sentAt: minutes(-29), messageId: randomUUID() };
      await store.add(failed({ step: 'a' }), other);
      expect(await found()).toEqual([]);
      expect(await whoseUndelivered(store.database, window.since)).toEqual([]);
    },
  );

  it('is also what the other channel has cancelled, and not what is of who has left, was diverted, or lies outside the window', async () => {
    await store.add(
      failed({ step: 'a' }),
      { status: 'cancelled', channel: 'email', step: 'a', sendAt: at },
      failed({ attemptedAt: minutes(-61) }),
      failed({ attemptedAt: minutes(1) }),
      failed({ shadow: true }),
      failed({ recipient: MINH }),
    );
    await store.database.person.update({ where: { email: MINH.email }, data: { goneAt: at, slackGoneAt: at, emailGoneAt: at } });
    expect(await found()).toMatchObject([{ code: 'LEDGER-1', notifications: 1 }]);
    await store.database.person.update({ where: { email: MINH.email }, data: { goneAt: null, slackGoneAt: null, emailGoneAt: null } });
  });
});
