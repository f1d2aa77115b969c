/** `dondoc report`: the scoreboard's figures, now or as of a past date, in all or by agency. */
import { leadAsGiven } from '../domain/agency-change.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import type { Status } from '../domain/names.ts';
import { type Scoreboard, scoreboard } from '../domain/scoreboard.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs, isoDate, localDate } from '../domain/time.ts';
import { dateOf } from '../prisma/agencies.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import type { Task as TaskRow } from '../prisma/generated/client.ts';
import { storedTask } from '../prisma/task-record.ts';
import { type Context, Usage, withDatabase } from './context.ts';

export interface ReportFlags {
  /** A local date: the figures at the end of its office hours; absent: now. */
  readonly asOf?: string;
  readonly byAgency?: boolean;
  readonly structure?: string;
}

export async function report(context: Context, { asOf, byAgency, structure: given }: ReportFlags): Promise<void> {
  const read = asOf === undefined ? null : isoDate.safeParse(asOf);
  if (read?.success === false) throw new Usage(`--as-of ${asOf}: no such date; write YYYY-MM-DD`);
  const structure = STRUCTURES.find((each) => each === (given ?? 'new'));
  if (structure === undefined) throw new Usage(`--structure ${given}: write ${STRUCTURES.join(' or ')}`);
  if (given !== undefined && byAgency !== true) throw new Usage('--structure goes with --by-agency');
  const now = instantFromEpochMs(Date.now());
  const [board, agencies] = await withDatabase(context, async (database) => {
    const { main } = await createCalendars({ database, now: () => now })();
    const at = read === null ? now : endOfOfficeHours(main, read.data);
    return Promise.all([scoreboardOf(database, at), byAgency === true ? byAgencyOf(database, at, structure) : null]);
  });
  const percent = (count: number) => `${count} (${((count / Math.max(1, board.total)) * 100).toFixed(1)} %)`;
  context.print(
    agencies === null ? board : { ...board, structure, byAgency: agencies },
    [
      `total            ${board.total}`,
      `completed        ${percent(board.completed)}`,
      `within deadline  ${percent(board.withinDeadline)}`,
      `overdue          ${percent(board.overdue)}`,
      `regular          ${percent(board.regular)}`,
      ...Object.entries(board.dueBy).map(([date, count]) => `due by ${date}: ${count} of those within their deadline`),
      ...(agencies === null ? [] : ['', AGENCY_HEADER, ...agencies.map(agencyLine)]),
    ].join('\n'),
  );
}

/** One agency's part of the figures. */
export interface AgencyFigures {
  readonly agency: string;
  /** In the committee's language. */
  readonly name: string;
  readonly total: number;
  readonly completed: number;
  readonly withinDeadline: number;
  readonly overdue: number;
  readonly regular: number;
}

const AGENCY_HEADER = `${''.padEnd(20)}  total  done   due  late  reg.`;

function agencyLine({ agency, name, total, completed, withinDeadline, overdue, regular }: AgencyFigures): string {
  const counts = [total, completed, withinDeadline, overdue, regular].map((count) => String(count).padStart(6)).join('');
  return `${agency.padEnd(20)}${counts}  ${name}`;
}

export async function scoreboardOf(database: Database, at: IsoInstant): Promise<Scoreboard> {
  const rows = await database.task.findMany({ select: STANDING_COLUMNS });
  return scoreboard(rows.map(standingFacts), at, yearEndOf(at));
}

/** Figures by the agencies as they are now, or as tasks were given to them before agencies changed. */
export const STRUCTURES = ['new', 'old'] as const;
export type Structure = (typeof STRUCTURES)[number];

/** The agencies' figures by code; over all agencies they add up to the scoreboard's, whichever structure they follow. */
export async function byAgencyOf(database: Database, at: IsoInstant, structure: Structure): Promise<AgencyFigures[]> {
  const [rows, agencies] = await Promise.all([
    database.task.findMany({ select: { ...STANDING_COLUMNS, leadAgency: true, ...(structure === 'old' ? { state: true } : {}) } }),
    database.agency.findMany(),
  ]);
  const known = new Map(agencies.map((agency) => [agency.code, agency]));
  const leadOf = ({ leadAgency, state }: (typeof rows)[number]): string =>
    structure === 'old' ? leadAsGiven(storedTask(state)) : (known.get(leadAgency)?.succeededBy ?? leadAgency);
  return [...Map.groupBy(rows, leadOf)]
    .map(([agency, led]) => {
      const { dueBy: _, ...figures } = scoreboard(led.map(standingFacts), at, yearEndOf(at));
      return { agency, name: known.get(agency)?.nameVi ?? agency, ...figures };
    })
    .filter(({ total }) => total > 0)
    .sort((a, b) => (a.agency < b.agency ? -1 : 1));
}

const STANDING_COLUMNS = {
  status: true,
  regular: true,
  assignedAt: true,
  deadlineAt: true,
  deadline: true,
  completedAt: true,
  cancelledAt: true,
} as const;

type StandingRow = Pick<TaskRow, keyof typeof STANDING_COLUMNS>;

function standingFacts({ status, regular, assignedAt, deadlineAt, deadline, completedAt, cancelledAt }: StandingRow) {
  const instant = (date: Date) => instantFromEpochMs(date.getTime());
  return {
    status: status as Status, // checked by the database against the same list
    regular,
    assignedAt: instant(assignedAt),
    deadlineAt: instant(deadlineAt),
    deadline: dateOf(deadline),
    completedAt: completedAt === null ? null : instant(completedAt),
    cancelledAt: cancelledAt === null ? null : instant(cancelledAt),
  };
}

function yearEndOf(at: IsoInstant): IsoDate {
  return isoDate.parse(`${localDate(at, COMMITTEE_TIME_ZONE).slice(0, 4)}-12-31`);
}
