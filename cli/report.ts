/** `dondoc report`: the scoreboard's figures, now or as of a past date, in all or by agency. */
import { leadAsGiven } from '../domain/agency-change.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import { lacksEvidence } from '../domain/completion.ts';
import { standingFactsOf } from '../domain/figures.ts';
import { yearEndOf } from '../domain/regime-report.ts';
import { type Scoreboard, scoreboard } from '../domain/scoreboard.ts';
import type { Task } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { readTasksAt } from '../prisma/tasks-at.ts';
import { type Context, Usage, withDatabase } from './context.ts';
import { dateFlag } from './flags.ts';

export interface ReportFlags {
  /** A local date: the figures at the end of its office hours; absent: now. */
  readonly asOf?: string;
  readonly byAgency?: boolean;
  readonly structure?: string;
}

export async function report(context: Context, { asOf, byAgency, structure: given }: ReportFlags): Promise<void> {
  const date = dateFlag('--as-of', asOf);
  const structure = STRUCTURES.find((each) => each === (given ?? 'new'));
  if (structure === undefined) throw new Usage(`--structure ${given}: write ${STRUCTURES.join(' or ')}`);
  if (given !== undefined && byAgency !== true) throw new Usage('--structure goes with --by-agency');
  const now = instantFromEpochMs(Date.now());
  const [board, missingEvidence, agencies] = await withDatabase(context, async (database) => {
    const { main } = await createCalendars({ database, now: () => now })();
    const at = date === null ? now : endOfOfficeHours(main, date);
    return Promise.all([
      scoreboardOf(database, at),
      missingEvidenceAt(database, at),
      byAgency === true ? byAgencyOf(database, at, structure) : null,
    ]);
  });
  const percent = (count: number) => `${count} (${((count / Math.max(1, board.total)) * 100).toFixed(1)} %)`;
  context.print(
    { ...board, missingEvidence, ...(agencies === null ? {} : { structure, byAgency: agencies }) },
    [
      `total            ${board.total}`,
      `completed        ${percent(board.completed)}`,
      `within deadline  ${percent(board.withinDeadline)}`,
      `overdue          ${percent(board.overdue)}`,
      `regular          ${percent(board.regular)}`,
      ...Object.entries(board.dueBy).map(([date, count]) => `due by ${date}: ${count} of those within their deadline`),
      `${missingEvidence} with a product due by then that has neither evidence nor waiver`,
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
  const [tasks = []] = await readTasksAt(database, [at]);
  return scoreboard(tasks.map(standingFactsOf), at, yearEndOf(at));
}

/** How many tasks lack evidence that is owed at an instant. */
export async function missingEvidenceAt(database: Database, at: IsoInstant): Promise<number> {
  const [tasks = []] = await readTasksAt(database, [at]);
  return tasks.filter((task) => lacksEvidence(task, at)).length;
}

/** Figures by the agencies as they are now, or as tasks were given to them before agencies changed. */
export const STRUCTURES = ['new', 'old'] as const;
export type Structure = (typeof STRUCTURES)[number];

/** The agencies' figures by code; over all agencies they add up to the scoreboard's, whichever structure they follow. */
export async function byAgencyOf(database: Database, at: IsoInstant, structure: Structure): Promise<AgencyFigures[]> {
  const [[tasks = []], agencies] = await Promise.all([readTasksAt(database, [at]), database.agency.findMany()]);
  const known = new Map(agencies.map((agency) => [agency.code, agency]));
  const leadOf = (task: Task): string =>
    structure === 'old' ? leadAsGiven(task) : (known.get(task.leadAgency)?.succeededBy ?? task.leadAgency);
  return [...Map.groupBy(tasks, leadOf)]
    .map(([agency, led]) => {
      const { dueBy: _, ...figures } = scoreboard(led.map(standingFactsOf), at, yearEndOf(at));
      return { agency, name: known.get(agency)?.nameVi ?? agency, ...figures };
    })
    .filter(({ total }) => total > 0)
    .sort((a, b) => (a.agency < b.agency ? -1 : 1));
}
