/** Whom and what a request names must be in the store: a command that the record could never write must not be accepted. */
import type { Request } from '../domain/command.ts';
import { agencyCode } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import type { Database } from '../prisma/database.ts';

/** @returns the request with what only the directory knows filled in, or why it cannot be */
export async function resolveReferences(database: Database, request: Request): Promise<Request | Refusal> {
  switch (request.type) {
    case 'AssignTask': {
      const { assignee, supervisor, coordinator, leadAgency, coordinatingAgencies, policy } = request.assignment;
      const unknown =
        (await unknownAgency(database, [leadAgency, ...coordinatingAgencies])) ??
        (await unknownPerson(database, [assignee, coordinator, ...(supervisor === null ? [] : [supervisor])]));
      if (unknown !== null) return unknown;
      const agency = await agencyOf(database, assignee);
      if (agency !== leadAgency) return refuse('assignee_of_other_agency', { assignee, agency: leadAgency });
      const stored = await database.policy.findUnique({ where: { name_version: policy }, select: { name: true } });
      return stored === null ? refuse('policy_unknown', { policy: `${policy.name} v${policy.version}` }) : request;
    }
    case 'AmendTask':
      return (await unknownAgency(database, request.changes.coordinatingAgencies ?? [])) ?? request;
    case 'RequestTransfer':
      return (await unknownAgency(database, [request.toAgency])) ?? request;
    case 'DecideTransfer':
      return (await unknownAgency(database, request.toAgency === null ? [] : [request.toAgency])) ?? request;
    case 'AcceptTransfer': {
      const { assignee, supervisor } = request;
      const unknown = await unknownPerson(database, [assignee, ...(supervisor === null ? [] : [supervisor])]);
      if (unknown !== null) return unknown;
      return { ...request, assigneeAgency: await agencyOf(database, assignee) };
    }
    default:
      return request;
  }
}

async function unknownAgency(database: Database, codes: readonly string[]): Promise<Refusal | null> {
  if (codes.length === 0) return null;
  const known = new Set(
    (await database.agency.findMany({ where: { code: { in: [...codes] } }, select: { code: true } })).map(({ code }) => code),
  );
  const agency = codes.find((code) => !known.has(code));
  return agency === undefined ? null : refuse('agency_unknown', { agency });
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
