/** Where a task stands among others: the one it is a part of, its own parts, and what waits for what. Two statements. */
import { z } from 'zod';
import type { Locale } from '../../domain/names.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { standingColumn } from './standing.ts';
import { TASK_LINE_TABLES, taskLine, taskLineColumns } from './task-line.ts';

/** Below this the part's own page goes on. */
const PARTS_DEPTH_MAX = 5;
const PARTS_MAX = 200;
const LINKS_MAX = 100;

const part = taskLine.and(z.object({ parentCode: z.string(), mandatory: z.boolean() }));
/** A task below another one; parents stand before their parts. */
export type Part = z.infer<typeof part>;
const RELATIONS = ['parent', 'depends_on', 'waited_for'] as const;
const neighbour = taskLine.and(z.object({ relation: z.enum(RELATIONS) }));
export type Neighbour = z.infer<typeof neighbour>;

export interface Relations {
  readonly parts: readonly Part[];
  /** The parent where it is stored, what this task waits for, and what waits for it. */
  readonly neighbours: readonly Neighbour[];
  readonly shortened: boolean;
}

export async function readRelations(database: Database, locale: Locale, code: string, at: IsoInstant): Promise<Relations> {
  const columns = taskLineColumns(locale, standingColumn(at));
  const linked = (relation: (typeof RELATIONS)[number], condition: Prisma.Sql) =>
    Prisma.sql`SELECT ${columns}, ${relation}::text AS relation FROM ${TASK_LINE_TABLES} WHERE ${condition}`;
  const [parts, neighbours] = await Promise.all([
    // The path keeps a circle from turning for ever: of two tasks that name each other as parent, each was stored when the other was not.
    database.$queryRaw`
      WITH RECURSIVE part AS (
        SELECT t.code, 1 AS depth, ARRAY[${code}::text, t.code] AS path FROM task t WHERE t.parent_code = ${code}
        UNION ALL
        SELECT t.code, part.depth + 1, part.path || t.code FROM part JOIN task t ON t.parent_code = part.code
        WHERE part.depth < ${PARTS_DEPTH_MAX} AND t.code <> ALL (part.path))
      SELECT ${columns}, t.parent_code AS "parentCode", t.parent_mandatory AS mandatory
      FROM ${TASK_LINE_TABLES} JOIN part ON part.code = t.code ORDER BY part.path LIMIT ${PARTS_MAX + 1}`,
    database.$queryRaw`
      ${linked('parent', Prisma.sql`t.code = (SELECT parent_code FROM task WHERE code = ${code})`)}
      UNION ALL ${linked('depends_on', Prisma.sql`t.code IN (SELECT depends_on FROM task_dependency WHERE task_code = ${code})`)}
      UNION ALL ${linked('waited_for', Prisma.sql`t.code IN (SELECT task_code FROM task_dependency WHERE depends_on = ${code})`)}
      ORDER BY relation, code LIMIT ${LINKS_MAX + 1}`,
  ]);
  const read = { parts: z.array(part).parse(parts), neighbours: z.array(neighbour).parse(neighbours) };
  return {
    parts: read.parts.slice(0, PARTS_MAX),
    neighbours: read.neighbours.slice(0, LINKS_MAX),
    shortened: read.parts.length > PARTS_MAX || read.neighbours.length > LINKS_MAX,
  };
}
