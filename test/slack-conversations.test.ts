/**
 * Proves on a stub with Slack's documented answers and limits how a conversation is come by, how a message in doubt is found in it however
 * much has been said since, and that Slack's patience for a method is everybody's. Not that the local Slack takes it: see test/end-to-end.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSlackSender, SLACK_LIMITS, type SlackLimits } from '../activities/deliver-slack.ts';
import { createDirectory } from '../activities/directory.ts';
import { startSlackStub } from '../bench/slack-stub.ts';
import { addMilliseconds, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { createRateLimits } from '../prisma/rate-limits.ts';
import { type LedgerStore, openLedgerStore } from './ledger-store.ts';
import { LAN } from './people.ts';

const NOTICE = { key: 'x', title: 'x', parts: [], link: { label: 'x', url: 'http://x' } };
const UNLIMITED = { max: 10_000, windowMs: 60_000 };
let store: LedgerStore;
/** With Slack's limits, and without any. */
let stub: Awaited<ReturnType<typeof startSlackStub>>;
let roomy: typeof stub;
const now = (): IsoInstant => instantFromEpochMs(Date.now());
beforeAll(async () => {
  store = await openLedgerStore();
  stub = await startSlackStub({ delayMs: 0, limits: 'slack' });
  roomy = await startSlackStub({ delayMs: 0, limits: 'none' });
});
afterEach(async () => {
  await store.clear();
  await store.database.person.updateMany({ data: { slackDm: null } });
  stub.state.reset();
});
afterAll(async () => {
  await stub.stop();
  await roomy.stop();
  await store.stop();
});

function slack(limits: SlackLimits = SLACK_LIMITS, { url } = stub) {
  const { database } = store;
  const directory = createDirectory(database);
  const { sender } = createSlackSender({
    database,
    directory: () => directory.get(),
    risks: async () => new Map(),
    now,
    access: { botToken: 'xoxb', apiUrl: url },
    limits,
    rateLimits: createRateLimits(database),
    webUrl: () => 'http://x',
    shadowChannel: null,
  });
  return sender;
}

const lan = () => store.database.person.findUniqueOrThrow({ where: { email: LAN.email } });
const sought = (id: string) => ({ id, recipient: LAN.email, attemptedAt: addMilliseconds(now(), -1_000), keys: [] });
it('writes to an account with which there is no conversation yet, and remembers the one that Slack opens', async () => {
  const sender = slack();
  const { slackId } = await lan();
  const id = randomUUID();
  const sent = await sender.notify({ ...LAN, slackId }, NOTICE, id);
  expect(sent).toMatchObject({ outcome: 'sent', providerId: expect.stringMatching(`^D-${LAN.email}/`) });
  const remembered = { id, recipient: LAN.email, items: [], at: now(), providerId: sent.outcome === 'sent' ? sent.providerId : '' };
  await store.database.$transaction(async (transaction) => sender.remember?.(transaction, [remembered]));
  expect((await lan()).slackDm).toBe(`D-${LAN.email}`);
});

it('looks for a message in doubt where it would be, also in a conversation that nobody has noted yet', async () => {
  const sender = slack();
  const id = randomUUID();
  expect(await sender.find(sought(id))).toEqual({ arrived: false });
  await sender.notify({ ...LAN, slackId: (await lan()).slackId }, NOTICE, id);
  expect(await sender.find(sought(id))).toMatchObject({ arrived: true });
  expect(await sender.find(sought(randomUUID()))).toEqual({ arrived: false });
});

it('finds it behind hundreds of others', async () => {
  const sender = slack(SLACK_LIMITS, roomy);
  const id = randomUUID();
  await sender.notify({ ...LAN, slackId: (await lan()).slackId }, NOTICE, id);
  const said = () => roomy.state.answer('chat.postMessage', { channel: `D-${LAN.email}`, text: 'x' }, Date.now());
  for (let count = 0; count < 500; count += 1) said();
  expect(await sender.find(sought(id))).toMatchObject({ arrived: true });
  expect(await sender.find(sought(randomUUID()))).toEqual({ arrived: false });
});

it('asks for as much as a minute takes of all, and then later', async () => {
  const sender = slack({ ...SLACK_LIMITS, tier3: { max: 2, windowMs: 60_000 } });
  await store.database.person.update({ where: { email: LAN.email }, data: { slackDm: `D-${LAN.email}` } });
  const answers = [];
  for (let tries = 0; tries < 3; tries += 1) answers.push((await sender.find(sought(randomUUID()))).arrived);
  expect(answers).toEqual([false, false, 'ask_again']);
});

it.each(['conversations.open', 'conversations.history'])('has everybody wait with %s where Slack asks for patience', async (method) => {
  // Slack takes 50 a minute; we think that it takes more.
  const sender = slack({ ...SLACK_LIMITS, tier3: UNLIMITED });
  if (method === 'conversations.history')
    await store.database.person.update({ where: { email: LAN.email }, data: { slackDm: `D-${LAN.email}` } });
  for (let calls = 0; calls < 50; calls += 1) stub.state.answer(method, { channel: 'D1', users: 'U1' }, Date.now());
  const found = await sender.find(sought(randomUUID()));
  expect(found).toMatchObject({ arrived: 'ask_again' });
  expect(found.arrived === 'ask_again' && found.retryAfterMs).toBeGreaterThan(30_000);
  const { granted } = await createRateLimits(store.database).take(`slack:${method}`, UNLIMITED, { urgent: 1, routine: 0 }, now());
  expect(granted).toBe(0);
  expect(stub.state.rateLimited).toBe(1);
});
