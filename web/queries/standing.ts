/** The scoreboard's standings as SQL: the same rule as `domain/scoreboard.ts`, for tables of any size. */

import type { Standing } from '../../domain/scoreboard.ts';
import type { IsoInstant } from '../../domain/time.ts';
import { Prisma } from '../../prisma/generated/client.ts';

/** An expression on the table `task` that gives a standing's name, or null. @param at the instant of the judgment */
export function standingSql(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN task.assigned_at > ${at}::timestamptz OR task.cancelled_at <= ${at}::timestamptz THEN NULL
    WHEN task.regular THEN 'regular'
    WHEN task.completed_at <= ${at}::timestamptz THEN 'completed'
    WHEN ${at}::timestamptz > task.deadline_at THEN 'overdue'
    ELSE 'within_deadline' END`;
}

export type StandingCounts = Readonly<Record<Standing, number>>;
