/** One task with its record, its notifications and its neighbours; the latest 500 rows of each are shown. */
import { z } from 'zod';
import type { Names } from '../../config/refusal-text.ts';
import { TEXTS } from '../../config/text.ts';
import type { Calendar } from '../../domain/calendar.ts';
import { evidence } from '../../domain/command.ts';
import type { TaskEventType } from '../../domain/event.ts';
import {
  CHANNELS,
  ENDINGS,
  ENTRANCES,
  GRADES,
  type Locale,
  OBSTACLE_KINDS,
  PRIORITIES,
  RISK_LEVELS,
  SECRECY_LEVELS,
} from '../../domain/names.ts';
import { NOTIFICATION_KINDS, NOTIFICATION_STATUSES } from '../../domain/notification.ts';
import { STANDINGS, type Standing } from '../../domain/scoreboard.ts';
import type { Task } from '../../domain/task.ts';
import { type IsoInstant, isoDate } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { type StoredHold, standingHolds } from '../../prisma/holds.ts';
import type { ReadRisks, Risk } from '../../prisma/risk.ts';
import { storedEvent, storedTask } from '../../prisma/task-record.ts';
import { type HolderDays, holderDays } from '../holder-days.ts';
import { readNames } from './names.ts';
import { type Relations, readRelations } from './relations.ts';
import { standingColumn } from './standing.ts';
import { instant, MAY_LEAVE } from './task-line.ts';

const ROWS_MAX = 500;
/** Time by holder needs the whole record; of a longer one it is not said. */
const RECORD_MAX = 5_000;

const header = z.object({ restricted: z.boolean(), state: z.unknown(), standing: z.enum(STANDINGS).nullable() });

/** Known is what there is a sentence for. */
const known = z.custom<TaskEventType>((type) => typeof type === 'string' && `web.event.${type}` in TEXTS.en);
const named = z.array(z.object({ name: z.string() }));
/** Not the command's own schema: it fills in what a change leaves out. */
const changes = z.object({
  title: z.string(),
  product: z.string(),
  document: z.string(),
  group: z.string(),
  coordinatingAgencies: z.array(z.string()),
  deadline: isoDate,
  priority: z.enum(PRIORITIES),
  policy: z.object({ name: z.string(), version: z.int() }),
  products: named,
  milestones: named,
  secrecy: z.enum(SECRECY_LEVELS),
  recurrence: z.object({ rule: z.string() }).nullable(),
  parent: z.object({ code: z.string() }).nullable(),
});
const anyDetail = z.object({
  text: z.string(),
  reason: z.string(),
  note: z.string(),
  basis: z.string(),
  level: z.int(),
  on: z.string(),
  agency: z.string(),
  toAgency: z.string(),
  assignee: z.string(),
  /** Of a transfer asked for in the first working days. */
  early: z.boolean(),
  deadline: isoDate,
  period: isoDate,
  assignment: z.object({ leadAgency: z.string(), assignee: z.string(), deadline: isoDate }),
  changes: changes.partial(),
  fields: z.object({ leadAgency: z.string() }),
  percent: z.int().nullable(),
  milestone: z.string().nullable(),
  forecast: isoDate.nullable(),
  product: z.string(),
  kind: z.enum(OBSTACLE_KINDS),
  risk: z.enum(RISK_LEVELS),
  /** Numbers of the events that are answered. */
  obstacle: z.int(),
  question: z.int(),
  contribution: z.int(),
  evidence: z.array(evidence),
  files: z.array(evidence),
  partly: z.boolean(),
  grade: z.enum(GRADES).nullable(),
  until: z.object({ deadline: isoDate }).nullable(),
  ending: z.enum(ENDINGS),
  into: z.string().nullable(),
});
/** What is told of an event: a field means the same in whichever event it stands. */
const told = z.object({ type: known, ...anyDetail.partial().shape });
export type Told = z.infer<typeof told>;

const eventRow = z.object({
  seq: z.int(),
  type: z.string(),
  at: instant,
  by: z.string().nullable(),
  via: z.enum(ENTRANCES).nullable().catch(null),
  /** Null for what a later version records; then there is its name alone. */
  told: told.nullable().catch(null),
});
export type EventRow = z.infer<typeof eventRow>;
const stored = z.looseObject({ told: z.unknown() });

const notificationRow = z.object({
  kind: z.enum(NOTIFICATION_KINDS).nullable().catch(null),
  recipient: z.string(),
  channel: z.enum(CHANNELS).nullable().catch(null),
  sendAt: instant,
  status: z.enum(NOTIFICATION_STATUSES),
  attempts: z.int(),
  sentAt: instant.nullable(),
  error: z.string().nullable(),
  reason: z.string(),
  /** Sent in shadow mode: the recipient was not told. */
  shadow: z.boolean(),
  urgent: z.boolean(),
  /** Of the recipient. */
  agency: z.string(),
});
export type NotificationRow = z.infer<typeof notificationRow>;

const goneRow = z.object({ email: z.string(), goneAt: instant });

export interface TaskPageData {
  readonly task: Task;
  readonly standing: Standing | null;
  /** Null where nothing can be said of the future: late, over, or nothing known. */
  readonly risk: Risk | null;
  readonly events: readonly EventRow[];
  readonly notifications: readonly NotificationRow[];
  /** Most first. */
  readonly holders: readonly HolderDays[];
  readonly relations: Relations;
  /** Those that stand. */
  readonly holds: readonly StoredHold[];
  readonly names: Names;
  /** Since when whoever of the people has left for good, by address. */
  readonly gone: ReadonlyMap<string, IsoInstant>;
  /** True where older rows were left out. */
  readonly shortened: boolean;
}

export interface TaskQuery {
  readonly code: string;
  readonly locale: Locale;
  readonly at: IsoInstant;
  readonly calendar: Calendar;
  readonly risks: ReadRisks;
}

/** Null where there is no such task; of a restricted one nothing but that it is. */
export async function readTask(database: Database, query: TaskQuery): Promise<TaskPageData | 'restricted' | null> {
  const { code, locale, at, calendar, risks } = query;
  const headers = await database.$queryRaw`
    SELECT NOT ${MAY_LEAVE} AS restricted, t.state, ${standingColumn(at)} AS standing FROM task t WHERE t.code = ${code}`;
  const [found] = z.array(header).parse(headers);
  if (found === undefined) return null;
  if (found.restricted) return 'restricted';
  const [events, notifications, relations, gone, risk, holds] = await Promise.all([
    database.$queryRaw`
      SELECT seq, type, at, by, via, body AS told FROM task_event WHERE task_code = ${code} ORDER BY seq DESC LIMIT ${RECORD_MAX + 1}`,
    database.$queryRaw`
      SELECT n.kind, p.name AS recipient, n.channel, n.send_at AS "sendAt", n.status, n.attempts, n.sent_at AS "sentAt", n.error, n.reason,
        n.shadow, n.urgent, p.agency_code AS agency
      FROM (SELECT * FROM notification WHERE task_code = ${code} ORDER BY send_at DESC, key LIMIT ${ROWS_MAX}) n
        JOIN person p ON p.email = n.recipient ORDER BY n.send_at, n.key`,
    readRelations(database, locale, code, at),
    database.$queryRaw`SELECT email, gone_at AS "goneAt" FROM person WHERE gone_at IS NOT NULL`,
    risks(at, [code]),
    standingHolds(database, at),
  ]);
  const task = storedTask(found.state);
  const record = z.array(stored).parse(events).reverse();
  const shown = { events: z.array(eventRow).parse(record.slice(-ROWS_MAX)), notifications: z.array(notificationRow).parse(notifications) };
  const whole = record.length > RECORD_MAX ? [] : record.map(({ told: body }) => storedEvent(body));
  const holders = holderDays(task, whole, calendar, at);
  return {
    task,
    standing: found.standing,
    risk: risk.get(task.code) ?? null,
    ...shown,
    holders,
    relations,
    holds,
    names: await readNames(database, locale, { task, shown, holders }),
    gone: new Map(
      z
        .array(goneRow)
        .parse(gone)
        .map(({ email, goneAt }) => [email, goneAt]),
    ),
    shortened: record.length > ROWS_MAX || shown.notifications.length === ROWS_MAX || relations.shortened,
  };
}

/** Whether a task is one of which the web may say nothing. */
export async function isRestricted(database: Database, code: string): Promise<boolean> {
  const rows = await database.$queryRaw`SELECT 1 FROM task t WHERE t.code = ${code} AND NOT ${MAY_LEAVE}`;
  return z.array(z.unknown()).parse(rows).length > 0;
}
