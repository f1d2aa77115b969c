/** Proves what is said of a mail's fate, against a real SMTP server that misbehaves in each phase. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createMailTransport, mailPace } from './transport.ts';

let server: SMTPServer | undefined;
let transport: ReturnType<typeof createMailTransport> | undefined;
afterEach(async () => {
  transport?.close();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

const mail = {
  messageId: '<key@dondoc.example>',
  from: { name: 'dondoc', address: 'dondoc@dondoc.example' },
  to: { name: 'Lan', address: 'lan@most.example' },
  subject: '[T-1] x',
  text: 'x',
  html: '<p>x</p>',
  headers: {},
};

async function sendTo(behaviour: SMTPServerOptions) {
  server = new SMTPServer({ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], logger: false, ...behaviour });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  transport = createMailTransport({ host: '127.0.0.1', port, secure: false });
  return transport.send(mail);
}
const refusal = (code: number, said: string) => Object.assign(new Error(said), { responseCode: code });

it("keeps the server's answer as the proof of a sent mail", async () => {
  const outcome = await sendTo({ onData: (stream, _, callback) => stream.resume().once('end', () => callback(null, 'queued as 4711')) });
  expect(outcome).toEqual({ outcome: 'sent', providerId: '250 queued as 4711' });
});

describe('tells a refusal for now from one for good', () => {
  it.each([
    [451, 'transient'],
    [452, 'transient'],
    [550, 'permanent'],
    [552, 'transient'],
  ])('%i at the recipient is %s', async (code, expected) => {
    expect(await sendTo({ onRcptTo: (_, __, callback) => callback(refusal(code, 'no')) })).toMatchObject({ outcome: expected });
  });

  it.each([
    [451, 'transient'],
    [554, 'permanent'],
  ])('%i after the mail is %s', async (code, expected) => {
    const outcome = await sendTo({ onData: (stream, _, callback) => stream.resume().once('end', () => callback(refusal(code, 'no'))) });
    expect(outcome).toMatchObject({ outcome: expected });
  });
});

describe('reads by digits whether it is the mailbox that is gone', () => {
  const atRecipient = (code: number, said: string) => sendTo({ onRcptTo: (_, __, callback) => callback(refusal(code, said)) });

  it.each([
    [550, '5.1.1 no such user'],
    [550, '5.1.10 recipient not found'],
    [551, '5.1.6 has moved'],
    [553, '5.1.1 unknown'],
    [550, '5.2.1 disabled'],
  ])('%i %s: gone', async (code, said) => {
    expect(await atRecipient(code, said)).toMatchObject({ outcome: 'permanent', gone: true });
  });

  it.each([
    [550, 'no such user here'],
    [550, '5.7.1 user unknown to our policy'],
    [550, '5.1.2 bad domain'],
    [550, '5.2.2 5.1.1 full'],
    [550, '5.1.11 no such code'],
    [554, '5.1.1 no such user'],
    [450, '4.1.1 no such user yet'],
  ])('%i %s: not said', async (code, said) => {
    expect(await atRecipient(code, said)).not.toHaveProperty('gone');
  });

  it('after the mail too, and never of our own address', async () => {
    const late = await sendTo({
      onData: (stream, _, callback) => stream.resume().once('end', () => callback(refusal(550, '5.1.1 unknown'))),
    });
    expect(late).toMatchObject({ outcome: 'permanent', gone: true });
    transport?.close();
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    const ours = await sendTo({ onMailFrom: (_, __, callback) => callback(refusal(550, '5.1.1 who are you')) });
    expect(ours).not.toHaveProperty('gone');
  });
});

it('knows that nothing was sent where nobody listens', async () => {
  transport = createMailTransport({ host: '127.0.0.1', port: 1, secure: false });
  expect(await transport.send(mail)).toMatchObject({ outcome: 'transient' });
});

it('does not know, and does not send again, when the line is cut after the last byte', async () => {
  let deliveries = 0;
  const outcome = await sendTo({
    onData: (stream, session) => {
      stream.resume().once('end', () => {
        deliveries += 1;
        for (const connection of server?.connections ?? []) if (connection.session.id === session.id) connection._socket.destroy();
      });
    },
  });
  expect(outcome).toMatchObject({ outcome: 'ambiguous' });
  expect(deliveries).toBe(1);
});

it.each([
  [535, '5.7.8 wrong password'],
  [454, '4.7.0 try later'],
])('knows by %d to a login that the server refuses us, not the mail', async (responseCode, said) => {
  server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: (_, __, callback) => callback(refusal(responseCode, said)),
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  transport = createMailTransport({ host: '127.0.0.1', port, secure: false, auth: { user: 'dondoc', pass: 'x' } });
  expect(await transport.send(mail)).toMatchObject({ outcome: 'limited', retryAfterMs: 60_000, refusesUs: true });
});

it.each([
  [5, 2, 2],
  [8, 2, 4],
  [1, 2, 1],
])('of %d connections each of %d couriers has %d', (connections, couriers, each) => {
  const pace = mailPace({ connections, perSecond: 0.5, perDay: 100 }, couriers);
  expect(pace).toMatchObject({ onWireMax: each, perDay: 100, limit: { max: 1, windowMs: 2_000 } });
});
