/** The mail catcher: a real SMTP server whose mails are read on a web page. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SmtpAccess } from '../mail/transport.ts';
import { answersHttp, type Child, type Supervision, startChild } from './child.ts';
import { listens } from './temporal.ts';

/** Where mails go out; the page and its API only where it is the catcher. */
export interface MailAccess {
  readonly smtp: SmtpAccess;
  readonly domain: string;
  readonly url: string | null;
  readonly api: string | null;
}

export async function startMailCatcher(o: {
  domain: string;
  state: string;
  smtpPort: number;
  webPort: number;
  supervision: Supervision;
}): Promise<Child & { access: MailAccess }> {
  // The package exports its library alone, not its program.
  const program = fileURLToPath(new URL('../node_modules/maildev/dist/bin/maildev.js', import.meta.url));
  const url = `http://127.0.0.1:${o.webPort}`;
  const child = await startChild({
    name: 'mail catcher',
    command: process.execPath,
    args: [
      program,
      '--smtp',
      String(o.smtpPort),
      '--web',
      String(o.webPort),
      '--ip',
      '127.0.0.1',
      '--web-ip',
      '127.0.0.1',
      '--mail-directory',
      join(o.state, 'mails'),
      '--silent',
    ],
    logFile: join(o.state, 'mail.log'),
    healthy: async () => (await listens(o.smtpPort)) && (await answersHttp(`${url}/`)),
    supervision: o.supervision,
  });
  return {
    ...child,
    access: { url, api: `${url}/api/email`, domain: o.domain, smtp: { host: '127.0.0.1', port: o.smtpPort, secure: false } },
  };
}
