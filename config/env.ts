/**
 * The environment, read once at start: what is given takes the place of an embedded part. All mistakes are reported together, each with
 * its name and what would be right; secrets are never repeated.
 */
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
]);

const TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEKLY = new RegExp(`^(${WEEKDAYS.join('|')}) ${TIME}$`);
const MONTHLY = new RegExp(`^([1-9]|[12]\\d|3[01]|last) ${TIME}$`);
const WEEKLY_EXPECTED = 'write a day of the week and a time, for example fri 16:00, or off';
const MONTHLY_EXPECTED = 'write a day of the month (1 to 31, or last) and a time, for example last 16:00, or off';
const reportRule = (pattern: RegExp, expected: string) => z.string().refine((text) => text === 'off' || pattern.test(text), expected);

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
    /** A day on which more is planned than so many times the usual waits for a coordinator's word. */
    BREAKER_FACTOR: z.coerce.number().min(1, 'write a number from 1 on').default(3),
    /** Up to so many notifications a day never wait. */
    BREAKER_MINIMUM: z.coerce.number().int().min(0, 'write a whole number').default(200),
    /** So many seconds after its moment a message that has not gone is late; so many after it the coordinators are told. */
    LATE_SECONDS: z.coerce.number().int().min(1, 'write a whole number from 1 on').default(60),
    LATE_ALARM_SECONDS: z.coerce.number().int().min(1, 'write a whole number from 1 on').default(300),
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
}

/** Null where messages go to whom they name. */
export function shadowOf({ SHADOW_MAILBOX, SHADOW_CHANNEL }: Environment): Shadow | null {
  return SHADOW_MAILBOX === undefined ? null : { mailbox: SHADOW_MAILBOX, channel: SHADOW_CHANNEL ?? null };
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
