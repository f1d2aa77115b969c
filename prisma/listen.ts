/** PostgreSQL's NOTIFY, heard for as long as the process lives: a lost connection is made again. */
import pg from 'pg';
import type { Channel } from '../domain/names.ts';
import type { Database, Transaction } from './database.ts';

const AGAIN_MS = 500;

/** The name by which couriers that are at work hear that something is planned; the payload is a delivery channel. */
export const NOTIFICATION_PLANNED = 'notification_planned';

/** In a transaction it is heard once that is committed. */
export async function notifyPlanned(store: Database | Transaction, channels: readonly Channel[]): Promise<void> {
  for (const channel of new Set(channels)) await store.$executeRaw`SELECT pg_notify(${NOTIFICATION_PLANNED}, ${channel})`;
}

/**
 * @param channel a fixed name of ours, never a person's text
 * What is notified while the connection is away is not heard: whoever listens also looks, now and then.
 */
export function listen(databaseUrl: string, channel: string, heard: (payload: string) => void): { stop(): Promise<void> } {
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!stopped) timer ??= setTimeout(connect, AGAIN_MS);
  };
  function connect(): void {
    timer = undefined;
    const next = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
    next.on('error', again);
    next.on('end', again);
    next.on('notification', ({ payload }) => heard(payload ?? ''));
    client = next;
    next
      .connect()
      .then(() => next.query(`LISTEN ${channel}`))
      .catch(again);
  }
  connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
