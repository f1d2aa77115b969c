/** The stub answers as Slack documents it, over real HTTP; not how fast it is (`npm run -s bench:storm -- --only http-loop`). */
import { afterEach, describe, expect, it } from 'vitest';
import { cardOf, remindersOf } from './reminders.ts';
import { keyOf, RateLimits, type StubEntry, startSlackStub } from './slack-stub.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function stub(limits: 'none' | 'slack' = 'none') {
  const { url, stop } = await startSlackStub({ delayMs: 0, limits });
  stops.push(stop);
  const root = new URL('/', url).href;
  const call = async (method: string, args: object, form = false) => {
    const response = await fetch(`${url}${method}`, {
      method: 'POST',
      headers: { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8' },
      body: form
        ? new URLSearchParams(
            Object.entries(args).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
          )
        : JSON.stringify(args),
    });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const log = async () =>
    (await (await fetch(`${root}_log`)).text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StubEntry);
  return { root, call, log };
}

const [first, second] = remindersOf({ reminders: 2, people: 1 }).map(cardOf);
if (first === undefined || second === undefined) throw new Error('no reminders');

describe('posting', () => {
  it.each([false, true])('takes what Slack takes and logs its key and instant (as a form: %s)', async (form) => {
    const { call, log } = await stub();
    const before = Date.now();
    const { status, body } = await call('chat.postMessage', first, form);
    expect([status, body.ok, body.channel]).toEqual([200, true, first.channel]);
    const [entry] = await log();
    expect(entry).toMatchObject({ key: 'storm-000000', channel: first.channel, ts: body.ts });
    expect(entry?.at).toBeGreaterThanOrEqual(before - 1);
    expect(entry?.at).toBeLessThanOrEqual(Date.now() + 1);
  });

  it('shows what was posted, newest first, with its block_ids', async () => {
    const { call } = await stub();
    const one = await call('chat.postMessage', first);
    await call('chat.postMessage', second);
    const history = await call('conversations.history', { channel: first.channel, limit: 10 });
    const messages = history.body.messages as { ts: string; blocks: unknown[] }[];
    expect(messages.map(({ blocks }) => keyOf(blocks))).toEqual(['storm-000001', 'storm-000000']);
    const newer = await call('conversations.history', { channel: first.channel, oldest: one.body.ts });
    expect(newer.body.messages).toHaveLength(1);
    const limited = await call('conversations.history', { channel: first.channel, limit: 1 });
    expect([(limited.body.messages as unknown[]).length, limited.body.has_more]).toEqual([1, true]);
  });

  it('updates a message it knows, and only such', async () => {
    const { call } = await stub();
    const { body } = await call('chat.postMessage', first);
    await call('chat.update', { channel: first.channel, ts: body.ts, text: 'new', blocks: [] });
    const history = await call('conversations.history', { channel: first.channel });
    expect(history.body.messages).toMatchObject([{ text: 'new', blocks: [] }]);
    expect((await call('chat.update', { channel: first.channel, ts: '1.0', text: 'x' })).body.error).toBe('message_not_found');
  });

  it('says what it does not know', async () => {
    const { call } = await stub();
    expect((await call('chat.postMessage', { text: 'x' })).body.error).toBe('channel_not_found');
    expect((await call('chat.postMessage', { channel: 'D1' })).body.error).toBe('no_text');
    expect((await call('files.upload', {})).body.error).toBe('unknown_method');
  });

  it('forgets all on reset', async () => {
    const { call, log, root } = await stub();
    await call('chat.postMessage', first);
    await fetch(`${root}_reset`, { method: 'POST' });
    expect(await log()).toEqual([]);
    expect(await (await fetch(`${root}_count`)).json()).toEqual({ accepted: 0, rateLimited: 0 });
  });
});

describe("Slack's limits", () => {
  it('refuses a second message in the same second and channel, with whole seconds to wait', async () => {
    const { call, root } = await stub('slack');
    expect((await call('chat.postMessage', first)).status).toBe(200);
    const refused = await call('chat.postMessage', second);
    expect([refused.status, refused.retryAfter, refused.body]).toEqual([429, '1', { ok: false, error: 'ratelimited' }]);
    expect(await (await fetch(`${root}_count`)).json()).toEqual({ accepted: 1, rateLimited: 1 });
  });

  it('lets the channel go on after a second, the workspace after its minute', () => {
    const limits = new RateLimits();
    for (let post = 0; post < 300; post += 1) expect(limits.secondsToWait('chat.postMessage', `D${post}`, post)).toBe(0);
    expect(limits.secondsToWait('chat.postMessage', 'D0', 1_000)).toBe(59);
    expect(limits.secondsToWait('chat.postMessage', 'D0', 60_000)).toBe(0);
    expect(limits.secondsToWait('chat.postMessage', 'D0', 60_999)).toBe(1);
    expect(limits.secondsToWait('chat.postMessage', 'D0', 61_000)).toBe(0);
  });

  it('counts each method for itself', () => {
    const limits = new RateLimits();
    for (let call = 0; call < 50; call += 1) expect(limits.secondsToWait('chat.update', 'D0', 0)).toBe(0);
    expect(limits.secondsToWait('chat.update', 'D0', 1)).toBe(60);
    expect(limits.secondsToWait('chat.postMessage', 'D0', 1)).toBe(0);
    expect(limits.secondsToWait('auth.test', '', 1)).toBe(0);
  });
});

it('a card is about as large as what dondoc sends', () => {
  const bytes = Buffer.byteLength(JSON.stringify(first));
  expect(bytes).toBeGreaterThan(2_700);
  expect(bytes).toBeLessThan(3_300);
});

describe('Socket Mode', () => {
  it('sends a press to who asked for a link, and logs when it was acknowledged and what followed', async () => {
    const { root, call } = await stub();
    const { body } = await call('chat.postMessage', first);
    const { body: link } = await call('apps.connections.open', {});
    const socket = new WebSocket(String(link.url));
    const envelopes: { type: string; envelope_id?: string; payload?: unknown }[] = [];
    socket.addEventListener('message', ({ data }) => void envelopes.push(JSON.parse(String(data))));
    await expect.poll(() => envelopes).toMatchObject([{ type: 'hello' }]);

    const payload = { type: 'block_actions', channel: { id: first.channel }, message: { ts: body.ts } };
    const lines = async (path: string) => {
      const text = await (await fetch(`${root}${path}`)).text();
      return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
    };
    await fetch(`${root}_press`, { method: 'POST', body: JSON.stringify({ id: 'P1', payload }) });
    await expect.poll(() => envelopes.at(-1)).toEqual({ envelope_id: 'P1', type: 'interactive', accepts_response_payload: false, payload });
    expect(await lines('_presses')).toMatchObject([{ id: 'P1', channel: first.channel, ts: body.ts, ackAt: null }]);

    socket.send('{"envelope_id":"P1"}');
    await expect.poll(async () => (await lines('_presses'))[0].ackAt).toBeGreaterThan(0);
    await call('chat.update', { channel: first.channel, ts: body.ts, text: 'x' });
    await call('chat.postEphemeral', { channel: first.channel, user: 'U1', text: 'x' });
    expect(await lines('_replies')).toMatchObject([
      { what: 'update', channel: first.channel, ts: body.ts },
      { what: 'ephemeral', channel: first.channel, ts: '' },
    ]);
    socket.close();
  });
});
