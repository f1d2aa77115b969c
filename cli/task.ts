/** `dondoc task …`: the record of one task, and the same commands that chat and mail send. */
import type { Task } from '../domain/task.ts';
import { isOverdue } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';

/** The document of `task show`: shape of the contract. Null where there is no such task. */
export async function showTask(database: Database, code: string) {
  const row = await database.task.findUnique({
    where: { code },
    include: { events: { orderBy: { seq: 'asc' } }, notifications: { orderBy: { sendAt: 'asc' } } },
  });
  if (row === null) return null;
  return {
    task: row.state,
    events: row.events.map(({ seq, type, at, by, via }) => ({ seq, type, at, by, via })),
    notifications: row.notifications.map(({ id, kind, recipient, channel, sendAt, status, sentAt, providerId }) => ({
      id,
      kind,
      recipient,
      channel,
      sendAt,
      status,
      sentAt,
      providerId,
    })),
  };
}

export async function listTasks(
  database: Database,
  o: { status?: string; agency?: string; assignee?: string; overdue?: boolean; limit: number },
  now: IsoInstant,
) {
  const where = {
    ...(o.status === undefined ? {} : { status: o.status }),
    ...(o.agency === undefined ? {} : { leadAgency: o.agency }),
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
    overdue: isOverdue(row.state as unknown as Task, now), // written by `record`, from the domain's own type
    risk: null,
  }));
  return { count, tasks };
}
