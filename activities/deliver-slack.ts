/** Posts cards and digests to Slack; finds an uncertain one by the key in its `block_id`; keeps posted cards true. */
import { LogLevel, WebClient } from '@slack/web-api';
import { type Card, type CardItem, card, digest } from '../bot/blocks/card.ts';
import { replacementCard } from '../bot/blocks/gone.ts';
import { diverted, noticeCard } from '../bot/blocks/notice.ts';
import type { Notice } from '../config/notice.ts';
import { shadowText } from '../config/shadow-text.ts';
import { addMinutes } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { onePerTask } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import type { RateLimit } from '../domain/rate-limit.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { createTextOfStep } from '../prisma/policies.ts';
import type { RateLimits } from '../prisma/rate-limits.ts';
import { readReplacement } from '../prisma/replacement.ts';
import type { ReadRisks } from '../prisma/risk.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { LoadedDirectory } from './directory.ts';
import type { DueNotification, Found, OutgoingMessage, ReadyMessage, Sender, SendOutcome, SentMessage, Sought } from './sender.ts';
import { createSlackPost, type SlackAnswer } from './slack-post.ts';
import { unmadeBy } from './unmade.ts';

/**
 * What Slack takes from one app in one workspace (docs: Rate limits): a message a second and conversation, "several hundred per minute" of
 * them in all, tier 3 (50 a minute) of what keeps cards true, opens conversations and looks into them.
 */
export interface SlackLimits {
  readonly post: RateLimit;
  readonly perConversationMs: number;
  readonly tier3: RateLimit;
}
export const SLACK_LIMITS: SlackLimits = {
  post: { max: 300, windowMs: 60_000, reserved: 30 },
  perConversationMs: 1_000,
  tier3: { max: 50, windowMs: 60_000 },
};
/** In shadow mode: of one conversation, by all couriers together. */
const SHADOW_POST: RateLimit = { max: 1, windowMs: 1_000 };
/** Enough to keep two cores busy (bench:storm, 3,000 messages: the last after 2.2 s with 128, 1.4 s with 384). */
const ON_WIRE_MAX = 256;
/** A storm of so many is out before anything is written of it. */
const UNSETTLED_MAX = 8_000;
/** As many as can be marked in the time that there is before a moment. */
const AHEAD_MAX = 8_000;
/** The provider is away as a whole, or refuses us as a whole: nothing is gained by trying message after message. */
const CLOSED_RETRY_MS = 30_000;

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
  'cannot_reply_to_message',
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'invalid_arguments',
]);
/** Of them, those that say of the person: no such account any more. */
const GONE = new Set(['user_not_found', 'users_not_found', 'user_disabled']);
/** Those that do not say whether it is the conversation or the person. */
const UNREACHED = new Set(['channel_not_found', 'is_archived']);
/** Codes after which "some aspect of the operation" may have succeeded. */
const AMBIGUOUS = new Set(['fatal_error', 'internal_error', 'service_unavailable']);
/** Codes that say of the app, not of the message: no message gets through before an administrator acts. */
const CLOSED = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'team_access_not_granted',
  'access_denied',
  'accesslimited',
  'ekm_access_denied',
]);

/** Before anything was written: no name, no listener, no connection in time. */
const UNCONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const UNSENT_RETRY_MS = 2_000;
/** Whole seconds are what Slack tells: a little later is surely after. */
const JITTER_MS = 250;
const ASK_AGAIN_MS = 30_000;
const ASK_AGAIN: Found = { arrived: 'ask_again', retryAfterMs: ASK_AGAIN_MS };
/** Slack's clock and ours may differ by so much. */
const LOOKED_BACK_SECONDS = 60;
/** Of messages; Slack recommends no more at once (docs: conversations.history). */
const HISTORY_PAGE = 200;
const NO_ACCOUNT: SendOutcome = { outcome: 'permanent', why: 'no chat account' };
/** Messages that one refresh brings up to date. */
const REFRESHED_MAX = 200;
/** All that was ever posted is looked at this seldom: for what was recorded long after it happened, or posted while it changed. */
const LOOK_AT_ALL_MINUTES = 10;
/** In between, tasks of which something happened so lately; longer than that, so that nothing falls between two looks. */
const RECENT_MINUTES = 15;

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
  /** Null where whatever comes is taken: a local Slack. */
  readonly limits: SlackLimits | null;
  readonly rateLimits: RateLimits;
  readonly webUrl: () => string;
  /** In shadow mode everything goes to this channel (`C…`) or user (`U…`) instead; null otherwise. */
  readonly shadowChannel: string | null;
}

export function createSlackSender({
  database,
  directory,
  risks,
  now,
  access,
  limits,
  rateLimits,
  webUrl,
  shadowChannel,
}: SlackDependencies) {
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

  const { post, warmUp } = createSlackPost(access);

  /** Where a person's messages go: by the account where no conversation is remembered yet, for which Slack opens one itself. */
  function addressOf(viewer: { readonly slackId: string | null; readonly role: string }, slackDm: string | null): string | null {
    return shadowChannel ?? (viewer.role === 'channel' ? viewer.slackId : (slackDm ?? viewer.slackId));
  }

  /** @throws what the SDK throws */
  async function open(user: string): Promise<string> {
    const opened = await client.conversations.open({ users: user });
    const channel = opened.channel?.id;
    if (channel === undefined) throw new Error('conversations.open answered without a channel');
    return channel;
  }

  /** Before the wire: a mistake in it must not look like a message that may have been sent. */
  async function prepare(messages: readonly OutgoingMessage[]): Promise<readonly ReadyMessage[]> {
    const known = await directory();
    const foretold = await riskOf(messages.flatMap(({ notifications }) => notifications));
    const conversations = await conversationsOf(messages.map(({ recipient }) => recipient));
    return Promise.all(
      messages.map(async ({ id, recipient, notifications }): Promise<ReadyMessage> => {
        const viewer = known.person(recipient);
        const address = viewer?.slackId == null ? null : addressOf(viewer, conversations.get(recipient) ?? null);
        if (viewer === undefined || address === null) return { post: async () => NO_ACCOUNT };
        try {
          const content = JSON.stringify(await render(viewer, notifications.map(foretold), `${id}:0`, known)).slice(1);
          return { post: () => send(viewer, address, content) };
        } catch (error) {
          return unmadeBy(error, database);
        }
      }),
    );
  }

  async function conversationsOf(recipients: readonly Email[]): Promise<ReadonlyMap<string, string | null>> {
    const rows = await database.person.findMany({
      where: { email: { in: [...new Set(recipients)] } },
      select: { email: true, slackDm: true },
    });
    return new Map(rows.map(({ email, slackDm }) => [email, slackDm]));
  }

  /** @param content of a message as JSON without the opening brace: where it goes stands before it */
  async function send(viewer: Person, address: string, content: string): Promise<SendOutcome> {
    let failure: Failure;
    try {
      const posted = await post(`{"channel":${JSON.stringify(address)},"unfurl_links":false,"unfurl_media":false,${content}`);
      if (posted.ok) return { outcome: 'sent', providerId: `${posted.channel ?? address}/${posted.ts ?? ''}` };
      failure = classifyAnswer(posted);
    } catch (error) {
      failure = classify(error);
    }
    const { why } = failure;
    // It is our own channel that is wrong, not the person.
    if (shadow && failure.outcome === 'permanent') return { outcome: 'limited', why, retryAfterMs: CLOSED_RETRY_MS };
    if (GONE.has(why)) return { outcome: 'permanent', why, gone: true };
    if (why === 'account_inactive' && (await ownAccountWorks())) return { outcome: 'permanent', why, gone: true };
    if (!UNREACHED.has(why)) return failure;
    if (address === viewer.slackId) return viewer.role === 'channel' ? failure : whyUnreached(viewer.email, viewer.slackId, failure);
    // The conversation that we remember is gone, not the person: the next attempt goes by the account.
    await database.person.updateMany({ where: { email: viewer.email, slackDm: address }, data: { slackDm: null } });
    return { outcome: 'transient', why, retryAfterMs: 200 };
  }

  /** Slack does not say of a post by the account whether the account is gone or only cannot be written to: opening a conversation does. */
  async function whyUnreached(email: Email, account: string, failure: Failure): Promise<SendOutcome> {
    if (!(await mayCall('conversations.open'))) return { outcome: 'transient', why: failure.why, retryAfterMs: UNSENT_RETRY_MS };
    try {
      const slackDm = await open(account);
      const { count } = await database.person.updateMany({ where: { email, slackDm: null }, data: { slackDm } });
      return count === 0 ? failure : { outcome: 'transient', why: failure.why, retryAfterMs: 200 };
    } catch (error) {
      const met = await obeyed('conversations.open', classify(error));
      if (GONE.has(met.why)) return { outcome: 'permanent', why: met.why, gone: true };
      if (met.outcome === 'permanent') return met;
      // Whatever became of it, no message went.
      return { outcome: 'transient', why: met.why, retryAfterMs: askedPatience(met) ?? UNSENT_RETRY_MS };
    }
  }

  /** Slack says `account_inactive` of the token's account (our own) and of the one that is written to. */
  async function ownAccountWorks(): Promise<boolean> {
    return client.auth.test().then(
      () => true,
      () => false,
    );
  }

  /** What is foretold of tasks now: one statement for all. @returns an item with it */
  async function riskOf(items: readonly CardItem[]): Promise<<T extends CardItem>(item: T) => T> {
    const codes = [...new Set(items.map(({ task }) => task.code))];
    const found = codes.length === 0 ? new Map() : await risks(now(), codes);
    return (item) => ({ ...item, risk: found.get(item.task.code)?.computed ?? null });
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

  async function notify(viewer: Person, notice: Notice, id: string): Promise<SendOutcome> {
    const conversations = await conversationsOf([viewer.email]);
    const address = viewer.slackId === null ? null : addressOf(viewer, conversations.get(viewer.email) ?? null);
    if (address === null) return NO_ACCOUNT;
    const content = noticeCard(notice, `${id}:0`);
    return send(viewer, address, JSON.stringify(shadow ? diverted(content, shadowText(viewer)) : content).slice(1));
  }

  async function remember(store: Transaction, sent: readonly SentMessage[]): Promise<void> {
    const rows = sent.map(({ id, recipient, items, providerId, at }) => {
      const [channel = '', ts = ''] = providerId.split('/');
      const [only] = items.length === 1 ? items : [];
      return { channel, ts, id, recipient, code: only?.code ?? null, seq: items.reduce((sum, { seq }) => sum + seq, 0), at };
    });
    // One text for any number of rows: Prisma's own insert works out a plan for each number, which was a third of a storm's time.
    await store.$executeRaw`
      INSERT INTO chat_message (channel, ts, message_id, recipient, task_code, shown_seq, posted_at, shadow)
      SELECT channel, ts, id, recipient, code, seq, at, ${shadow} FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(channel text, ts text, id uuid, recipient text, code text, seq int, at timestamptz)
      ON CONFLICT DO NOTHING`;
    if (shadow) return;
    await store.$executeRaw`
      UPDATE person p SET slack_dm = r.channel FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(channel text, recipient text)
      WHERE p.email = r.recipient AND p.slack_dm IS NULL AND p.role <> 'channel'`;
  }

  async function find({ id, recipient, attemptedAt }: Sought): Promise<Found> {
    const person = await database.person.findUnique({ where: { email: recipient } });
    const address = person === null ? null : addressOf(person, person.slackDm);
    if (address === null) return { arrived: false };
    const oldest = (epochMs(attemptedAt) / 1_000 - LOOKED_BACK_SECONDS).toFixed(6);
    let method = 'conversations.open';
    try {
      const isAccount = address.startsWith('U') || address.startsWith('W');
      if (isAccount && !(await mayCall(method))) return ASK_AGAIN;
      const channel = isAccount ? await open(address) : address;
      method = 'conversations.history';
      let cursor: string | undefined;
      do {
        if (!(await mayCall(method))) return ASK_AGAIN;
        const page = await client.conversations.history({
          channel,
          oldest,
          limit: HISTORY_PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const found = page.messages?.find(({ blocks }) =>
          blocks?.some((block) => 'block_id' in block && block.block_id?.startsWith(`${id}:`)),
        );
        if (found?.ts !== undefined) return { arrived: true, providerId: `${channel}/${found.ts}` };
        cursor = page.response_metadata?.next_cursor;
      } while (cursor !== undefined && cursor !== '');
      return { arrived: false };
    } catch (error) {
      const failure = await obeyed(method, classify(error));
      return { arrived: 'ask_again', retryAfterMs: askedPatience(failure) ?? ASK_AGAIN_MS };
    }
  }

  /** A method's share of what the workspace takes, counted for all who call it. */
  async function mayCall(method: string): Promise<boolean> {
    return limits === null || (await rateLimits.take(`slack:${method}`, limits.tier3, { urgent: 1, routine: 0 }, now())).granted === 1;
  }

  /** Where Slack asks for patience, nobody calls the method before. */
  async function obeyed(method: string, failure: Failure): Promise<Failure> {
    if (failure.outcome === 'limited' && limits !== null)
      await rateLimits.refused(`slack:${method}`, limits.tier3, failure.retryAfterMs, now());
    return failure;
  }

  let lookedAtAll: IsoInstant | null = null;
  /** Brings posted messages whose tasks have gone on since up to date, newest first; safe to repeat. @param code of one task; absent: of any */
  async function refreshCards(code?: string): Promise<number> {
    const at = now();
    const isAll = code === undefined && (lookedAtAll === null || at >= addMinutes(lookedAtAll, LOOK_AT_ALL_MINUTES));
    const of =
      code !== undefined
        ? Prisma.sql`AND m.message_id IN (SELECT message_id FROM notification WHERE task_code = ${code})`
        : isAll
          ? Prisma.empty
          : Prisma.sql`AND m.message_id IN (
              SELECT n.message_id FROM task_event e JOIN notification n ON n.task_code = e.task_code
              WHERE e.at > ${addMinutes(at, -RECENT_MINUTES)}::timestamptz
              UNION SELECT message_id FROM chat_message WHERE shown_seq < 0)`;
    // A message's `shown_seq` is the sum of its tasks' event numbers: these only grow, so a smaller sum is an older state. Tasks are
    // read only of those that are stale: gathered for all, a hundred thousand cards took seconds (measured: 20,000 took 560 ms).
    const rows = await database.$queryRaw<StaleMessage[]>`
      WITH stale AS MATERIALIZED (
        SELECT m.channel, m.ts FROM chat_message m JOIN notification n ON n.message_id = m.message_id JOIN task t ON t.code = n.task_code
        WHERE NOT m.gone AND m.shadow = ${shadow} ${of}
        GROUP BY m.channel, m.ts HAVING sum(t.seq) > m.shown_seq ORDER BY m.posted_at DESC LIMIT ${REFRESHED_MAX})
      SELECT m.channel, m.ts, m.message_id, m.recipient, m.revision, m.shown_seq AS shown, sum(t.seq)::int AS seq,
        jsonb_agg(jsonb_build_object('task', t.state, 'kind', n.kind, 'key', n.key, 'step', n.step) ORDER BY t.deadline_at, t.code) AS items
      FROM stale JOIN chat_message m USING (channel, ts) JOIN notification n ON n.message_id = m.message_id JOIN task t ON t.code = n.task_code
      GROUP BY m.channel, m.ts ORDER BY m.posted_at DESC`;
    const known = await directory();
    const stale = rows.map((row) => ({ ...row, items: row.items.map((item) => ({ ...item, task: storedTask(item.task) })) }));
    const foretold = await riskOf(stale.flatMap(({ items }) => items));
    let updated = 0;
    let isAnyLeft = rows.length === REFRESHED_MAX;
    for (const { channel, ts, message_id, recipient, revision, shown: before, seq, items } of stale) {
      const viewer = known.person(recipient);
      if (viewer === undefined) continue;
      const where = { channel_ts: { channel, ts } };
      const shown = await Promise.all(items.map(async (item) => ({ ...foretold(item), text: await textOf(item.task, item.step) })));
      const content = await render(viewer, shown, `${message_id}:${revision + 1}`, known);
      // The rest is brought up to date by the next refresh, the newest first again.
      if (!(await mayCall('chat.update'))) {
        isAnyLeft = true;
        break;
      }
      try {
        // Slack wants a new block id for each update.
        await client.chat.update({ channel, ts, ...content });
        // What was marked to be shown anew meanwhile stays marked.
        await database.$executeRaw`
          UPDATE chat_message SET revision = ${revision + 1}, shown_seq = CASE WHEN shown_seq = ${before} THEN ${seq} ELSE shown_seq END
          WHERE channel = ${channel} AND ts = ${ts}`;
        updated += 1;
      } catch (error) {
        const failure = await obeyed('chat.update', classify(error));
        if (failure.outcome !== 'permanent') {
          isAnyLeft = true;
          break;
        }
        // A card that is gone cannot be kept true; the next notification posts a new one.
        await database.chatMessage.update({ where, data: { gone: true } });
      }
    }
    // What is left is found by looking at all, however long ago it changed.
    if (isAnyLeft) lookedAtAll = null;
    else if (isAll) lookedAtAll = at;
    return updated;
  }

  const pace = {
    // Everything goes to one conversation then.
    limit: shadow && limits !== null ? SHADOW_POST : (limits?.post ?? null),
    perDay: null,
    perRecipientMs: limits?.perConversationMs ?? 0,
    onWireMax: ON_WIRE_MAX,
    // After a crash each is asked about: with a limit, as many as that takes a minute for.
    unsettledMax: limits?.tier3.max ?? UNSETTLED_MAX,
    // With a limit so few leave at a moment that they are marked in it.
    aheadMax: limits === null ? AHEAD_MAX : 0,
  };
  const sender: Sender = { channel: 'slack', shadow, pace, prepare, warmUp, remember, find, notify };
  /** One message of the bot's is taken of what the workspace takes of all. */
  async function countPost(): Promise<void> {
    if (pace.limit !== null) await rateLimits.take(sender.channel, pace.limit, { urgent: 1, routine: 0 }, now());
  }
  return { sender, refreshCards, countPost };
}

type Failure = Exclude<SendOutcome, { outcome: 'sent' }>;

/** For how long not to try again, in milliseconds, where that is known. */
function askedPatience(failure: Failure): number | undefined {
  return failure.outcome === 'limited' || failure.outcome === 'transient' ? failure.retryAfterMs : undefined;
}

/** Translates Slack's errors once. What is not known to be unsent counts as perhaps sent. */
function classify(error: unknown): Failure {
  const { code, message, retryAfter, statusCode, data, original, cause } = error as {
    code?: string;
    message?: string;
    retryAfter?: number;
    statusCode?: number;
    data?: { error?: string };
    original?: { code?: string; cause?: { code?: string } };
    cause?: { code?: string };
  };
  // The same words as of a post that does not go by the SDK.
  const why = data?.error ?? (statusCode === undefined ? (message ?? String(error)) : `HTTP ${statusCode}`);
  if (retryAfter !== undefined) return { outcome: 'limited', why: 'ratelimited', retryAfterMs: retryAfter * 1_000 + JITTER_MS };
  if (data?.error !== undefined) return classifyCode(data.error);
  const connection = original?.cause?.code ?? original?.code ?? cause?.code ?? code ?? '';
  // Nothing was written before the connection stood.
  if (UNCONNECTED.has(connection))
    return { outcome: 'transient', why: `${code ?? ''} ${connection}`.trim(), retryAfterMs: UNSENT_RETRY_MS };
  return { outcome: 'ambiguous', why };
}

function classifyAnswer({ status, error, retryAfterSeconds }: SlackAnswer): Failure {
  if (status === 429 || error === 'ratelimited' || error === 'rate_limited')
    return { outcome: 'limited', why: 'ratelimited', retryAfterMs: (retryAfterSeconds ?? 1) * 1_000 + JITTER_MS };
  return error === undefined ? { outcome: 'ambiguous', why: `HTTP ${status}` } : classifyCode(error);
}

function classifyCode(code: string): Failure {
  if (PERMANENT.has(code)) return { outcome: 'permanent', why: code };
  if (CLOSED.has(code)) return { outcome: 'limited', why: code, retryAfterMs: CLOSED_RETRY_MS, refusesUs: true };
  return AMBIGUOUS.has(code) ? { outcome: 'ambiguous', why: code } : { outcome: 'transient', why: code, retryAfterMs: CLOSED_RETRY_MS };
}
