/** The mail catcher: a real SMTP server whose mails are read on a web page. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersHttp, type Child, type Supervision, startChild } from './child.ts';
import { listens } from './temporal.ts';

export interface MailAccess {
  readonly url: string;
  readonly api: string;
  readonly smtpHost: string;
  readonly smtpPort: number;
}

export async function startMailCatcher(o: {
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
  return { ...child, access: { url, api: `${url}/api/email`, smtpHost: '127.0.0.1', smtpPort: o.smtpPort } };
}
