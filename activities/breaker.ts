/** The breaker: a day planned at several times the usual volume waits for a person's word, and the coordinators are told at once. */
import { randomUUID } from 'node:crypto';
import { breakerNotice, type HoldWords } from '../config/hold-text.ts';
import { BREAKER_DAYS, type BreakerRule, breaker, type DayVolume } from '../domain/breaker.ts';
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import { CHANNELS, type Channel, type Email } from '../domain/names.ts';
import { epochMs, type IsoDate, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { readHeld, storedHold } from '../prisma/holds.ts';
import type { Sender } from './sender.ts';

/** How long a day waits for a word: then it goes out by itself, for nothing may be silent for ever. */
const WAIT_MINUTES = 4 * 60;
/** A notice on the wire when its courier died is not sent again: perhaps it arrived, and a coordinator hears of it once. */
const WIRE_MS = 60_000;
const RETRY_MS = 30_000;
const NOTICE_ATTEMPTS_MAX = 20;

export interface VolumeDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly rule: BreakerRule;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly wakeForNotices: (at: IsoInstant) => Promise<unknown>;
}

/**
 * Counts what is due on the local day before a courier claims of it. Twice, or by two couriers at once: the day has one hold, and what
 * a person has let go is not held again. Fails: nothing is written, and nothing is claimed.
 */
export function createVolumeCheck({ database, calendars, rule, channels, wakeForNotices }: VolumeDependencies) {
  let usual: { readonly day: IsoDate; readonly before: readonly DayVolume[] } | undefined;
  let settled: IsoDate | undefined;
  return async (at: IsoInstant): Promise<void> => {
    // The committee's: a day's volume is counted over everyone.
    const { main: calendar } = await calendars(at);
    const day = localDate(at, calendar.timeZone);
    if (settled === day) return;
    if (usual?.day !== day) usual = { day, before: await volumesBefore(calendar, day) };
    const today = await volumes(calendar, day, day);
    const planned = today.reduce((sum, { count }) => sum + count, 0);
    const verdict = breaker({ day, count: planned }, usual.before, rule, calendar);
    if (!verdict.trips || verdict.usual === null) return;
    const quieter = quieterChannel(today, channels);
    const hold = {
      id: randomUUID(),
      exceptUrgent: true,
      reason: '',
      madeAt: at,
      until: addMinutes(at, WAIT_MINUTES),
      breakerDay: new Date(`${day}T00:00:00Z`),
      planned,
      usual: verdict.usual,
    };
    const isNew = await database.$transaction(async (transaction) => {
      const { count } = await transaction.hold.createMany({ data: [hold], skipDuplicates: true });
      if (count === 0) return false;
      await transaction.$executeRaw`
        INSERT INTO hold_notice (hold_id, recipient, channel, status, send_at)
        SELECT ${hold.id}::uuid, email, CASE WHEN slack_id IS NULL THEN 'email' ELSE ${quieter} END, 'planned', ${at}::timestamptz
        FROM person WHERE role = 'coordinator'`;
      return true;
    });
    settled = day;
    if (isNew) await wakeForNotices(at);
  };

  /** The volume of each of the last working days since the system began to send. */
  async function volumesBefore(calendar: Calendar, day: IsoDate): Promise<DayVolume[]> {
    const [row] = await database.$queryRaw<{ first: Date | null }[]>`SELECT min(sent_at) AS first FROM notification`;
    if (row?.first == null) return [];
    const began = localDate(instantFromEpochMs(row.first.getTime()), calendar.timeZone);
    const days = Array.from({ length: BREAKER_DAYS }, (_, index) => addWorkingDays(calendar, day, -(index + 1))).filter(
      (each) => each >= began,
    );
    const [first, last] = [days.at(-1), days[0]];
    if (first === undefined || last === undefined) return [];
    const counted = await volumes(calendar, first, last);
    return days.map((each) => ({ day: each, count: counted.reduce((sum, row) => (row.day === each ? sum + row.count : sum), 0) }));
  }

  /** What is, or was, due on local days: what is urgent, and what came to nothing, is not counted. */
  async function volumes(calendar: Calendar, first: IsoDate, last: IsoDate): Promise<{ day: string; channel: string; count: number }[]> {
    return database.$queryRaw`
      SELECT to_char(send_at AT TIME ZONE ${calendar.timeZone}, 'YYYY-MM-DD') AS day, channel, count(*)::int AS count FROM notification
      WHERE NOT urgent AND status <> 'cancelled' AND send_at >= ${atLocalTime(first, '00:00', calendar.timeZone)}::timestamptz
        AND send_at < ${atLocalTime(addDays(last, 1), '00:00', calendar.timeZone)}::timestamptz
      GROUP BY 1, 2`;
  }
}

/** The channel with less to send, by which coordinators are told. */
function quieterChannel(today: readonly { readonly channel: string; readonly count: number }[], channels: readonly Channel[]): Channel {
  const load = (channel: Channel) => today.reduce((sum, row) => (row.channel === channel ? sum + row.count : sum), 0);
  return CHANNELS.filter((channel) => channels.includes(channel)).reduce((a, b) => (load(b) < load(a) ? b : a));
}

export interface NoticeDependencies {
  readonly database: Database;
  readonly sender: Sender;
  readonly person: (email: Email) => Promise<Person | undefined>;
  /** The page that shows what waits. */
  readonly holdsUrl: () => string;
  readonly now: () => IsoInstant;
}

/** Twice: each coordinator's notice is marked before the wire and sent by one. Lost: at most the one on the wire, which is shown. */
export function createHoldNotices({ database, sender, person, holdsUrl, now }: NoticeDependencies) {
  const { channel } = sender;
  return async (): Promise<void> => {
    const at = now();
    await database.holdNotice.updateMany({
      where: { channel, status: 'sending', attemptedAt: { lt: instantFromEpochMs(epochMs(at) - WIRE_MS) } },
      data: { status: 'uncertain', error: 'the courier ended while it was on the wire' },
    });
    const due = await database.holdNotice.findMany({ where: { channel, status: 'planned', sendAt: { lte: at } }, include: { hold: true } });
    for (const { hold: row, holdId, recipient } of due) {
      const one = { holdId, recipient };
      const marked = await database.holdNotice.updateMany({
        where: { ...one, status: 'planned' },
        data: { status: 'sending', attemptedAt: at, attempts: { increment: 1 } },
      });
      const reader = marked.count === 0 ? undefined : await person(recipient as Email);
      if (reader === undefined) continue;
      const hold = storedHold(row);
      const url = `${holdsUrl()}?lang=${reader.locale}`;
      const notice = breakerNotice(reader.locale, hold satisfies HoldWords, await readHeld(database, holdId), { recipient, url });
      const result = await sender.notify(reader, notice);
      const { attempts } = await database.holdNotice.findUniqueOrThrow({ where: { holdId_recipient: one } });
      await database.holdNotice.update({ where: { holdId_recipient: one }, data: settled(result, attempts) });
    }
  };

  function settled(result: Awaited<ReturnType<Sender['notify']>>, attempts: number) {
    switch (result.outcome) {
      case 'sent':
        return { status: 'sent', sentAt: now(), error: null };
      case 'limited':
      case 'transient':
        return attempts >= NOTICE_ATTEMPTS_MAX
          ? { status: 'failed', error: result.why }
          : { status: 'planned', error: result.why, sendAt: instantFromEpochMs(epochMs(now()) + (result.retryAfterMs ?? RETRY_MS)) };
      case 'permanent':
        return { status: 'failed', error: result.why };
      case 'ambiguous':
        return { status: 'uncertain', error: result.why };
    }
  }
}
