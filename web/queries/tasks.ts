/** The list of tasks: one page of rows and their count, by the filters of the URL. */

import type { Locale, Status } from '../../domain/names.ts';
import type { Standing } from '../../domain/scoreboard.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { standingSql } from './standing.ts';

export interface TaskFilter {
  readonly standing: Standing | null;
  readonly status: Status | null;
  readonly agency: string | null;
  readonly assignee: string | null;
  readonly q: string | null;
  /** A local date; tasks due on it or before. */
  readonly dueBefore: IsoDate | null;
  /** From 1. */
  readonly page: number;
}

export interface ListedTask {
  readonly code: string;
  readonly title: string;
  readonly status: Status;
  readonly agency: string;
  readonly assignee: string;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly standing: Standing | null;
}

export const PAGE_ROWS = 50;

/** Columns of a listed task; needs `task`, agency `a` and person `p` in FROM. */
export function listedColumns({ at, locale }: { at: IsoInstant; locale: Locale }): Prisma.Sql {
  return Prisma.sql`task.code, task.title, task.status, a.${Prisma.raw(`name_${locale}`)} AS agency, p.name AS assignee,
    to_char(task.deadline, 'YYYY-MM-DD') AS deadline,
    to_char(task.deadline_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "deadlineAt", ${standingSql(at)} AS standing`;
}

export async function readTasks(
  database: Database,
  filter: TaskFilter,
  o: { at: IsoInstant; locale: Locale },
): Promise<{ total: number; tasks: readonly ListedTask[] }> {
  const from = Prisma.sql`FROM task JOIN agency a ON a.code = task.lead_agency JOIN person p ON p.email = task.assignee WHERE ${conditions(filter, o.at)}`;
  const [[count], tasks] = await Promise.all([
    database.$queryRaw<{ total: number }[]>`SELECT count(*)::int AS total ${from}`,
    database.$queryRaw<ListedTask[]>`
      SELECT ${listedColumns(o)} ${from} ORDER BY task.deadline_at, task.code LIMIT ${PAGE_ROWS} OFFSET ${(filter.page - 1) * PAGE_ROWS}`,
  ]);
  return { total: count?.total ?? 0, tasks };
}

function conditions(filter: TaskFilter, at: IsoInstant): Prisma.Sql {
  // In LIKE these three stand for something else; a person who types them means them.
  const like = (text: string) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const all = [
    ...(filter.standing === null ? [] : [Prisma.sql`${standingSql(at)} = ${filter.standing}`]),
    ...(filter.status === null ? [] : [Prisma.sql`task.status = ${filter.status}`]),
    ...(filter.agency === null ? [] : [Prisma.sql`task.lead_agency = ${filter.agency}`]),
    ...(filter.assignee === null ? [] : [Prisma.sql`(p.name ILIKE ${like(filter.assignee)} OR p.email ILIKE ${like(filter.assignee)})`]),
    ...(filter.q === null ? [] : [Prisma.sql`(task.title ILIKE ${like(filter.q)} OR task.code ILIKE ${like(filter.q)})`]),
    ...(filter.dueBefore === null ? [] : [Prisma.sql`task.deadline <= ${filter.dueBefore}::date`]),
  ];
  return all.length === 0 ? Prisma.sql`TRUE` : Prisma.join(all, ' AND ');
}
