/** `dondoc task list|show`: what the store knows of tasks. */
import { committeeCalendar } from '../config/calendar.ts';
import { holdReason } from '../config/hold-text.ts';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import { minutesOfDay } from '../domain/calendar.ts';
import { findings } from '../domain/findings.ts';
import { heldBy } from '../domain/hold.ts';
import { holdings, shares } from '../domain/holding.ts';
import { isOverdue } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { codesCalled } from '../prisma/agencies.ts';
import type { Database } from '../prisma/database.ts';
import { standingHolds } from '../prisma/holds.ts';
import { storedEvent, storedTask } from '../prisma/task-record.ts';
import { type Context, Failure, Usage, withDatabase } from './context.ts';

/** The document of `task show`: shape of the contract. Null where there is no such task. */
async function taskDocument(database: Database, code: string, now: IsoInstant) {
  const row = await database.task.findUnique({
    where: { code },
    include: { events: { orderBy: { seq: 'asc' } }, notifications: { orderBy: { sendAt: 'asc' } } },
  });
  if (row === null) return null;
  const waiting = row.notifications.filter(({ status }) => status === 'planned' || status === 'claimed');
  const [holds, people] = await Promise.all([
    standingHolds(database, now),
    database.person.findMany({ where: { email: { in: waiting.map(({ recipient }) => recipient) } } }),
  ]);
  const agencyOf = new Map(people.map(({ email, agencyCode }) => [email, agencyCode]));
  /** Until when a notification that waits is held, and why; null where nothing holds it. */
  const heldOf = (each: (typeof waiting)[number]) => {
    if (!waiting.includes(each)) return null;
    const hold = heldBy(holds, { agency: agencyOf.get(each.recipient) ?? '', channel: each.channel, urgent: each.urgent }, now);
    return hold === undefined || each.sendAt.toISOString() >= hold.until
      ? null
      : { hold: hold.id, until: hold.until, reason: holdReason('en', hold) };
  };
  const task = storedTask(row.state);
  const calendar = committeeCalendar(now);
  const held = holdings(
    row.events.map(({ body }) => storedEvent(body)),
    now,
  );
  const days = (minutes: number) => Math.round((minutes / minutesOfDay(calendar)) * 10) / 10;
  return {
    task,
    /** In whose hands it was: working days, and how many of them after the first deadline. */
    holders: shares(held, task.originalDeadlineAt, calendar).map(({ role, who, minutes, minutesLate }) => ({
      role,
      who,
      workingDays: days(minutes),
      workingDaysLate: days(minutesLate),
    })),
    findings: findings(task, calendar),
    events: row.events.map(({ seq, type, at, by, via }) => ({ seq, type, at, by, via })),
    notifications: row.notifications.map((each) => ({
      id: each.id,
      kind: each.kind,
      recipient: each.recipient,
      channel: each.channel,
      sendAt: each.sendAt,
      status: each.status,
      sentAt: each.sentAt,
      providerId: each.providerId,
      held: heldOf(each),
      /** Why it waits or was not sent. */
      why: each.error,
      /** Sent in shadow mode: the recipient was not told. */
      shadow: each.shadow,
    })),
  };
}

async function tasksDocument(
  database: Database,
  o: { status?: string; agency?: string; assignee?: string; overdue?: boolean; limit: number },
  now: IsoInstant,
) {
  const where = {
    ...(o.status === undefined ? {} : { status: o.status }),
    ...(o.agency === undefined ? {} : { leadAgency: { in: await codesCalled(database, o.agency) } }),
    ...(o.assignee === undefined ? {} : { assignee: o.assignee }),
    ...(o.overdue ? { deadlineAt: { lt: now }, status: { in: ['assigned', 'acknowledged', 'reported'] } } : {}),
  };
  const [count, rows] = await Promise.all([
    database.task.count({ where }),
    database.task.findMany({ where, orderBy: { code: 'asc' }, take: o.limit }),
  ]);
  const tasks = rows.map((row) => ({
    code: row.code,
    title: row.title,
    status: row.status,
    deadline: row.deadline.toISOString().slice(0, 10),
    leadAgency: row.leadAgency,
    assignee: row.assignee,
    overdue: isOverdue(storedTask(row.state), now),
    risk: null,
  }));
  return { count, tasks };
}

export interface ListFlags {
  readonly status?: string;
  readonly agency?: string;
  readonly assignee?: string;
  readonly overdue?: boolean;
  readonly limit: string;
}

export async function listTasks(context: Context, flags: ListFlags): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 0) throw new Usage(`--limit ${flags.limit}: write a whole number`);
  const found = await withDatabase(context, (database) => tasksDocument(database, { ...flags, limit }, instantFromEpochMs(Date.now())));
  context.print(
    found,
    [
      ...found.tasks.map(
        ({ code, status, deadline, overdue, title }) => `${code}  ${status.padEnd(12)}  ${deadline}${overdue ? ' !' : '  '}  ${title}`,
      ),
      `${found.count} in all`,
    ].join('\n'),
  );
}

export async function showTask(context: Context, code: string): Promise<void> {
  const shown = await withDatabase(context, (database) => taskDocument(database, code, instantFromEpochMs(Date.now())));
  if (shown === null) throw new Failure(refusalText('en', { refused: 'task_unknown', details: { code } }));
  const { task, holders, events, notifications } = shown;
  context.print(
    shown,
    [
      `${task.code}  ${task.title}`,
      `${task.status}, deadline ${task.deadline}, ${task.leadAgency}, ${task.assignee}`,
      ...holders.map(({ role, who, workingDays, workingDaysLate }) => {
        const late = workingDaysLate === 0 ? '' : `, ${workingDaysLate} of them after the first deadline`;
        return `${String(workingDays).padStart(6)} working days  ${text('en', `holder.${role}`)} (${who})${late}`;
      }),
      '',
      ...events.map(
        ({ seq, at, type, by, via }) =>
          `${String(seq).padStart(3)}  ${at.toISOString()}  ${type.padEnd(18)}  ${by ?? 'the clock'} by ${via}`,
      ),
      '',
      ...notifications.map(
        ({ sendAt, kind, recipient, channel, status, held, shadow }) =>
          `     ${sendAt.toISOString()}  ${kind.padEnd(18)}  ${recipient} by ${channel}: ${status}${shadow ? ' in shadow mode' : ''}${held === null ? '' : `, held until ${held.until}: ${held.reason}`}`,
      ),
    ].join('\n'),
  );
}
