/** Whom and what a request names must be in the store: a command that the record could never write must not be accepted. */
import { refuseRecurrence } from '../config/recurrence.ts';
import { isEarlyTransfer } from '../domain/approval.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Amendment, Assignment, Request } from '../domain/command.ts';
import { agencyCode, type Email, email as emailSchema, type TaskCode, taskCode } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import { type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { refuseEndedAgency } from '../prisma/agencies.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';

/** As many as a refusal can name. */
const OPEN_PARTS_NAMED_MAX = 20;
/** The key of the lock under which dependencies are looked at and added, so that two halves of a circle cannot slip in at once. */
const DEPENDENCY_LOCK = 57_001;

interface Known {
  readonly database: Database;
  readonly calendar: Calendar;
  readonly now: IsoInstant;
}

/** @returns the request with what only store and calendar know filled in, or why it cannot be */
export async function resolveReferences({ database, calendar, now }: Known, code: TaskCode, request: Request): Promise<Request | Refusal> {
  switch (request.type) {
    case 'AssignTask':
      return (
        (await refuseAssignment(database, code, request.assignment)) ??
        refuseRhythm({ calendar, now }, request.assignment) ?? { ...request, assignment: withRegular(request.assignment) }
      );
    case 'AmendTask': {
      const { coordinatingAgencies = [], policy } = request.changes;
      return (
        (await unknownAgency(database, coordinatingAgencies)) ??
        (await unknownPolicy(database, policy)) ??
        (await refuseAmendedRhythm({ database, calendar, now }, code, request.changes)) ??
        request
      );
    }
    case 'RequestTransfer':
      return (await unknownAgency(database, [request.toAgency])) ?? { ...request, early: await isEarly({ database, calendar, now }, code) };
    case 'DecideTransfer':
      return (await unknownAgency(database, request.toAgency === null ? [] : [request.toAgency])) ?? request;
    case 'RequestContribution':
      return (await unknownAgency(database, [request.agency])) ?? request;
    case 'ReassignTask': {
      const unknown = (await unknownAgency(database, [request.agency])) ?? (await unknownPerson(database, peopleOf(request)));
      return unknown ?? { ...request, assigneeAgency: await agencyOf(database, request.assignee) };
    }
    case 'AcceptTransfer':
      return (
        (await unknownPerson(database, peopleOf(request))) ?? { ...request, assigneeAgency: await agencyOf(database, request.assignee) }
      );
    case 'ReportDone':
      return { ...request, openParts: await openParts(database, code) };
    case 'AddDependency':
      return (await unknownTask(database, request.on, 'task_unknown')) ?? request;
    case 'ChangeAgencies':
      return (
        (await unknownChange(database, request.change, 'made')) ??
        (await unknownCode(database, Object.entries(request.agencies).flat())) ??
        request
      );
    case 'UndoAgencyChange':
      return (await unknownChange(database, request.change, 'undone')) ?? request;
    case 'CancelTask':
      return request.into == null ? request : ((await unknownTask(database, request.into, 'successor_unknown')) ?? request);
    default:
      return request;
  }
}

/** For whom a person stands in on a local date of the committee's zone. */
export async function absentBehind(database: Database, substitute: string, date: IsoDate): Promise<Email[]> {
  const rows = await database.$queryRaw<{ person: string }[]>`
    SELECT DISTINCT person FROM absence
    WHERE substitute = ${substitute} AND ended_at IS NULL AND from_date <= ${date}::date AND ${date}::date <= to_date`;
  return rows.map(({ person }) => emailSchema.parse(person));
}

/**
 * The circle that a dependency would close, as codes in order; null where there is none. Dependencies that are asked for and not
 * yet recorded count too. Holds the lock until the transaction ends: the caller stores the command in the same one.
 */
export async function findCircle(transaction: Transaction, code: TaskCode, on: TaskCode): Promise<TaskCode[] | null> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${DEPENDENCY_LOCK})`;
  const rows = await transaction.$queryRaw<{ path: string[] }[]>`
    WITH RECURSIVE edge AS (
      SELECT task_code AS "from", depends_on AS "to" FROM task_dependency
      UNION SELECT task_code, body #>> '{request,on}' FROM command WHERE status = 'stored' AND body #>> '{request,type}' = 'AddDependency'
    ), reached AS (
      SELECT ARRAY[${code}, ${on}]::text[] AS path
      UNION ALL
      SELECT r.path || e."to" FROM reached r JOIN edge e ON e."from" = r.path[cardinality(r.path)]
      WHERE r.path[cardinality(r.path)] <> ${code} AND NOT e."to" = ANY(r.path[2:])
    )
    SELECT path FROM reached WHERE cardinality(path) > 1 AND path[cardinality(path)] = ${code} LIMIT 1`;
  return rows[0] === undefined ? null : rows[0].path.map((each) => taskCode.parse(each));
}

async function refuseAssignment(
  database: Database,
  code: TaskCode,
  { assignee, supervisor, coordinator, leadAgency, coordinatingAgencies, policy, parent }: Assignment,
): Promise<Refusal | null> {
  const unknown =
    (await unknownAgency(database, [leadAgency, ...coordinatingAgencies])) ??
    (await unknownPerson(database, [assignee, coordinator, ...(supervisor === null ? [] : [supervisor])])) ??
    (parent == null ? null : await refuseParent(database, code, parent.code));
  if (unknown !== null) return unknown;
  const agency = await agencyOf(database, assignee);
  if (agency !== leadAgency) return refuse('assignee_of_other_agency', { assignee, agency: leadAgency });
  return unknownPolicy(database, policy);
}

/** A rule without a period before the task's deadline, or that nobody can keep, is refused where it is given. */
function refuseRhythm(
  { calendar, now }: Pick<Known, 'calendar' | 'now'>,
  { recurrence, deadline }: Pick<Assignment, 'recurrence' | 'deadline'>,
): Refusal | null {
  return recurrence == null ? null : refuseRecurrence(recurrence, localDate(now, calendar.timeZone), deadline, calendar);
}

async function refuseAmendedRhythm(known: Known, code: TaskCode, { recurrence, deadline }: Amendment): Promise<Refusal | null> {
  if (recurrence == null) return null;
  const row = await known.database.task.findUnique({ where: { code }, select: { state: true } });
  return row === null ? null : refuseRhythm(known, { recurrence, deadline: deadline ?? storedTask(row.state).deadline });
}

/** What recurs counts as regular, whoever forgot to say so. */
function withRegular(assignment: Assignment): Assignment {
  return assignment.recurrence == null ? assignment : { ...assignment, regular: true };
}

/** A part belongs to an open task. A new task has no parts yet, so no circle can arise. */
async function refuseParent(database: Database, code: TaskCode, parent: TaskCode): Promise<Refusal | null> {
  if (parent === code) return refuse('dependency_cycle', { path: `${code} → ${parent}` });
  return unknownTask(database, parent, 'task_unknown');
}

async function isEarly({ database, calendar, now }: Known, code: TaskCode): Promise<boolean> {
  const row = await database.task.findUnique({ where: { code }, select: { state: true } });
  // Assigned a moment ago, and not recorded yet.
  if (row === null) return true;
  return isEarlyTransfer(storedTask(row.state).heldSince, now, calendar);
}

/** Mandatory parts that have not ended, those that are just being assigned included. */
async function openParts(database: Database, code: TaskCode): Promise<TaskCode[]> {
  const rows = await database.$queryRaw<{ code: string }[]>`
    SELECT code FROM task WHERE parent_code = ${code} AND parent_mandatory AND status NOT IN ('completed', 'cancelled')
    UNION SELECT task_code FROM command WHERE status = 'stored' AND body #>> '{request,type}' = 'AssignTask'
      AND body #>> '{request,assignment,parent,code}' = ${code} AND body #>> '{request,assignment,parent,mandatory}' = 'true'
    ORDER BY 1 LIMIT ${OPEN_PARTS_NAMED_MAX}`;
  return rows.map((row) => taskCode.parse(row.code));
}

function peopleOf({ assignee, supervisor }: { assignee: Email; supervisor: Email | null }): Email[] {
  return [assignee, ...(supervisor === null ? [] : [supervisor])];
}

async function unknownTask(database: Database, code: TaskCode, as: 'task_unknown' | 'successor_unknown'): Promise<Refusal | null> {
  // One that was assigned a moment ago is in the inbox before it is in the record.
  const [found] = await database.$queryRaw<{ known: boolean }[]>`
    SELECT EXISTS (SELECT FROM task WHERE code = ${code}) OR EXISTS (SELECT FROM command
      WHERE task_code = ${code} AND status <> 'refused' AND body #>> '{request,type}' = 'AssignTask') AS known`;
  return found?.known === true ? null : refuse(as, as === 'task_unknown' ? { code } : { into: code });
}

async function unknownPolicy(database: Database, policy: Assignment['policy'] | undefined): Promise<Refusal | null> {
  if (policy === undefined) return null;
  const stored = await database.policy.findUnique({ where: { name_version: policy }, select: { name: true } });
  return stored === null ? refuse('policy_unknown', { policy: `${policy.name} v${policy.version}` }) : null;
}

/** An agency that can be named: one that has ended is no longer one. */
async function unknownAgency(database: Database, codes: readonly string[]): Promise<Refusal | null> {
  const known = await knownCodes(database, codes);
  const ended = codes.find((code) => known.get(code) != null);
  return refuseUnknown(codes, known) ?? (ended === undefined ? null : await refuseEndedAgency(database, ended));
}

/** A task follows a decision that is stored, and goes back only when that decision was undone. */
async function unknownChange(database: Database, id: string, as: 'made' | 'undone'): Promise<Refusal | null> {
  const change = await database.agencyChange.findUnique({ where: { id }, select: { undoneAt: true } });
  return change !== null && (change.undoneAt !== null) === (as === 'undone') ? null : refuse('agency_change_not_found', { change: id });
}

async function unknownCode(database: Database, codes: readonly string[]): Promise<Refusal | null> {
  return refuseUnknown(codes, await knownCodes(database, codes));
}

function refuseUnknown(codes: readonly string[], known: ReadonlyMap<string, Date | null>): Refusal | null {
  const agency = codes.find((code) => !known.has(code));
  return agency === undefined ? null : refuse('agency_unknown', { agency });
}

/** Each code that there is, with the date on which its agency ended. */
async function knownCodes(database: Database, codes: readonly string[]): Promise<ReadonlyMap<string, Date | null>> {
  if (codes.length === 0) return new Map();
  const rows = await database.agency.findMany({ where: { code: { in: [...codes] } }, select: { code: true, endedOn: true } });
  return new Map(rows.map(({ code, endedOn }) => [code, endedOn]));
}

async function unknownPerson(database: Database, addresses: readonly string[]): Promise<Refusal | null> {
  const known = new Set(
    (await database.person.findMany({ where: { email: { in: [...addresses] } }, select: { email: true } })).map(({ email }) => email),
  );
  const email = addresses.find((address) => !known.has(address));
  return email === undefined ? null : refuse('person_unknown', { email });
}

async function agencyOf(database: Database, email: string) {
  const { agencyCode: code } = await database.person.findUniqueOrThrow({ where: { email }, select: { agencyCode: true } });
  return agencyCode.parse(code);
}
