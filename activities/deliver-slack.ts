/** Posts cards and digests to Slack; finds an uncertain one by the key in its `block_id`; keeps posted cards true. */
import { LogLevel, WebClient } from '@slack/web-api';
import { type Card, type CardItem, card, digest } from '../bot/blocks/card.ts';
import { replacementCard } from '../bot/blocks/gone.ts';
import { diverted, noticeCard } from '../bot/blocks/notice.ts';
import type { Notice } from '../config/notice.ts';
import { shadowText } from '../config/shadow-text.ts';
import type { Person } from '../domain/directory.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { onePerTask } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { createTextOfStep } from '../prisma/policies.ts';
import { readReplacement } from '../prisma/replacement.ts';
import type { ReadRisks } from '../prisma/risk.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { DueNotification, OutgoingMessage, Sender, SendOutcome } from './deliver.ts';
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
/** Of them, those that say of the person: no such account any more. */
const GONE = new Set(['user_not_found', 'users_not_found', 'user_disabled']);
/** Codes after which "some aspect of the operation" may have succeeded. */
const AMBIGUOUS = new Set(['fatal_error', 'internal_error', 'service_unavailable']);

const SHADOW_RETRY_MS = 30_000;

interface StaleMessage {
  readonly channel: string;
  readonly ts: string;
  readonly message_id: string;
  readonly recipient: Email;
  readonly revision: number;
  readonly shown: number;
  readonly seq: number;
  readonly items: readonly StaleItem[];
}

/** What a message tells, with the key that it is told under. */
type KeyedItem = CardItem & Pick<DueNotification, 'key'>;
/** As the store has it: the step, by which the policy's own words are found. */
type StaleItem = KeyedItem & { readonly step: string };

export interface SlackDependencies {
  readonly database: Database;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly risks: ReadRisks;
  readonly now: () => IsoInstant;
  readonly access: { botToken: string; apiUrl?: string };
  readonly webUrl: () => string;
  /** In shadow mode everything goes to this channel (`C…`) or user (`U…`) instead; null otherwise. */
  readonly shadowChannel: string | null;
}

export function createSlackSender({ database, directory, risks, now, access, webUrl, shadowChannel }: SlackDependencies) {
  const textOf = createTextOfStep(database);
  const shadow = shadowChannel !== null;
  // Retries off: the SDK's own would post again after an answer that was lost.
  const client = new WebClient(access.botToken, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
    logLevel: LogLevel.ERROR,
    ...(access.apiUrl === undefined ? {} : { slackApiUrl: access.apiUrl }),
  });

  let shadowConversation: string | undefined;
  /** Where everything goes in shadow mode; null otherwise. */
  async function diversion(): Promise<string | null> {
    if (shadowChannel === null) return null;
    shadowConversation ??= shadowChannel.startsWith('U') ? await open(shadowChannel) : shadowChannel;
    return shadowConversation;
  }

  async function channelOf(person: Person): Promise<string> {
    const instead = await diversion();
    if (instead !== null) return instead;
    const row = await database.person.findUnique({ where: { email: person.email } });
    if (row?.slackDm != null) return row.slackDm;
    const channel = await open(person.slackId ?? '');
    await database.person.update({ where: { email: person.email }, data: { slackDm: channel } });
    return channel;
  }

  async function open(user: string): Promise<string> {
    const opened = await client.conversations.open({ users: user });
    const channel = opened.channel?.id;
    if (channel === undefined) throw new Error('conversations.open answered without a channel');
    return channel;
  }

  async function send(message: OutgoingMessage): Promise<SendOutcome> {
    const known = await directory();
    const viewer = known.person(message.recipient);
    const [first] = message.notifications;
    if (viewer?.slackId == null || first === undefined) return { outcome: 'permanent', why: 'no chat account' };
    // Made before the wire: a mistake in it must not look like a message that may have been sent.
    const content = await render(viewer, await withRisk(message.notifications), `${message.id}:0`, known);
    try {
      const channel = await channelOf(viewer);
      const posted = await client.chat.postMessage({ channel, ...content, unfurl_links: false, unfurl_media: false });
      const ts = posted.ts ?? '';
      await remember(message, posted.channel ?? channel, ts);
      return { outcome: 'sent', providerId: `${posted.channel}/${ts}` };
    } catch (error) {
      const outcome = classify(error);
      // It is our own channel that is wrong, not the person.
      if (shadow && outcome.outcome === 'permanent') return { outcome: 'transient', why: outcome.why, retryAfterMs: SHADOW_RETRY_MS };
      if (GONE.has(outcome.why)) return { outcome: 'permanent', why: outcome.why, gone: true };
      if (outcome.why === 'account_inactive' && (await ownAccountWorks())) return { outcome: 'permanent', why: outcome.why, gone: true };
      if (!/^(channel_not_found|is_archived)$/.test(outcome.why)) return outcome;
      // The conversation that we remember is gone, not the person: the next attempt opens one anew, and fails for good only there.
      const { count } = await database.person.updateMany({
        where: { email: viewer.email, slackDm: { not: null } },
        data: { slackDm: null },
      });
      return count === 0 ? outcome : { outcome: 'transient', why: outcome.why, retryAfterMs: 200 };
    }
  }

  /** Slack says `account_inactive` of the token's account (our own) and of the one that is written to. */
  async function ownAccountWorks(): Promise<boolean> {
    return client.auth.test().then(
      () => true,
      () => false,
    );
  }

  /** The items with what is foretold of their tasks now: one statement for all. */
  async function withRisk<T extends CardItem>(items: readonly T[]): Promise<T[]> {
    const codes = [...new Set(items.map(({ task }) => task.code))];
    const found = codes.length === 0 ? new Map() : await risks(now(), codes);
    return items.map((item) => ({ ...item, risk: found.get(item.task.code)?.computed ?? null }));
  }

  async function render(viewer: Person, items: readonly KeyedItem[], blockId: string, known: LoadedDirectory): Promise<Card> {
    const at = now();
    const view = {
      viewer,
      now: at,
      speaksAs: (address: Email) => address === viewer.email || known.standIn(address, at)?.email === viewer.email,
      isGone: (address: Email) => known.person(address)?.goneAt != null,
      blockId,
      openUrl: (code: TaskCode) => `${webUrl()}/tasks/${code}?lang=${viewer.locale}`,
      agencyName: (code: AgencyCode) => known.agency(code)?.name[viewer.locale] ?? code,
      personName: (address: Email) => known.person(address)?.name ?? address,
    };
    // Never merged: it is the only one in its message.
    const gone = items[0] === undefined ? null : goneOf(items[0]);
    const replacement = gone === null ? undefined : await readReplacement(database, known.people, gone);
    const told = onePerTask(items);
    const [first] = told;
    const ofTasks = () => (told.length === 1 && first !== undefined ? card(first, view) : digest(told, view));
    const content = replacement === undefined ? ofTasks() : replacementCard(replacement, view);
    return shadow ? diverted(content, shadowText(viewer)) : content;
  }

  async function notify(viewer: Person, notice: Notice): Promise<SendOutcome> {
    if (viewer.slackId === null) return { outcome: 'permanent', why: 'no chat account' };
    const content = noticeCard(notice);
    try {
      const channel = await channelOf(viewer);
      const posted = await client.chat.postMessage({ channel, ...(shadow ? diverted(content, shadowText(viewer)) : content) });
      return { outcome: 'sent', providerId: `${posted.channel}/${posted.ts}` };
    } catch (error) {
      return classify(error);
    }
  }

  async function remember({ id, recipient, notifications }: OutgoingMessage, channel: string, ts: string): Promise<void> {
    await database.chatMessage.createMany({
      data: [
        {
          channel,
          ts,
          messageId: id,
          recipient,
          taskCode: notifications.length === 1 ? (notifications[0]?.task.code ?? null) : null,
          shownSeq: notifications.reduce((sum, { task }) => sum + task.seq, 0),
          postedAt: now(),
          shadow,
        },
      ],
      skipDuplicates: true,
    });
  }

  async function find(message: OutgoingMessage): Promise<string | null | undefined> {
    const row = await database.notification.findFirst({ where: { messageId: message.id } });
    const person = await database.person.findUnique({ where: { email: message.recipient } });
    if (row?.attemptedAt == null || person === null) return null;
    const oldest = epochMs(row.attemptedAt.toISOString() as IsoInstant) / 1_000 - 60;
    try {
      const channel = (await diversion()) ?? person.slackDm;
      if (channel === null) return null;
      const history = await client.conversations.history({ channel, oldest: oldest.toFixed(6), limit: 200 });
      const found = history.messages?.find(({ blocks }) =>
        blocks?.some((block) => 'block_id' in block && block.block_id?.startsWith(`${message.id}:`)),
      );
      if (found?.ts === undefined) return null;
      await remember(message, channel, found.ts);
      return `${channel}/${found.ts}`;
    } catch {
      return undefined;
    }
  }

  /** Brings every posted message whose tasks have gone on since up to date, newest first; safe to repeat. */
  async function refreshCards(code?: string): Promise<number> {
    // A message's `shown_seq` is the sum of its tasks' event numbers: these only grow, so a smaller sum is an older state.
    const rows = await database.$queryRaw<StaleMessage[]>`
      SELECT m.channel, m.ts, m.message_id, m.recipient, m.revision, m.shown_seq AS shown, sum(t.seq)::int AS seq,
        jsonb_agg(jsonb_build_object('task', t.state, 'kind', n.kind, 'key', n.key, 'step', n.step) ORDER BY t.deadline_at, t.code) AS items
      FROM chat_message m JOIN notification n ON n.message_id = m.message_id JOIN task t ON t.code = n.task_code
      WHERE NOT m.gone AND m.shadow = ${shadow} AND (${code ?? null}::text IS NULL
        OR m.message_id IN (SELECT message_id FROM notification WHERE task_code = ${code ?? null}))
      GROUP BY m.channel, m.ts HAVING sum(t.seq) > m.shown_seq ORDER BY m.posted_at DESC LIMIT 200`;
    const known = await directory();
    const stale = rows.map((row) => ({ ...row, items: row.items.map((item) => ({ ...item, task: storedTask(item.task) })) }));
    const foretold = new Map((await withRisk(stale.flatMap(({ items }) => items))).map((item) => [item.task.code, item.risk]));
    let updated = 0;
    for (const { channel, ts, message_id, recipient, revision, shown: before, seq, items } of stale) {
      const viewer = known.person(recipient);
      if (viewer === undefined) continue;
      const where = { channel_ts: { channel, ts } };
      const shown = await Promise.all(
        items.map(async (item) => ({ ...item, risk: foretold.get(item.task.code) ?? null, text: await textOf(item.task, item.step) })),
      );
      const content = await render(viewer, shown, `${message_id}:${revision + 1}`, known);
      try {
        // Slack wants a new block id for each update.
        await client.chat.update({ channel, ts, ...content });
        // What was marked to be shown anew meanwhile stays marked.
        await database.$executeRaw`
          UPDATE chat_message SET revision = ${revision + 1}, shown_seq = CASE WHEN shown_seq = ${before} THEN ${seq} ELSE shown_seq END
          WHERE channel = ${channel} AND ts = ${ts}`;
        updated += 1;
      } catch (error) {
        if (classify(error).outcome !== 'permanent') break;
        // A card that is gone cannot be kept true; the next notification posts a new one.
        await database.chatMessage.update({ where, data: { gone: true } });
      }
    }
    return updated;
  }

  const sender: Sender = { channel: 'slack', shadow, send, find, notify };
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
