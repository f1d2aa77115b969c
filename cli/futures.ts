/** What the commands that look ahead or back share: which tasks, from when to when, under which policy, with which world. */
import { existsSync } from 'node:fs';
import { createDirectory, type LoadedDirectory } from '../activities/directory.ts';
import { readPolicyFile, spokenMistake } from '../config/policy.ts';
import { periodsUntil } from '../config/recurrence.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { addDays, addMinutes, atLocalTime, type Calendar, type Calendars } from '../domain/calendar.ts';
import type { Told } from '../domain/ledger.ts';
import { type AgencyCode, type Email, type TaskCode, taskCode } from '../domain/names.ts';
import type { Policy } from '../domain/policy.ts';
import { type PeriodDates, periodDue } from '../domain/recurrence.ts';
import type { RiskContext, RiskWeights } from '../domain/risk.ts';
import { type Act, simulate } from '../domain/simulate.ts';
import { isOpen, type Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs, isoDate, localDate } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import type { OpenTaskPage } from '../prisma/past.ts';
import { latestPolicy, storedPolicies } from '../prisma/policies.ts';
import { readAgencyRecords } from '../prisma/risk.ts';
import { Failure, Usage } from './context.ts';

export interface FutureFlags {
  readonly task?: string;
  readonly all?: boolean;
  /** Local dates, both included. */
  readonly from?: string;
  readonly to?: string;
}

/** Without `--to`: three months, as far as anyone plans. */
const DAYS_AHEAD = 92;
/** The schedule asks at this local time whether a period has come (inbox/schedules.ts). */
const PERIODS_ASKED_AT = '06:00';

export interface Span {
  readonly from: IsoInstant;
  readonly until: IsoInstant;
}

/** One task's code, or null for all. @throws Usage */
export function chosenTask({ task, all }: FutureFlags): TaskCode | null {
  if (task !== undefined && all === true) throw new Usage('write --task CODE or --all, not both');
  if (task === undefined) return null;
  const code = taskCode.safeParse(task);
  if (!code.success) throw new Usage(`--task ${task}: no task has such a code`);
  return code.data;
}

/** What is ahead: from now, or a later morning. @throws Usage for no date, or one that has passed */
export function spanAhead({ from, to }: FutureFlags, now: IsoInstant): Span {
  const begins = from === undefined ? now : later(startOf('--from', from), now);
  const until = to === undefined ? addMinutes(begins, DAYS_AHEAD * 24 * 60) : endOf('--to', to);
  if (until < now) throw new Usage(`--to ${to} has passed; what happened then is shown by: policy replay`);
  if (until < begins) throw new Usage(`--to ${to} lies before --from ${from}`);
  return { from: begins, until };
}

/** What is behind, up to now at most. @throws Usage */
export function spanBehind({ from, to }: FutureFlags, now: IsoInstant): Span {
  const begins = from === undefined ? addMinutes(now, -DAYS_AHEAD * 24 * 60) : startOf('--from', from);
  const ends = to === undefined ? now : endOf('--to', to);
  if (begins > now) throw new Usage(`--from ${from} has not come yet; what will happen is shown by: policy simulate`);
  if (ends < begins) throw new Usage(`--to ${to} lies before --from ${from}`);
  return { from: begins, until: ends < now ? ends : now };
}

function startOf(flag: string, given: string): IsoInstant {
  return atLocalTime(dateOf(flag, given), '00:00', COMMITTEE_TIME_ZONE);
}

function endOf(flag: string, given: string): IsoInstant {
  const next = atLocalTime(addDays(dateOf(flag, given), 1), '00:00', COMMITTEE_TIME_ZONE);
  return addMinutes(next, -1 / 60_000);
}

function dateOf(flag: string, given: string) {
  const read = isoDate.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return read.data;
}

function later(a: IsoInstant, b: IsoInstant): IsoInstant {
  return a > b ? a : b;
}

/** A policy by the path of its file, or the latest stored of a name. @throws Failure, with each mistake of a file */
export async function readPolicyOf(database: Database, given: string): Promise<Policy> {
  if (existsSync(given)) {
    const read = readPolicyFile(given);
    if ('errors' in read) throw new Failure(read.errors.map(spokenMistake).join('\n'));
    return read.policy;
  }
  const stored = await latestPolicy(database, given);
  if (stored === null) throw new Failure(`there is no file ${given}, and no stored policy of that name`);
  return stored;
}

/** The store's people and policies as they are now, and the committee's calendar. */
export interface Today {
  readonly now: IsoInstant;
  readonly calendars: Calendars;
  readonly directory: LoadedDirectory;
  /** Each task's own policy. */
  readonly ownPolicy: (task: Task) => Policy;
  readonly timeZoneOf: (recipient: Email) => string;
  readonly weights: RiskWeights;
  /** How many tasks an agency has ended, and how many of them on time. */
  readonly recordOf: (agency: AgencyCode) => RiskContext['agency'];
}

export async function loadToday(database: Database): Promise<Today> {
  const now = instantFromEpochMs(Date.now());
  const [directory, ownPolicy, calendars, recordOf] = await Promise.all([
    createDirectory(database).get(),
    storedPolicies(database),
    createCalendars({ database, now: () => now })(),
    readAgencyRecords(database, now),
  ]);
  const timeZoneOf = (recipient: Email) => directory.person(recipient)?.timeZone ?? COMMITTEE_TIME_ZONE;
  return { now, calendars, directory, ownPolicy, timeZoneOf, weights: loadRiskWeights(), recordOf };
}

/** What is told of one open task if nobody acts, from now on, as far as it lies within a span. */
export function futureOf(
  { task, told, waiting, waitsFor }: OpenTaskPage,
  policyOf: (task: Task) => Policy,
  { now, calendars, directory, weights, recordOf }: Pick<Today, 'now' | 'calendars' | 'directory' | 'weights' | 'recordOf'>,
  { from, until }: Span,
): readonly Told[] {
  // Taken to stay as it is.
  const surroundings = { agency: recordOf(task.leadAgency), waitsFor };
  const { told: all } = simulate({
    code: task.code,
    task,
    told,
    acts: openings(task, now, until, calendars.of(task.leadAgency)),
    from: now,
    until,
    world: { calendars, directory, policyOf, waiting, risk: { weights, surroundings: () => surroundings } },
  });
  return from > now ? all.filter(({ at }) => at >= from) : all;
}

/** The periods of a regular task that its Schedule would open, as commands. */
function openings(task: Task, from: IsoInstant, until: IsoInstant, calendar: Calendar): Act[] {
  const { recurrence, recursSince, coordinator, code, periods } = task;
  if (recurrence === null || recursSince === null || !isOpen(task)) return [];
  const today = localDate(from, calendar.timeZone);
  const dates = periodsUntil(recurrence, localDate(recursSince, calendar.timeZone), localDate(until, calendar.timeZone), calendar) ?? [];
  const after = periods.at(-1)?.period ?? null;
  const slept = periodDue(dates, { after, today, until: task.deadline });
  const come = dates.filter(({ period, opens }) => opens > today && opens <= task.deadline && period > (slept?.due.period ?? after ?? ''));
  const act = (at: IsoInstant, period: PeriodDates, missed: readonly PeriodDates[]): Act => ({
    at,
    input: {
      kind: 'command',
      id: `period:${code}:${period.period}`,
      actor: { email: coordinator, role: 'coordinator', agency: task.leadAgency },
      via: 'workflow',
      request: { type: 'OpenPeriod', period, missed: [...missed] },
    },
  });
  return [
    ...(slept === null ? [] : [act(from, slept.due, slept.missed)]),
    ...come.map((period) => act(atLocalTime(period.opens, PERIODS_ASKED_AT, calendar.timeZone), period, [])),
  ];
}
