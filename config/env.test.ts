/** Proves that a wrong environment is refused as a whole, with every name, and without repeating a secret. */
import { expect, it } from 'vitest';
import { readEnvironment, reportsOf, shadowOf, webhookOf } from './env.ts';

it('needs nothing for the embedded stack', () => {
  expect(readEnvironment({})).toEqual({
    TEMPORAL_NAMESPACE: 'default',
    SLACK_LIMITS: 'documented',
    SMTP_CONNECTIONS: 5,
    WEBHOOK_PER_SECOND: 10,
    WEBHOOK_REPEATS: 'taken',
    MAIL_DOMAIN: 'dondoc.example',
    BREAKER_FACTOR: 3,
    BREAKER_MINIMUM: 200,
    LATE_SECONDS: 60,
    COURIER_LINGER_MINUTES: 10,
    LATE_ALARM_SECONDS: 300,
    REPORT_WEEKLY: 'fri 16:00',
    REPORT_MONTHLY: 'last 16:00',
  });
});

it('names every mistake at once and repeats no secret', () => {
  const wrong = {
    TEMPORAL_ADDRESS: 'nowhere',
    SLACK_BOT_TOKEN: 'hunter2-secret',
    LINK_SECRET: 'short-secret',
    WEB_PORT: '99999',
    MAIL_DOMAIN: 'x y',
  };
  const said = (() => {
    try {
      readEnvironment(wrong);
      return '';
    } catch (error) {
      return String(error);
    }
  })();
  for (const name of Object.keys(wrong)) expect(said).toContain(name);
  expect(said).toContain('is "nowhere"');
  expect(said).not.toMatch(/hunter2|short-secret/);
});

it('takes the address of another API of Slack only whole', () => {
  expect(readEnvironment({ SLACK_API_URL: 'https://slack-gov.com/api/' }).SLACK_API_URL).toBe('https://slack-gov.com/api/');
  expect(() => readEnvironment({ SLACK_API_URL: 'https://slack-gov.com/api' })).toThrow('SLACK_API_URL');
});

it('wants both tokens of Slack', () => {
  expect(() => readEnvironment({ SLACK_BOT_TOKEN: 'xoxb-1' })).toThrow('go together');
});

const webhook = { WEBHOOK_URL: 'https://gateway.example/in?key=hunter2', WEBHOOK_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}` };

it('reads what a gateway promises', () => {
  expect(webhookOf(readEnvironment({}))).toBeNull();
  expect(webhookOf(readEnvironment(webhook))).toMatchObject({
    url: webhook.WEBHOOK_URL,
    perSecond: 10,
    statusUrl: null,
    dropsRepeats: false,
  });
  const more = { WEBHOOK_STATUS_URL: 'https://gateway.example/in/{id}', WEBHOOK_REPEATS: 'dropped', WEBHOOK_PER_SECOND: '0.5' };
  expect(webhookOf(readEnvironment({ ...webhook, ...more }))).toMatchObject({
    perSecond: 0.5,
    statusUrl: more.WEBHOOK_STATUS_URL,
    dropsRepeats: true,
  });
  for (const url of ['http://127.0.0.1:9/in', 'http://localhost/in', 'http://[::1]/in'])
    expect(webhookOf(readEnvironment({ ...webhook, WEBHOOK_URL: url }))?.url).toBe(url);
});

it.each<[name: string, given: object]>([
  ['WEBHOOK_SECRET', { ...webhook, WEBHOOK_SECRET: undefined }],
  ['WEBHOOK_SECRET', { WEBHOOK_SECRET: webhook.WEBHOOK_SECRET }],
  ['WEBHOOK_SECRET', { ...webhook, WEBHOOK_SECRET: 'whsec_c2hvcnQ=' }],
  ['WEBHOOK_SECRET', { ...webhook, WEBHOOK_SECRET: `whsec_${Buffer.alloc(65).toString('base64')}` }],
  ['WEBHOOK_SECRET', { ...webhook, WEBHOOK_SECRET: Buffer.alloc(32).toString('base64') }],
  ['WEBHOOK_URL', { ...webhook, WEBHOOK_URL: 'http://gateway.example/in' }],
  ['WEBHOOK_URL', { ...webhook, WEBHOOK_URL: 'http://127.0.0.1.example/in' }],
  ['WEBHOOK_URL', { ...webhook, WEBHOOK_URL: 'https://user:hunter2@gateway.example/in' }],
  ['WEBHOOK_URL', { ...webhook, WEBHOOK_URL: 'gateway.example' }],
  ['WEBHOOK_URL', { WEBHOOK_STATUS_URL: 'https://gateway.example/{id}' }],
  ['WEBHOOK_STATUS_URL', { ...webhook, WEBHOOK_STATUS_URL: 'https://gateway.example/in' }],
  ['WEBHOOK_REPEATS', { ...webhook, WEBHOOK_REPEATS: 'yes' }],
  ['SHADOW_WEBHOOK', { ...webhook, SHADOW_MAILBOX: 'shadow@vptw.example' }],
  ['SHADOW_MAILBOX', { ...webhook, SHADOW_WEBHOOK: '+84' }],
])('refuses a wrong %s, and repeats neither secret nor key', (name, given) => {
  const read = () => readEnvironment({ ...given });
  expect(read).toThrow(name);
  expect(read).not.toThrow(/hunter2|c2hvcnQ|AAAA/);
});

const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

it.each([
  ['nothing', {}, null],
  ['both', { ...slack, SHADOW_MAILBOX: 'a@b.example', SHADOW_CHANNEL: 'C123' }, { mailbox: 'a@b.example', channel: 'C123', webhook: null }],
  [
    'a user for a channel',
    { ...slack, SHADOW_MAILBOX: 'a@b.example', SHADOW_CHANNEL: 'U123' },
    { mailbox: 'a@b.example', channel: 'U123', webhook: null },
  ],
  ['the mailbox alone where Slack is off', { SHADOW_MAILBOX: 'a@b.example' }, { mailbox: 'a@b.example', channel: null, webhook: null }],
])('diverts by %s', (_, given, expected) => {
  expect(shadowOf(readEnvironment(given))).toEqual(expected);
});

it.each([
  ['the mailbox alone where Slack is on', { ...slack, SHADOW_MAILBOX: 'a@b.example' }, 'SHADOW_CHANNEL'],
  ['the channel alone', { SHADOW_CHANNEL: 'C123' }, 'SHADOW_MAILBOX'],
  ['no mailbox', { SHADOW_MAILBOX: 'nobody', SHADOW_CHANNEL: 'C123' }, 'SHADOW_MAILBOX is "nobody"'],
  ["a channel's name", { SHADOW_MAILBOX: 'a@b.example', SHADOW_CHANNEL: '#shadow' }, 'SHADOW_CHANNEL is "#shadow"'],
])('refuses %s: messages would go to real people', (_, given, named) => {
  expect(() => readEnvironment(given)).toThrow(named);
});

it('reads when the report is sent by itself, and says what is right where it cannot', () => {
  const rules = (given: Record<string, string>) => reportsOf(readEnvironment(given));
  expect(rules({})).toEqual({ weekly: { day: 5, time: '16:00' }, monthly: { day: 31, time: '16:00' } });
  expect(rules({ REPORT_WEEKLY: 'mon 08:30', REPORT_MONTHLY: '25 17:00' })).toEqual({
    weekly: { day: 1, time: '08:30' },
    monthly: { day: 25, time: '17:00' },
  });
  expect(rules({ REPORT_WEEKLY: 'off', REPORT_MONTHLY: 'off' })).toEqual({ weekly: null, monthly: null });
  for (const wrong of ['friday 16:00', 'fri 24:00', 'fri', '5 16:00'])
    expect(() => rules({ REPORT_WEEKLY: wrong })).toThrow(`REPORT_WEEKLY is "${wrong}": write a day of the week and a time`);
  for (const wrong of ['0 16:00', '32 16:00', 'fri 16:00']) expect(() => rules({ REPORT_MONTHLY: wrong })).toThrow('last 16:00, or off');
});
