/**
 * What a project writes that wants no library: a table, an index on what is due, and a query in a loop. The statement is the one of
 * PostgreSQL's own documentation for queue-like tables (SELECT, "SKIP LOCKED"): rows stay locked while their messages go out, so two
 * loops share the work, and a crash rolls back what it had not marked.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Reminder } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { createSend, RateLimited } from './send.ts';

/** Rows of one transaction: enough to keep the connections busy; a crash repeats up to this times LOOPS. */
const BATCH = 100;
/** While one waits for its commit the other sends. */
const LOOPS = 2;
/** Cron fires once a minute; drained in a loop it looks this often, so that nothing is charged for waiting. */
const IDLE_MS = 50;

const CLAIM = `SELECT key, channel, task FROM reminder WHERE sent_at IS NULL AND due_at <= now() ORDER BY due_at, key LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;

await runPeer({
  async arm({ databaseUrl }) {
    const pool = new pg.Pool({ connectionString: databaseUrl });
    await pool.query(`CREATE TABLE reminder (
      key text PRIMARY KEY, channel text NOT NULL, task text NOT NULL, due_at timestamptz NOT NULL, sent_at timestamptz)`);
    await pool.query('CREATE INDEX ON reminder (due_at, key) WHERE sent_at IS NULL');
    return {
      async enqueue(reminders, dueAt) {
        await pool.query(
          `INSERT INTO reminder (key, channel, task, due_at)
           SELECT key, channel, task, $2 FROM jsonb_to_recordset($1::jsonb) AS r(key text, channel text, task text)`,
          [JSON.stringify(reminders), dueAt],
        );
      },
      close: () => pool.end(),
    };
  },

  async work({ databaseUrl, slackUrl }) {
    const send = createSend(slackUrl);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: LOOPS });
    const open = { value: true };
    const loops = Array.from({ length: LOOPS }, async () => {
      while (open.value) {
        const waitMs = await sendBatch(pool, send);
        if (waitMs > 0) await pause(waitMs);
      }
    });
    return {
      async close() {
        open.value = false;
        await Promise.all(loops);
        await pool.end();
      },
    };
  },

  async held({ databaseUrl }) {
    const pool = new pg.Pool({ connectionString: databaseUrl });
    const { rows } = await pool.query<{ key: string }>('SELECT key FROM reminder WHERE sent_at IS NULL');
    return rows.map(({ key }) => key);
  },
});

/** @returns milliseconds to wait before the next */
async function sendBatch(pool: pg.Pool, send: (reminder: Reminder) => Promise<void>): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<Reminder>(CLAIM);
    const outcomes = await Promise.allSettled(rows.map(send));
    const sent = rows.filter((_, index) => outcomes[index]?.status === 'fulfilled').map(({ key }) => key);
    if (sent.length > 0) await client.query('UPDATE reminder SET sent_at = now() WHERE key = ANY($1)', [sent]);
    await client.query('COMMIT');
    const waits = outcomes.map((outcome) =>
      outcome.status === 'rejected' && outcome.reason instanceof RateLimited ? outcome.reason.retryAfterSeconds * 1_000 : 0,
    );
    // What was refused is the first that the next batch takes: it comes again when Slack said so, with everything else.
    return Math.max(rows.length < BATCH ? IDLE_MS : 0, ...waits);
  } finally {
    client.release();
  }
}
