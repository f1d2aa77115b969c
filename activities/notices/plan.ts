/** Plans what comes by itself: the morning's digests, the weekly word to agency heads, the committee's reports, what reached nobody. */
import { isFirstWorkingDay } from '../../domain/agency-week.ts';
import { addMinutes, type Calendars, mondayOf, nextOpenInstant } from '../../domain/calendar.ts';
import { digest, morningNear } from '../../domain/digest.ts';
import { isReachable, type Person } from '../../domain/directory.ts';
import { CHANNELS, type Channel, type Email } from '../../domain/names.ts';
import type { PlannedNotice } from '../../domain/notice.ts';
import { type ReportRules, RHYTHMS, reportDue } from '../../domain/rhythm.ts';
import { type IsoInstant, instantFromEpochMs, isoInstant, localDate } from '../../domain/time.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import { readDigestFacts, type Staffing } from '../../prisma/digest.ts';
import { storeNotices } from '../../prisma/notices.ts';
import type { PolicyOf } from '../../prisma/policies.ts';
import { readUndelivered, whoseUndelivered } from '../../prisma/undelivered.ts';
import type { Waiting } from '../record.ts';

/** Of the weekly word, and of whoever's tasks have no policy that says otherwise. */
const MORNING = '08:00';
/** A report is planned so long before its instant; what an outage kept back is sent so long after it, with the figures of its instant. */
const AHEAD_MINUTES = 120;
const LATE_MINUTES = 3 * 24 * 60;
/** So far back is looked for what reached nobody: over any free days, and to whom nothing was said of it before, over a day. */
const UNDELIVERED_MINUTES = 14 * 24 * 60;
const UNDELIVERED_FIRST_MINUTES = 24 * 60;

export interface PlanNoticesDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly directory: () => Promise<Staffing>;
  readonly policyOf: PolicyOf;
  /** Those that send. */
  readonly channels: readonly Channel[];
  readonly reports: ReportRules;
  readonly shadow: boolean;
  readonly now: () => IsoInstant;
  readonly wakeCouriers: (waiting: readonly Waiting[], now: IsoInstant) => Promise<void>;
}

/**
 * Looks at what is near. Twice, or by two at once: each key is stored once for ever. Fails: nothing is lost, the next hour's run looks
 * at the same mornings. Lost: the wake of the couriers may be; they look at the ledger anyway.
 */
export function createPlanNotices(o: PlanNoticesDependencies) {
  const { database, now } = o;
  return async (): Promise<void> => {
    const at = now();
    const installedAt = await installation();
    if (installedAt === null) return;
    const near: Near = { at, installedAt, calendars: await o.calendars(at), directory: await o.directory() };
    const planned = [...(await digests(near)), ...weeks(near), ...reports(near), ...(await undelivered(near))];
    if (await storeNotices(database, planned, at)) await o.wakeCouriers(planned, at);
  };

  /** Its first policy is the first thing that a system stores. */
  async function installation(): Promise<IsoInstant | null> {
    const { _min: first } = await database.policy.aggregate({ _min: { storedAt: true } });
    return first.storedAt === null ? null : instantFromEpochMs(first.storedAt.getTime());
  }

  /** Only to whom there is something to say as things stand: what becomes of it is looked at once more when it is sent. */
  async function digests({ at, installedAt, calendars, directory }: Near): Promise<PlannedNotice[]> {
    const times = await digestTimes();
    const known = await plannedSince(addMinutes(at, -24 * 60));
    const planned: PlannedNotice[] = [];
    for (const person of directory.people.values()) {
      const channel = channelTo(person, CHANNELS);
      if (channel === null || person.digest === false) continue;
      const time = times.get(person.email) ?? MORNING;
      const morning = morningNear(at, { calendar: calendars.of(person.agency), time, timeZone: person.timeZone, installedAt });
      const key = morning === null ? '' : `digest/${morning.day}/${person.email}`;
      if (morning === null || known.has(key)) continue;
      const facts = await readDigestFacts(database, { person, at: morning.at, directory, shadow: o.shadow });
      if (digest(facts).length === 0) continue;
      const { day, at: sendAt, notAfter } = morning;
      planned.push({ key, kind: 'digest', recipient: person.email, channel, sendAt, notAfter, body: { day } });
    }
    return planned;
  }

  /** The earliest that the policies of an assignee's open tasks name. */
  async function digestTimes(): Promise<ReadonlyMap<string, string>> {
    const rows = await database.task.findMany({
      where: { status: { notIn: ['completed', 'cancelled'] } },
      distinct: ['assignee', 'policyName', 'policyVersion'],
      select: { assignee: true, policyName: true, policyVersion: true },
    });
    const times = new Map<string, string>();
    for (const { assignee, policyName: name, policyVersion: version } of rows) {
      const { digestAt } = await o.policyOf({ name, version });
      const kept = times.get(assignee);
      if (kept === undefined || digestAt < kept) times.set(assignee, digestAt);
    }
    return times;
  }

  async function plannedSince(at: IsoInstant): Promise<ReadonlySet<string>> {
    const rows = await database.notice.findMany({ where: { kind: 'digest', plannedAt: { gte: at } }, select: { key: true } });
    return new Set(rows.map(({ key }) => key));
  }

  function weeks({ at, installedAt, calendars, directory }: Near): PlannedNotice[] {
    return [...directory.agencies.values()].flatMap(({ code, head, hasEnded }): PlannedNotice[] => {
      const reader = head === null || hasEnded === true ? undefined : (directory.standIn(head, at) ?? directory.person(head));
      const channel = reader === undefined ? null : channelTo(reader, ['email', ...CHANNELS]);
      if (reader === undefined || channel === null) return [];
      const calendar = calendars.of(code);
      const morning = morningNear(at, { calendar, time: MORNING, timeZone: reader.timeZone, installedAt });
      if (morning === null || !isFirstWorkingDay(calendar, morning.day)) return [];
      const { day, at: sendAt, notAfter } = morning;
      // By the agency: whoever heads it, it is told once a week.
      const key = `week/${mondayOf(day)}/${code}`;
      return [{ key, kind: 'week', recipient: reader.email, channel, sendAt, notAfter, body: { day, agency: code, at: sendAt } }];
    });
  }

  function reports({ at, installedAt, calendars: { main }, directory }: Near): PlannedNotice[] {
    const coordinators = [...directory.people.values()].filter((person) => person.role === 'coordinator' && isThere(person, 'email'));
    return RHYTHMS.flatMap((rhythm) => {
      const rule = o.reports[rhythm];
      if (rule === null) return [];
      const due = reportDue(rhythm, rule, main, addMinutes(at, AHEAD_MINUTES));
      if (due.at <= installedAt || due.at < addMinutes(at, -LATE_MINUTES)) return [];
      return coordinators.map(
        ({ email }): PlannedNotice => ({
          key: `report/${rhythm}/${due.period}/${email}`,
          kind: 'report',
          recipient: email,
          // It carries files.
          channel: 'email',
          sendAt: due.at,
          notAfter: null,
          body: { rhythm, at: due.at, since: due.since },
        }),
      );
    });
  }

  /** Gathered: within office hours, and to each once a day; what fails after it is told on the next. */
  async function undelivered({ at, calendars, directory }: Near): Promise<PlannedNotice[]> {
    const found = await whoseUndelivered(database, addMinutes(at, -UNDELIVERED_MINUTES));
    const planned: PlannedNotice[] = [];
    for (const { coordinator, channels: failing } of found) {
      const reader = directory.standIn(coordinator, at) ?? directory.person(coordinator);
      // By a channel that has not failed, where there is one.
      const order = CHANNELS.toSorted((a, b) => Number(failing.includes(a)) - Number(failing.includes(b)));
      const channel = reader === undefined ? null : channelTo(reader, order);
      if (reader === undefined || channel === null) continue;
      const since = await toldUntil(coordinator, at);
      const until = nextOpenInstant(calendars.of(reader.agency), at, 'office_hours', reader.timeZone);
      const body = { coordinator, since, until };
      if (since >= until || (await readUndelivered(database, body)).length === 0) continue;
      const key = `undelivered/${localDate(until, reader.timeZone)}/${coordinator}`;
      planned.push({ key, kind: 'undelivered', recipient: reader.email, channel, sendAt: until, notAfter: null, body });
    }
    return planned;
  }

  /** Up to when a coordinator has been told of what reached nobody. */
  async function toldUntil(coordinator: Email, at: IsoInstant): Promise<IsoInstant> {
    const [row] = await database.$queryRaw<{ until: string | null }[]>`
      SELECT max(body->>'until') AS until FROM notice WHERE kind = 'undelivered' AND body->>'coordinator' = ${coordinator}`;
    return row?.until == null ? addMinutes(at, -UNDELIVERED_FIRST_MINUTES) : isoInstant.parse(row.until);
  }

  function isThere(person: Person, channel: Channel): boolean {
    return person.goneAt == null && o.channels.includes(channel) && isReachable(person, channel);
  }

  /** The first by which the person can be reached; null where there is none. */
  function channelTo(person: Person, order: readonly Channel[]): Channel | null {
    return order.find((channel) => isThere(person, channel)) ?? null;
  }
}

interface Near {
  readonly at: IsoInstant;
  readonly installedAt: IsoInstant;
  readonly calendars: Calendars;
  readonly directory: Staffing;
}
