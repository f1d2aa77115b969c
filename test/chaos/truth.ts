/** Reads both sides of the comparison: what the ledger and the record say, and what Slack, the mail server and the gateway have. */
import { messageIdOf } from '../../mail/compose/mail.ts';
import type { SlackAccess } from '../../ops/local-slack.ts';
import type { Database } from '../../prisma/database.ts';
import type { SlackMessage } from '../office.ts';
import type { TakenMail } from '../smtp-server.ts';
import type { Arrivals, Records } from './verdict.ts';

const MAIL_DOMAIN = 'dondoc.example';
/** `<messageId>:<revision>`, the first block of each message that tells of notifications. */
const BLOCK_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):\d+$/;

/**
 * Keeps which notification was to go with which message: the ledger itself forgets it where one is sent anew, and what it has forgotten
 * is what must not have arrived. Written in the transaction that writes the ledger.
 */
export async function keepCarriers(database: Database): Promise<void> {
  await database.$executeRaw`CREATE TABLE chaos_carrier (message_id uuid, notification text, PRIMARY KEY (message_id, notification))`;
  // A notice is known by its key.
  await database.$executeRaw`
    CREATE FUNCTION chaos_keep_carrier() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos_carrier VALUES (NEW.message_id, to_jsonb(NEW) ->> TG_ARGV[0]) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`;
  await database.$executeRaw`
    CREATE TRIGGER chaos_keep_carrier AFTER INSERT OR UPDATE ON notification
    FOR EACH ROW WHEN (NEW.message_id IS NOT NULL) EXECUTE FUNCTION chaos_keep_carrier('id')`;
  await database.$executeRaw`
    CREATE TRIGGER chaos_keep_carrier AFTER INSERT OR UPDATE ON notice
    FOR EACH ROW WHEN (NEW.message_id IS NOT NULL) EXECUTE FUNCTION chaos_keep_carrier('key')`;
}

export interface Witnesses {
  readonly slack: SlackAccess;
  readonly mails: readonly TakenMail[];
  /** Ids of the messages that the gateway took. */
  readonly hooks: readonly string[];
}

/** @param at by which what is due should have gone */
export async function readArrivals(database: Database, { slack, mails, hooks }: Witnesses, at: Date): Promise<Arrivals> {
  const rows = await database.notification.findMany();
  const notices = await database.notice.findMany();
  const carried = await database.$queryRaw<{ messageId: string; notification: string }[]>`
    SELECT message_id AS "messageId", notification FROM chaos_carrier`;
  return {
    ledger: [
      ...rows.map(({ id, key, channel, status, error, messageId, sendAt, notBefore }) => ({
        id,
        key,
        channel,
        status,
        error,
        messageId,
        isDue: sendAt <= at && (notBefore === null || notBefore <= at),
      })),
      ...notices.map(({ key, channel, status, error, messageId, sendAt }) => ({
        id: key,
        key,
        channel,
        status,
        error,
        messageId,
        isDue: sendAt <= at,
      })),
    ],
    carried,
    posts: await readPosts(slack),
    mails: mails.map(({ messageId }) => messageId || 'without a Message-ID'),
    hooks,
    mailIdOf: (key) => messageIdOf(key, MAIL_DOMAIN),
  };
}

/** Of every message that a conversation of the bot has, what its first block is known by. */
async function readPosts({ control }: SlackAccess): Promise<string[]> {
  const read = async <T>(path: string) => (await (await fetch(`${control}${path}`)).json()) as T;
  const { channels } = await read<{ channels: { id: string }[] }>('/state');
  const posts: string[] = [];
  for (const { id } of channels) {
    const { messages } = await read<{ messages: SlackMessage[] }>(`/messages/${id}`);
    posts.push(...messages.flatMap(({ blocks }) => BLOCK_ID.exec(blocks?.[0]?.block_id ?? '')?.[1] ?? []));
  }
  return posts;
}

export async function readRecords(database: Database): Promise<Pick<Records, 'commands' | 'events'>> {
  return {
    commands: await database.command.findMany({ select: { id: true, key: true, status: true } }),
    events: await database.taskEvent.findMany({
      select: { commandId: true, taskCode: true, type: true, seq: true },
      orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }],
    }),
  };
}

export interface Rest {
  /** What has still to happen, by kind; nothing where ledger and inbox are at rest. */
  readonly unrest: Readonly<Record<string, number>>;
  /** Another text whenever anything has gone on. */
  readonly progress: string;
}

/** @param at by which what is due should have gone */
export async function readRest(database: Database, at: Date): Promise<Rest> {
  const due = await database.$queryRaw<{ what: string; count: number }[]>`
    SELECT channel || ' ' || status AS what, count(*)::int AS count FROM notification
    WHERE status IN ('claimed', 'sending')
      -- Somebody is still to be asked about it; what nobody can tell has no such instant any more.
      OR status = 'uncertain' AND retry_at IS NOT NULL
      OR status = 'planned' AND send_at <= ${at}::timestamptz AND (not_before IS NULL OR not_before <= ${at}::timestamptz)
    GROUP BY 1
    UNION ALL
    SELECT channel || ' notice ' || status, count(*)::int FROM notice
    WHERE status IN ('claimed', 'sending') OR status = 'uncertain' AND retry_at IS NOT NULL
      OR status = 'planned' AND send_at <= ${at}::timestamptz
    GROUP BY 1
    UNION ALL SELECT 'command stored', count(*)::int FROM command WHERE status = 'stored' HAVING count(*) > 0`;
  const [progress] = await database.$queryRaw<{ text: string }[]>`
    SELECT concat_ws(' ', (SELECT count(*) FROM notification WHERE status NOT IN ('planned', 'claimed', 'sending')),
      (SELECT sum(attempts) FROM notification), (SELECT concat(count(*) FILTER (WHERE sent_at IS NOT NULL), '/', sum(attempts)) FROM notice), (SELECT count(*) FROM command WHERE status <> 'stored'),
      (SELECT count(*) FROM task_event)) AS text`;
  return { unrest: Object.fromEntries(due.map(({ what, count }) => [what, count])), progress: progress?.text ?? '' };
}
