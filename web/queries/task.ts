/** One task with its record and its notifications: three statements, the latest 500 of each. */
import { z } from 'zod';
import { evidence } from '../../domain/command.ts';
import { CHANNELS, ENTRANCES, type Locale, PRIORITIES, STATUSES } from '../../domain/names.ts';
import { NOTIFICATION_KINDS, NOTIFICATION_STATUSES } from '../../domain/notification.ts';
import { STANDINGS } from '../../domain/scoreboard.ts';
import { type IsoInstant, isoDate, isoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { standingColumn } from './standing.ts';
import { instant, nameColumn } from './task-line.ts';

const ROWS_MAX = 500;

const header = z.object({
  code: z.string(),
  title: z.string(),
  product: z.string(),
  document: z.string(),
  groupName: z.string(),
  status: z.enum(STATUSES),
  standing: z.enum(STANDINGS).nullable(),
  priority: z.enum(PRIORITIES),
  regular: z.boolean(),
  policyName: z.string(),
  policyVersion: z.int(),
  assignedAt: instant,
  deadline: isoDate,
  deadlineAt: instant,
  completedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  escalationLevel: z.int(),
  leadAgency: z.string(),
  assignee: z.string(),
  supervisor: z.string().nullable(),
  coordinator: z.string(),
  coordinating: z.array(z.string()),
  transfer: z
    .object({
      requestedAt: isoInstant,
      reason: z.string(),
      approved: z.object({ at: isoInstant }).nullable(),
    })
    .nullable(),
  transferBy: z.string().nullable(),
  transferTo: z.string().nullable(),
});
export type TaskHeader = z.infer<typeof header>;

const plain = z.enum(['TaskAcknowledged', 'DeadlinePassed']);
const reasoned = z.enum(['TaskReturned', 'TransferRequested', 'TransferApproved', 'TransferRefused', 'TransferDeclined', 'TaskCancelled']);
/** What is told of an event; names are joined, and what a later version records is read as its name alone. */
const told = z.union([
  z.object({ type: plain }),
  z.object({ type: reasoned, reason: z.string() }),
  z.object({ type: z.literal('TaskAssigned'), assignment: z.object({ deadline: isoDate }) }),
  z.object({ type: z.literal('TransferAccepted') }),
  z.object({ type: z.literal('DoneReported'), evidence: z.array(evidence) }),
  z.object({ type: z.literal('TaskVerified'), note: z.string() }),
  z.object({ type: z.literal('CommentAdded'), text: z.string() }),
  z.object({ type: z.literal('EscalationRaised'), level: z.int(), step: z.string() }),
]);

const eventRow = z.object({
  seq: z.int(),
  type: z.string(),
  at: instant,
  by: z.string().nullable(),
  via: z.enum(ENTRANCES).nullable().catch(null),
  /** The agency and the assignee that the event names, if it names any. */
  agency: z.string().nullable(),
  assignee: z.string().nullable(),
  told: told.nullable().catch(null),
});
export type EventRow = z.infer<typeof eventRow>;

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
});
export type NotificationRow = z.infer<typeof notificationRow>;

export interface TaskPageData {
  readonly task: TaskHeader;
  readonly events: readonly EventRow[];
  readonly notifications: readonly NotificationRow[];
  /** True where older rows were left out. */
  readonly shortened: boolean;
}

/** Null where there is no such task. */
export async function readTask(database: Database, locale: Locale, code: string, at: IsoInstant): Promise<TaskPageData | null> {
  const name = nameColumn(locale);
  const [headers, events, notifications] = await Promise.all([
    database.$queryRaw`
      SELECT t.code, t.title, t.product, t.document, t.group_name AS "groupName", t.status, ${standingColumn(at)} AS standing, t.priority,
        t.regular, t.policy_name AS "policyName", t.policy_version AS "policyVersion", t.assigned_at AS "assignedAt",
        to_char(t.deadline, 'YYYY-MM-DD') AS deadline, t.deadline_at AS "deadlineAt", t.completed_at AS "completedAt",
        t.cancelled_at AS "cancelledAt", t.escalation_level AS "escalationLevel", a.${name} AS "leadAgency", p.name AS assignee,
        s.name AS supervisor, c.name AS coordinator, NULLIF(t.state -> 'transfer', 'null'::jsonb) AS transfer,
        coalesce(r.name, t.state #>> '{transfer,requestedBy}') AS "transferBy",
        coalesce(ra.${name}, t.state #>> '{transfer,toAgency}') AS "transferTo",
        ARRAY(SELECT coalesce(ca.${name}, h.holder) FROM assignment h LEFT JOIN agency ca ON ca.code = h.holder
          WHERE h.task_code = t.code AND h.role = 'coordinating' AND h.until_seq IS NULL ORDER BY h.holder) AS coordinating
      FROM task t JOIN agency a ON a.code = t.lead_agency JOIN person p ON p.email = t.assignee
        LEFT JOIN person s ON s.email = t.supervisor JOIN person c ON c.email = t.coordinator
        LEFT JOIN person r ON r.email = t.state #>> '{transfer,requestedBy}'
        LEFT JOIN agency ra ON ra.code = t.state #>> '{transfer,toAgency}'
      WHERE t.code = ${code}`,
    database.$queryRaw`
      SELECT e.seq, e.type, e.at, coalesce(b.name, e.by) AS by, e.via, e.body AS told,
        coalesce(a.${name}, e.body ->> 'toAgency', e.body ->> 'agency', e.body #>> '{assignment,leadAgency}') AS agency,
        coalesce(g.name, e.body ->> 'assignee', e.body #>> '{assignment,assignee}') AS assignee
      FROM (SELECT * FROM task_event WHERE task_code = ${code} ORDER BY seq DESC LIMIT ${ROWS_MAX}) e
        LEFT JOIN person b ON b.email = e.by
        LEFT JOIN person g ON g.email = coalesce(e.body ->> 'assignee', e.body #>> '{assignment,assignee}')
        LEFT JOIN agency a ON a.code = coalesce(e.body ->> 'toAgency', e.body ->> 'agency', e.body #>> '{assignment,leadAgency}')
      ORDER BY e.seq`,
    database.$queryRaw`
      SELECT n.kind, p.name AS recipient, n.channel, n.send_at AS "sendAt", n.status, n.attempts, n.sent_at AS "sentAt", n.error, n.reason
      FROM (SELECT * FROM notification WHERE task_code = ${code} ORDER BY send_at DESC, key LIMIT ${ROWS_MAX}) n
        JOIN person p ON p.email = n.recipient ORDER BY n.send_at, n.key`,
  ]);
  const [task] = z.array(header).parse(headers);
  if (task === undefined) return null;
  const read = { events: z.array(eventRow).parse(events), notifications: z.array(notificationRow).parse(notifications) };
  return { task, ...read, shortened: read.events.length === ROWS_MAX || read.notifications.length === ROWS_MAX };
}
