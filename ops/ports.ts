import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections (Linux from 32768, IANA from 49152): between our
 * choosing a port and a part's listening on it nobody else is given it.
 */
const FROM = 12_000;
const COUNT = 20_000;
const TRIES = 200;
const given = new Set<number>();

/** A free TCP port on loopback, given out once by this process; `wished` if it is free. */
export async function freePort(wished?: number): Promise<number> {
  if (wished !== undefined && (await isFree(wished))) return wished;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FROM + Math.floor(Math.random() * COUNT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free TCP port on 127.0.0.1 between ${FROM} and ${FROM + COUNT}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
