/** Proves that a wrong environment is refused as a whole, with every name, and without repeating a secret. */
import { expect, it } from 'vitest';
import { readEnvironment, reportsOf, shadowOf } from './env.ts';

it('needs nothing for the embedded stack', () => {
  expect(readEnvironment({})).toEqual({
    TEMPORAL_NAMESPACE: 'default',
    SLACK_LIMITS: 'documented',
    SMTP_CONNECTIONS: 5,
    MAIL_DOMAIN: 'dondoc.example',
    BREAKER_FACTOR: 3,
    BREAKER_MINIMUM: 200,
    LATE_SECONDS: 60,
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

const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

it.each([
  ['nothing', {}, null],
  ['both', { ...slack, SHADOW_MAILBOX: 'a@b.example', SHADOW_CHANNEL: 'C123' }, { mailbox: 'a@b.example', channel: 'C123' }],
  [
    'a user for a channel',
    { ...slack, SHADOW_MAILBOX: 'a@b.example', SHADOW_CHANNEL: 'U123' },
    { mailbox: 'a@b.example', channel: 'U123' },
  ],
  ['the mailbox alone where Slack is off', { SHADOW_MAILBOX: 'a@b.example' }, { mailbox: 'a@b.example', channel: null }],
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
