/** Whom and what a request names must be in the store: a command that the record could never write must not be accepted. */
import { refuseRecurrence } from '../config/recurrence.ts';
import { isEarlyTransfer } from '../domain/approval.ts';
import type { Calendar, Calendars } from '../domain/calendar.ts';
import type { Amendment, Assignment, Request } from '../domain/command.ts';
import { agencyCode, type Email, email as emailSchema, type TaskCode, taskCode } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import { type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { refuseEndedAgency } from '../prisma/agencies.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { storedTask } from '../prisma/task-record.ts';

/** As many as a refusal can name. */
const OPEN_PARTS_NAMED_MAX = 20;
/** The key of the lock under which dependencies and parents are looked at and added, so that two halves of a circle cannot slip in at once. */
const DEPENDENCY_LOCK = 57_001;

interface Known {
  readonly database: Database;
  readonly calendars: Calendars;
  readonly now: IsoInstant;
}

/** @returns the request with what only store and calendar know filled in, or why it cannot be */
export async function resolveReferences({ database, calendars, now }: Known, code: TaskCode, request: Request): Promise<Request | Refusal> {
  switch (request.type) {
    case 'AssignTask':
      return (
        (await refuseAssignment(database, code, request.assignment)) ??
        refuseRhythm(calendars.of(request.assignment.leadAgency), now, request.assignment) ?? {
          ...request,
          assignment: withRegular(request.assignment),
        }
      );
    case 'AmendTask': {
      const { coordinatingAgencies = [], policy, parent } = request.changes;
      return (
        (parent == null ? null : await refuseParent(database, code, parent.code)) ??
        (await unknownAgency(database, coordinatingAgencies)) ??
        (await unknownPolicy(database, policy)) ??
        (await refuseAmendedRhythm({ database, calendars, now }, code, request.changes)) ??
        request
      );
    }
    case 'RequestTransfer':
      return (
        (await unknownAgency(database, [request.toAgency])) ?? { ...request, early: await isEarly({ database, calendars, now }, code) }
      );
    case 'DecideTransfer':
      return (await unknownAgency(database, request.toAgency === null ? [] : [request.toAgency])) ?? request;
    case 'RequestContribution':
      return (await unknownAgency(database, [request.agency])) ?? request;
    case 'ReassignTask': {
      const unknown =
        (await unknownAgency(database, [request.agency])) ??
        (await unknownPerson(database, peopleOf(request))) ??
        (await refuseGone(database, request.assignee));
      if (unknown !== null) return unknown;
      return { ...request, assigneeAgency: await agencyOf(database, request.assignee), gone: await goneAssignee(database, code) };
    }
    case 'AcceptTransfer':
      return (
        (await unknownPerson(database, peopleOf(request))) ??
        (await refuseGone(database, request.assignee)) ?? { ...request, assigneeAgency: await agencyOf(database, request.assignee) }
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

/**
 * For whom a person stands in on a local date of the committee's zone: for the absent as their substitute, for who has left without one as
 * the agency's head, and for whomever these stand in (see `domain/stand-in.ts`).
 */
export async function absentBehind(database: Pick<Transaction, '$queryRaw'>, substitute: string, date: IsoDate): Promise<Email[]> {
  const rows = await database.$queryRaw<{ person: string }[]>`
    WITH RECURSIVE away AS (
      SELECT person, substitute FROM absence WHERE ended_at IS NULL AND from_date <= ${date}::date AND ${date}::date <= to_date
    ), line AS (
      SELECT person, substitute FROM away
      UNION SELECT p.email, a.head_email FROM person p JOIN agency a ON a.code = p.agency_code
        WHERE p.gone_at IS NOT NULL AND a.head_email IS NOT NULL AND NOT EXISTS (SELECT FROM away WHERE away.person = p.email)
    ), behind AS (
      SELECT person FROM line WHERE substitute = ${substitute}
      UNION SELECT line.person FROM behind JOIN line ON line.substitute = behind.person
    )
    SELECT person FROM behind WHERE person <> ${substitute} ORDER BY person`;
  return rows.map(({ person }) => emailSchema.parse(person));
}

/** What a request would make one task lead to: what it waits for, or what it is a part of; null where nothing of the kind. */
function linkOf(request: Request): { readonly to: TaskCode; readonly edges: Prisma.Sql } | null {
  if (request.type === 'AddDependency') return { to: request.on, edges: DEPENDENCIES };
  const parent = request.type === 'AmendTask' ? request.changes.parent : null;
  return parent == null ? null : { to: parent.code, edges: PARENTS };
}

/** What is asked for and not yet recorded counts too. */
const DEPENDENCIES = Prisma.sql`
  SELECT task_code AS "from", depends_on AS "to" FROM task_dependency
  UNION SELECT task_code, body #>> '{request,on}' FROM command WHERE status = 'stored' AND body #>> '{request,type}' = 'AddDependency'`;
const PARENTS = Prisma.sql`
  SELECT code AS "from", parent_code AS "to" FROM task WHERE parent_code IS NOT NULL
  UNION SELECT task_code, body #>> '{request,changes,parent,code}' FROM command
    WHERE status = 'stored' AND body #>> '{request,type}' = 'AmendTask' AND body #>> '{request,changes,parent,code}' IS NOT NULL`;

/**
 * The circle that a dependency or a parent would close, as codes in order; null where there is none. Holds the lock until the
 * transaction ends: the caller stores the command in the same one.
 */
export async function findCircle(transaction: Transaction, code: TaskCode, request: Request): Promise<TaskCode[] | null> {
  const link = linkOf(request);
  if (link === null) return null;
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${DEPENDENCY_LOCK})`;
  const rows = await transaction.$queryRaw<{ path: string[] }[]>`
    WITH RECURSIVE edge AS (${link.edges}), reached AS (
      SELECT ARRAY[${code}, ${link.to}]::text[] AS path
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
  const gone = await refuseGone(database, assignee);
  if (gone !== null) return gone;
  const agency = await agencyOf(database, assignee);
  if (agency !== leadAgency) return refuse('assignee_of_other_agency', { assignee, agency: leadAgency });
  return unknownPolicy(database, policy);
}

/** A rule without a period before the task's deadline, or that nobody can keep, is refused where it is given. */
function refuseRhythm(
  calendar: Calendar,
  now: IsoInstant,
  { recurrence, deadline }: Pick<Assignment, 'recurrence' | 'deadline'>,
): Refusal | null {
  return recurrence == null ? null : refuseRecurrence(recurrence, localDate(now, calendar.timeZone), deadline, calendar);
}

async function refuseAmendedRhythm(known: Known, code: TaskCode, { recurrence, deadline }: Amendment): Promise<Refusal | null> {
  if (recurrence == null) return null;
  const row = await known.database.task.findUnique({ where: { code }, select: { state: true } });
  if (row === null) return null;
  const task = storedTask(row.state);
  return refuseRhythm(known.calendars.of(task.leadAgency), known.now, { recurrence, deadline: deadline ?? task.deadline });
}

/** What recurs counts as regular, whoever forgot to say so. */
function withRegular(assignment: Assignment): Assignment {
  return assignment.recurrence == null ? assignment : { ...assignment, regular: true };
}

/** A part belongs to a task that there is. A new task has no parts yet; which circle an amendment would close is looked for when it is stored. */
async function refuseParent(database: Database, code: TaskCode, parent: TaskCode): Promise<Refusal | null> {
  if (parent === code) return refuse('dependency_cycle', { path: `${code} → ${parent}` });
  return unknownTask(database, parent, 'task_unknown');
}

async function isEarly({ database, calendars, now }: Known, code: TaskCode): Promise<boolean> {
  const row = await database.task.findUnique({ where: { code }, select: { state: true } });
  // Assigned a moment ago, and not recorded yet.
  if (row === null) return true;
  const { heldSince, leadAgency } = storedTask(row.state);
  return isEarlyTransfer(heldSince, now, calendars.of(leadAgency));
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

function peopleOf({ assignee, supervisor }: { assignee: Email; supervisor?: Email | null | undefined }): Email[] {
  return [assignee, ...(supervisor == null ? [] : [supervisor])];
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

/** A shared channel answers for nothing: it is no person. */
async function unknownPerson(database: Database, addresses: readonly string[]): Promise<Refusal | null> {
  const known = new Set(
    (await database.person.findMany({ where: { email: { in: [...addresses] }, role: { not: 'channel' } }, select: { email: true } })).map(
      ({ email }) => email,
    ),
  );
  const email = addresses.find((address) => !known.has(address));
  return email === undefined ? null : refuse('person_unknown', { email });
}

/** Who has left answers for nothing new. */
async function refuseGone(database: Database, email: string): Promise<Refusal | null> {
  const { goneAt } = await database.person.findUniqueOrThrow({ where: { email }, select: { goneAt: true } });
  return goneAt === null ? null : refuse('person_gone', { assignee: email, at: goneAt.toISOString() });
}

/** The present assignee, where that one has left for good. */
async function goneAssignee(database: Database, code: TaskCode): Promise<Email | null> {
  const [row] = await database.$queryRaw<{ email: string }[]>`
    SELECT p.email FROM task t JOIN person p ON p.email = t.assignee WHERE t.code = ${code} AND p.gone_at IS NOT NULL`;
  return row === undefined ? null : emailSchema.parse(row.email);
}

async function agencyOf(database: Database, email: string) {
  const { agencyCode: code } = await database.person.findUniqueOrThrow({ where: { email }, select: { agencyCode: true } });
  return agencyCode.parse(code);
}
