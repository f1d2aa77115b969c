/**
 * Proves that what a mail server took, and did not say, is found in its log and not sent again, and that what it never took is sent once
 * more. Ledger, couriers and SMTP are real; the server's log has the lines of a Postfix (`mail/log.test.ts` reads one of its own).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { messageIdOf } from '../mail/compose/mail.ts';
import { storeNotices } from '../prisma/notices.ts';
import { type Office, openOffice } from './office.ts';
import { openSmtpServer, type RunningSmtpServer } from './smtp-server.ts';

/** Of Lan's ministry; reached by mail alone. */
const HEAD = 'dung.mai@most.example' as Email;
/** What is not found is looked for once more a minute after it was on the wire. */
const SETTLED_MS = 100_000;
const folder = mkdtempSync(join(tmpdir(), 'dondoc-mail-'));
const log = join(folder, 'mail.log');
const taken: string[] = [];
let breaks: 'after it is taken' | 'before it is taken' | null = null;
let office: Office;
let server: RunningSmtpServer;

beforeAll(async () => {
  const once = (when: typeof breaks) => () => {
    const does = breaks === when;
    if (does) breaks = null;
    return does;
  };
  server = await openSmtpServer({
    onMail: async ({ messageId }) => void taken.push(messageId),
    cuts: once('after it is taken'),
    drops: once('before it is taken'),
    log,
  });
  office = await openOffice({ smtp: { ...server.access, log } });
});
afterAll(async () => {
  await office.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const rowOf = (code: string) =>
  office.system.database.notification.findFirstOrThrow({ where: { taskCode: code as TaskCode, step: 'assigned', channel: 'email' } });
const mailsNamedBy = (key: string) => taken.filter((id) => id === messageIdOf(key, office.stack.info.mail.domain)).length;
const mailsOf = async (code: string) => mailsNamedBy((await rowOf(code)).key);
const noticeOf = (key: string) => office.system.database.notice.findUniqueOrThrow({ where: { key } });
/** What comes by itself. */
async function giveNotice(key: string): Promise<void> {
  const { database, now, sweep } = office.system;
  const at = now();
  const body = { day: localDate(at, COMMITTEE_TIME_ZONE), agency: 'MOST' as AgencyCode, at };
  const notice = { key, kind: 'week', recipient: HEAD, channel: 'email', sendAt: at, notAfter: null, body } as const;
  expect(await storeNotices(database, [notice], at)).toBe(true);
  await sweep();
}

it('takes a mail', async () => {
  await office.assign('LOG-1', { assignee: HEAD });
  await expect.poll(async () => (await rowOf('LOG-1')).status, { timeout: 30_000 }).toBe('sent');
});

it('finds what was taken without a word, and sends it not again', async () => {
  breaks = 'after it is taken';
  await office.assign('LOG-2', { assignee: HEAD });
  await expect.poll(async () => (await rowOf('LOG-2')).status, { timeout: 60_000 }).toBe('sent');
  const { key, providerId, attempts } = await rowOf('LOG-2');
  expect({ providerId, attempts }).toEqual({ providerId: messageIdOf(key, office.stack.info.mail.domain), attempts: 1 });
  expect(await mailsOf('LOG-2')).toBe(1);
});

it('finds so what comes by itself', async () => {
  breaks = 'after it is taken';
  await giveNotice('week/taken');
  await expect.poll(async () => (await noticeOf('week/taken')).status, { timeout: 60_000 }).toBe('sent');
  expect({ attempts: (await noticeOf('week/taken')).attempts, mails: mailsNamedBy('week/taken') }).toEqual({ attempts: 1, mails: 1 });
});

it(
  'looks twice for what was never taken, and sends that once more',
  async () => {
    breaks = 'before it is taken';
    await office.assign('LOG-3', { assignee: HEAD });
    await expect.poll(async () => (await rowOf('LOG-3')).status, { timeout: 30_000 }).toBe('uncertain');
    breaks = 'before it is taken';
    await giveNotice('week/dropped');
    await expect.poll(async () => (await noticeOf('week/dropped')).status, { timeout: 30_000 }).toBe('uncertain');
    await expect.poll(async () => (await rowOf('LOG-3')).status, { timeout: SETTLED_MS }).toBe('sent');
    await expect.poll(async () => (await noticeOf('week/dropped')).status, { timeout: SETTLED_MS }).toBe('sent');
    expect([(await rowOf('LOG-3')).attempts, (await noticeOf('week/dropped')).attempts]).toEqual([2, 2]);
    expect([await mailsOf('LOG-3'), mailsNamedBy('week/dropped')]).toEqual([1, 1]);
  },
  SETTLED_MS + 40_000,
);
