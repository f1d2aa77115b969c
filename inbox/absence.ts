/** Who stands in for whom, and until when: entered by the person, the head or a coordinator. Open tasks follow by themselves. */
import { randomUUID } from 'node:crypto';
import { CHANNELS, type Email } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import { type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { regainChannel } from './gone.ts';
import { wantReplanFor } from './replan.ts';

export interface Absence {
  readonly id: string;
  readonly person: Email;
  readonly substitute: Email;
  /** Local dates of the committee's zone, both included. */
  readonly from: IsoDate;
  readonly to: IsoDate;
}

interface Edge {
  readonly database: Database;
  readonly now: IsoInstant;
  readonly timeZone: string;
}

/** Stores an absence; what is open is told to the substitute from its first day, and to the person again after its last. */
export async function enterAbsence({ database, now, timeZone }: Edge, absence: Omit<Absence, 'id'>, by: Email): Promise<Absence | Refusal> {
  const { person, substitute, from, to } = absence;
  const people = await database.person.findMany({ where: { email: { in: [person, substitute, by] }, role: { not: 'channel' } } });
  const unknown = [person, substitute, by].find((each) => !people.some(({ email }) => email === each));
  if (unknown !== undefined) return refuse('person_unknown', { email: unknown });
  const refusal = refuseEntry(people, { person, by });
  if (refusal !== null) return refusal;
  if (person === substitute) return refuse('substitute_is_person');
  if (to < from || to < localDate(now, timeZone)) return refuse('date_passed', { date: to });
  const id = randomUUID();
  return database.$transaction(async (transaction) => {
    // Two who enter it at once: the second waits here and finds the first.
    await transaction.$executeRaw`SELECT FROM person WHERE email = ${person} FOR UPDATE`;
    const [other] = await transaction.$queryRaw<{ substitute: string }[]>`
      SELECT substitute FROM absence
      WHERE person = ${person} AND ended_at IS NULL AND from_date <= ${to}::date AND ${from}::date <= to_date`;
    if (other !== undefined) return refuse('absence_overlaps', { by: other.substitute });
    await transaction.$executeRaw`
      INSERT INTO absence (id, person, substitute, from_date, to_date, entered_by, entered_at)
      VALUES (${id}::uuid, ${person}, ${substitute}, ${from}::date, ${to}::date, ${by}, ${now}::timestamptz)`;
    await wantReplanFor(transaction, [person], now);
    return { id, ...absence };
  });
}

/** Ends an absence before its time: the person is told again from now on. */
export async function endAbsence({ database, now }: Edge, id: string, by: Email): Promise<null | Refusal> {
  const row = await database.absence.findFirst({ where: { id, endedAt: null } });
  if (row === null) return refuse('absence_unknown');
  const people = await database.person.findMany({ where: { email: { in: [row.person, by] } } });
  const refusal = refuseEntry(people, { person: row.person, by });
  if (refusal !== null) return refusal;
  await database.$transaction(async (transaction) => {
    await transaction.absence.update({ where: { id }, data: { endedAt: now } });
    await wantReplanFor(transaction, [row.person], now);
  });
  return null;
}

/** Says that someone who was believed gone is there: every channel is tried again. Of who was not, nothing changes. */
export async function endLeaving({ database, now }: Edge, person: Email, by: Email): Promise<null | Refusal> {
  const people = await database.person.findMany({ where: { email: { in: [person, by] } } });
  const refusal = refuseEntry(people, { person, by });
  if (refusal !== null) return refusal;
  await database.$transaction(async (transaction) => {
    for (const channel of CHANNELS) await regainChannel(transaction, { person, channel, at: now });
  });
  return null;
}

interface Known {
  readonly email: string;
  readonly role: string;
  readonly agencyCode: string;
}

/** Oneself, the head of one's agency, or a coordinator. */
function refuseEntry(people: readonly Known[], { person, by }: { person: string; by: string }): Refusal | null {
  const [absent, entering] = [person, by].map((address) => people.find(({ email }) => email === address));
  if (absent === undefined || entering === undefined) return refuse('person_unknown', { email: absent === undefined ? person : by });
  const isHead = entering.role === 'head' && entering.agencyCode === absent.agencyCode;
  return person === by || isHead || entering.role === 'coordinator' ? null : refuse('not_of_this_agency', { agency: absent.agencyCode });
}
