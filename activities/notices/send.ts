/**
 * The notices of a courier: taken in hand when they are due, made and marked just before the wire, so that they say what is true then, and
 * never blindly sent again. When each may go is the courier's to say, as for notifications.
 */
import type { Notice } from '../../config/notice.ts';
import { UNMADE } from '../../domain/backlog.ts';
import { isReachable, type Person } from '../../domain/directory.ts';
import type { Channel, Email } from '../../domain/names.ts';
import { NOTICES, type NoticeBody, type NoticeKind, type NoticeStatus } from '../../domain/notice.ts';
import type { Queued } from '../../domain/send-queue.ts';
import { addMilliseconds, type IsoInstant, instantFromEpochMs } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { Prisma, type Notice as Row } from '../../prisma/generated/client.ts';
import { notifyPlanned } from '../../prisma/listen.ts';
import { noticeHeldUntil } from '../../prisma/notices.ts';
import { ASK_AFTER_MS, leaseFrom } from '../claim.ts';
import type { Waiting } from '../record.ts';
import type { ReadyMessage, Sender, SendOutcome } from '../sender.ts';
import { ATTEMPTS_MIN, GIVE_UP_MS, RETRY_MS, RETRY_MS_MAX, spreadOf } from '../settle.ts';
import type { ReadDoubts } from '../uncertain.ts';
import { UNMADE_RETRY_MS, unmadeBy } from '../unmade.ts';
import type { Addressed, LeftOut, Makers } from './maker.ts';
import { createNoticeDoubts } from './uncertain.ts';

export interface NoticeDependencies {
  readonly database: Database;
  readonly sender: Pick<Sender, 'channel' | 'shadow' | 'notify'>;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly makers: Makers;
  readonly person: (email: Email) => Promise<Person | undefined>;
  /** A provider knows the recipient no more; safe to repeat. */
  readonly loseChannel: (recipient: Email, channel: Channel) => Promise<void>;
  readonly now: () => IsoInstant;
  /** Of [0, 1): spreads what is tried again. */
  readonly chance: () => number;
  readonly wakeCouriers: (waiting: readonly Waiting[], now: IsoInstant) => Promise<void>;
}

/** One in hand; `id` is that of its message. */
export interface NoticeInHand extends Queued {
  readonly notice: string;
}

export interface NoticeLane {
  /** Another run of this courier has ended without a word: what it had in hand is given back, what it had on the wire is asked about. */
  takeOver(): Promise<void>;
  /** Those that are due and under no hold, the urgent first. */
  claim(max: number): Promise<readonly NoticeInHand[]>;
  /** What still waits in hand is not taken anew: its lease begins again. Twice: the same. */
  keep(ids: readonly string[]): Promise<void>;
  /** Gives back what is still in hand. */
  release(ids: readonly string[]): Promise<void>;
  /** Gives back what a lease has run out on. */
  releaseExpired(): Promise<void>;
  /** Makes it and marks it as on the wire. @returns what posts it; null where it is not to go now: what became of it is written */
  ready(notice: NoticeInHand): Promise<{ readonly post: () => Promise<SendOutcome> } | null>;
  /** Writes what became of it. Twice: the second changes nothing. */
  settle(notice: NoticeInHand, result: SendOutcome): Promise<void>;
  readonly doubts: ReadDoubts;
}

/** @returns the notices of the courier of a partition */
export function createNotices(o: NoticeDependencies) {
  const { database, sender, now } = o;
  const { channel } = sender;

  return (partition: number): NoticeLane => {
    const mine = Prisma.sql`n.channel = ${channel} AND n.partition = ${partition}`;
    const giveBack = async (which: Prisma.Sql): Promise<void> => {
      await database.$executeRaw`
        UPDATE notice n SET status = 'planned', message_id = NULL, leased_until = NULL WHERE ${mine} AND n.status = 'claimed' AND ${which}`;
    };
    return {
      async takeOver() {
        await database.$executeRaw`
          UPDATE notice n SET leased_until = NULL,
            status = CASE n.status WHEN 'claimed' THEN 'planned' ELSE 'uncertain' END,
            message_id = CASE n.status WHEN 'claimed' THEN NULL ELSE n.message_id END,
            -- Of before messages of notices had ids no provider can be asked.
            retry_at = CASE WHEN n.status = 'claimed' THEN n.retry_at
              WHEN n.message_id IS NOT NULL THEN n.attempted_at + ${ASK_AFTER_MS} * interval '1 millisecond' END,
            error = CASE n.status WHEN 'claimed' THEN n.error ELSE 'the courier ended while it was on the wire' END
          WHERE ${mine} AND n.status IN ('claimed', 'sending')`;
      },
      async claim(max) {
        const at = now();
        const rows = await database.$queryRaw<{ key: string; id: string; recipient: Email; urgent: boolean; send_at: Date }[]>`
          WITH due AS (
            SELECT n.key FROM notice n JOIN person p ON p.email = n.recipient
            WHERE ${mine} AND n.status = 'planned' AND n.send_at <= ${at}::timestamptz
              AND (n.retry_at IS NULL OR n.retry_at <= ${at}::timestamptz) AND ${noticeHeldUntil(at)} IS NULL
            ORDER BY n.urgent DESC, n.send_at, n.key LIMIT ${max} FOR UPDATE OF n SKIP LOCKED)
          UPDATE notice n SET status = 'claimed', message_id = gen_random_uuid(), leased_until = ${leaseFrom(at)}::timestamptz
          FROM due WHERE n.key = due.key RETURNING n.key, n.message_id AS id, n.recipient, n.urgent, n.send_at`;
        return rows
          .sort((a, b) => a.send_at.getTime() - b.send_at.getTime() || (a.key < b.key ? -1 : 1))
          .map(({ key, id, recipient, urgent }) => ({ id, notice: key, recipient, urgent, readyAt: at }));
      },
      async keep(ids) {
        if (ids.length === 0) return;
        await database.$executeRaw`
          UPDATE notice n SET leased_until = ${leaseFrom(now())}::timestamptz
          WHERE ${mine} AND n.status = 'claimed' AND n.message_id = ANY(${[...ids]}::uuid[])`;
      },
      async release(ids) {
        if (ids.length > 0) await giveBack(Prisma.sql`n.message_id = ANY(${[...ids]}::uuid[])`);
      },
      releaseExpired: () => giveBack(Prisma.sql`n.leased_until < ${now()}::timestamptz`),
      ready,
      async settle({ notice: key, id }, result) {
        const row = await database.notice.findUnique({ where: { key } });
        if (row?.messageId === id) await settleFrom('sending', row, result, now());
      },
      doubts: createNoticeDoubts({
        database,
        sender,
        partition,
        remake: madeOf,
        settle: (row, result, at) => settleFrom('uncertain', row, result, at),
      }),
    };
  };

  async function ready({ notice: key, id }: NoticeInHand): Promise<{ readonly post: () => Promise<SendOutcome> } | null> {
    const row = await database.notice.findUnique({ where: { key } });
    if (row?.status !== 'claimed' || row.messageId !== id) return null;
    const at = now();
    const back = { status: 'planned', messageId: null, leasedUntil: null } as const;
    if (row.notAfter !== null && row.notAfter < new Date(at)) return change('claimed', row, CANCELLED('its time has passed'));
    // Made before the wire: a mistake in it must not look like a message that may have been sent.
    const made = await makeOf(row, at);
    if ('unmade' in made) return change('claimed', row, { ...back, error: made.unmade, retryAt: addMilliseconds(at, UNMADE_RETRY_MS) });
    if ('leftOut' in made) return change('claimed', row, CANCELLED(made.leftOut));
    if ('unknown' in made) return change('claimed', row, { ...back, status: 'failed', error: made.unknown });
    const marked = await database.$executeRaw`
      UPDATE notice n SET status = 'sending', attempted_at = ${at}::timestamptz, attempts = attempts + 1, retry_at = NULL, leased_until = NULL,
        shadow = ${sender.shadow}
      FROM person p WHERE p.email = n.recipient AND n.key = ${key} AND n.status = 'claimed' AND n.message_id = ${id}::uuid
        AND ${noticeHeldUntil(at)} IS NULL`;
    // A hold was made meanwhile.
    if (marked === 0) return change('claimed', row, back);
    return { post: () => sender.notify(made.recipient, made.notice, id) };
  }

  async function madeOf(row: Row): Promise<ReadyMessage | null> {
    const made = await makeOf(row, now());
    if ('unmade' in made) return made;
    if (!('notice' in made)) return null;
    return { post: () => sender.notify(made.recipient, made.notice, row.messageId ?? '') };
  }

  async function makeOf(row: Row, at: IsoInstant): Promise<Made> {
    const recipient = await o.person(row.recipient as Email); // a reference to a stored one
    if (recipient === undefined) return { unknown: 'unknown person' };
    const to = { key: row.key, recipient, channel, shadow: sender.shadow, sendAt: instantFromEpochMs(row.sendAt.getTime()), at };
    try {
      const kind = Object.keys(NOTICES).find((each) => each === row.kind) as NoticeKind | undefined; // its own keys
      if (kind === undefined) throw new Error(`this version knows no notice of the kind ${row.kind}`);
      const notice = await makeKind(o.makers, kind, row.body, to);
      return 'leftOut' in notice ? notice : { notice, recipient };
    } catch (error) {
      const { unmade } = await unmadeBy(error, database);
      return { unmade: `${UNMADE}: ${unmade}` };
    }
  }

  async function settleFrom(from: 'sending' | 'uncertain', row: Row, result: SendOutcome, at: IsoInstant): Promise<void> {
    // First: after a crash in between the message is sent again, and fails again.
    if (result.outcome === 'permanent' && result.gone === true) await o.loseChannel(row.recipient as Email, channel);
    const data = settled(row, result, at);
    const other = data.status === 'failed' && row.fallbackOf === null ? await otherChannel(row.recipient as Email) : undefined;
    if (other === undefined) return void (await change(from, row, data));
    // As for notifications: what has failed for good on one channel is told by the next, once.
    const moved = {
      status: 'planned',
      messageId: null,
      error: data.error ?? null,
      channel: other,
      fallbackOf: channel,
      attempts: 0,
      retryAt: null,
    } as const;
    await change(from, row, moved);
    await notifyPlanned(database, [other]);
    // A wake that is lost is made up for by the next sweep.
    await o.wakeCouriers([{ channel: other, recipient: row.recipient as Email, sendAt: at }], at).catch(() => {});
  }

  async function otherChannel(email: Email): Promise<Channel | undefined> {
    const recipient = await o.person(email);
    return recipient === undefined ? undefined : o.channels.find((each) => each !== channel && isReachable(recipient, each));
  }

  function settled({ attempts, sendAt }: Row, result: SendOutcome, at: IsoInstant): Change {
    const again = { status: 'planned', messageId: null } as const;
    const isLate = at > addMilliseconds(instantFromEpochMs(sendAt.getTime()), GIVE_UP_MS);
    switch (result.outcome) {
      case 'sent':
        return { status: 'sent', sentAt: at, providerId: result.providerId, error: null, retryAt: null };
      // To be asked for one's patience is no attempt.
      case 'limited':
        if (result.refusesUs === true && isLate) return { status: 'failed', error: result.why };
        return { ...again, error: result.why, retryAt: addMilliseconds(at, result.retryAfterMs), attempts: attempts - 1 };
      case 'transient': {
        if (attempts >= ATTEMPTS_MIN && isLate) return { status: 'failed', error: result.why };
        const first = result.retryAfterMs ?? RETRY_MS;
        const grown = Math.max(first, Math.min(RETRY_MS_MAX, first * 2 ** (attempts - 1)));
        return { ...again, error: result.why, retryAt: addMilliseconds(at, Math.round(grown * spreadOf(o.chance()))) };
      }
      case 'permanent':
        return { status: 'failed', error: result.why };
      case 'ambiguous':
        return { status: 'uncertain', error: result.why, retryAt: addMilliseconds(at, ASK_AFTER_MS) };
    }
  }

  /** Only of the message that it still is. */
  async function change(from: NoticeStatus, { key, messageId }: Row, data: Change): Promise<null> {
    await database.notice.updateMany({ where: { key, messageId, status: from }, data });
    return null;
  }
}

const CANCELLED = (error: string): Change => ({ status: 'cancelled', leasedUntil: null, error });

type Made = { readonly notice: Notice; readonly recipient: Person } | LeftOut | { readonly unmade: string } | { readonly unknown: string };

interface Change {
  readonly status: NoticeStatus;
  readonly error?: string | null;
  readonly messageId?: null;
  readonly leasedUntil?: null;
  readonly channel?: Channel;
  readonly fallbackOf?: Channel;
  readonly attempts?: number;
  readonly retryAt?: IsoInstant | null;
  readonly sentAt?: IsoInstant;
  readonly providerId?: string;
}

function makeKind<Kind extends NoticeKind>(makers: Makers, kind: Kind, body: unknown, to: Addressed) {
  return makers[kind](NOTICES[kind].body.parse(body) as NoticeBody<Kind>, to); // of the same kind's schema
}
