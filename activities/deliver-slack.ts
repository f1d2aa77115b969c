/** Posts cards and digests to Slack; finds an uncertain one by the key in its `block_id`; keeps posted cards true. */
import { LogLevel, WebClient } from '@slack/web-api';
import { card } from '../bot/blocks/card.ts';
import { text } from '../config/text.ts';
import type { Agency, Person } from '../domain/directory.ts';
import type { NotificationKind } from '../domain/notification.ts';
import type { Task } from '../domain/task.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import type { OutgoingMessage, Sender, SendOutcome } from './deliver.ts';
import type { LoadedDirectory } from './directory.ts';

/** Slack's error codes after which surely nothing was posted and never will be (method error tables). */
const PERMANENT = new Set([
  'channel_not_found',
  'user_not_found',
  'users_not_found',
  'user_not_visible',
  'user_disabled',
  'cannot_dm_bot',
  'is_archived',
  'is_inactive',
  'not_in_channel',
  'no_permission',
  'messages_tab_disabled',
  'invalid_blocks',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'invalid_arguments',
]);
/** Codes after which "some aspect of the operation" may have succeeded. */
const AMBIGUOUS = new Set(['fatal_error', 'internal_error', 'service_unavailable']);

export interface SlackDependencies {
  readonly database: Database;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly now: () => IsoInstant;
  readonly access: { botToken: string; apiUrl?: string };
}

export function createSlackSender({ database, directory, now, access }: SlackDependencies) {
  // Retries off: the SDK's own would post again after an answer that was lost.
  const client = new WebClient(access.botToken, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
    logLevel: LogLevel.ERROR,
    ...(access.apiUrl === undefined ? {} : { slackApiUrl: access.apiUrl }),
  });

  async function channelOf(person: Person): Promise<string> {
    const row = await database.person.findUnique({ where: { email: person.email } });
    if (row?.slackDm != null) return row.slackDm;
    const opened = await client.conversations.open({ users: person.slackId ?? '' });
    const channel = opened.channel?.id;
    if (channel === undefined) throw new Error('conversations.open answered without a channel');
    await database.person.update({ where: { email: person.email }, data: { slackDm: channel } });
    return channel;
  }

  async function send(message: OutgoingMessage): Promise<SendOutcome> {
    const known = await directory();
    const viewer = known.person(message.recipient);
    const [first] = message.notifications;
    if (viewer?.slackId == null || first === undefined) return { outcome: 'permanent', why: 'no chat account' };
    try {
      const channel = await channelOf(viewer);
      const content =
        message.notifications.length === 1
          ? single(viewer, first, known.agency(first.task.leadAgency), `${message.id}:0`)
          : digest(viewer, message);
      const posted = await client.chat.postMessage({ channel, ...content, unfurl_links: false, unfurl_media: false });
      const ts = posted.ts ?? '';
      const taskCode = message.notifications.length === 1 ? first.task.code : null;
      await database.chatMessage.createMany({
        data: [
          {
            channel: posted.channel ?? channel,
            ts,
            messageId: message.id,
            recipient: viewer.email,
            taskCode,
            shownSeq: first.task.seq,
            postedAt: now(),
          },
        ],
        skipDuplicates: true,
      });
      return { outcome: 'sent', providerId: `${posted.channel}/${ts}` };
    } catch (error) {
      return classify(error);
    }
  }

  function single(
    viewer: Person,
    { task, kind, reason }: { task: Task; kind: NotificationKind; reason: string },
    agency: Agency | undefined,
    blockId: string,
  ) {
    return card({ task, viewer, agency, kind, reason, now: now(), blockId });
  }

  function digest(viewer: Person, message: OutgoingMessage) {
    const { locale } = viewer;
    const lead = text(locale, 'digest.lead', { count: message.notifications.length });
    const lines = message.notifications
      .slice(0, 40)
      .map(({ task, kind }) => `• ${task.code} · ${task.title} — ${text(locale, `kind.${kind}`)}`.slice(0, 220));
    return {
      text: lead,
      blocks: [
        { type: 'section' as const, block_id: `${message.id}:0`, text: { type: 'plain_text' as const, text: lead } },
        { type: 'section' as const, text: { type: 'plain_text' as const, text: lines.join('\n').slice(0, 2_990) } },
      ],
    };
  }

  async function find(message: OutgoingMessage): Promise<string | null | undefined> {
    const row = await database.notification.findFirst({ where: { messageId: message.id } });
    const person = await database.person.findUnique({ where: { email: message.recipient } });
    if (row?.attemptedAt == null || person?.slackDm == null) return null;
    const oldest = epochMs(row.attemptedAt.toISOString() as IsoInstant) / 1_000 - 60;
    try {
      const history = await client.conversations.history({ channel: person.slackDm, oldest: oldest.toFixed(6), limit: 200 });
      const found = history.messages?.find(({ blocks }) =>
        blocks?.some((block) => 'block_id' in block && block.block_id?.startsWith(`${message.id}:`)),
      );
      if (found?.ts === undefined) return null;
      const [first] = message.notifications;
      if (first !== undefined) {
        await database.chatMessage.createMany({
          data: [
            {
              channel: person.slackDm,
              ts: found.ts,
              messageId: message.id,
              recipient: person.email,
              taskCode: message.notifications.length === 1 ? first.task.code : null,
              postedAt: now(),
            },
          ],
          skipDuplicates: true,
        });
      }
      return `${person.slackDm}/${found.ts}`;
    } catch {
      return undefined;
    }
  }

  /** Brings every posted card that shows less than the task's last event up to date; safe to repeat. */
  async function refreshCards(code?: string): Promise<number> {
    const rows = await database.$queryRaw<
      {
        channel: string;
        ts: string;
        message_id: string;
        recipient: Person['email'];
        revision: number;
        state: Task;
        seq: number;
        kind: NotificationKind;
        reason: string;
      }[]
    >`
      SELECT m.channel, m.ts, m.message_id, m.recipient, m.revision, t.state, t.seq, n.kind, n.reason
      FROM chat_message m JOIN task t ON t.code = m.task_code
      JOIN LATERAL (SELECT kind, reason FROM notification WHERE message_id = m.message_id LIMIT 1) n ON true
      WHERE NOT m.gone AND m.shown_seq < t.seq AND (${code ?? null}::text IS NULL OR t.code = ${code ?? null}) ORDER BY m.posted_at DESC LIMIT 200`;
    const known = await directory();
    let updated = 0;
    for (const row of rows) {
      const viewer = known.person(row.recipient);
      if (viewer === undefined) continue;
      const revision = row.revision + 1;
      const content = single(
        viewer,
        { task: row.state, kind: row.kind, reason: row.reason },
        known.agency(row.state.leadAgency),
        `${row.message_id}:${revision}`,
      );
      const where = { channel_ts: { channel: row.channel, ts: row.ts } };
      try {
        await client.chat.update({ channel: row.channel, ts: row.ts, ...content });
        await database.chatMessage.update({ where, data: { shownSeq: row.seq, revision } });
        updated += 1;
      } catch (error) {
        if (classify(error).outcome === 'transient') break;
        // A card that is gone cannot be kept true; the next notification posts a new one.
        await database.chatMessage.update({ where, data: { gone: true } });
      }
    }
    return updated;
  }

  const sender: Sender = { channel: 'slack', send, find };
  return { sender, refreshCards };
}

/** Translates Slack's errors once. What is not known to be unsent counts as perhaps sent. */
function classify(error: unknown): Exclude<SendOutcome, { outcome: 'sent' }> {
  const { code, message, retryAfter, data, original } = error as {
    code?: string;
    message?: string;
    retryAfter?: number;
    data?: { error?: string };
    original?: { code?: string; cause?: { code?: string } };
  };
  const why = data?.error ?? message ?? String(error);
  if (retryAfter !== undefined) return { outcome: 'transient', why, retryAfterMs: retryAfter * 1_000 + 250 };
  if (data?.error === 'message_not_found' || data?.error === 'cant_update_message' || data?.error === 'edit_window_closed')
    return { outcome: 'permanent', why };
  if (data?.error !== undefined) {
    if (PERMANENT.has(data.error)) return { outcome: 'permanent', why };
    return AMBIGUOUS.has(data.error) ? { outcome: 'ambiguous', why } : { outcome: 'transient', why, retryAfterMs: 30_000 };
  }
  const connection = original?.cause?.code ?? original?.code ?? '';
  // Nothing was written before the connection stood.
  if (connection === 'ECONNREFUSED' || connection === 'ENOTFOUND' || connection === 'EAI_AGAIN')
    return { outcome: 'transient', why: `${code ?? ''} ${connection}`, retryAfterMs: 2_000 };
  return { outcome: 'ambiguous', why };
}
