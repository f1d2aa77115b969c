/** What the scoreboard's page shows: three bounded queries. */

import type { Standing } from '../../domain/scoreboard.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { standingSql } from './standing.ts';
import { type ListedTask, listedColumns } from './tasks.ts';

export interface AgencyCounts {
  readonly code: string;
  readonly name: string;
  readonly total: number;
  readonly completed: number;
  readonly within_deadline: number;
  readonly overdue: number;
  readonly regular: number;
}

export interface ScoreboardPage {
  readonly counts: Readonly<Record<Standing, number>>;
  readonly total: number;
  readonly dueByYearEnd: number;
  readonly agencies: readonly AgencyCounts[];
  readonly longestOverdue: readonly ListedTask[];
  readonly dueSoon: readonly ListedTask[];
}

const AGENCIES_MAX = 200;
const LIST_MAX = 8;

/** @param o.soon the instant up to which a deadline counts as near; `o.yearEnd` a local date */
export async function readScoreboard(
  database: Database,
  o: { at: IsoInstant; soon: IsoInstant; yearEnd: IsoDate; locale: 'vi' | 'en' | 'fr' },
): Promise<ScoreboardPage> {
  const standing = standingSql(o.at);
  const name = Prisma.raw(`name_${o.locale}`);
  const [agencies, [due], longestOverdue, dueSoon] = await Promise.all([
    database.$queryRaw<AgencyCounts[]>`
      SELECT s.lead_agency AS code, a.${name} AS name, count(*)::int AS total,
        count(*) FILTER (WHERE standing = 'completed')::int AS completed,
        count(*) FILTER (WHERE standing = 'within_deadline')::int AS within_deadline,
        count(*) FILTER (WHERE standing = 'overdue')::int AS overdue,
        count(*) FILTER (WHERE standing = 'regular')::int AS regular
      FROM (SELECT lead_agency, ${standing} AS standing FROM task) s JOIN agency a ON a.code = s.lead_agency
      WHERE standing IS NOT NULL GROUP BY 1, 2 ORDER BY overdue DESC, total DESC, 1 LIMIT ${AGENCIES_MAX}`,
    database.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM task WHERE ${standing} = 'within_deadline' AND deadline <= ${o.yearEnd}::date`,
    database.$queryRaw<ListedTask[]>`
      SELECT ${listedColumns(o)} FROM task JOIN agency a ON a.code = task.lead_agency JOIN person p ON p.email = task.assignee
      WHERE ${standing} = 'overdue' ORDER BY task.deadline_at, task.code LIMIT ${LIST_MAX}`,
    database.$queryRaw<ListedTask[]>`
      SELECT ${listedColumns(o)} FROM task JOIN agency a ON a.code = task.lead_agency JOIN person p ON p.email = task.assignee
      WHERE ${standing} = 'within_deadline' AND task.deadline_at <= ${o.soon}::timestamptz
      ORDER BY task.deadline_at, task.code LIMIT ${LIST_MAX}`,
  ]);
  const sum = (of: Standing) => agencies.reduce((total, agency) => total + agency[of], 0);
  const counts = { completed: sum('completed'), within_deadline: sum('within_deadline'), overdue: sum('overdue'), regular: sum('regular') };
  const total = counts.completed + counts.within_deadline + counts.overdue + counts.regular;
  return { counts, total, dueByYearEnd: due?.count ?? 0, agencies, longestOverdue, dueSoon };
}
