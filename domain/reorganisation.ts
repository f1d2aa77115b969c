/** Agencies merged, split and renamed from a date: what one decision makes of the directory, or why it cannot be. Pure. */
import type { Successors } from './agency-change.ts';
import type { AgencyCode, Email, Locale, Role } from './names.ts';
import { LOCALES } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { IsoDate } from './time.ts';

type Name = Readonly<Record<Locale, string>>;
/** What is said of a name; a language that is left out keeps what it had, or takes the Vietnamese. */
export type GivenName = Readonly<Partial<Record<Locale, string>>>;

export type ReorganisationRequest =
  | {
      readonly kind: 'merge';
      readonly agencies: readonly AgencyCode[];
      readonly into: AgencyCode;
      readonly name: GivenName;
      readonly head: Email | null;
    }
  | {
      readonly kind: 'split';
      readonly agency: AgencyCode;
      readonly into: readonly { readonly code: AgencyCode; readonly people: readonly Email[]; readonly name: GivenName }[];
    }
  | { readonly kind: 'rename'; readonly agency: AgencyCode; readonly name: GivenName };

export interface KnownAgency {
  readonly code: AgencyCode;
  readonly kind: string;
  readonly name: Name;
  readonly head: Email | null;
  readonly endedOn: IsoDate | null;
  readonly succeededBy: AgencyCode | null;
  /** What it has become where it has ended, whether one agency or several; empty where it lives or nothing came of it. */
  readonly successors: readonly AgencyCode[];
}

export interface Member {
  readonly email: Email;
  readonly agency: AgencyCode;
  readonly role: Role;
}

export interface KnownDirectory {
  readonly agencies: ReadonlyMap<AgencyCode, KnownAgency>;
  readonly people: readonly Member[];
}

/** Someone of an agency that a change touches, before and after it. */
export interface Move {
  readonly email: Email;
  readonly from: AgencyCode;
  readonly to: AgencyCode;
}

export interface Reorganisation {
  readonly kind: ReorganisationRequest['kind'];
  readonly effective: IsoDate;
  readonly successors: Successors;
  /** Every agency that is new or other than before, as it is from then on. */
  readonly agencies: readonly Omit<KnownAgency, 'successors'>[];
  /** Everyone of the touched agencies, those too who stay where they are. */
  readonly people: readonly Move[];
}

/** @param dates both local dates of the committee's zone */
export function reorganise(
  known: KnownDirectory,
  request: ReorganisationRequest,
  { effective, today }: { readonly effective: IsoDate; readonly today: IsoDate },
): Reorganisation | Refusal {
  if (effective > today) return refuse('agency_change_future', { date: effective, today });
  switch (request.kind) {
    case 'merge':
      return merge(known, request, effective);
    case 'split':
      return split(known, request, effective);
    case 'rename':
      return rename(known, request, effective);
  }
}

function merge(
  known: KnownDirectory,
  { agencies, into, name, head }: Extract<ReorganisationRequest, { kind: 'merge' }>,
  effective: IsoDate,
): Reorganisation | Refusal {
  const absent = firstOf([...agencies], (code) => refuseUnlessLiving(known, code)) ?? refuseAsTarget(known, into);
  if (absent !== null) return absent;
  const ending = [...new Set(agencies)].filter((code) => code !== into);
  if (ending.length === 0) return refuse('agency_change_empty', { agencies: into });
  const first = known.agencies.get(into) ?? known.agencies.get(ending[0] ?? into);
  const named = nameOf(known, into, name);
  if (named === null || first === undefined) return refuse('agency_name_missing', { agency: into });
  const touched = new Set([...ending, into]);
  const members = known.people.filter(({ agency }) => touched.has(agency));
  if (head !== null && !members.some(({ email }) => email === head))
    return refuse('agency_head_elsewhere', { email: head, agencies: [...touched].join(', ') });
  const heads = [into, ...agencies].map((code) => known.agencies.get(code)?.head ?? null);
  const merged = {
    ...first,
    code: into,
    name: named,
    head: head ?? heads.find((each) => each !== null) ?? null,
    endedOn: null,
    succeededBy: null,
  };
  const end = (code: AgencyCode) => known.agencies.get(code);
  // Whoever was succeeded by one of them earlier is succeeded by the new one now.
  const before = [...known.agencies.values()].filter(({ succeededBy }) => succeededBy !== null && ending.includes(succeededBy));
  return {
    kind: 'merge',
    effective,
    successors: Object.fromEntries(ending.map((code) => [code, [into]])),
    agencies: [
      merged,
      ...ending.map(end).flatMap((agency) => (agency === undefined ? [] : [{ ...agency, endedOn: effective, succeededBy: into }])),
      ...before.map((agency) => ({ ...agency, succeededBy: into })),
    ],
    people: members.map(({ email, agency }) => ({ email, from: agency, to: into })),
  };
}

function split(
  known: KnownDirectory,
  { agency: code, into }: Extract<ReorganisationRequest, { kind: 'split' }>,
  effective: IsoDate,
): Reorganisation | Refusal {
  const refusal = refuseUnlessLiving(known, code) ?? firstOf([...into], (target) => refuseAsTarget(known, target.code));
  const agency = known.agencies.get(code);
  if (refusal !== null || agency === undefined) return refusal ?? refuse('agency_unknown', { agency: code });
  const destination = new Map<Email, AgencyCode>();
  for (const target of into) {
    for (const email of target.people) {
      const place = known.people.find((member) => member.email === email)?.agency;
      if (place === undefined) return refuse('person_unknown', { email });
      if (place !== code) return refuse('person_elsewhere', { email, agency: place, expected: code });
      if (destination.has(email)) return refuse('person_named_twice', { email });
      destination.set(email, target.code);
    }
  }
  const parts = [...new Set(into.map((target) => target.code))];
  if (parts.every((part) => part === code)) return refuse('agency_change_empty', { agencies: code });
  const members = known.people.filter((member) => member.agency === code);
  const after = (member: Member) => destination.get(member.email) ?? code;
  const lives = parts.includes(code) || members.some((member) => after(member) === code);
  // Its head's new agency is the chief successor: who asks the old one for something asks there.
  const chief = agency.head === null ? undefined : destination.get(agency.head);
  const rest = parts.filter((part) => part !== code && part !== chief);
  const successors = [...(lives ? [code] : []), ...(chief === undefined || chief === code ? [] : [chief]), ...rest];
  const headOf = (of: AgencyCode, present: Email | null) =>
    headAmong(
      members.filter((member) => after(member) === of),
      present,
    );
  const made = parts
    .filter((part) => part !== code)
    .map((part) => {
      const target = into.filter((each) => each.code === part);
      const present = known.agencies.get(part);
      const given = Object.assign({}, ...target.map(({ name }) => name)) as GivenName; // the names of one part, said once or more
      const name = nameOf(known, part, given) ?? { vi: part, en: part, fr: part };
      const head = present?.head ?? headOf(part, agency.head);
      return { code: part, kind: present?.kind ?? agency.kind, name, head, endedOn: null, succeededBy: null };
    });
  const old = lives ? { ...agency, head: headOf(code, agency.head) } : { ...agency, endedOn: effective };
  const joined = known.people.filter((member) => member.agency !== code && parts.includes(member.agency));
  return {
    kind: 'split',
    effective,
    successors: { [code]: successors },
    agencies: [...made, old],
    people: [
      ...members.map((member) => ({ email: member.email, from: code, to: after(member) })),
      ...joined.map((member) => ({ email: member.email, from: member.agency, to: member.agency })),
    ],
  };
}

function rename(
  known: KnownDirectory,
  { agency: code, name }: Extract<ReorganisationRequest, { kind: 'rename' }>,
  effective: IsoDate,
): Reorganisation | Refusal {
  const refusal = refuseUnlessLiving(known, code);
  const agency = known.agencies.get(code);
  if (refusal !== null || agency === undefined) return refusal ?? refuse('agency_unknown', { agency: code });
  const renamed = nameOf(known, code, name) ?? agency.name;
  if (LOCALES.every((locale) => renamed[locale] === agency.name[locale])) return refuse('agency_change_empty', { agencies: code });
  return { kind: 'rename', effective, successors: { [code]: [code] }, agencies: [{ ...agency, name: renamed }], people: [] };
}

/** The present head where it stays, else who leads among those who come; null only where nobody does. */
function headAmong(members: readonly Member[], present: Email | null): Email | null {
  const stays = members.find(({ email }) => email === present);
  const leads = members.find(({ role }) => role === 'head') ?? members.find(({ role }) => role === 'supervisor');
  return (stays ?? leads ?? members[0])?.email ?? null;
}

/** Null where a new agency is given no name. */
function nameOf({ agencies }: KnownDirectory, code: AgencyCode, { vi, en, fr }: GivenName): Name | null {
  const present = agencies.get(code)?.name;
  const fallback = vi ?? present?.vi;
  if (fallback === undefined) return null;
  return { vi: fallback, en: en ?? present?.en ?? fallback, fr: fr ?? present?.fr ?? fallback };
}

function refuseUnlessLiving({ agencies }: KnownDirectory, code: AgencyCode): Refusal | null {
  const agency = agencies.get(code);
  if (agency === undefined) return refuse('agency_unknown', { agency: code });
  return agency.endedOn === null ? null : refuseEnded(agency.code, agency.endedOn, agency.successors);
}

/** A new code, a living agency, or one of which nothing came: its making was undone. */
function refuseAsTarget({ agencies }: KnownDirectory, code: AgencyCode): Refusal | null {
  const agency = agencies.get(code);
  if (agency?.endedOn == null || agency.successors.length === 0) return null;
  return refuseEnded(code, agency.endedOn, agency.successors);
}

/** An agency that has ended cannot be named anew; the answer says what can. */
export function refuseEnded(agency: AgencyCode, date: IsoDate, successors: readonly AgencyCode[]): Refusal {
  return refuse('agency_ended', { agency, date, successors: successors.length === 0 ? '–' : successors.join(', ') });
}

function firstOf<T>(items: readonly T[], refusalOf: (item: T) => Refusal | null): Refusal | null {
  for (const item of items) {
    const refusal = refusalOf(item);
    if (refusal !== null) return refusal;
  }
  return null;
}
