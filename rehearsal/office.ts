/** A modelled office: agencies with their heads, supervisors and assignees, and a committee that hands tasks out. Invented names. */
import type { Agency, Person } from '../domain/directory.ts';
import type { AgencyCode, Email, Role } from '../domain/names.ts';
import type { Directory } from '../domain/plan.ts';
import { COMMITTEE_TIME_ZONE } from '../domain/time.ts';
import { chance } from './chance.ts';

/** Head, supervisors, assignees: as in the example directory. */
const PEOPLE_PER_AGENCY = 10;
const SUPERVISORS_PER_AGENCY = 2;
/** One coordinator follows the tasks of so many agencies. */
const AGENCIES_PER_COORDINATOR = 8;
/** Who has no chat account hears by mail. */
const WITHOUT_CHAT = 0.3;
export const COMMITTEE = 'COMMITTEE' as AgencyCode;

export interface ModelOffice {
  readonly directory: Directory;
  readonly agencies: readonly Agency[];
  readonly people: readonly Person[];
  /** Those to whom tasks are given, with who is above them. */
  readonly assignees: readonly { readonly person: Person; readonly supervisor: Email; readonly coordinator: Email }[];
}

/** @param people how many in all; at least one agency and its coordinator */
export function modelOffice({ people: wanted, seed }: { readonly people: number; readonly seed: string }): ModelOffice {
  const random = chance(`${seed}/office`);
  const agencyCount = Math.max(1, Math.round(wanted / (PEOPLE_PER_AGENCY + 1 / AGENCIES_PER_COORDINATOR)));
  const people: Person[] = [];
  const add = (name: string, agency: AgencyCode, role: Role): Person => {
    const email = `${name}@${agency.toLowerCase()}.example` as Email;
    const slackId = random() < WITHOUT_CHAT ? null : `U${agency}${name.toUpperCase().replaceAll('-', '')}`;
    const person: Person = { email, name, agency, role, locale: 'vi', timeZone: COMMITTEE_TIME_ZONE, slackId };
    people.push(person);
    return person;
  };
  const chief = add('head', COMMITTEE, 'head');
  const coordinators = Array.from({ length: Math.ceil(agencyCount / AGENCIES_PER_COORDINATOR) }, (_, index) =>
    add(`coordinator-${index + 1}`, COMMITTEE, 'coordinator'),
  );
  const agency = (code: AgencyCode, head: Email): Agency => ({ code, head, kind: 'ministry', name: { vi: code, en: code, fr: code } });
  const agencies = [agency(COMMITTEE, chief.email)];
  const assignees: ModelOffice['assignees'][number][] = [];
  for (let index = 0; index < agencyCount; index += 1) {
    const code = `A${String(index + 1).padStart(3, '0')}` as AgencyCode;
    agencies.push(agency(code, add('head', code, 'head').email));
    const supervisors = Array.from({ length: SUPERVISORS_PER_AGENCY }, (_, each) => add(`supervisor-${each + 1}`, code, 'supervisor'));
    const coordinator = coordinators[Math.floor(index / AGENCIES_PER_COORDINATOR)] as Person; // there are enough for all
    for (let each = 0; each < PEOPLE_PER_AGENCY - 1 - SUPERVISORS_PER_AGENCY; each += 1) {
      const person = add(`assignee-${each + 1}`, code, 'assignee');
      const supervisor = supervisors[each % supervisors.length] as Person;
      assignees.push({ person, supervisor: supervisor.email, coordinator: coordinator.email });
    }
  }
  const byEmail = new Map(people.map((person) => [person.email, person]));
  const byCode = new Map(agencies.map((each) => [each.code, each]));
  const directory: Directory = {
    person: (email) => byEmail.get(email),
    agency: (code) => byCode.get(code),
    standIn: () => undefined,
    askedToName: () => undefined,
  };
  return { directory, agencies, people, assignees };
}
