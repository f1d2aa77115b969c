/** What the bot reads from the store, and the files that it keeps there. */
import { createHash } from 'node:crypto';
import type { TaskEventType } from '../domain/event.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';
import type { BotDependencies } from './conversation.ts';

/** A modal shows no more than fits in it. */
const EVENTS_MAX = 12;
const NEXT_MAX = 8;

/** @param webUrl where the web of this installation is, for the link to a task's page */
export function botQueries(
  database: Database,
  webUrl: () => string,
): Pick<BotDependencies, 'task' | 'details' | 'openUrl' | 'tasksOfMessage' | 'keepFile'> {
  const openUrl = (code: TaskCode) => `${webUrl()}/tasks/${code}`;
  return {
    openUrl,
    async task(code) {
      const row = await database.task.findUnique({ where: { code }, select: { state: true } });
      return row === null ? undefined : storedTask(row.state);
    },
    async details(code) {
      const row = await database.task.findUnique({
        where: { code },
        include: {
          events: { orderBy: { seq: 'desc' }, take: EVENTS_MAX },
          notifications: { where: { status: 'planned' }, orderBy: { sendAt: 'asc' }, take: NEXT_MAX },
        },
      });
      if (row === null) return undefined;
      return {
        task: storedTask(row.state),
        // The columns are checked against, or written from, the domain's own lists.
        events: row.events.reverse().map(({ at, type, by }) => ({
          at: instantFromEpochMs(at.getTime()),
          type: type as TaskEventType,
          by: by as Email | null,
        })),
        next: row.notifications.map(({ sendAt, recipient, kind }) => ({
          at: instantFromEpochMs(sendAt.getTime()),
          recipient: recipient as Email,
          kind: kind as NotificationKind,
        })),
        webUrl: openUrl(code),
      };
    },
    async tasksOfMessage(channel, ts) {
      const rows = await database.$queryRaw<{ code: TaskCode }[]>`
        SELECT DISTINCT n.task_code AS code FROM chat_message m JOIN notification n ON n.message_id = m.message_id
        -- A question about who has left is of a person: a reply to it says nothing of the task that it hangs on.
        WHERE m.channel = ${channel} AND m.ts = ${ts} AND n.kind <> 'assignee_gone' ORDER BY 1 LIMIT 100`;
      return rows.map(({ code }) => code);
    },
    async keepFile({ name, content }) {
      const sha256 = createHash('sha256').update(content).digest('hex');
      const kept = { sha256, name, bytes: content.byteLength };
      await database.attachment.createMany({
        data: [{ ...kept, content: Buffer.from(content), storedAt: new Date() }],
        skipDuplicates: true,
      });
      return { type: 'file', ...kept };
    },
  };
}
