/** The breaker: a day planned at several times the usual volume waits for a person's word, and the coordinators are told. */
import { randomUUID } from 'node:crypto';
import { BREAKER_DAYS, type BreakerRule, breaker, type DayVolume } from '../domain/breaker.ts';
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar } from '../domain/calendar.ts';
import { reachedBy } from '../domain/directory.ts';
import { CHANNELS, type Channel, type Email } from '../domain/names.ts';
import { type IsoDate, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { recallMarked } from '../prisma/departures.ts';
import { storeNotices } from '../prisma/notices.ts';
import { personOf } from '../prisma/people.ts';
import type { Waiting } from './record.ts';

/** How long a day waits for a word: then it goes out by itself, for nothing may be silent for ever. */
const WAIT_MINUTES = 4 * 60;

export interface VolumeDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly rule: BreakerRule;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly wakeCouriers: (waiting: readonly Waiting[], now: IsoInstant) => Promise<void>;
}

/**
 * Counts what is due on the local day before a courier claims of it. Twice, or by two couriers at once: the day has one hold, and what
 * a person has let go is not held again. Fails: nothing is written, and nothing is claimed.
 */
export function createVolumeCheck({ database, calendars, rule, channels, wakeCouriers }: VolumeDependencies) {
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
    const quietest = quietestFirst(today, channels);
    const hold = {
      id: randomUUID(),
      exceptUrgent: true,
      reason: '',
      // Of the whole day: the courier of another channel that began a moment before must see it too.
      madeAt: atLocalTime(day, '00:00', calendar.timeZone),
      until: addMinutes(at, WAIT_MINUTES),
      breakerDay: new Date(`${day}T00:00:00Z`),
      planned,
      usual: verdict.usual,
    };
    const told = await database.$transaction(async (transaction) => {
      const { count } = await transaction.hold.createMany({ data: [hold], skipDuplicates: true });
      if (count === 0) return null;
      const coordinators = await transaction.person.findMany({ where: { role: 'coordinator' } });
      const notices = coordinators.map((row) => ({
        key: `hold/${hold.id}/${row.email}`,
        kind: 'hold' as const,
        recipient: row.email as Email, // stored addresses
        // Whoever nothing reaches is told by mail all the same: the notice then shows that it failed.
        channel: reachedBy(personOf(row, channels), quietest)[0] ?? 'email',
        sendAt: at,
        notAfter: null,
        body: { hold: hold.id },
      }));
      await storeNotices(transaction, notices, at);
      return notices;
    });
    settled = day;
    if (told === null) return;
    await recallMarked(database);
    await wakeCouriers(told, at);
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

/** The channel with least to send first: by it coordinators are told. */
function quietestFirst(today: readonly { readonly channel: string; readonly count: number }[], channels: readonly Channel[]): Channel[] {
  const load = (channel: Channel) => today.reduce((sum, row) => (row.channel === channel ? sum + row.count : sum), 0);
  return CHANNELS.filter((channel) => channels.includes(channel)).toSorted((a, b) => load(a) - load(b));
}
