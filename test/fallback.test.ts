/**
 * Proves on real parts what becomes of what Slack does not take: refused for good it is told by mail at once and once, and stays told when
 * the task is planned anew; refused as a whole, everything waits and counts no attempt. Not who has left: see test/gone.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TaskCode } from '../domain/names.ts';
import { LAN, type Office, openOffice, SON } from './office.ts';
import { openSlackProxy, type SlackProxy } from './slack-proxy.ts';

let office: Office;
let slack: SlackProxy;
beforeAll(async () => {
  office = await openOffice({
    async slackThrough(apiUrl) {
      slack = await openSlackProxy(apiUrl);
      return slack.apiUrl;
    },
  });
});
afterAll(async () => {
  await office.close();
  await slack.close();
});

const rows = async (taskCode: string, step: string) =>
  (await office.system.database.notification.findMany({ where: { taskCode, step }, orderBy: { channel: 'desc' } })).map(
    ({ channel, status, error, attempts, fallbackOf }) => ({ channel, status, error, attempts, isFallback: fallbackOf !== null }),
  );

it('tells by mail, at once and once, what Slack refuses for good', async () => {
  await office.assign('FALL-1');
  await expect.poll(async () => (await office.mails(LAN)).length, { timeout: 20_000 }).toBe(1);
  // After a minute the reminder comes, by the chat alone.
  slack.refusing.set('chat.postMessage', 'no_permission');
  const expected = [
    { channel: 'slack', status: 'failed', error: 'no_permission', attempts: 1, isFallback: false },
    { channel: 'email', status: 'sent', error: null, attempts: 1, isFallback: true },
  ];
  await expect.poll(() => rows('FALL-1', 'unacknowledged-1m'), { timeout: 90_000 }).toEqual(expected);
  expect(await office.mails(LAN)).toHaveLength(2);
  const request = { type: 'ReportObstacle', kind: 'law', text: 'x' } as const;
  const planned = { key: 'fall', code: 'FALL-1' as TaskCode, actor: LAN.email, via: 'cli', request } as const;
  expect(await office.submit(planned)).toMatchObject({ answer: 'done' });
  expect(await rows('FALL-1', 'unacknowledged-1m')).toEqual(expected);
}, 150_000);

it('keeps everything, and counts no attempt, while Slack refuses the app as a whole', async () => {
  slack.refusing.set('chat.postMessage', 'token_revoked');
  const asked = () => slack.calls.filter(({ method }) => method === 'chat.postMessage').length;
  const before = asked();
  await office.assign('FALL-2');
  await expect.poll(asked, { timeout: 20_000 }).toBeGreaterThan(before);
  const ofSlack = async () => (await rows('FALL-2', 'assigned')).filter(({ channel }) => channel === 'slack');
  // Asked for itself or for another message, Slack's answer is for all: it waits in the ledger, or in a courier's hands.
  const waiting = { channel: 'slack', status: expect.stringMatching(/^(planned|claimed)$/), attempts: 0, isFallback: false };
  await expect.poll(ofSlack, { timeout: 10_000 }).toMatchObject([waiting]);
  slack.refusing.clear();
  await expect.poll(ofSlack, { timeout: 60_000 }).toMatchObject([{ status: 'sent', error: null, attempts: 1 }]);
}, 120_000);

it('tries again at once what failed where there was no conversation to post to: nobody can have been told', async () => {
  slack.refusing.set('chat.postMessage', 'channel_not_found').set('conversations.open', 'internal_error');
  await office.assign('FALL-3', { assignee: SON.email });
  const ofSlack = async () => (await rows('FALL-3', 'assigned')).filter(({ channel }) => channel === 'slack');
  const failed = { status: expect.stringMatching(/^(planned|claimed)$/), error: 'internal_error', isFallback: false };
  await expect.poll(ofSlack, { timeout: 20_000 }).toMatchObject([failed]);
  slack.refusing.clear();
  await expect.poll(ofSlack, { timeout: 30_000 }).toMatchObject([{ status: 'sent', error: null }]);
  expect(slack.calls.map(({ method }) => method)).not.toContain('conversations.history');
}, 90_000);
