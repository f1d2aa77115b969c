/**
 * Which couriers are at work and listen: whoever plans something for one of those need not signal it through the engine. Each holds an
 * advisory lock for as long, on a connection of its process: what dies lets go.
 */
import pg from 'pg';
import type { Database } from './database.ts';

/** One that another still holds, whose process hangs: this one works without, and is signalled. */
const LOCK_MS = 1_000;
const CONNECT_MS = 2_000;
/** A connection may have been lost since it was last used. */
const ATTEMPTS_MAX = 2;
/** SQLSTATE of a `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';

export interface Attendance {
  /**
   * From now on a courier hears what is planned by itself. Fails: it is signalled as if it did not.
   * @returns how to end it; whatever was planned before that end and not signalled stands in the ledger: look once more. Twice: nothing.
   */
  begin(courier: string): Promise<() => Promise<void>>;
  /** Asked after what was planned has been stored: who ends later looks later. */
  isThere(courier: string): Promise<boolean>;
  stop(): Promise<void>;
}

export function createAttendance(databaseUrl: string, database: Database): Attendance {
  let connection: Promise<pg.Client> | undefined;

  function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, lock_timeout: LOCK_MS });
    const connected = client.connect().then(() => client);
    const forget = () => {
      if (connection === connected) connection = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    return connected;
  }

  let last: Promise<unknown> = Promise.resolve();
  /** A connection carries one statement at a time. */
  function inTurn(client: pg.Client, statement: string, courier: string): Promise<unknown> {
    const done = last.then(() => client.query(statement, [courier]));
    last = done.catch(() => {});
    return done;
  }

  return {
    async begin(courier) {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        try {
          connection ??= connect();
          const client = await connection;
          await inTurn(client, 'SELECT pg_advisory_lock(hashtextextended($1, 0))', courier);
          let ended: Promise<unknown> | undefined;
          return async () => {
            ended ??= inTurn(client, 'SELECT pg_advisory_unlock(hashtextextended($1, 0))', courier).catch(() => {});
            await ended;
          };
        } catch (error) {
          if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) break;
          // The connection was lost, perhaps a moment ago.
          connection = undefined;
        }
      }
      return async () => {};
    },
    async isThere(courier) {
      const [row] = await database.$queryRaw<{ free: boolean }[]>`
        SELECT pg_try_advisory_xact_lock_shared(hashtextextended(${courier}, 0)) AS free`;
      return row?.free === false;
    },
    async stop() {
      await (await connection?.catch(() => undefined))?.end().catch(() => {});
    },
  };
}
