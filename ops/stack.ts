/** The embedded stack: its parts started side by side, watched, and stopped in the reverse order. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  backlogRuleOf,
  breakerOf,
  type Environment,
  mailLimitsOf,
  reportsOf,
  type Shadow,
  shadowOf,
  type WebhookAccess,
  webhookOf,
} from '../config/env.ts';
import type { BacklogRule } from '../domain/backlog.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import type { ReportRules } from '../domain/rhythm.ts';
import type { SmtpAccess } from '../mail/transport.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import type { Child, Supervision } from './child.ts';
import { findLocalSlack, type SlackAccess, type SlackUser, startLocalSlack } from './local-slack.ts';
import { type MailAccess, startMailCatcher } from './mail-catcher.ts';
import { freePort } from './ports.ts';
import { secret, startPostgres } from './postgres.ts';
import { bornAt, isAlive } from './process.ts';
import { startTemporal } from './temporal.ts';

/** Layout of the state folder; a folder written by a later layout is refused. */
const STATE_VERSION = 1;

export interface StackInfo {
  readonly version: number;
  readonly pid: number;
  /** When the process began, in the kernel's own count: a number reused by another process is not ours. Null where unknown. */
  readonly pidBorn: string | null;
  readonly startedAt: string;
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly apiKey?: string; readonly historySecret: string };
  readonly temporalUi: string | null;
  readonly slack: SlackAccess | null;
  readonly mail: MailAccess;
  /** A gateway of one's own; null where there is none. */
  readonly webhook: WebhookAccess | null;
  /** Where the web listens; null until it does. */
  readonly web: string | null;
  /** Where people reach it, where that is elsewhere. */
  readonly webUrl: string | null;
  readonly linkSecret: string;
  /** Where messages go instead of to people; null where they go to whom they name. */
  readonly shadow: Shadow | null;
  readonly breaker: BreakerRule;
  readonly backlog: BacklogRule;
  readonly courierLingerMinutes: number;
  readonly reports: ReportRules;
}

export interface StackEvent {
  readonly part: string;
  readonly event: 'started' | 'crashed' | 'absent';
  readonly ms?: number;
  readonly detail?: string;
}

export interface StackOptions {
  readonly state: string;
  readonly slackUsers: readonly SlackUser[];
  readonly log: (event: StackEvent) => void;
  readonly startedAt: string;
  /** What it names takes the place of an embedded part. */
  readonly environment: Environment;
  /** The pause before a crashed part is started again. */
  readonly restartMs?: number;
}

export interface RunningStack {
  /** Process numbers of the parts, by name. */
  pidOf(part: string): number | undefined;
  /** Where the web listened last time, so that links in mails sent then still open. */
  readonly webPort: number | undefined;
  readonly info: StackInfo;
  setWeb(url: string): void;
  stop(): Promise<void>;
}

/** @throws Error saying who holds the state folder, that it is of a newer version, or which part did not start and why */
export async function startStack(o: StackOptions): Promise<RunningStack> {
  const { environment } = o;
  const state = resolve(o.state);
  mkdirSync(state, { recursive: true, mode: 0o755 });
  const before = readStackInfo(state);
  if (before !== null && before.version > STATE_VERSION) {
    throw new Error(
      `the state folder ${state} was written by a newer dondoc (layout ${before.version}, this one knows ${STATE_VERSION}); use that version, or another --state`,
    );
  }
  if (before !== null && isAlive(before.pid, before.pidBorn)) {
    throw new Error(
      `the state folder ${state} is held by process ${before.pid} since ${before.startedAt}; stop it, or use another --state`,
    );
  }
  stopOrphans(state);

  const children: Child[] = [];
  const parts = new Map<string, Child>();
  const supervision: Supervision = {
    restartMs: o.restartMs ?? 250,
    onCrash: ({ name, code, restartMs }) =>
      o.log({ part: name, event: 'crashed', detail: `exit ${code}, started again in ${restartMs} ms` }),
  };
  const timed = async <T extends Child>(part: string, start: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const child = await start();
    children.push(child);
    parts.set(part, child);
    writeFileSync(join(state, 'children'), children.map((each) => each.pid()).join('\n'));
    o.log({ part, event: 'started', ms: Math.round(performance.now() - began) });
    return child;
  };

  const ports = await sequence([
    before?.databaseUrl,
    before?.temporal.address,
    before?.temporalUi,
    before?.slack?.url,
    before?.mail.url,
    before && `smtp://127.0.0.1:${before.mail.smtp.port}`,
  ]);
  const [databasePort, temporalPort, uiPort, slackPort, mailPort, smtpPort] = ports;
  if (
    databasePort === undefined ||
    temporalPort === undefined ||
    uiPort === undefined ||
    slackPort === undefined ||
    mailPort === undefined ||
    smtpPort === undefined
  ) {
    throw new Error('no free ports');
  }
  const database = async () => {
    const url =
      environment.DATABASE_URL ?? (await timed('PostgreSQL', () => startPostgres({ state, port: databasePort, supervision }))).databaseUrl;
    await applyMigrations({ databaseUrl: url, directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)) });
    return url;
  };
  const temporal = async () => {
    if (environment.TEMPORAL_ADDRESS !== undefined) return environment.TEMPORAL_ADDRESS;
    await timed('Temporal', () => startTemporal({ state, port: temporalPort, uiPort, supervision }));
    return `127.0.0.1:${temporalPort}`;
  };
  const slack = async (): Promise<SlackAccess | null> => {
    const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl } = environment;
    if (botToken !== undefined && appToken !== undefined)
      return { botToken, appToken, ...(apiUrl === undefined ? {} : { apiUrl }), url: null, control: null };
    const binary = findLocalSlack();
    if (binary !== null)
      return (await timed('local Slack', () => startLocalSlack({ binary, state, port: slackPort, users: o.slackUsers, supervision })))
        .access;
    o.log({
      part: 'local Slack',
      event: 'absent',
      detail: `not packaged for ${process.platform}-${process.arch}; going on with mail and web`,
    });
    return null;
  };
  const mail = async (): Promise<MailAccess> => {
    const { SMTP_URL: url, MAIL_DOMAIN: domain } = environment;
    if (url !== undefined) return { smtp: smtpOf(url, environment), domain, url: null, api: null };
    return (await timed('mail catcher', () => startMailCatcher({ state, domain, smtpPort, webPort: mailPort, supervision }))).access;
  };
  const stop = async () => {
    for (const child of children.reverse()) await child.stop();
    children.length = 0;
    writeFileSync(join(state, 'children'), '');
  };

  const results = await Promise.allSettled([database(), temporal(), slack(), mail()]);
  const failed = results.find((result) => result.status === 'rejected');
  const [databaseUrl, temporalAddress, slackAccess, mailAccess] = results;
  if (
    failed !== undefined ||
    databaseUrl.status !== 'fulfilled' ||
    temporalAddress.status !== 'fulfilled' ||
    slackAccess.status !== 'fulfilled' ||
    mailAccess.status !== 'fulfilled'
  ) {
    await stop();
    throw failed?.reason ?? new Error('the stack did not start');
  }
  let info: StackInfo = {
    version: STATE_VERSION,
    pid: process.pid,
    pidBorn: bornAt(process.pid),
    startedAt: o.startedAt,
    databaseUrl: databaseUrl.value,
    temporal: {
      address: temporalAddress.value,
      namespace: environment.TEMPORAL_NAMESPACE,
      ...(environment.TEMPORAL_API_KEY === undefined ? {} : { apiKey: environment.TEMPORAL_API_KEY }),
      historySecret: environment.HISTORY_SECRET ?? secret(join(state, 'history.secret')),
    },
    temporalUi: environment.TEMPORAL_ADDRESS !== undefined ? null : `http://127.0.0.1:${uiPort}`,
    slack: slackAccess.value,
    mail: mailAccess.value,
    webhook: webhookOf(environment),
    web: null,
    webUrl: environment.WEB_URL ?? null,
    linkSecret: environment.LINK_SECRET ?? secret(join(state, 'link.secret')),
    shadow: shadowOf(environment),
    breaker: breakerOf(environment),
    backlog: backlogRuleOf(environment),
    courierLingerMinutes: environment.COURIER_LINGER_MINUTES,
    reports: reportsOf(environment),
  };
  writeInfo(state, info);
  return {
    webPort: portOf(before?.web),
    pidOf: (part) => parts.get(part)?.pid(),
    get info() {
      return info;
    },
    setWeb(url) {
      info = { ...info, web: url };
      writeInfo(state, info);
    },
    async stop() {
      await stop();
      info = { ...info, pid: 0 };
      writeInfo(state, info);
    },
  };
}

/** An SMTP server from its URL, with what is said of it beside; ports 465 (smtps) and 587 where none is named. */
export function smtpOf(url: string, environment: Environment): SmtpAccess {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const auth = username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } };
  const log = environment.SMTP_LOG === undefined ? {} : { log: environment.SMTP_LOG };
  return {
    host: hostname,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...auth,
    limits: mailLimitsOf(environment),
    ...log,
  };
}

/** What a running (or the last) stack wrote of itself; null where there was none. */
export function readStackInfo(state: string): StackInfo | null {
  const file = join(resolve(state), 'stack.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackInfo) : null;
}

function writeInfo(state: string, info: StackInfo): void {
  const file = join(state, 'stack.json');
  writeFileSync(`${file}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Ports of the last run where they are still free, so that bookmarks and links keep working. */
async function sequence(wished: (string | null | undefined)[]): Promise<number[]> {
  const ports: number[] = [];
  for (const url of wished) {
    ports.push(await freePort(portOf(url)));
  }
  return ports;
}

function portOf(url: string | null | undefined): number | undefined {
  const port = url == null ? undefined : /:(\d+)(\/|$)/.exec(url)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** Ends what a killed `up` left behind: only processes that are provably ours, by the state folder in their command line. */
function stopOrphans(state: string): void {
  const file = join(state, 'children');
  if (!existsSync(file)) return;
  const folder = join(state, 'postgres.folder');
  const marks = [state, ...(existsSync(folder) ? [readFileSync(folder, 'utf8').trim()] : [])];
  for (const pid of readFileSync(file, 'utf8')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1)) {
    const commandLine = `/proc/${pid}/cmdline`;
    if (!isAlive(pid) || !existsSync(commandLine)) continue;
    const text = readFileSync(commandLine, 'utf8');
    if (!marks.some((mark) => text.includes(mark))) continue;
    process.kill(pid, text.includes('postgres') ? 'SIGINT' : 'SIGTERM');
    const giveUp = Date.now() + 5_000;
    while (isAlive(pid) && existsSync(commandLine) && readFileSync(commandLine, 'utf8') !== '' && Date.now() < giveUp) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}
