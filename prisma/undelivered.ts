/** What was given up and no channel has told: notifications that failed for good, of which no other channel's has gone or will go. */
import { CHANNELS, type Email } from '../domain/names.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';
import { Prisma } from './generated/client.ts';
import { storedTask } from './task-record.ts';

/** Of one task. */
export interface Undelivered {
  readonly task: Task;
  /** One step to one person is one, on however many channels it failed. */
  readonly notifications: number;
  /** Their names. */
  readonly people: readonly string[];
  readonly channels: readonly string[];
}

/**
 * Notification `f` to person `p`. A key differs from that of the same step on another channel in its last part alone; who has left for good
 * is somebody else's matter (`inbox/gone.ts`), and what was only diverted was never meant to arrive.
 */
const UNTOLD = Prisma.sql`f.status = 'failed' AND NOT f.shadow AND p.gone_at IS NULL AND NOT EXISTS (
  SELECT FROM unnest(${[...CHANNELS]}::text[]) c JOIN notification other ON other.key = left(f.key, length(f.key) - length(f.channel)) || c
  WHERE c <> f.channel AND other.status NOT IN ('failed', 'cancelled', 'dropped'))`;

interface Row {
  readonly state: unknown;
  readonly notifications: number;
  readonly people: string[];
  readonly channels: string[];
}

/** A coordinator's tasks with what failed after an instant, up to another; by code. */
export async function readUndelivered(
  database: Database,
  o: { readonly coordinator: Email; readonly since: IsoInstant; readonly until: IsoInstant },
): Promise<Undelivered[]> {
  const rows = await database.$queryRaw<Row[]>`
    SELECT t.state, count(DISTINCT left(f.key, length(f.key) - length(f.channel)))::int AS notifications, array_agg(DISTINCT p.name) AS people, array_agg(DISTINCT f.channel) AS channels
    FROM notification f JOIN person p ON p.email = f.recipient JOIN task t ON t.code = f.task_code
    WHERE ${UNTOLD} AND t.coordinator = ${o.coordinator}
      AND f.attempted_at > ${o.since}::timestamptz AND f.attempted_at <= ${o.until}::timestamptz
    GROUP BY t.code ORDER BY t.code`;
  return rows.map(({ state, ...counted }) => ({ task: storedTask(state), ...counted }));
}

/** Whose tasks have something that failed after an instant, with the channels on which it did. */
export async function whoseUndelivered(database: Database, since: IsoInstant): Promise<{ coordinator: Email; channels: string[] }[]> {
  return database.$queryRaw`
    SELECT t.coordinator, array_agg(DISTINCT f.channel) AS channels
    FROM notification f JOIN person p ON p.email = f.recipient JOIN task t ON t.code = f.task_code
    WHERE ${UNTOLD} AND f.attempted_at > ${since}::timestamptz GROUP BY t.coordinator ORDER BY t.coordinator`;
}
