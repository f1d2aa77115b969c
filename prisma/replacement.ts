/** What the question about an assignee who has left asks for, as it is now. */
import type { Person } from '../domain/directory.ts';
import type { Email } from '../domain/names.ts';
import type { Replacement } from '../domain/stand-in.ts';
import { isOpen } from '../domain/task.ts';
import type { Database } from './database.ts';
import { storedTask } from './task-record.ts';

/** Undefined where the directory does not know the person. */
export async function readReplacement(
  database: Database,
  people: ReadonlyMap<string, Person>,
  email: Email,
): Promise<Replacement | undefined> {
  const gone = people.get(email);
  if (gone === undefined) return undefined;
  const rows = await database.task.findMany({
    where: { assignee: email, status: { notIn: ['completed', 'cancelled'] } },
    orderBy: [{ deadlineAt: 'asc' }, { code: 'asc' }],
    select: { state: true },
  });
  const choices = [...people.values()]
    .filter((each) => each.agency === gone.agency && each.email !== email && each.role !== 'channel' && each.goneAt == null)
    .sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  return { gone, tasks: rows.map(({ state }) => storedTask(state)).filter(isOpen), choices };
}
