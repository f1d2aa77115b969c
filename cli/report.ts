/** `dondoc report`: the scoreboard's figures, now or as of a past date. */
import { committeeCalendar } from '../config/calendar.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import type { Status } from '../domain/names.ts';
import { type Scoreboard, scoreboard } from '../domain/scoreboard.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs, isoDate, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { type Context, Usage, withDatabase } from './context.ts';

/** @param asOf a local date: the figures at the end of its office hours; absent: now */
export async function report(context: Context, asOf: string | undefined): Promise<void> {
  const read = asOf === undefined ? null : isoDate.safeParse(asOf);
  if (read?.success === false) throw new Usage(`--as-of ${asOf}: no such date; write YYYY-MM-DD`);
  const now = instantFromEpochMs(Date.now());
  const at = read === null ? now : endOfOfficeHours(committeeCalendar(now), read.data);
  const board = await withDatabase(context, (database) => scoreboardOf(database, at));
  const percent = (count: number) => `${count} (${((count / Math.max(1, board.total)) * 100).toFixed(1)} %)`;
  context.print(
    board,
    [
      `total            ${board.total}`,
      `completed        ${percent(board.completed)}`,
      `within deadline  ${percent(board.withinDeadline)}`,
      `overdue          ${percent(board.overdue)}`,
      `regular          ${percent(board.regular)}`,
      ...Object.entries(board.dueBy).map(([date, count]) => `due by ${date}: ${count} of those within their deadline`),
    ].join('\n'),
  );
}

export async function scoreboardOf(database: Database, at: IsoInstant): Promise<Scoreboard> {
  const rows = await database.task.findMany({
    select: { status: true, regular: true, assignedAt: true, deadlineAt: true, deadline: true, completedAt: true, cancelledAt: true },
  });
  const instant = (date: Date) => instantFromEpochMs(date.getTime());
  const yearEnd = isoDate.parse(`${localDate(at, COMMITTEE_TIME_ZONE).slice(0, 4)}-12-31`);
  return scoreboard(
    rows.map((row) => ({
      status: row.status as Status, // checked by the database against the same list
      regular: row.regular,
      assignedAt: instant(row.assignedAt),
      deadlineAt: instant(row.deadlineAt),
      deadline: row.deadline.toISOString().slice(0, 10) as IsoDate, // a DATE column read as midnight UTC
      completedAt: row.completedAt === null ? null : instant(row.completedAt),
      cancelledAt: row.cancelledAt === null ? null : instant(row.cancelledAt),
    })),
    at,
    yearEnd,
  );
}
