/**
 * The environment, read once at start: what is given takes the place of an embedded part. All mistakes are reported together, each with
 * its name and what would be right; secrets are never repeated.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { BacklogRule } from '../domain/backlog.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import { email } from '../domain/names.ts';
import type { ReportRule, ReportRules } from '../domain/rhythm.ts';

const SECRETS = new Set([
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'LINK_SECRET',
  'HISTORY_SECRET',
  'TEMPORAL_API_KEY',
  'DATABASE_URL',
  'SMTP_URL',
  'WEBHOOK_SECRET',
  // Gateways take keys in their addresses.
  'WEBHOOK_URL',
  'WEBHOOK_STATUS_URL',
]);

const TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEKLY = new RegExp(`^(${WEEKDAYS.join('|')}) ${TIME}$`);
const MONTHLY = new RegExp(`^([1-9]|[12]\\d|3[01]|last) ${TIME}$`);
const WEEKLY_EXPECTED = 'write a day of the week and a time, for example fri 16:00, or off';
const MONTHLY_EXPECTED = 'write a day of the month (1 to 31, or last) and a time, for example last 16:00, or off';
const reportRule = (pattern: RegExp, expected: string) => z.string().refine((text) => text === 'off' || pattern.test(text), expected);

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** What is posted names people and tasks: in the clear it goes to this machine only. */
const gatewayUrl = (expected: string) =>
  z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password, hash } = new URL(text);
    const isSealed = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
    return isSealed && username === '' && password === '' && hash === '';
  }, expected);
/** Standard Webhooks: 24 to 64 bytes. */
const SECRET_BYTES = { min: 24, max: 64 };

const environment = z
  .object({
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'write postgresql://user:password@host:5432/database' }).optional(),
    TEMPORAL_ADDRESS: z
      .string()
      .regex(/^[^\s:]+:\d{1,5}$/, 'write host:port, for example temporal.example:7233')
      .optional(),
    TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
    /** Of Temporal Cloud; with it the connection is encrypted. */
    TEMPORAL_API_KEY: z.string().min(1).optional(),
    SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'write the bot token, it begins with xoxb-').optional(),
    SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'write the app-level token, it begins with xapp-').optional(),
    /** Of a workspace whose API is elsewhere (GovSlack, a gateway); absent: slack.com. */
    SLACK_API_URL: z
      .url({ protocol: /^https?$/, error: 'write https://slack-gov.com/api/' })
      .endsWith('/', 'write a slash at its end')
      .optional(),
    SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'write smtp://user:password@host:587 (or smtps:// for port 465)' }).optional(),
    /** `documented`: what Slack takes from one app in a workspace. `none`: of a workspace of one's own that takes whatever comes. */
    SLACK_LIMITS: z.enum(['documented', 'none'], 'write documented or none').default('documented'),
    /** What the mail server takes: connections at once, messages a second and in any 24 hours; the last two without a limit if not said. */
    SMTP_CONNECTIONS: z.coerce.number().int().min(1, 'write a whole number from 1 on').max(50).default(5),
    SMTP_PER_SECOND: z.coerce.number().positive('write a number above 0, for example 0.5').optional(),
    SMTP_PER_DAY: z.coerce.number().int().min(1, 'write a whole number from 1 on').optional(),
    /** Where the mail server, a Postfix, logs: what a crash left in doubt is looked for there. */
    SMTP_LOG: z.string().refine(isAbsolute, 'write the whole path of the log of the mail server, for example /var/log/mail.log').optional(),
    /** A gateway of one's own (SMS, another chat) that takes signed messages: docs/channels.md. */
    WEBHOOK_URL: gatewayUrl(
      'write https://gateway.example/messages (http:// only to this machine itself), without user and password',
    ).optional(),
    WEBHOOK_SECRET: z
      .string()
      .refine((text) => {
        const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text.slice('whsec_'.length), 'base64').length : 0;
        return bytes >= SECRET_BYTES.min && bytes <= SECRET_BYTES.max;
      }, 'write whsec_ and 24 to 64 bytes in base64, for example from: echo whsec_$(openssl rand -base64 32)')
      .optional(),
    WEBHOOK_PER_SECOND: z.coerce.number().positive('write a number above 0, for example 0.5').default(10),
    /** Where the gateway says whether it has had a message. */
    WEBHOOK_STATUS_URL: gatewayUrl('write https://gateway.example/messages/{id}, with {id} where the id goes')
      .refine((text) => text.includes('{id}'), 'write {id} where the id of a message goes')
      .optional(),
    /** `dropped`: the gateway promises to drop what it has had under the same id within a day. */
    WEBHOOK_REPEATS: z.enum(['dropped', 'taken'], 'write dropped or taken').default('taken'),
    MAIL_DOMAIN: z
      .string()
      .regex(/^[a-z0-9.-]+\.[a-z]{2,}$/, 'write the domain that mails come from, for example dondoc.example')
      .default('dondoc.example'),
    /** Where people reach the web from their mails; behind a reverse proxy this is its address. */
    WEB_URL: z.url({ protocol: /^https?$/, error: 'write https://dondoc.example' }).optional(),
    WEB_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    LINK_SECRET: z.string().min(32, 'at least 32 characters, for example from: openssl rand -hex 24').optional(),
    /** Seals what workflows carry; it must stay the same for as long as tasks are open. */
    HISTORY_SECRET: z.string().min(32, 'at least 32 characters, for example from: openssl rand -hex 24').optional(),
    /** With these every message is diverted: to one mailbox, and to one channel or user of Slack. */
    SHADOW_MAILBOX: z
      .string()
      .refine((text) => email.safeParse(text).success, 'write an e-mail address')
      .optional(),
    SHADOW_CHANNEL: z
      .string()
      .regex(/^[CGU][A-Z0-9]{2,}$/, "write the id of a channel (C…) or user (U…), as Slack's own details of it show")
      .optional(),
    /** With a webhook, the address at the gateway that everything goes to. */
    SHADOW_WEBHOOK: z.string().min(1).max(200).optional(),
    /** A day on which more is planned than so many times the usual waits for a coordinator's word. */
    BREAKER_FACTOR: z.coerce.number().min(1, 'write a number from 1 on').default(3),
    /** Up to so many notifications a day never wait. */
    BREAKER_MINIMUM: z.coerce.number().int().min(0, 'write a whole number').default(200),
    /** So many seconds after its moment a message that has not gone is late; so many after it the coordinators are told. */
    LATE_SECONDS: z.coerce.number().int().min(1, 'write a whole number from 1 on').default(60),
    LATE_ALARM_SECONDS: z.coerce.number().int().min(1, 'write a whole number from 1 on').default(300),
    /** So many minutes after its last message a courier waits for the next; 0 where what the engine is asked for in between is dear. */
    COURIER_LINGER_MINUTES: z.coerce.number().min(0, 'write a number of minutes, or 0').max(60, 'write at most 60').default(10),
    /** When the committee's report goes to the coordinators by itself, in the committee's zone. */
    REPORT_WEEKLY: reportRule(WEEKLY, WEEKLY_EXPECTED).default('fri 16:00'),
    REPORT_MONTHLY: reportRule(MONTHLY, MONTHLY_EXPECTED).default('last 16:00'),
  })
  .refine(({ SHADOW_MAILBOX, SHADOW_CHANNEL }) => SHADOW_MAILBOX !== undefined || SHADOW_CHANNEL === undefined, {
    path: ['SHADOW_MAILBOX'],
    error: 'mails would go to real people: SHADOW_CHANNEL wants SHADOW_MAILBOX beside it',
  })
  .refine(
    ({ SHADOW_MAILBOX, SHADOW_CHANNEL, SLACK_BOT_TOKEN }) =>
      SHADOW_MAILBOX === undefined || SHADOW_CHANNEL !== undefined || SLACK_BOT_TOKEN === undefined,
    {
      path: ['SHADOW_CHANNEL'],
      error: 'messages would go to real people: SHADOW_MAILBOX wants SHADOW_CHANNEL beside it where Slack is on',
    },
  )
  .refine(({ SHADOW_MAILBOX, SHADOW_WEBHOOK }) => SHADOW_MAILBOX !== undefined || SHADOW_WEBHOOK === undefined, {
    path: ['SHADOW_MAILBOX'],
    error: 'mails would go to real people: SHADOW_WEBHOOK wants SHADOW_MAILBOX beside it',
  })
  .refine(
    ({ SHADOW_MAILBOX, SHADOW_WEBHOOK, WEBHOOK_URL }) =>
      SHADOW_MAILBOX === undefined || SHADOW_WEBHOOK !== undefined || WEBHOOK_URL === undefined,
    {
      path: ['SHADOW_WEBHOOK'],
      error: 'messages would go to real people: SHADOW_MAILBOX wants SHADOW_WEBHOOK beside it where the webhook is on',
    },
  )
  .refine(({ WEBHOOK_URL, WEBHOOK_SECRET }) => (WEBHOOK_URL === undefined) === (WEBHOOK_SECRET === undefined), {
    path: ['WEBHOOK_SECRET'],
    error: 'WEBHOOK_URL and WEBHOOK_SECRET go together',
  })
  .refine(({ WEBHOOK_URL, WEBHOOK_STATUS_URL }) => WEBHOOK_URL !== undefined || WEBHOOK_STATUS_URL === undefined, {
    path: ['WEBHOOK_URL'],
    error: 'WEBHOOK_STATUS_URL asks after what was posted: it wants WEBHOOK_URL beside it',
  })
  .refine(({ SLACK_BOT_TOKEN, SLACK_APP_TOKEN }) => (SLACK_BOT_TOKEN === undefined) === (SLACK_APP_TOKEN === undefined), {
    path: ['SLACK_APP_TOKEN'],
    error: 'the bot token and the app-level token go together',
  });
export type Environment = z.infer<typeof environment>;

/** @throws Error naming every mistake */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const read = environment.safeParse(given);
  if (read.success) return read.data;
  throw new Error(
    read.error.issues
      .map(({ path, message }) => {
        const name = String(path[0]);
        const value = given[name];
        return `${name}${value === undefined || SECRETS.has(name) ? '' : ` is "${value}"`}: ${message}`;
      })
      .join('\n'),
  );
}

/** Where messages go in shadow mode. */
export interface Shadow {
  readonly mailbox: string;
  /** Null where Slack is off. */
  readonly channel: string | null;
  /** An address at the gateway; null where the webhook is off. */
  readonly webhook: string | null;
}

/** Null where messages go to whom they name. */
export function shadowOf({ SHADOW_MAILBOX, SHADOW_CHANNEL, SHADOW_WEBHOOK }: Environment): Shadow | null {
  return SHADOW_MAILBOX === undefined
    ? null
    : { mailbox: SHADOW_MAILBOX, channel: SHADOW_CHANNEL ?? null, webhook: SHADOW_WEBHOOK ?? null };
}

/** A gateway of one's own, and what it promises. */
export interface WebhookAccess {
  readonly url: string;
  readonly secret: string;
  readonly perSecond: number;
  /** With `{id}` in it; null where it cannot be asked. */
  readonly statusUrl: string | null;
  /** Whether it drops what it has had under the same id. */
  readonly dropsRepeats: boolean;
}

/** Null where there is none. */
export function webhookOf(given: Environment): WebhookAccess | null {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, WEBHOOK_PER_SECOND: perSecond, WEBHOOK_STATUS_URL, WEBHOOK_REPEATS } = given;
  if (url === undefined || secret === undefined) return null;
  return { url, secret, perSecond, statusUrl: WEBHOOK_STATUS_URL ?? null, dropsRepeats: WEBHOOK_REPEATS === 'dropped' };
}

export interface MailLimits {
  readonly connections: number;
  readonly perSecond: number | null;
  readonly perDay: number | null;
}

export function mailLimitsOf({ SMTP_CONNECTIONS, SMTP_PER_SECOND, SMTP_PER_DAY }: Environment): MailLimits {
  return { connections: SMTP_CONNECTIONS, perSecond: SMTP_PER_SECOND ?? null, perDay: SMTP_PER_DAY ?? null };
}

export function breakerOf({ BREAKER_FACTOR, BREAKER_MINIMUM }: Environment): BreakerRule {
  return { factor: BREAKER_FACTOR, minimum: BREAKER_MINIMUM };
}

export function backlogRuleOf({ LATE_SECONDS, LATE_ALARM_SECONDS }: Environment): BacklogRule {
  return { lateSeconds: LATE_SECONDS, alarmSeconds: LATE_ALARM_SECONDS };
}

/** When the committee's report is sent by itself. */
export function reportsOf({ REPORT_WEEKLY, REPORT_MONTHLY }: Pick<Environment, 'REPORT_WEEKLY' | 'REPORT_MONTHLY'>): ReportRules {
  const rule = (given: string, dayOf: (word: string) => number): ReportRule | null => {
    const [word = '', time = ''] = given.split(' ');
    return given === 'off' ? null : { day: dayOf(word), time };
  };
  return {
    weekly: rule(REPORT_WEEKLY, (word) => WEEKDAYS.indexOf(word) + 1),
    // A shorter month ends with its last day.
    monthly: rule(REPORT_MONTHLY, (word) => (word === 'last' ? 31 : Number(word))),
  };
}
