/** Writes into the ledger what became of messages, many at once. */
import { type Person, reachedBy } from '../domain/directory.ts';
import { CHANNELS, type Channel, type Email } from '../domain/names.ts';
import { addMilliseconds, type IsoInstant } from '../domain/time.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { notifyPlanned } from '../prisma/listen.ts';
import type { PolicyOf } from '../prisma/policies.ts';
import { ASK_AFTER_MS } from './claim.ts';
import type { Sender, SendOutcome, SentMessage } from './sender.ts';

/** A message with its outcome, as of the instant at which the provider had answered. */
export interface Settled {
  readonly message: Pick<SentMessage, 'id' | 'recipient' | 'items'>;
  /** Of its notifications, by id; the first stands for the message, the others are merged into it. */
  readonly notifications: readonly string[];
  readonly result: SendOutcome;
  readonly at: IsoInstant;
}

export interface SettleDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'remember'>;
  readonly policyOf: PolicyOf;
  readonly person: (email: Email) => Promise<Person | undefined>;
  /** A provider knows the recipient no more; safe to repeat. */
  readonly loseChannel: (recipient: Email, channel: Channel) => Promise<void>;
  /** Of [0, 1): spreads what is tried again. */
  readonly chance: () => number;
}

export const RETRY_MS = 5_000;
/** A wait grows with each attempt to this; a provider that asks for more is obeyed. */
export const RETRY_MS_MAX = 10 * 60_000;
/** From then on a reminder is told by another channel (limits of e-mail: greylisting passes in minutes, a queue gives up after days). */
export const GIVE_UP_MS = 4 * 3_600_000;
export const ATTEMPTS_MIN = 5;
const isLate = Prisma.sql`d.at > n.send_at + ${GIVE_UP_MS} * interval '1 millisecond'`;
const givesUp = Prisma.sql`(${isLate} AND CASE d.outcome WHEN 'transient' THEN n.attempts >= ${ATTEMPTS_MIN} WHEN 'limited' THEN d.closed ELSE false END)`;

/** What failed together comes back a fifth sooner or later than it would. @param chance of [0, 1) */
export function spreadOf(chance: number): number {
  return 0.8 + 0.4 * chance;
}

/**
 * Twice: what is settled is not on the wire any more, nor asked about, the second changes nothing. Fails: nothing of it is written, and what was on the
 * wire is asked about.
 */
export function createSettle({ database, sender, policyOf, person, loseChannel, chance }: SettleDependencies) {
  return async (settled: readonly Settled[]): Promise<void> => {
    // First: after a crash in between the message is sent again, and fails again.
    for (const { message, result } of settled)
      if (result.outcome === 'permanent' && result.gone === true) await loseChannel(message.recipient, sender.channel);
    const rows = settled.flatMap(({ message: { id: message }, notifications: [first, ...merged], result, at }) => {
      const columns = { message, at, ...columnsOf(result, at) };
      return [{ id: first, isFirst: true, ...columns }, ...merged.map((id) => ({ id, isFirst: false, ...columns }))];
    });
    const sent = settled.flatMap(({ message, result, at }): SentMessage[] =>
      result.outcome === 'sent' ? [{ ...message, at, providerId: result.providerId }] : [],
    );
    await database.$transaction(async (transaction) => {
      if (sent.length > 0) await sender.remember?.(transaction, sent);
      await write(transaction, rows);
      await replanFor(
        transaction,
        settled.flatMap(({ message: { id }, result, at }) => (result.outcome === 'permanent' && result.gone === true ? [{ id, at }] : [])),
      );
      await tellByAnother(
        transaction,
        settled.flatMap(({ message: { id }, result, at }) =>
          result.outcome === 'transient' || result.outcome === 'limited' || (result.outcome === 'permanent' && result.gone !== true)
            ? [{ id, at }]
            : [],
        ),
      );
    });
  };

  function columnsOf(result: SendOutcome, at: IsoInstant) {
    const after = (ms: number) => addMilliseconds(at, Math.round(ms));
    const said = {
      outcome: result.outcome,
      provider: null,
      error: 'why' in result ? result.why : null,
      wait: 0,
      retry: null,
      closed: false,
    };
    switch (result.outcome) {
      case 'sent':
        return { ...said, provider: result.providerId };
      case 'transient':
        return { ...said, wait: result.retryAfterMs ?? RETRY_MS, spread: spreadOf(chance()) };
      case 'limited':
        return { ...said, retry: after(result.retryAfterMs), closed: result.refusesUs === true };
      case 'permanent':
        return said;
      case 'ambiguous':
        return { ...said, retry: after(ASK_AFTER_MS) };
    }
  }

  /**
   * By their own ids, and with nothing that lets a planner, which has not seen this minute's rows, take the index of all that was ever
   * sent, or of all that is in hand, for the shortest way.
   */
  async function write(store: Transaction, rows: readonly ReturnType<typeof columnsOf>[]): Promise<void> {
    await store.$executeRaw`
      WITH done AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS r(id uuid, "isFirst" boolean, message uuid, at timestamptz, outcome text, provider text, error text, wait bigint, spread float8, retry timestamptz, closed boolean))
      UPDATE notification n SET
        status = CASE d.outcome
          WHEN 'sent' THEN CASE WHEN d."isFirst" THEN 'sent' ELSE 'merged' END
          WHEN 'permanent' THEN 'failed'
          WHEN 'ambiguous' THEN 'uncertain'
          ELSE CASE WHEN ${givesUp} THEN 'failed' ELSE 'planned' END END,
        sent_at = CASE d.outcome WHEN 'sent' THEN d.at END,
        provider_id = d.provider, error = d.error, leased_until = NULL,
        claim_id = CASE d.outcome WHEN 'sent' THEN n.claim_id END,
        message_id = CASE WHEN d.outcome IN ('limited', 'transient') AND NOT ${givesUp} THEN NULL ELSE n.message_id END,
        -- To be asked for one's patience is no attempt.
        attempts = n.attempts - CASE d.outcome WHEN 'limited' THEN 1 ELSE 0 END,
        retry_at = CASE d.outcome WHEN 'transient' THEN d.at + interval '1 millisecond' * round((d.spread
            * greatest(d.wait, least(${RETRY_MS_MAX}, d.wait * power(2, least(n.attempts, 20) - 1))))::numeric)
          ELSE d.retry END
      FROM done d WHERE n.id = d.id AND n.message_id IS NOT DISTINCT FROM d.message
        AND CASE n.status WHEN 'sending' THEN true WHEN 'uncertain' THEN d.outcome IN ('sent', 'permanent') END`;
  }

  /**
   * Where the channel was lost a moment before this was written, a plan made in between took the message for told: once more, now that it is
   * known not to be.
   */
  async function replanFor(store: Transaction, messages: readonly { readonly id: string; readonly at: IsoInstant }[]): Promise<void> {
    if (messages.length === 0) return;
    const ids = messages.map(({ id }) => id);
    await store.$executeRaw`
      UPDATE task SET replan_since = ${messages[0]?.at}::timestamptz
      WHERE code IN (SELECT task_code FROM notification WHERE message_id = ANY(${ids}::uuid[]) AND status = 'failed')`;
  }

  /** What has failed for good on this channel is told by the next by which the person can be reached, at once. */
  async function tellByAnother(store: Transaction, messages: readonly { readonly id: string; readonly at: IsoInstant }[]): Promise<void> {
    if (messages.length === 0) return;
    const failed = await store.notification.findMany({
      where: { messageId: { in: messages.map(({ id }) => id) }, status: 'failed' },
      select: {
        id: true,
        key: true,
        step: true,
        recipient: true,
        channel: true,
        task: { select: { policyName: true, policyVersion: true } },
      },
    });
    const others = await Promise.all(failed.map(async (row) => ({ id: row.id, channel: await anotherChannel(store, row) })));
    if (others.every(({ channel }) => channel === null)) return;
    const at = messages.reduce((latest, each) => (each.at > latest ? each.at : latest), messages[0]?.at as IsoInstant); // one at least
    await store.$executeRaw`
      INSERT INTO notification (id, key, task_code, kind, step, recipient, channel, send_at, urgent, reason, status, planned_at, fallback_of, shadow)
      SELECT gen_random_uuid(), left(f.key, length(f.key) - length(f.channel)) || other.channel, f.task_code, f.kind, f.step, f.recipient,
        other.channel, ${at}::timestamptz, f.urgent, f.reason, 'planned', ${at}::timestamptz, coalesce(f.fallback_of, f.id), f.shadow
      FROM notification f JOIN jsonb_to_recordset(${JSON.stringify(others)}::jsonb) AS other(id uuid, channel text) ON other.id = f.id
      WHERE other.channel IS NOT NULL
      ON CONFLICT (key) DO UPDATE SET send_at = EXCLUDED.send_at, status = 'planned', error = NULL, retry_at = NULL,
        fallback_of = EXCLUDED.fallback_of
      WHERE notification.status IN ('planned', 'cancelled') AND notification.send_at > EXCLUDED.send_at`;
    await notifyPlanned(
      store,
      others.flatMap((each) => each.channel ?? []),
    );
  }

  /** The next of the step's own order, then any other; null where nothing else reaches the person. */
  async function anotherChannel(
    store: Transaction,
    failed: {
      readonly key: string;
      readonly channel: string;
      readonly step: string;
      readonly recipient: string;
      readonly task: { readonly policyName: string; readonly policyVersion: number };
    },
  ): Promise<Channel | null> {
    const recipient = await person(failed.recipient as Email); // a reference to a stored one
    if (recipient === undefined) return null;
    const { steps } = await policyOf({ name: failed.task.policyName, version: failed.task.policyVersion });
    const order = steps.find(({ id }) => id === failed.step)?.channels.order ?? [];
    const place = order.indexOf(sender.channel) + 1;
    const wished = [...order.slice(place), ...order.slice(0, place), ...CHANNELS];
    const keyBy = (channel: Channel) => `${failed.key.slice(0, -failed.channel.length)}${channel}`;
    const tried = await store.notification.findMany({
      where: { key: { in: CHANNELS.map(keyBy) }, status: { notIn: ['planned', 'cancelled'] } },
      select: { channel: true },
    });
    return reachedBy(recipient, wished).find((channel) => !tried.some((each) => each.channel === channel)) ?? null;
  }
}
