/** A real SMTP server for tests, on a free port of loopback: what it refuses and what becomes of a mail is the test's. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenMail {
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
 */
export async function openSmtpServer(o: {
  refuses?: (address: string) => Error | null;
  onMail: (mail: TakenMail) => Promise<void>;
  cuts?: () => boolean;
}): Promise<RunningSmtpServer> {
  const lines = new Map<number, Socket>();
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
        o.onMail({ to: session.envelope.rcptTo.map(({ address }) => address), bytes: Buffer.concat(chunks) }).then(
          () => (o.cuts?.() === true ? lines.get(session.remotePort)?.destroy() : callback()),
          (error: Error) => callback(error),
        );
      });
    },
  });
  server.server.on('connection', (line: Socket) => {
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
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    access: { host: '127.0.0.1', port, secure: false },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
