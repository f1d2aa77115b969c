/** The local Slack: a workspace with our people, reached by Bolt like the real one. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { answersHttp, type Child, type Supervision, startChild } from './child.ts';

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
}

/** How the bot reaches a workspace; the last three only where it is the local one. */
export interface SlackAccess {
  readonly botToken: string;
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly url: string | null;
  readonly control: string | null;
}

/** Null where no local Slack is packaged for this platform. */
export function findLocalSlack(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const binary = join(dirname(require.resolve(`local-slack-${process.platform}-${process.arch}/package.json`)), 'bin', 'local-slack');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

export async function startLocalSlack(o: {
  binary: string;
  state: string;
  port: number;
  users: readonly SlackUser[];
  supervision: Supervision;
}): Promise<Child & { access: SlackAccess }> {
  const tokens = { botToken: 'xoxb-dondoc-local', appToken: 'xapp-dondoc-local' };
  const configuration = {
    workspace: { name: 'dondoc', domain: 'dondoc', teamId: 'T0DONDOC' },
    app: {
      appId: 'A0DONDOC',
      botUserId: 'U0BOT',
      botName: 'dondoc',
      ...tokens,
      signingSecret: 'dondoc-local-signing-secret',
      mode: 'socket',
    },
    users: o.users.map(({ id, name, realName, email }) => ({ id, name, real_name: realName, email })),
    channels: [{ id: 'C0GENERAL', name: 'general', members: [...o.users.slice(0, 5).map(({ id }) => id), 'U0BOT'] }],
  };
  const file = join(o.state, 'slack.yaml');
  writeFileSync(file, stringify(configuration));
  const files = join(o.state, 'slack-files');
  mkdirSync(files, { recursive: true });
  const url = `http://127.0.0.1:${o.port}`;
  const child = await startChild({
    name: 'local Slack',
    command: o.binary,
    args: ['--config', file, '--port', String(o.port), '--base-host', '127.0.0.1', '--files-dir', files],
    logFile: join(o.state, 'slack.log'),
    healthy: () => answersHttp(`${url}/_control/state`),
    supervision: o.supervision,
  });
  return { ...child, access: { url, apiUrl: `${url}/api/`, control: `${url}/_control`, ...tokens } };
}
