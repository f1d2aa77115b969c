/** Proves what is said of a message's fate, against a real server that answers in each way a gateway may, and in some that none should. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Payload } from './payload.ts';
import { createWebhookTransport, type WebhookTransport } from './transport.ts';

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const NOW = instantFromEpochMs(Date.now());
const ID = '0d9d1f4e-7f5b-4a55-9f0e-0d1c6a7d7a10';
const payload: Payload = {
  type: 'message',
  timestamp: '2026-03-02T01:00:00.000Z' as IsoInstant,
  data: { id: ID, address: '+84912345678', locale: 'vi', text: 'Đôn đốc', link: 'https://dondoc.example/tasks', lines: [], tasks: [] },
};
const ANSWERED = /^(sent|limited|transient|permanent|ambiguous)$/;

let server: Server | undefined;
let transport: WebhookTransport | undefined;
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
afterEach(end);

async function end(): Promise<void> {
  await transport?.close();
  transport = undefined;
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
  seen.length = 0;
}

async function against(answer: (response: ServerResponse, incoming: IncomingMessage) => void): Promise<string> {
  server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    seen.push({
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    answer(response, incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = createWebhookTransport({ url: `${url}/in?key=k`, secret: SECRET, connections: 1, now: () => NOW });
  return url;
}

async function posted(status: number, body = '', headers: Readonly<Record<string, string>> = {}) {
  await against((response) => response.writeHead(status, headers).end(body));
  return transport?.post(payload);
}
const said = (code: string) => JSON.stringify({ code });

it('signs what it posts, as the library of Standard Webhooks checks it', async () => {
  expect(await posted(204)).toEqual({ outcome: 'sent', providerId: ID });
  const [post] = seen;
  expect(post).toMatchObject({ method: 'POST', url: '/in?key=k' });
  expect(post?.headers).toMatchObject({ 'webhook-id': ID, 'content-type': 'application/json; charset=utf-8' });
  expect(new Webhook(SECRET).verify(post?.body ?? '', post?.headers as Record<string, string>)).toEqual(payload);
  const other = new Webhook(`whsec_${Buffer.alloc(24, 2).toString('base64')}`);
  expect(() => other.verify(post?.body ?? '', post?.headers as Record<string, string>)).toThrow('No matching signature');
});

describe('every answer', () => {
  it.each<[status: number, body: string, expected: object]>([
    [200, '', { outcome: 'sent', providerId: ID }],
    [201, JSON.stringify({ id: 'sms-1' }), { outcome: 'sent', providerId: 'sms-1' }],
    [202, 'queued', { outcome: 'sent', providerId: ID }],
    [202, JSON.stringify({ id: 4711 }), { outcome: 'sent', providerId: ID }],
    [200, JSON.stringify({ id: 'x'.repeat(201) }), { outcome: 'sent', providerId: ID }],
    [200, 'x'.repeat(100_000), { outcome: 'sent', providerId: ID }],
    // The gateway's own address is wrong, or it refuses us: an operator acts, nothing is tried message by message.
    [301, '', { outcome: 'limited', why: 'HTTP 301' }],
    [302, '', { outcome: 'limited' }],
    [307, '', { outcome: 'limited' }],
    [308, '', { outcome: 'limited' }],
    [401, '', { outcome: 'limited', why: 'HTTP 401', refusesUs: true }],
    [403, '', { outcome: 'limited' }],
    [404, '', { outcome: 'limited' }],
    [404, '<html>not found</html>', { outcome: 'limited' }],
    [405, '', { outcome: 'limited' }],
    [410, said('recipient_unknown'), { outcome: 'limited' }],
    [404, said('recipient_unknown'), { outcome: 'permanent', why: 'HTTP 404 recipient_unknown', gone: true }],
    [422, said('recipient_unknown'), { outcome: 'permanent', why: 'HTTP 422 recipient_unknown', gone: true }],
    [404, said('no_such_route'), { outcome: 'permanent', why: 'HTTP 404 no_such_route' }],
    [422, said('Số này đã bị chặn'), { outcome: 'permanent', why: 'HTTP 422' }],
    [422, '', { outcome: 'permanent', why: 'HTTP 422' }],
    [400, '', { outcome: 'permanent', why: 'HTTP 400' }],
    [413, '', { outcome: 'permanent' }],
    [408, '', { outcome: 'ambiguous', why: 'HTTP 408' }],
    [409, '', { outcome: 'ambiguous', why: 'HTTP 409' }],
    [500, '', { outcome: 'ambiguous', why: 'HTTP 500' }],
    [502, '', { outcome: 'ambiguous' }],
    [503, '', { outcome: 'ambiguous' }],
    [504, '', { outcome: 'ambiguous' }],
    [599, '', { outcome: 'ambiguous' }],
    [304, '', { outcome: 'ambiguous' }],
  ])('%i %s', async (status, body, expected) => {
    expect(await posted(status, body)).toMatchObject(expected);
    expect(seen).toHaveLength(1);
  });

  it('every other status is answered too, and only what is said of the person takes the person away', async () => {
    for (let status = 200; status < 600; status += 1) {
      const outcome = await posted(status, '');
      expect(outcome?.outcome, String(status)).toMatch(ANSWERED);
      expect(outcome?.outcome === 'sent', String(status)).toBe(status < 300);
      expect(outcome, String(status)).not.toHaveProperty('gone');
      await end();
    }
  });

  it.each<[given: string | undefined, ms: number]>([
    ['7', 7_000],
    ['0', 1_000],
    [new Date(Date.parse(NOW) + 90_000).toUTCString(), 90_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 1_000],
    ['999999', 3_600_000],
    ['soon', 60_000],
    ['-5', 60_000],
    [undefined, 60_000],
  ])('429 with Retry-After %s is left alone for so long', async (given, ms) => {
    const outcome = await posted(429, '', given === undefined ? {} : { 'retry-after': given });
    expect(outcome).toMatchObject({ outcome: 'limited', why: 'HTTP 429' });
    const { retryAfterMs } = outcome as { retryAfterMs: number };
    // A date has whole seconds.
    expect(Math.abs(retryAfterMs - ms)).toBeLessThan(1_000);
  });
});

it('follows no redirect', async () => {
  const url = await against((response) => response.writeHead(307, { location: '/elsewhere' }).end());
  expect(await transport?.post(payload)).toMatchObject({ outcome: 'limited' });
  expect(url).toBeDefined();
  expect(seen.map((each) => each.url)).toEqual(['/in?key=k']);
});

describe('without an answer', () => {
  it('knows that nothing was sent where nobody listens, or nobody is called so', async () => {
    for (const url of ['http://127.0.0.1:1/in', 'http://nobody.invalid/in']) {
      transport = createWebhookTransport({ url, secret: SECRET, connections: 1, now: () => NOW });
      expect(await transport.post(payload)).toMatchObject({ outcome: 'transient' });
      await end();
    }
  });

  it('does not know when the line is cut after the last byte', async () => {
    await against((_, incoming) => incoming.socket.destroy());
    expect(await transport?.post(payload)).toMatchObject({ outcome: 'ambiguous' });
    expect(seen).toHaveLength(1);
  });

  it('does not know when the answer does not come in time', async () => {
    await against(() => {});
    expect(await transport?.post(payload)).toMatchObject({ outcome: 'ambiguous' });
  }, 20_000);

  it('knows that it was sent when the status was a yes, whatever becomes of the rest', async () => {
    await against((response, incoming) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":');
      setTimeout(() => incoming.socket.destroy(), 50);
    });
    expect(await transport?.post(payload)).toEqual({ outcome: 'sent', providerId: ID });
  });

  it('knows it too when the rest never ends', async () => {
    await against((response) => {
      response.writeHead(200);
      response.write('{');
    });
    expect(await transport?.post(payload)).toEqual({ outcome: 'sent', providerId: ID });
  }, 20_000);

  it('says nothing of whom it was for', async () => {
    await against((_, incoming) => incoming.socket.destroy());
    expect(JSON.stringify(await transport?.post(payload))).not.toMatch(/127|in\?key|8491|Đôn/);
  });
});

describe('asked after a message', () => {
  it.each<[status: number, body: string, expected: object]>([
    [200, '', { arrived: true, providerId: ID }],
    [200, JSON.stringify({ id: 'sms-1' }), { arrived: true, providerId: 'sms-1' }],
    [404, '', { arrived: false }],
    // Only these two say something.
    [204, '', { arrived: 'ask_again' }],
    [302, '', { arrived: 'ask_again' }],
    [401, '', { arrived: 'ask_again' }],
    [410, '', { arrived: 'ask_again' }],
    [500, '', { arrived: 'ask_again' }],
  ])('%i %s', async (status, body, expected) => {
    const url = await against((response) => response.writeHead(status).end(body));
    expect(await transport?.ask(`${url}/messages/{id}?key=k`, ID)).toMatchObject(expected);
    const [asked] = seen;
    expect(asked).toMatchObject({ method: 'GET', url: `/messages/${ID}?key=k`, headers: { 'webhook-id': ID } });
    new Webhook(SECRET).verify('', asked?.headers as Record<string, string>, { jsonParse: false });
  });

  it('waits as long as it is told, and asks again where nobody answers', async () => {
    const url = await against((response) => response.writeHead(429, { 'retry-after': '120' }).end());
    expect(await transport?.ask(`${url}/{id}`, ID)).toEqual({ arrived: 'ask_again', retryAfterMs: 120_000 });
    expect(await transport?.ask('http://127.0.0.1:1/{id}', ID)).toEqual({ arrived: 'ask_again', retryAfterMs: 30_000 });
  });
});
