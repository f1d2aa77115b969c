/** What the scoreboard shows: four statements, at most four rows per agency and two lists of ten. */
import { z } from 'zod';
import { addDays } from '../../domain/calendar.ts';
import type { Locale } from '../../domain/names.ts';
import { figures, type Scoreboard, STANDINGS, type Standing } from '../../domain/scoreboard.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { missingEvidenceCondition, standingColumn, standingCondition } from './standing.ts';
import { nameColumn, TASK_LINE_TABLES, type TaskLine, taskLine, taskLineColumns } from './task-line.ts';

/** Far more than the body has; a bound so that no import can make the page endless. */
const AGENCIES_MAX = 500;
const LINES_MAX = 10;
export const SOON_WINDOW_DAYS = 7;

export interface AgencyFigures {
  readonly code: string;
  readonly name: string;
  readonly figures: Scoreboard;
}

export interface ScoreboardPageData {
  readonly figures: Scoreboard;
  /** Of all tasks that count, whatever their standing. */
  readonly missingEvidence: number;
  /** The day up to which `figures.dueBy` counts: 31 December of the year of `at`. */
  readonly yearEnd: IsoDate;
  /** The last day of "due soon". */
  readonly soonEnd: IsoDate;
  /** The worst first: by overdue, then by total. */
  readonly agencies: readonly AgencyFigures[];
  readonly longestOverdue: readonly TaskLine[];
  readonly dueSoon: readonly TaskLine[];
}

const counted = z.array(
  z.object({ code: z.string(), name: z.string(), standing: z.enum(STANDINGS), count: z.int(), dueByYearEnd: z.int() }),
);

export async function readScoreboard(database: Database, locale: Locale, at: IsoInstant): Promise<ScoreboardPageData> {
  const today = localDate(at, COMMITTEE_TIME_ZONE);
  const yearEnd = `${today.slice(0, 4)}-12-31` as IsoDate;
  const soonEnd = addDays(today, SOON_WINDOW_DAYS);
  const [groups, longestOverdue, dueSoon, missing] = await Promise.all([
    database.$queryRaw`
      SELECT a.code, a.${nameColumn(locale)} AS name, c.standing, c.count, c."dueByYearEnd" FROM (
        SELECT s.lead_agency, s.standing, count(*)::int AS count,
          (count(*) FILTER (WHERE s.standing = 'within_deadline' AND s.deadline <= ${yearEnd}::date))::int AS "dueByYearEnd"
        FROM (SELECT t.lead_agency, t.deadline, ${standingColumn(at)} AS standing FROM task t) s
        WHERE s.standing IS NOT NULL GROUP BY s.lead_agency, s.standing) c
      -- Under the agency as it is now: what was closed under a merged one counts for its successor.
      JOIN agency l ON l.code = c.lead_agency JOIN agency a ON a.code = coalesce(l.succeeded_by, l.code) LIMIT ${AGENCIES_MAX * STANDINGS.length}`,
    database.$queryRaw`
      SELECT ${taskLineColumns(locale, standingColumn(at))} FROM ${TASK_LINE_TABLES}
      WHERE ${standingCondition('overdue', at)} ORDER BY t.deadline_at, t.code LIMIT ${LINES_MAX}`,
    database.$queryRaw`
      SELECT ${taskLineColumns(locale, standingColumn(at))} FROM ${TASK_LINE_TABLES}
      WHERE ${standingCondition('within_deadline', at)} AND t.deadline <= ${soonEnd}::date ORDER BY t.deadline_at, t.code LIMIT ${LINES_MAX}`,
    database.$queryRaw`SELECT count(*)::int AS count FROM task t WHERE ${missingEvidenceCondition(at)}`,
  ]);
  const rows = counted.parse(groups);
  return {
    figures: figuresOf(rows, yearEnd),
    missingEvidence: z.tuple([z.object({ count: z.int() })]).parse(missing)[0].count,
    yearEnd,
    soonEnd,
    agencies: agenciesOf(rows, yearEnd, locale),
    longestOverdue: z.array(taskLine).parse(longestOverdue),
    dueSoon: z.array(taskLine).parse(dueSoon),
  };
}

function figuresOf(rows: z.infer<typeof counted>, yearEnd: IsoDate): Scoreboard {
  const counts: Record<Standing, number> = { completed: 0, within_deadline: 0, overdue: 0, regular: 0 };
  let due = 0;
  for (const { standing, count, dueByYearEnd } of rows) {
    counts[standing] += count;
    due += dueByYearEnd;
  }
  return figures(counts, { [yearEnd]: due });
}

function agenciesOf(rows: z.infer<typeof counted>, yearEnd: IsoDate, locale: Locale): AgencyFigures[] {
  const collator = new Intl.Collator(locale);
  return [...Map.groupBy(rows, ({ code }) => code)]
    .map(([code, own]) => ({ code, name: own[0]?.name ?? code, figures: figuresOf(own, yearEnd) }))
    .sort((a, b) => b.figures.overdue - a.figures.overdue || b.figures.total - a.figures.total || collator.compare(a.name, b.name));
}
