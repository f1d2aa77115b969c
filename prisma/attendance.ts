/**
 * Which couriers are at work and listen: whoever plans something for one of those need not signal it through the engine. And which
 * processes carry a channel at all: one that carries two couriers leaves one to another that has none. Each is an advisory lock, held on a
 * connection of its process: what dies lets go.
 */
import pg from 'pg';
import type { Channel } from '../domain/names.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';

/** One that another still holds, whose process hangs: this one works without, and is signalled. */
const LOCK_MS = 1_000;
const CONNECT_MS = 2_000;
/** A connection may have been lost since it was last used. */
const ATTEMPTS_MAX = 2;
/** A process whose connection was lost is seen again so soon. */
const AGAIN_MS = 1_000;
/** SQLSTATE of a `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';

export interface Attendance {
  /** From now on this process is one that carries the channels, whether or not it has a courier of them in hand. Twice: nothing. */
  carry(channels: readonly Channel[]): Promise<void>;
  /**
   * From now on a courier hears what is planned by itself. Fails: it is signalled as if it did not.
   * @returns how to end it; whatever was planned before that end and not signalled stands in the ledger: look once more. Twice: nothing.
   */
  begin(courier: string): Promise<() => Promise<void>>;
  /** Asked after what was planned has been stored: who ends later looks later. */
  isThere(courier: string): Promise<boolean>;
  /**
   * Whether a courier of this process is one too many, by what holds at this moment.
   * @param couriers all of the channel's. Of those that this process has at work the last one is to be left to a process that has none.
   */
  isOneTooMany(channel: Channel, courier: string, couriers: readonly string[]): Promise<boolean>;
  stop(): Promise<void>;
}

/** Who holds the lock of a name: `pg_locks` shows its key in two halves. */
function holders(name: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended(${name}, 0)`;
}

export function createAttendance(databaseUrl: string, database: Database): Attendance {
  let connection: Promise<Held> | undefined;
  let carried: readonly Channel[] = [];
  let again: NodeJS.Timeout | undefined;
  let isStopped = false;

  interface Held {
    readonly client: pg.Client;
    readonly pid: number;
  }

  function connect(): Promise<Held> {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, lock_timeout: LOCK_MS });
    const connected = client
      .connect()
      .then(async () => {
        for (const channel of carried) await client.query(LOCK_SHARED, [carrierName(channel)]);
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        return { client, pid: rows[0]?.pid ?? 0 };
      })
      .catch((error: unknown) => {
        client.end().catch(() => {});
        throw error;
      });
    const forget = () => {
      if (connection !== connected) return;
      connection = undefined;
      comeBack();
    };
    client.on('error', forget);
    client.on('end', forget);
    return connected;
  }

  /** A process that has nothing in hand asks for no lock that would show that its connection is gone. */
  function comeBack(): void {
    clearTimeout(again);
    if (isStopped || carried.length === 0) return;
    again = setTimeout(() => {
      connection ??= connect();
      connection.catch(() => {
        connection = undefined;
        comeBack();
      });
    }, AGAIN_MS).unref();
  }

  let last: Promise<unknown> = Promise.resolve();
  /** A connection carries one statement at a time. */
  function inTurn(client: pg.Client, statement: string, courier: string): Promise<unknown> {
    const done = last.then(() => client.query(statement, [courier]));
    last = done.catch(() => {});
    return done;
  }

  return {
    async carry(channels) {
      const added = channels.filter((channel) => !carried.includes(channel));
      carried = [...carried, ...added];
      const held = connection;
      if (held === undefined) connection = connect();
      else for (const channel of added) await inTurn((await held).client, LOCK_SHARED, carrierName(channel)).catch(() => {});
      await connection?.catch(() => {
        connection = undefined;
        comeBack();
      });
    },
    async begin(courier) {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        try {
          connection ??= connect();
          const { client } = await connection;
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
    async isOneTooMany(channel, courier, couriers) {
      const pid = (await connection?.catch(() => undefined))?.pid;
      if (pid === undefined) return false;
      const rows = await database.$queryRaw<{ courier: string; pid: number }[]>`
        SELECT c.courier, h.pid FROM unnest(${[...couriers]}::text[]) c (courier) CROSS JOIN LATERAL (${holders(Prisma.sql`c.courier`)}) h`;
      const ours = couriers.filter((each) => rows.some((row) => row.courier === each && row.pid === pid));
      if (ours.length < 2 || ours.at(-1) !== courier) return false;
      const carriers = await database.$queryRaw<{ pid: number }[]>`${holders(Prisma.sql`${carrierName(channel)}`)}`;
      return carriers.some((carrier) => carrier.pid !== pid && !rows.some((row) => row.pid === carrier.pid));
    },
    async stop() {
      isStopped = true;
      clearTimeout(again);
      await (await connection?.catch(() => undefined))?.client.end().catch(() => {});
    },
  };
}

const LOCK_SHARED = 'SELECT pg_advisory_lock_shared(hashtextextended($1, 0))';

function carrierName(channel: Channel): string {
  return `carrier/${channel}`;
}
