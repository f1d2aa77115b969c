/** `dondoc migrate | worker | bot | web`: one role a process, on the parts that the environment names. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SLACK_LIMITS, type SlackLimits } from '../activities/deliver-slack.ts';
import { backlogRuleOf, breakerOf, type Environment, readEnvironment, reportsOf, shadowOf, webhookOf } from '../config/env.ts';
import { untilSignal } from '../ops/process.ts';
import { smtpOf } from '../ops/stack.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { type Context, Failure } from './context.ts';
import type { Role } from './roles.ts';
import { type Connections, startSystem } from './system.ts';

const DEFAULT_WEB_PORT = 8080;

/** @throws Failure naming every variable that production needs and that is missing */
export function productionConnections(environment: Environment): Connections {
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, SLACK_BOT_TOKEN, SLACK_APP_TOKEN } = environment;
  const { SLACK_API_URL, SMTP_URL, MAIL_DOMAIN, WEB_URL, LINK_SECRET, HISTORY_SECRET } = environment;
  if (
    DATABASE_URL === undefined ||
    TEMPORAL_ADDRESS === undefined ||
    SMTP_URL === undefined ||
    WEB_URL === undefined ||
    LINK_SECRET === undefined ||
    HISTORY_SECRET === undefined
  ) {
    const needed = { DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL, WEB_URL, LINK_SECRET, HISTORY_SECRET };
    const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
    throw new Failure(`set ${missing.join(', ')} (see docs/operate.md)`);
  }
  return {
    databaseUrl: DATABASE_URL,
    temporal: {
      address: TEMPORAL_ADDRESS,
      namespace: TEMPORAL_NAMESPACE,
      ...(TEMPORAL_API_KEY === undefined ? {} : { apiKey: TEMPORAL_API_KEY }),
      historySecret: HISTORY_SECRET,
    },
    slack:
      SLACK_BOT_TOKEN === undefined || SLACK_APP_TOKEN === undefined
        ? null
        : {
            botToken: SLACK_BOT_TOKEN,
            appToken: SLACK_APP_TOKEN,
            ...(SLACK_API_URL === undefined ? {} : { apiUrl: SLACK_API_URL }),
            limits: slackLimitsOf(environment),
          },
    smtp: smtpOf(SMTP_URL, environment),
    mailDomain: MAIL_DOMAIN,
    webhook: webhookOf(environment),
    webUrl: WEB_URL,
    linkSecret: LINK_SECRET,
    shadow: shadowOf(environment),
    breaker: breakerOf(environment),
    backlog: backlogRuleOf(environment),
    courierLingerMinutes: environment.COURIER_LINGER_MINUTES,
    reports: reportsOf(environment),
  };
}

/** Runs one role until a signal. */
export async function runRole({ say }: Context, role: Role): Promise<void> {
  const signalled = untilSignal();
  const environment = readEnvironment(process.env);
  if (role === 'worker' && environment.SMTP_LOG !== undefined) await readable(environment.SMTP_LOG);
  const system = await startSystem(productionConnections(environment), environment.WEB_PORT ?? DEFAULT_WEB_PORT, { roles: [role] });
  say(`dondoc ${role} runs${role === 'web' ? ` on ${system.listensAt}` : ''}`);
  await signalled;
  await system.stop();
  process.exit(0);
}

async function readable(log: string): Promise<void> {
  await access(log, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`SMTP_LOG ${log} cannot be read (${error.code}): let who runs the worker read it; on Debian that is the group adm`);
  });
}

export async function migrate({ print }: Context): Promise<void> {
  const { DATABASE_URL } = readEnvironment(process.env);
  if (DATABASE_URL === undefined) throw new Failure('set DATABASE_URL to the database to migrate');
  const applied = await applyMigrations({
    databaseUrl: DATABASE_URL,
    directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
  });
  print({ applied }, applied.length === 0 ? 'nothing to apply' : applied.join('\n'));
}

function slackLimitsOf({ SLACK_LIMITS: which }: Environment): SlackLimits | null {
  return which === 'none' ? null : SLACK_LIMITS;
}
