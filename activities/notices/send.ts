/** Sends the notices that are due on one channel: made, marked before the wire, and never blindly sent again. */
import { UNMADE } from '../../domain/backlog.ts';
import { isReachable, type Person } from '../../domain/directory.ts';
import type { Channel, Email } from '../../domain/names.ts';
import { NOTICES, type NoticeBody, type NoticeKind, type NoticeStatus } from '../../domain/notice.ts';
import { addMilliseconds, type IsoInstant, instantFromEpochMs } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import type { Notice as Row } from '../../prisma/generated/client.ts';
import { noticeHeldUntil, WIRE_SECONDS } from '../../prisma/notices.ts';
import type { RateLimits } from '../../prisma/rate-limits.ts';
import type { Sender, SendOutcome } from '../sender.ts';
import type { Addressed, Makers } from './maker.ts';

const RETRY_MS = 30_000;
const ATTEMPTS_MAX = 20;
/** A mistake of ours is mended by a new version, not by the next second. */
const UNMADE_RETRY_MS = 10 * 60_000;
/** Then what is about tasks has its turn: a morning's digests must not keep the reminders waiting. */
const TURN_MAX = 20;

export interface NoticeDependencies {
  readonly database: Database;
  readonly sender: Sender;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly rateLimits: RateLimits;
  readonly makers: Makers;
  readonly person: (email: Email) => Promise<Person | undefined>;
  readonly now: () => IsoInstant;
  readonly heartbeat: () => void;
  readonly wakeForNotices: (at: IsoInstant) => Promise<unknown>;
}

/**
 * Twice: each notice is marked before the wire and sent by one. Fails before that: it stays planned. Lost: at most the one on the wire,
 * which is then shown as uncertain.
 */
export function createNotices({
  database,
  sender,
  channels,
  rateLimits,
  makers,
  person,
  now,
  heartbeat,
  wakeForNotices,
}: NoticeDependencies) {
  const { channel } = sender;
  return async (): Promise<void> => {
    const at = now();
    await database.notice.updateMany({
      where: { channel, status: 'sending', attemptedAt: { lte: addMilliseconds(at, -WIRE_SECONDS * 1_000) } },
      data: { status: 'uncertain', error: 'the courier ended while it was on the wire' },
    });
    const waiting = await due(at);
    for (const [index, { key, urgent }] of waiting.entries()) {
      heartbeat();
      const room = await roomAt(urgent);
      if (room !== null) {
        const rest = waiting.slice(index).map((each) => each.key);
        await database.notice.updateMany({ where: { key: { in: rest }, status: 'planned' }, data: { retryAt: room } });
        return;
      }
      await sendOne(key);
    }
  };

  /** When the provider takes one more, of all that send to it; null: now. What then is not sent has used its turn. */
  async function roomAt(urgent: boolean): Promise<IsoInstant | null> {
    const { limit } = sender.pace;
    if (limit === null) return null;
    const wanted = urgent ? { urgent: 1, routine: 0 } : { urgent: 0, routine: 1 };
    const { granted, nextAt } = await rateLimits.take(channel, limit, wanted, now());
    return granted === 1 ? null : nextAt;
  }

  function due(at: IsoInstant): Promise<{ key: string; urgent: boolean }[]> {
    return database.$queryRaw`
      SELECT n.key, n.urgent FROM notice n JOIN person p ON p.email = n.recipient
      WHERE n.channel = ${channel} AND n.status = 'planned' AND n.send_at <= ${at}::timestamptz
        AND (n.retry_at IS NULL OR n.retry_at <= ${at}::timestamptz) AND ${noticeHeldUntil(at)} IS NULL
      ORDER BY n.urgent DESC, n.send_at, n.key LIMIT ${TURN_MAX}`;
  }

  async function sendOne(key: string): Promise<void> {
    const at = now();
    const row = await database.notice.findUniqueOrThrow({ where: { key } });
    const recipient = await person(row.recipient as Email); // a reference to a stored one
    if (recipient === undefined) return settle(key, { status: 'failed', error: 'unknown person' });
    if (row.notAfter !== null && row.notAfter < new Date(at)) return settle(key, { status: 'cancelled', error: 'its time has passed' });
    const to = { key, recipient, channel, shadow: sender.shadow, sendAt: instantFromEpochMs(row.sendAt.getTime()), at };
    // Made before the wire: a mistake in it must not look like a message that may have been sent.
    const made = await makeOf(row, to).catch((error: unknown) => ({
      unmade: `${UNMADE}: ${error instanceof Error ? error.message : String(error)}`,
    }));
    if ('unmade' in made) return settle(key, { status: 'planned', error: made.unmade, retryAt: later(UNMADE_RETRY_MS) });
    if ('leftOut' in made) return settle(key, { status: 'cancelled', error: made.leftOut });
    if (!(await mark(key))) return;
    const result = await sender.notify(recipient, made);
    const { limit } = sender.pace;
    // It is said of everything that goes this way: no courier tries again before.
    if (result.outcome === 'limited' && limit !== null) await rateLimits.refused(channel, limit, result.retryAfterMs, now());
    const data = settled(result, row.attempts + 1);
    const other = data.status === 'failed' && row.fallbackOf === null ? otherChannel(recipient) : undefined;
    if (other === undefined) return settle(key, data, 'sending');
    // As for notifications: what has failed for good on one channel is told by the next, once.
    await settle(key, { ...data, status: 'planned', channel: other, fallbackOf: channel, attempts: 0 }, 'sending');
    // A wake that is lost is made up for by the next sweep.
    await wakeForNotices(now()).catch(() => {});
  }

  function otherChannel(recipient: Person): Channel | undefined {
    return channels.find((each) => each !== channel && isReachable(recipient, each));
  }

  async function makeOf(row: Row, to: Addressed) {
    const kind = Object.keys(NOTICES).find((each) => each === row.kind) as NoticeKind | undefined; // its own keys
    if (kind === undefined) throw new Error(`this version knows no notice of the kind ${row.kind}`);
    return makeKind(makers, kind, row.body, to);
  }

  /** Whether it is ours to send: planned still, and under no hold that was made meanwhile. */
  async function mark(key: string): Promise<boolean> {
    const at = now();
    const count = await database.$executeRaw`
      UPDATE notice n SET status = 'sending', attempted_at = ${at}::timestamptz, attempts = attempts + 1, retry_at = NULL, shadow = ${sender.shadow}
      FROM person p WHERE p.email = n.recipient AND n.key = ${key} AND n.status = 'planned' AND ${noticeHeldUntil(at)} IS NULL`;
    return count === 1;
  }

  async function settle(key: string, data: Settled, from: NoticeStatus = 'planned'): Promise<void> {
    await database.notice.updateMany({ where: { key, status: from }, data });
  }

  function settled(result: SendOutcome, attempts: number): Settled {
    switch (result.outcome) {
      case 'sent':
        return { status: 'sent', sentAt: now(), providerId: result.providerId, error: null };
      // To be asked for one's patience is no attempt.
      case 'limited':
        return { status: 'planned', error: result.why, retryAt: later(result.retryAfterMs), attempts: attempts - 1 };
      case 'transient':
        return attempts >= ATTEMPTS_MAX
          ? { status: 'failed', error: result.why }
          : { status: 'planned', error: result.why, retryAt: later(result.retryAfterMs ?? RETRY_MS) };
      case 'permanent':
        return { status: 'failed', error: result.why };
      case 'ambiguous':
        return { status: 'uncertain', error: result.why };
    }
  }

  function later(ms: number): IsoInstant {
    return addMilliseconds(now(), ms);
  }
}

interface Settled {
  readonly status: NoticeStatus;
  readonly error: string | null;
  readonly channel?: Channel;
  readonly fallbackOf?: Channel;
  readonly attempts?: number;
  readonly retryAt?: IsoInstant;
  readonly sentAt?: IsoInstant;
  readonly providerId?: string;
}

function makeKind<Kind extends NoticeKind>(makers: Makers, kind: Kind, body: unknown, to: Addressed) {
  return makers[kind](NOTICES[kind].body.parse(body) as NoticeBody<Kind>, to); // of the same kind's schema
}
