import { createServer } from 'node:net';

/** A free TCP port on loopback; `wished` if it is free. */
export async function freePort(wished?: number): Promise<number> {
  return (
    (wished === undefined ? null : await tryPort(wished)) ??
    (await tryPort(0)) ??
    Promise.reject(new Error('no free TCP port on 127.0.0.1'))
  );
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
