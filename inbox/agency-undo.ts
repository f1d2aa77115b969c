/** Undoes a change of agencies as a whole, or says what has been built on it. */
import { isBuiltUpon } from '../domain/agency-change.ts';
import type { AgencyCode, Email } from '../domain/names.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusals.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import { agencyColumns, agencyFacts, dateColumn, type StoredAgencyChange, storedAgencyChange, touchedBy } from '../prisma/agencies.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { lockAgencies, moveTo, refuseUnlessCoordinator, replanUnderNewHeads } from './agency-change.ts';
import { openTasksChangedBy, openTasksNaming } from './agency-tasks.ts';

/** As many tasks or people as a refusal names. */
const NAMED_MAX = 5;

export interface UndoPreview {
  readonly change: string;
  readonly kind: StoredAgencyChange['kind'];
  readonly agencies: readonly AgencyCode[];
  /** How many people go back to their former agency. */
  readonly moved: number;
  /** How many open tasks go back. */
  readonly tasks: number;
}

/** @returns what was, or with `dryRun` would be, undone. The tasks follow by `carryOutAgencyChanges`; closed ones stay. */
export async function undoAgencyChange(
  { database, now }: { readonly database: Database; readonly now: () => IsoInstant },
  { actor, change: id, dryRun }: { readonly actor: Email; readonly change: string; readonly dryRun: boolean },
): Promise<UndoPreview | Refusal> {
  const at = now();
  return database.$transaction(async (transaction) => {
    await lockAgencies(transaction);
    const change = (await refuseUnlessCoordinator(transaction, actor)) ?? (await undoable(transaction, id));
    if (isRefusal(change)) return change;
    const tasks = await openTasksChangedBy(transaction, id);
    const refusal =
      (await laterChange(transaction, change)) ??
      refuseTasks(tasks.filter(isBuiltUpon).map(({ code }) => code)) ??
      (await newPeople(transaction, change)) ??
      refuseTasks(await newTasks(transaction, change));
    if (refusal !== null) return refusal;
    if (!dryRun) await restore(transaction, change, { actor, at });
    return {
      change: id,
      kind: change.kind,
      agencies: Object.keys(change.successors) as AgencyCode[], // the keys are the record's own
      moved: change.people.filter(({ from, to }) => from !== to).length,
      tasks: tasks.length,
    };
  });
}

async function undoable(transaction: Transaction, id: string): Promise<StoredAgencyChange | Refusal> {
  const row = await transaction.agencyChange.findUnique({ where: { id } });
  if (row === null) return refuse('agency_change_not_found', { change: id });
  const change = storedAgencyChange(row);
  if (change.undoneBy !== null) return refuse('agency_change_undone', { by: change.undoneBy });
  if (change.settledAt !== null) return change;
  const left = await openTasksNaming(transaction, Object.keys(change.successors));
  return refuse('agency_change_unfinished', { count: String(left.length) });
}

async function laterChange(transaction: Transaction, change: StoredAgencyChange): Promise<Refusal | null> {
  const rows = await transaction.agencyChange.findMany({
    where: { undoneAt: null, decidedAt: { gte: change.decidedAt }, id: { not: change.id } },
    orderBy: { decidedAt: 'desc' },
  });
  const touched = touchedBy(change);
  for (const later of rows.map(storedAgencyChange)) {
    const both = [...touchedBy(later)].filter((code) => touched.has(code));
    if (both.length > 0) return refuse('agency_change_later', { change: later.id, agencies: both.join(', ') });
  }
  return null;
}

/** People who have come since into an agency that the change touched: it would be open where they belong. */
async function newPeople(transaction: Transaction, change: StoredAgencyChange): Promise<Refusal | null> {
  const placed = new Map<string, string>(change.people.map(({ email, to }) => [email, to]));
  const touched = change.kind === 'rename' ? [] : [...touchedBy(change)];
  const present = await transaction.person.findMany({ where: { agencyCode: { in: touched } }, orderBy: { email: 'asc' } });
  const joined = present.filter(({ email, agencyCode }) => placed.get(email) !== agencyCode);
  const [first] = joined;
  if (first === undefined) return null;
  return refuse('agency_change_people_since', { agency: first.agencyCode, people: named(joined.map(({ email }) => email)) });
}

/**
 * Tasks that were given to the successors since, or that name one which the change made and would go with it. When a task was
 * given is when its command came in: an imported one tells of earlier days.
 */
async function newTasks(transaction: Transaction, { id, kind, decidedAt, successors, agencies }: StoredAgencyChange): Promise<string[]> {
  if (kind === 'rename') return [];
  const into = [...new Set(Object.values(successors).flat())];
  const given = await transaction.$queryRaw<{ code: string }[]>`
    SELECT DISTINCT t.code FROM task t JOIN task_event e ON e.task_code = t.code LEFT JOIN command c ON c.id = e.command_id
    WHERE t.lead_agency = ANY(${into}) AND e.type IN ('TaskAssigned', 'TransferAccepted', 'TaskReassigned')
      AND coalesce(c.received_at, e.at) >= ${decidedAt}
    ORDER BY t.code`;
  const made = into.filter((code) => agencies[code] === null);
  const naming = (await openTasksNaming(transaction, made)).filter(({ agencyChange }) => agencyChange?.change !== id);
  return [...new Set([...given, ...naming].map(({ code }) => code))].sort();
}

function refuseTasks(codes: readonly string[]): Refusal | null {
  return codes.length === 0 ? null : refuse('agency_change_tasks_since', { count: String(codes.length), tasks: named(codes) });
}

function named(each: readonly string[]): string {
  return each.length <= NAMED_MAX ? each.join(', ') : `${each.slice(0, NAMED_MAX).join(', ')}, …`;
}

async function restore(
  transaction: Transaction,
  { id, agencies, people }: StoredAgencyChange,
  { actor, at }: { readonly actor: Email; readonly at: IsoInstant },
): Promise<void> {
  const today = localDate(at, COMMITTEE_TIME_ZONE);
  const present = (await transaction.agency.findMany({ where: { code: { in: Object.keys(agencies) } } })).map(agencyFacts);
  for (const [code, before] of Object.entries(agencies)) {
    // What the change made has ended: it keeps its row, and nothing came of it.
    const columns = before === null ? { endedOn: dateColumn(today) } : agencyColumns(before);
    await transaction.agency.update({ where: { code }, data: columns });
  }
  await moveTo(
    transaction,
    people.map(({ email, from, to }) => ({ email, from: to, to: from })),
  );
  await transaction.agencyName.deleteMany({ where: { changeId: id } });
  const restored = Object.values(agencies).filter((before) => before !== null);
  await replanUnderNewHeads(transaction, { before: present, after: restored }, at);
  // The tasks go back one by one, as they came: until then the change is not settled.
  await transaction.agencyChange.update({ where: { id }, data: { undoneBy: actor, undoneAt: at, settledAt: null } });
}
