/** Agencies through their changes: what each has become, and under which codes and names it is found. */
import type { Succession, Successors } from '../domain/agency-change.ts';
import { type AgencyCode, agencyCode, type Email, type Role } from '../domain/names.ts';
import type { Refusal } from '../domain/refusals.ts';
import { type KnownAgency, type KnownDirectory, type Move, type Reorganisation, refuseEnded } from '../domain/reorganisation.ts';
import type { IsoDate } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';
import type { AgencyChange as AgencyChangeRow, Agency as AgencyRow } from './generated/client.ts';

export type AgencyFacts = Omit<KnownAgency, 'successors'>;

/** A change as stored. Its JSON columns are not parsed again: one writer fills them, from the domain's own types. */
export interface StoredAgencyChange {
  readonly id: string;
  readonly kind: Reorganisation['kind'];
  readonly effective: IsoDate;
  readonly successors: Successors;
  readonly people: readonly Move[];
  /** The touched agencies as they were; null for one that the change made. */
  readonly agencies: Readonly<Record<AgencyCode, AgencyFacts | null>>;
  readonly decidedBy: Email;
  readonly decidedAt: Date;
  readonly settledAt: Date | null;
  readonly undoneBy: Email | null;
  readonly undoneAt: Date | null;
}

export function storedAgencyChange(row: AgencyChangeRow): StoredAgencyChange {
  return { ...row, effective: dateOf(row.effective) } as unknown as StoredAgencyChange; // see the interface
}

/** Every agency that a change touches, by code. */
export function touchedBy({ successors, agencies }: StoredAgencyChange): Set<string> {
  return new Set([...Object.keys(successors), ...Object.values(successors).flat(), ...Object.keys(agencies)]);
}

export function successionOf({ successors, people }: Pick<StoredAgencyChange, 'successors' | 'people'>): Succession {
  return { successors, movedTo: new Map(people.map(({ email, to }) => [email, to])) };
}

export function agencyFacts(row: AgencyRow): AgencyFacts {
  const { code, kind, nameVi: vi, nameEn: en, nameFr: fr, headEmail: head, endedOn, succeededBy } = row;
  const facts = { code, kind, name: { vi, en, fr }, head, endedOn: endedOn === null ? null : dateOf(endedOn), succeededBy };
  return facts as AgencyFacts; // codes and addresses were parsed before they were stored
}

/** An agency's columns; a local date is stored as its midnight in UTC. */
export function agencyColumns({ kind, name, head, endedOn, succeededBy }: AgencyFacts) {
  const ended = endedOn === null ? null : dateColumn(endedOn);
  return { kind, nameVi: name.vi, nameEn: name.en, nameFr: name.fr, headEmail: head, endedOn: ended, succeededBy };
}

export function dateColumn(date: IsoDate): string {
  return `${date}T00:00:00.000Z`;
}

export function dateOf(column: Date): IsoDate {
  return column.toISOString().slice(0, 10) as IsoDate; // a DATE column is read as midnight in UTC
}

export async function readKnownDirectory(database: Database | Transaction): Promise<KnownDirectory> {
  const [agencies, people, splits] = await Promise.all([
    database.agency.findMany({ orderBy: { code: 'asc' } }),
    database.person.findMany({ select: { email: true, agencyCode: true, role: true }, orderBy: { email: 'asc' } }),
    splitsOf(database),
  ]);
  return {
    agencies: new Map(
      agencies.map((row): [AgencyCode, KnownAgency] => {
        const facts = agencyFacts(row);
        return [facts.code, { ...facts, successors: successorsOf(facts, splits) }];
      }),
    ),
    people: people.map(({ email, agencyCode: agency, role }) => ({
      email: email as Email,
      agency: agency as AgencyCode,
      role: role as Role, // the columns are checked by the database against the same lists
    })),
  };
}

/** Why an agency cannot be named any more, and what can; null where it lives. */
export async function refuseEndedAgency(database: Database, code: string): Promise<Refusal | null> {
  const facts = agencyFacts(await database.agency.findUniqueOrThrow({ where: { code } }));
  return facts.endedOn === null ? null : refuseEnded(facts.code, facts.endedOn, successorsOf(facts, await splitsOf(database)));
}

/**
 * The codes under which an agency's tasks stand, its own first: an agency and all that were merged into it are found as one,
 * by any of their codes or names, former ones included. Empty where nothing is called so.
 */
export async function codesCalled(database: Database, called: string): Promise<AgencyCode[]> {
  const rows = await database.$queryRaw<{ code: string }[]>`
    SELECT code FROM agency WHERE code = upper(${called})
      OR lower(${called} COLLATE "und-x-icu") IN (lower(name_vi COLLATE "und-x-icu"), lower(name_en COLLATE "und-x-icu"), lower(name_fr COLLATE "und-x-icu"))
    UNION SELECT agency_code FROM agency_name
      WHERE lower(${called} COLLATE "und-x-icu") IN (lower(name_vi COLLATE "und-x-icu"), lower(name_en COLLATE "und-x-icu"), lower(name_fr COLLATE "und-x-icu"))
    ORDER BY 1`;
  if (rows.length === 0) return [];
  const splits = await splitsOf(database);
  const agencies = (await database.agency.findMany()).map(agencyFacts);
  const found = new Set<AgencyCode>();
  const add = (code: AgencyCode): void => {
    if (found.has(code)) return;
    found.add(code);
    const facts = agencies.find((each) => each.code === code);
    if (facts !== undefined) successorsOf(facts, splits).forEach(add);
    for (const each of agencies) if (each.succeededBy === code) add(each.code);
  };
  for (const { code } of rows) add(agencyCode.parse(code));
  return [...found];
}

type Split = Pick<StoredAgencyChange, 'successors'>;

/** Those that hold, the latest last. */
async function splitsOf(database: Database | Transaction): Promise<Split[]> {
  const rows = await database.agencyChange.findMany({ where: { kind: 'split', undoneAt: null }, orderBy: { decidedAt: 'asc' } });
  return rows.map(storedAgencyChange);
}

function successorsOf({ code, endedOn, succeededBy }: AgencyFacts, splits: readonly Split[]): readonly AgencyCode[] {
  if (endedOn === null) return [];
  if (succeededBy !== null) return [succeededBy];
  return splits.findLast(({ successors }) => successors[code] !== undefined)?.successors[code] ?? [];
}
