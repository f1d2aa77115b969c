/** Imports a file of tasks: every row checked before any is written, then stored as records, then armed. */

import { randomUUID } from 'node:crypto';
import { readDate } from '../../config/notation.ts';
import type { Calendar } from '../../domain/calendar.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Amendment } from '../../domain/command.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import { type Finding, findings } from '../../domain/findings.ts';
import { historyOf } from '../../domain/history.ts';
import { type AgencyCode, type Email, taskCode } from '../../domain/names.ts';
import { isRefusal } from '../../domain/refusals.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import { type IsoDate, type IsoInstant, localDate, PlainDate } from '../../domain/time.ts';
import { takeInput, wakesDue } from '../../domain/turn.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import type { PlanTask } from '../../prisma/planner.ts';
import { eventRows, evidenceRows, GENESIS, holderRows, storedTask, taskRow } from '../../prisma/task-record.ts';
import { commandId, type Inbox } from '../inbox.ts';
import { type Column, named, TASK_COLUMNS, TASK_COLUMNS_NEEDED } from './columns.ts';
import { type Csv, type CsvRecord, readCsv } from './csv.ts';
import { type Fault, fault } from './faults.ts';
import { type ParentSaid, parentFaults } from './parents.ts';
import { type ImportedTask, readTaskRow, rowHash } from './task-row.ts';

export interface ImportDependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly calendars: ReadCalendars;
  readonly plan: PlanTask;
  readonly now: () => IsoInstant;
  readonly directory: { person(address: Email): Person | undefined; agency(code: AgencyCode): Agency | undefined };
}

export interface ImportOptions {
  readonly bytes: Uint8Array;
  readonly dryRun: boolean;
  /** Writes the good rows although others are refused. */
  readonly skipRefused: boolean;
  /** The date on which the file tells the truth; absent: the newest fact of the file when it is shifted, else today. */
  readonly asOf?: IsoDate;
  /** The date that takes the place of `asOf`: all dates move by the days between. */
  readonly shiftTo?: IsoDate;
  /** A last change to a row before it is read; for demo data. */
  readonly amend?: (cells: ReadonlyMap<string, string>) => ReadonlyMap<string, string>;
}

export interface ImportResult {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** `heading` is how the file itself calls the column, where that is another name. */
  readonly errors: readonly (Fault & { readonly heading?: string })[];
  /** The refused rows under the file's own header, to be mended and imported again; null when none was refused. */
  readonly refusedText: string | null;
  /** How many of the created tasks are vague, and in what; absent where none is. */
  readonly findings?: Readonly<Partial<Record<Finding['finding'], number>>>;
}

/** Rows a transaction: large enough to be quick, small enough that a killed import has lost little. */
const CHUNK = 200;

/** @returns what was, or with `dryRun` would be, done. With refused rows and no `skipRefused` nothing is written. */
export async function importTasks(dependencies: ImportDependencies, options: ImportOptions): Promise<ImportResult> {
  const { csv, headingOf } = named(readCsv(options.bytes));
  const result = await importNamed(dependencies, options, csv);
  const withHeading = (each: Fault) => {
    const heading = headingOf(each.column);
    return heading === undefined ? each : { ...each, heading };
  };
  return { ...result, errors: result.errors.map(withHeading) };
}

async function importNamed(dependencies: ImportDependencies, options: ImportOptions, csv: Csv): Promise<ImportResult> {
  const header = headerFaults(csv);
  if (header.length > 0) return { read: 0, created: 0, updated: 0, unchanged: 0, refused: 0, errors: header, refusedText: null };
  const { main: calendar } = await dependencies.calendars();
  const read = await check(dependencies, calendar, csv, options);
  const { changed, fresh, unchanged, faults } = await compare(dependencies.database, read.tasks, read.faults);
  const refusedRows = new Set(faults.map(({ row }) => row));
  const rows = csv.records.length + csv.broken.length;
  const nothing = refusedRows.size > 0 && !options.skipRefused;
  const result: ImportResult = {
    read: rows,
    created: nothing ? 0 : fresh.length,
    updated: nothing ? 0 : changed.length,
    unchanged: read.known + unchanged.length,
    refused: refusedRows.size,
    errors: faults,
    refusedText: refusedText(csv, refusedRows),
    ...noted(fresh, calendar),
  };
  if (options.dryRun || nothing) return result;
  for (let from = 0; from < fresh.length; from += CHUNK) await store(dependencies, fresh.slice(from, from + CHUNK));
  const untaken: Fault[] = [];
  for (const change of changed) {
    const refused = await amend(dependencies, change);
    if (refused !== null) untaken.push(refused);
  }
  return {
    ...result,
    updated: result.updated - untaken.length,
    refused: result.refused + untaken.length,
    errors: [...result.errors, ...untaken],
  };
}

/** Vague assignments are noted, never refused. */
function noted(fresh: readonly ImportedTask[], calendar: Calendar): Pick<ImportResult, 'findings'> {
  const counts: Partial<Record<Finding['finding'], number>> = {};
  for (const { history } of fresh)
    for (const { finding } of findings(history.assignment, calendar)) counts[finding] = (counts[finding] ?? 0) + 1;
  return Object.keys(counts).length === 0 ? {} : { findings: counts };
}

function headerFaults({ columns, records, broken }: Csv): Fault[] {
  const at = (column: string, value = '') => ({ row: 1, column, value });
  const known: readonly string[] = TASK_COLUMNS;
  return [
    ...TASK_COLUMNS_NEEDED.filter((column) => !columns.includes(column)).map((column) =>
      fault('column_missing', at(column), { expected: TASK_COLUMNS_NEEDED.join(', ') }),
    ),
    ...columns
      .filter((column) => !known.includes(column))
      .map((column) => fault('column_unknown', at(column, column), { expected: TASK_COLUMNS.join(', ') })),
    ...columns.filter((column, index) => columns.indexOf(column) !== index).map((column) => fault('column_twice', at(column, column))),
    ...(records.length + broken.length === 0 ? [fault('file_empty', at(''))] : []),
  ];
}

async function check(
  { database, now, directory }: ImportDependencies,
  calendar: Calendar,
  csv: Csv,
  { asOf, shiftTo, amend: change, skipRefused }: ImportOptions,
): Promise<{ tasks: ImportedTask[]; known: number; faults: Fault[] }> {
  const policies = await database.policy.findMany({ select: { name: true, version: true }, orderBy: { version: 'asc' } });
  const at = now();
  const truthOf = asOf ?? (shiftTo === undefined ? localDate(at, calendar.timeZone) : newestFact(csv.records));
  const shiftDays = shiftTo === undefined || truthOf === null ? 0 : PlainDate.from(truthOf).until(shiftTo).days;
  const context = {
    asOf: truthOf ?? localDate(at, calendar.timeZone),
    shiftDays,
    now: at,
    calendar,
    person: directory.person,
    agency: directory.agency,
    policies: new Map(policies.map(({ name, version }) => [name, version])),
  };
  const stored = new Map(
    (await database.task.findMany({ select: { code: true, importedHash: true, parentCode: true } })).map((row) => [row.code, row]),
  );
  const parents: ParentSaid[] = [];
  const faults: Fault[] = [...csv.faults];
  const tasks: ImportedTask[] = [];
  let known = 0;
  const rowOf = new Map<string, number>();
  for (const record of csv.records) {
    const cells = change === undefined ? record.cells : change(record.cells);
    const code = cells.get('code') ?? '';
    const before = rowOf.get(code);
    // The same row again changes nothing, whatever has become since of the people and agencies that it names.
    if (before === undefined && stored.get(code)?.importedHash === rowHash(cells, shiftDays)) {
      rowOf.set(code, record.row);
      known += 1;
      continue;
    }
    const read = readTaskRow({ ...record, cells }, context);
    const parent = taskCode.safeParse(cells.get('parent'));
    if (before === undefined && cells.has('parent')) parents.push({ row: record.row, code, parent: parent.success ? parent.data : null });
    if (before !== undefined && code !== '')
      faults.push(fault('code_twice', { row: record.row, column: 'code', value: code }, { expected: String(before) }));
    rowOf.set(code, before ?? record.row);
    if (!('history' in read)) faults.push(...read);
    else if (before === undefined) tasks.push(read);
  }
  const before = new Map([...stored].map(([code, { parentCode }]) => [code, parentCode]));
  const wrong = parentFaults(parents, { stored: before, rowOf, refused: new Set(faults.map(({ row }) => row)), isAlone: skipRefused });
  const parentless = new Set(wrong.map(({ row }) => row));
  return {
    tasks: tasks.filter(({ row }) => !parentless.has(row)),
    known,
    faults: [...faults, ...wrong].sort((a, b) => a.row - b.row),
  };
}

/** The newest date on which something of the file happened; null for a file without one. */
function newestFact(records: readonly CsvRecord[]): IsoDate | null {
  const dates = records.flatMap(({ cells }) =>
    ['assigned_on', 'acknowledged_on', 'reported_on', 'completed_on'].flatMap((column) => readDate(cells.get(column) ?? '') ?? []),
  );
  return dates.sort().at(-1) ?? null;
}

interface Change {
  readonly task: ImportedTask;
  /** Of the record that the change was judged against: going back and forth between two files is several acts. */
  readonly seq: number;
  readonly changes: Amendment;
}

async function compare(database: Database, tasks: readonly ImportedTask[], earlier: readonly Fault[]) {
  const stored = new Map(
    (
      await database.task.findMany({
        where: { code: { in: tasks.map(({ history }) => history.code) } },
        select: { code: true, state: true },
      })
    ).map((row) => [row.code, row]),
  );
  const faults = [...earlier];
  const fresh: ImportedTask[] = [];
  const unchanged: ImportedTask[] = [];
  const changed: Change[] = [];
  for (const task of tasks) {
    const row = stored.get(task.history.code);
    if (row === undefined) fresh.push(task);
    else {
      const { row: at, history } = task;
      const state = storedTask(row.state);
      const changes = changesOf(state, task);
      const held = (column: 'lead_agency' | 'assignee', value: string, expected: string) =>
        faults.push(fault('holder_changed', { row: at, column, value }, { expected }));
      if (state.leadAgency !== history.assignment.leadAgency) held('lead_agency', history.assignment.leadAgency, state.leadAgency);
      else if (state.assignee !== history.assignment.assignee) held('assignee', history.assignment.assignee, state.assignee);
      else if (Object.keys(changes).length === 0) unchanged.push(task);
      else if (isOpen(state)) changed.push({ task, changes, seq: state.seq });
      else faults.push(fault('task_closed', { row: at, column: 'code', value: history.code }, { expected: state.status }));
    }
  }
  return { fresh, unchanged, changed, faults: faults.sort((a, b) => a.row - b.row) };
}

/** Which column says what may be amended; a date and the instant that it means go together. */
const AMENDED_BY: Readonly<Record<Exclude<keyof Amendment, 'policy'>, Column>> = {
  title: 'title',
  product: 'product',
  document: 'document',
  group: 'group',
  coordinatingAgencies: 'coordinating_agencies',
  priority: 'priority',
  deadline: 'deadline',
  deadlineAt: 'deadline',
  products: 'products',
  milestones: 'milestones',
  secrecy: 'secrecy',
  recurrence: 'recurrence',
  parent: 'parent',
};

/** What a file may change of a task that dondoc already follows: its description and its date, never its life. Of what it has no column for it says nothing. */
function changesOf(state: Task, { columns, history: { assignment } }: ImportedTask): Amendment {
  const { products = [], milestones = [], secrecy = 'none', recurrence = null, parent = null } = assignment;
  const wished: Amendment = { ...assignment, products, milestones, secrecy, recurrence, parent };
  const present: Record<string, unknown> = {
    ...state,
    // Without what has happened to them since.
    products: state.products.map(({ waived: _, ...product }) => product),
    milestones: state.milestones.map(({ reachedAt: _, ...milestone }) => milestone),
  };
  const differs = Object.entries(AMENDED_BY).filter(([field, column]) => {
    const value = wished[field as keyof Amendment]; // its own keys
    return columns.has(column) && canonicalJson(value) !== canonicalJson(present[field]);
  });
  const changes: Amendment = Object.fromEntries(differs.map(([field]) => [field, wished[field as keyof Amendment]]));
  if (changes.deadline === undefined && changes.deadlineAt === undefined) return changes;
  const { deadline, deadlineAt } = assignment;
  return { ...changes, deadline, deadlineAt };
}

/** One transaction a chunk; what another import stored meanwhile is left as it is. */
async function store({ database, now, plan }: ImportDependencies, tasks: readonly ImportedTask[]): Promise<void> {
  const receivedAt = now();
  const prepared = await Promise.all(tasks.map((imported) => prepare(imported, receivedAt, plan)));
  await database.$transaction(
    async (transaction) => {
      // Two imports of one file at once: the second waits, then finds everything stored.
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('dondoc import'))`;
      const codes = tasks.map(({ history }) => history.code);
      const there = new Set(
        (await transaction.task.findMany({ where: { code: { in: codes } }, select: { code: true } })).map(({ code }) => code),
      );
      const records = prepared.filter(({ task }) => !there.has(task.code));
      await transaction.task.createMany({
        data: records.map(({ imported, task }) => ({ code: task.code, ...taskRow(task), importedHash: imported.hash })),
      });
      await transaction.taskEvent.createMany({ data: records.flatMap(({ task, events }) => eventRows(events, task.code, GENESIS)) });
      await transaction.evidence.createMany({ data: records.flatMap(({ task, events }) => evidenceRows(events, task.code)) });
      await transaction.assignment.createMany({
        data: records.flatMap(({ task, events }) => events.flatMap((event) => holderRows(event, task))),
      });
      await transaction.notification.createMany({
        data: records.flatMap(({ notifications }) =>
          notifications.map(({ code, ...rest }) => ({
            ...rest,
            id: randomUUID(),
            taskCode: code,
            status: 'planned',
            plannedAt: receivedAt,
          })),
        ),
      });
      await transaction.planning.createMany({
        data: records.map(({ task, waiting, surroundings }) => ({
          taskCode: task.code,
          seq: task.seq,
          at: receivedAt,
          waiting: [...waiting],
          ...(surroundings === null ? {} : { surroundings: { ...surroundings, waitsFor: [...surroundings.waitsFor] } }),
        })),
      });
      await transaction.command.createMany({
        data: records.map(({ imported, events }) => ({
          id: events[0]?.commandId ?? '',
          key: `import:${imported.history.code}:${imported.hash}`,
          taskCode: imported.history.code,
          actor: imported.history.coordinator.email,
          via: 'import',
          body: { row: imported.row, hash: imported.hash },
          receivedAt,
          settledAt: receivedAt,
          status: 'done',
        })),
      });
    },
    { timeout: 30_000 },
  );
}

/** A task's whole record as of now: what was done elsewhere, what its clock has done since, and what comes next. */
async function prepare(imported: ImportedTask, now: IsoInstant, plan: PlanTask) {
  const known = historyOf(imported.history, commandId(`import:${imported.history.code}:${imported.hash}`));
  const events = [...known.events];
  let { task } = known;
  for (;;) {
    const { wakes, notifications, waiting, surroundings } = await plan(task, now);
    const before = task.seq;
    for (const input of wakesDue(wakes, now).inputs) {
      const turn = takeInput(task.code, task, { kind: 'clock', input }, now);
      if (isRefusal(turn) || turn.task === null) continue;
      events.push(...turn.events);
      task = turn.task;
    }
    // Each round raises what a clock can raise; when nothing is left to raise the record is up to date.
    if (task.seq === before) return { imported, task, events, notifications, waiting, surroundings };
  }
}

async function amend(
  { database, inbox }: ImportDependencies,
  { task: { row, history, hash }, changes, seq }: Change,
): Promise<Fault | null> {
  const answer = await inbox.submit({
    key: `import:${history.code}:${hash}:${seq}`,
    code: history.code,
    actor: history.coordinator.email,
    via: 'import',
    request: { type: 'AmendTask', changes },
  });
  if (answer.answer === 'not_stored') throw new Error(`${history.code}: the change could not be stored`);
  // A row whose change was not taken is not noted as imported: the next import meets it again.
  if (answer.answer === 'refused' && answer.refusal.refused !== 'nothing_changed')
    return fault('change_refused', { row, column: 'code', value: history.code }, { expected: answer.refusal.refused });
  await database.task.update({ where: { code: history.code }, data: { importedHash: hash } });
  return null;
}

function refusedText({ headerText, records, broken }: Csv, refused: ReadonlySet<number>): string | null {
  if (refused.size === 0) return null;
  const lines = [...records, ...broken].filter(({ row }) => refused.has(row)).sort((a, b) => a.row - b.row);
  return `${[headerText, ...lines.map(({ raw }) => raw)].join('\n')}\n`;
}
