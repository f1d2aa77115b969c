/**
 * Proves what becomes of an assignee who left for good: a real Slack that knows the account no more and a real mail server that refuses
 * the mailbox make the person gone, the head stands in and is asked once, by chat and by mail, to name another, and one choice hands
 * everything over. Who comes back is told again.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../cli/doctor.ts';
import type { Email } from '../domain/names.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';

/** Of the Ministry of Finance, which Sơn heads. */
const KHOA = { slack: 'U0MASDAQHV8', email: 'khoa.duong@mof.example' as Email };
const refusedMailboxes = new Set<string>([KHOA.email]);
const mails: { to: string; raw: string }[] = [];
let office: Office;
let server: SMTPServer;
let slack: SlackProxy;

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo({ address }, _, callback) {
      if (refusedMailboxes.has(address)) callback(Object.assign(new Error('5.1.1 no such mailbox'), { responseCode: 550 }));
      else callback();
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, raw: Buffer.concat(chunks).toString() });
        callback();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  office = await openOffice({
    smtp: { host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, secure: false },
    slackThrough: async (apiUrl) => {
      slack = await openSlackProxy(apiUrl);
      slack.missing.add(KHOA.slack);
      return slack.apiUrl;
    },
  });
});
afterAll(async () => {
  await office.close();
  await slack.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const person = (email: string) => office.system.database.person.findUniqueOrThrow({ where: { email } });
const questionsOf = async (who: { slack: string }) =>
  (await office.messages(who)).filter(({ blocks }) =>
    blocks?.some(({ elements }) => elements?.some(({ action_id }) => action_id?.startsWith('gone_name:'))),
  );
const told = (where: object) => office.system.database.notification.findMany({ where, orderBy: { key: 'asc' } });

it('notes that Slack and the mail server know the person no more, and tells the head in that place', async () => {
  for (const code of ['GONE-1', 'GONE-2']) expect(await office.assign(code, { assignee: KHOA.email })).toMatchObject({ answer: 'done' });
  await expect.poll(async () => (await person(KHOA.email)).slackGoneAt, { timeout: 15_000 }).not.toBeNull();
  await expect.poll(async () => (await person(KHOA.email)).goneAt, { timeout: 20_000 }).not.toBeNull();
  await office.cardOf(SON, 'GONE-1');
  await office.cardOf(SON, 'GONE-2');
  const assigned = await told({ step: 'assigned', recipient: SON.email });
  expect(new Set(assigned.map(({ taskCode }) => taskCode))).toEqual(new Set(['GONE-1', 'GONE-2']));
  expect(assigned.map(({ reason }) => reason).every((reason) => reason.endsWith(`in place of ${KHOA.email}`))).toBe(true);
}, 60_000);

it('asks the head once, by chat and by mail', async () => {
  await expect.poll(async () => (await questionsOf(SON)).length, { timeout: 20_000 }).toBe(1);
  await expect
    .poll(async () => (await told({ kind: 'assignee_gone' })).map(({ recipient, channel, status }) => [recipient, channel, status]), {
      timeout: 20_000,
    })
    .toEqual([
      [SON.email, 'email', 'sent'],
      [SON.email, 'slack', 'sent'],
    ]);
});
