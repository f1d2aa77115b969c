/**
 * The scoreboard's standings in SQL, once: every figure, every list behind a figure and every chip asks here.
 * Says of a row `t` of `task` exactly what `standing` of `domain/scoreboard.ts` says of its facts; instants are stored
 * to the millisecond, so the comparisons agree to the last one. No `now()`: the instant is a parameter.
 */
import { STANDINGS, type Standing } from '../../domain/scoreboard.ts';
import type { IsoInstant } from '../../domain/time.ts';
import { Prisma } from '../../prisma/generated/client.ts';

/** Whether the task `t` counts at all: assigned by then, and not cancelled by then. */
export function countedCondition(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`(t.assigned_at <= ${at}::timestamptz AND (t.cancelled_at IS NULL OR t.cancelled_at > ${at}::timestamptz))`;
}

/** Whether the task `t` counts and lacks evidence that is owed: `lacksEvidence` of `domain/completion.ts`, from what the record wrote. */
export function missingEvidenceCondition(at: IsoInstant): Prisma.Sql {
  return Prisma.sql`(${countedCondition(at)} AND t.evidence_missing_since < ${at}::timestamptz)`;
}

/** Whether the task `t` has this standing. Of a task that counts, exactly one of the four is true. */
export function standingCondition(standing: Standing, at: IsoInstant): Prisma.Sql {
  const counted = countedCondition(at);
  const open = Prisma.sql`(t.completed_at IS NULL OR t.completed_at > ${at}::timestamptz)`;
  switch (standing) {
    case 'regular':
      return Prisma.sql`(${counted} AND t.regular)`;
    case 'completed':
      return Prisma.sql`(${counted} AND NOT t.regular AND NOT ${open})`;
    case 'overdue':
      return Prisma.sql`(${counted} AND NOT t.regular AND ${open} AND t.deadline_at < ${at}::timestamptz)`;
    case 'within_deadline':
      return Prisma.sql`(${counted} AND NOT t.regular AND ${open} AND t.deadline_at >= ${at}::timestamptz)`;
  }
}

/** The standing of the task `t` as a value; null where it does not count. Made of the conditions, never written twice. */
export function standingColumn(at: IsoInstant): Prisma.Sql {
  const cases = STANDINGS.map((standing) => Prisma.sql`WHEN ${standingCondition(standing, at)} THEN ${standing}::text`);
  return Prisma.sql`CASE ${Prisma.join(cases, ' ')} END`;
}
