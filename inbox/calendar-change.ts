/** Loads a calendar: seen before it is done, stored as a version that every process reads, and the tasks it concerns planned anew. */
import { assembleCalendars, readCalendar, yearsAround } from '../config/calendar.ts';
import type { CalendarFile } from '../config/calendar-file.ts';
import { loadRiskWeights } from '../config/risk.ts';
import type { Mistake } from '../config/yaml.ts';
import type { Calendar, Calendars } from '../domain/calendar.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import type { Directory } from '../domain/plan.ts';
import { type Move, movesOf } from '../domain/plan-moves.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import type { IsoInstant } from '../domain/time.ts';
import { type CalendarInForce, calendarsInForce } from '../prisma/calendars.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { createPlanner } from '../prisma/planner.ts';
import { storedTask } from '../prisma/task-record.ts';
import { refuseUnlessCoordinator } from './agency-change.ts';
import { tasksOfAgencies, wantReplanOf } from './replan.ts';

const PAGE = 200;

export interface CalendarChange {
  readonly name: string;
  /** Null where nothing is stored: a dry run, or the text that is in force already. */
  readonly version: number | null;
  readonly unchanged: boolean;
  /** Whose calendar becomes other. */
  readonly agencies: readonly AgencyCode[];
  /** Open tasks that are planned anew. */
  readonly tasks: number;
  /** Of them, those of which something moves. */
  readonly tasksMoved: number;
  readonly people: number;
  readonly moves: readonly Move[];
}

export interface CalendarLoad {
  readonly text: string;
  /** Who enters it; absent: whoever may run the command line. */
  readonly by?: Email;
  readonly dryRun: boolean;
}

/** @returns what was, or with `dryRun` would be, changed; the plans follow in the background by their marks */
export async function loadCalendar(
  o: { readonly database: Database; readonly now: () => IsoInstant; readonly directory: Directory },
  { text, by, dryRun }: CalendarLoad,
): Promise<CalendarChange | Refusal | { readonly errors: readonly Mistake[] }> {
  const now = o.now();
  const preview = await judge(o.database, text, now);
  if ('errors' in preview) return preview;
  const { file, affected, before, after } = preview;
  const { tasks, moves } = await movesOfTasks(o, { affected, before, after, now });
  const change = {
    name: file.name,
    unchanged: preview.unchanged,
    agencies: affected,
    tasks,
    tasksMoved: new Set(moves.map(({ task }) => task)).size,
    people: new Set(moves.flatMap(({ person }) => (person === null ? [] : [person]))).size,
    moves,
  };
  if (by !== undefined) {
    const stranger = await refuseUnlessCoordinator(o.database, by);
    if (stranger !== null) return stranger;
  }
  if (dryRun || preview.unchanged) return { ...change, version: null };
  const stored = await o.database.$transaction((transaction) => store(transaction, { text, by: by ?? null, now }));
  return isRefusal(stored) || 'errors' in stored ? stored : { ...change, ...stored };
}

interface Judged {
  readonly file: CalendarFile;
  readonly sha256: string;
  /** The same text is in force. */
  readonly unchanged: boolean;
  readonly affected: readonly AgencyCode[];
  readonly before: Calendars;
  readonly after: Calendars;
}

async function judge(database: Database | Transaction, text: string, now: IsoInstant) {
  const inForce = await calendarsInForce(database);
  const files = inForce.map(({ file }) => file);
  const agencies = (await database.agency.findMany({ select: { code: true } })).map(({ code }) => code as AgencyCode); // stored codes
  const read = readCalendar(text, files, new Set(agencies));
  if ('errors' in read) return read;
  const file = read.value;
  const years = yearsAround(now);
  const before = assembleCalendars(files, years);
  const after = assembleCalendars([...files.filter(({ name }) => name !== file.name), file], years);
  const judged: Judged = {
    file,
    sha256: read.sha256,
    unchanged: inForce.some((each: CalendarInForce) => each.file.name === file.name && each.source === text),
    affected: agencies.filter((agency) => !isSame(before.of(agency), after.of(agency))).sort(),
    before,
    after,
  };
  return judged;
}

function isSame(a: Calendar, b: Calendar): boolean {
  const plain = ({ holidays, workingDays, ...rest }: Calendar) =>
    JSON.stringify([rest.timeZone, rest.officeHours, rest.weekend, [...holidays].sort(), [...workingDays].sort()]);
  return a === b || plain(a) === plain(b);
}

/** Judged once more under the lock: another one may have been loaded since the preview. */
async function store(transaction: Transaction, { text, by, now }: { text: string; by: Email | null; now: IsoInstant }) {
  await transaction.$executeRaw`LOCK TABLE calendar_version IN SHARE ROW EXCLUSIVE MODE`;
  const judged = await judge(transaction, text, now);
  if ('errors' in judged) return judged;
  const { file, sha256, affected } = judged;
  await transaction.calendarVersion.create({ data: { name: file.name, sha256, source: text, storedBy: by, storedAt: now } });
  const version = await transaction.calendarVersion.count({ where: { name: file.name } });
  return { version, agencies: affected, tasks: await wantReplanOf(transaction, affected, now) };
}

async function movesOfTasks(
  { database, directory }: { readonly database: Database; readonly directory: Directory },
  { affected, before, after, now }: Pick<Judged, 'affected' | 'before' | 'after'> & { readonly now: IsoInstant },
): Promise<{ tasks: number; moves: Move[] }> {
  const weights = loadRiskWeights();
  const planBy = (calendars: Calendars) =>
    createPlanner({ database, calendars: async () => calendars, weights, directory: async () => directory });
  const [planBefore, planAfter] = [planBy(before), planBy(after)];
  const codes = await tasksOfAgencies(database, affected);
  const moves: Move[] = [];
  for (let from = 0; from < codes.length; from += PAGE) {
    const page = codes.slice(from, from + PAGE);
    const rows = await database.task.findMany({
      where: { code: { in: page } },
      select: { code: true, state: true },
      orderBy: { code: 'asc' },
    });
    const told = new Set(
      (
        await database.notification.findMany({
          where: { taskCode: { in: page }, status: { notIn: ['planned', 'claimed', 'cancelled'] } },
          select: { key: true },
        })
      ).map(({ key }) => key),
    );
    for (const { code, state } of rows) {
      const task = storedTask(state);
      moves.push(...movesOf(code as TaskCode, await planBefore(task, now), await planAfter(task, now), told)); // a stored code
    }
  }
  return { tasks: codes.length, moves };
}
