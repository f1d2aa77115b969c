/** `dondoc doctor`: verifies each task's chain and that its row is what its events make. */
import { replay, type TaskEvent } from '../domain/task.ts';
import type { Database } from '../prisma/database.ts';
import { GENESIS, hashEvent } from '../prisma/task-record.ts';

export interface Finding {
  readonly code: string;
  readonly finding: 'chain_broken' | 'row_differs';
  readonly detail: string;
}

export async function examine(database: Database): Promise<{ tasks: number; events: number; findings: Finding[] }> {
  const rows = await database.task.findMany({ include: { events: { orderBy: { seq: 'asc' } } } });
  const findings: Finding[] = [];
  let count = 0;
  for (const row of rows) {
    const events = row.events.map(({ body }) => body as unknown as TaskEvent); // written by `record`, from the domain's own type
    count += events.length;
    let previous = GENESIS;
    for (const [index, event] of events.entries()) {
      const stored = row.events[index];
      const hash = hashEvent(previous, event);
      if (stored?.prevHash !== previous || stored.hash !== hash)
        findings.push({ code: row.code, finding: 'chain_broken', detail: `event ${event.seq}` });
      previous = stored?.hash ?? hash;
    }
    const rebuilt = replay(events);
    if (rebuilt?.status !== row.status || rebuilt.seq !== row.seq || rebuilt.assignee !== row.assignee) {
      findings.push({
        code: row.code,
        finding: 'row_differs',
        detail: `events say ${rebuilt?.status} at ${rebuilt?.seq}, the row ${row.status} at ${row.seq}`,
      });
    }
  }
  return { tasks: rows.length, events: count, findings };
}
