/** A real SMTP server for tests, on a free port of loopback: what it refuses and what becomes of a mail is the test's. */
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenMail {
  /** With its brackets; empty where it has none. */
  readonly messageId: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
}

export interface RunningSmtpServer {
  readonly access: { readonly host: string; readonly port: number; readonly secure: false };
  close(): Promise<void>;
}

/**
 * @param o.refuses what is answered to a recipient instead of yes; a mail is taken once `onMail` has settled
 * @param o.cuts whether the line goes dead after a mail was taken, before the yes
 * @param o.drops whether the line goes dead before a mail is taken: it never is
 * @param o.log a file that says as Postfix's does which mails came and were taken (`test/fixtures/postfix.txt` is one of its own)
 */
export async function openSmtpServer(o: {
  refuses?: (address: string) => Error | null;
  onMail: (mail: TakenMail) => Promise<void>;
  cuts?: () => boolean;
  drops?: () => boolean;
  log?: string;
}): Promise<RunningSmtpServer> {
  const lines = new Map<number, Socket>();
  let count = 0;
  const write = (line: string) => {
    if (o.log !== undefined) appendFileSync(o.log, `${new Date().toISOString()} mail postfix/${line}\n`);
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, callback) {
      callback(o.refuses?.(address) ?? undefined);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        if (o.drops?.() === true) return void lines.get(session.remotePort)?.destroy();
        const bytes = Buffer.concat(chunks);
        const messageId = /^message-id:\s*(<[^>]+>)/im.exec(bytes.toString())?.[1] ?? '';
        count += 1;
        const queued = count.toString(16).toUpperCase().padStart(11, '0');
        write(`cleanup[1]: ${queued}: message-id=${messageId}`);
        o.onMail({ messageId, to: session.envelope.rcptTo.map(({ address }) => address), bytes }).then(
          () => {
            write(`qmgr[1]: ${queued}: from=<dondoc@dondoc.example>, size=${bytes.length}, nrcpt=1 (queue active)`);
            if (o.cuts?.() === true) lines.get(session.remotePort)?.destroy();
            else callback();
          },
          (error: Error) => callback(error),
        );
      });
    },
  });
  server.server.on('connection', (line: Socket) => {
    write('smtpd[1]: connect from localhost[127.0.0.1]');
    const port = line.remotePort ?? 0;
    lines.set(
      port,
      line.once('close', () => lines.delete(port)),
    );
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    // A client that was killed has reset its line: that mail was not taken, and that is all.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
  });
  if (o.log !== undefined) writeFileSync(o.log, '');
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    access: { host: '127.0.0.1', port, secure: false },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
