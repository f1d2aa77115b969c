/** Another assignee for every open task of one who has left: one reassignment a task, each a command of its own. */
import { agencyCode, type Email, type Entrance, type TaskCode, taskCode } from '../domain/names.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { Database } from '../prisma/database.ts';
import { eachInFlight } from './in-flight.ts';
import type { Inbox } from './inbox.ts';

export interface Naming {
  /** Unique to the one act; the same act again has one effect on each task. */
  readonly key: string;
  readonly gone: Email;
  readonly assignee: Email;
  readonly actor: Email;
  readonly via: Entrance;
  readonly reason: string;
  /** Called as each of its commands is stored. */
  readonly onStored?: () => Promise<void>;
}

/** What became of it, task by task. */
export interface Named {
  readonly done: readonly TaskCode[];
  /** Kept, and carried out when the engine is back. */
  readonly stored: readonly TaskCode[];
  readonly notStored: readonly TaskCode[];
  readonly refused: readonly { readonly code: TaskCode; readonly refusal: Refusal }[];
}

/** @throws where the store cannot be read: nothing was changed */
export async function nameAnother({ database, inbox }: { database: Database; inbox: Inbox }, naming: Naming): Promise<Named> {
  const { key, gone, assignee, actor, via, reason, onStored } = naming;
  const rows = await database.task.findMany({
    where: { assignee: gone, status: { notIn: ['completed', 'cancelled'] } },
    orderBy: { code: 'asc' },
    select: { code: true, leadAgency: true },
  });
  const done: TaskCode[] = [];
  const stored: TaskCode[] = [];
  const notStored: TaskCode[] = [];
  const refused: { code: TaskCode; refusal: Refusal }[] = [];
  await eachInFlight(rows, async (row) => {
    const code = taskCode.parse(row.code);
    const agency = agencyCode.parse(row.leadAgency);
    const request = { type: 'ReassignTask', agency, assignee, assigneeAgency: agency, reason } as const;
    const answer = await inbox.submit({ key: `${key}:${code}`, code, actor, via, request }, onStored);
    if (answer.answer === 'refused') refused.push({ code, refusal: answer.refusal });
    else ({ done, stored, not_stored: notStored })[answer.answer].push(code);
  });
  return { done: done.sort(), stored: stored.sort(), notStored: notStored.sort(), refused };
}
