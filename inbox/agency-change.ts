/** Merges, splits and renames agencies: the decision is stored whole, with people and agencies, before any task follows it. */
import { randomUUID } from 'node:crypto';
import type { Email } from '../domain/names.ts';
import { LOCALES } from '../domain/names.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusals.ts';
import { type Move, type Reorganisation, type ReorganisationRequest, reorganise } from '../domain/reorganisation.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { type AgencyFacts, agencyColumns, agencyFacts, dateColumn, readKnownDirectory, successionOf } from '../prisma/agencies.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { touchedTasks } from './agency-tasks.ts';
import { wantReplanFor } from './replan.ts';

/** Of the lock under which agencies are looked at and changed: two decisions cannot contradict each other. */
const AGENCY_LOCK = 57_002;

export interface AgencyChangePreview extends Reorganisation {
  /** Null while nothing is stored. */
  readonly change: string | null;
  /** Codes that the change makes. */
  readonly created: readonly string[];
  /** How many people change their agency. */
  readonly moved: number;
  /** How many open tasks follow. */
  readonly tasks: number;
}

export interface Decision {
  readonly actor: Email;
  readonly request: ReorganisationRequest;
  /** A local date of the committee's zone; absent: today. */
  readonly effective?: IsoDate;
  readonly dryRun: boolean;
}

/** @returns what was, or with `dryRun` would be, changed. The tasks follow by `carryOutAgencyChanges`. */
export async function changeAgencies(
  { database, now }: { readonly database: Database; readonly now: () => IsoInstant },
  { actor, request, effective, dryRun }: Decision,
): Promise<AgencyChangePreview | Refusal> {
  const at = now();
  const today = localDate(at, COMMITTEE_TIME_ZONE);
  return database.$transaction(async (transaction) => {
    await lockAgencies(transaction);
    const stranger = await refuseUnlessCoordinator(transaction, actor);
    if (stranger !== null) return stranger;
    const known = await readKnownDirectory(transaction);
    const decided = reorganise(known, request, { effective: effective ?? today, today });
    if (isRefusal(decided)) return decided;
    const change = dryRun ? null : randomUUID();
    const tasks = (await touchedTasks(transaction, successionOf(decided))).length;
    const created = decided.agencies.map(({ code }) => code).filter((code) => !known.agencies.has(code));
    if (change !== null) await store(transaction, { ...decided, id: change, actor, at });
    return { ...decided, change, created, moved: decided.people.filter(({ from, to }) => from !== to).length, tasks };
  });
}

export async function lockAgencies(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${AGENCY_LOCK})`;
}

export async function refuseUnlessCoordinator(transaction: Database | Transaction, actor: Email): Promise<Refusal | null> {
  const person = await transaction.person.findUnique({ where: { email: actor }, select: { role: true } });
  if (person === null) return refuse('person_unknown', { email: actor });
  return person.role === 'coordinator' ? null : refuse('not_a_coordinator');
}

async function store(
  transaction: Transaction,
  { id, kind, effective, successors, people, agencies, actor, at }: Reorganisation & { id: string; actor: Email; at: IsoInstant },
): Promise<void> {
  const rows = await transaction.agency.findMany({ where: { code: { in: agencies.map(({ code }) => code) } } });
  const before = new Map(rows.map((row) => [row.code, agencyFacts(row)]));
  await transaction.agencyChange.create({
    data: {
      id,
      kind,
      effective: dateColumn(effective),
      successors: { ...successors },
      people: people.map((move) => ({ ...move })),
      agencies: JSON.parse(JSON.stringify(Object.fromEntries(agencies.map(({ code }) => [code, before.get(code) ?? null])))),
      decidedBy: actor,
      decidedAt: at,
    },
  });
  // New ones first: those that end refer to them.
  for (const agency of agencies.toSorted((a, b) => Number(before.has(a.code)) - Number(before.has(b.code)))) {
    const columns = agencyColumns(agency);
    await transaction.agency.upsert({ where: { code: agency.code }, create: { code: agency.code, ...columns }, update: columns });
  }
  await transaction.agencyName.createMany({
    data: agencies.flatMap((agency) => {
      const former = before.get(agency.code);
      return former === undefined || isSameName(former, agency) ? [] : [formerName(id, former, effective)];
    }),
  });
  await moveTo(transaction, people);
  await replanUnderNewHeads(transaction, { before: [...before.values()], after: agencies }, at);
}

/** Where an agency lives on under another head, its tasks follow no change and are planned anew for who answers now. */
export async function replanUnderNewHeads(
  transaction: Transaction,
  { before, after }: { readonly before: readonly AgencyFacts[]; readonly after: readonly AgencyFacts[] },
  now: IsoInstant,
): Promise<void> {
  const heads = after.flatMap(({ code, head, endedOn }) => {
    const former = before.find((each) => each.code === code);
    return former === undefined || endedOn !== null || former.head === head ? [] : [former.head, head];
  });
  await wantReplanFor(
    transaction,
    heads.filter((head) => head !== null),
    now,
  );
}

/** Moves those who are still where they are said to be. */
export async function moveTo(transaction: Transaction, moves: readonly Move[]): Promise<void> {
  for (const [key, group] of Map.groupBy(
    moves.filter(({ from, to }) => from !== to),
    ({ from, to }) => `${from} ${to}`,
  )) {
    const [from = '', to = ''] = key.split(' ');
    await transaction.person.updateMany({
      where: { email: { in: group.map(({ email }) => email) }, agencyCode: from },
      data: { agencyCode: to },
    });
  }
}

function isSameName(a: AgencyFacts, b: AgencyFacts): boolean {
  return LOCALES.every((locale) => a.name[locale] === b.name[locale]);
}

function formerName(changeId: string, { code, name }: AgencyFacts, until: IsoDate) {
  return { changeId, agencyCode: code, nameVi: name.vi, nameEn: name.en, nameFr: name.fr, until: dateColumn(until) };
}
