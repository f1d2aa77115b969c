/** Who has left for good, as the providers say it channel by channel, and who is back. Open tasks follow by themselves. */
import { reachedBy } from '../domain/directory.ts';
import { CHANNELS, type Channel, type Email } from '../domain/names.ts';
import type { NotificationStatus } from '../domain/notification.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { GONE_AT, personOf, servedChannels } from '../prisma/people.ts';
import { absentBehind } from './references.ts';
import { wantReplanFor } from './replan.ts';

/**
 * Notes that a provider knows the person no more; with the last channel the person has left. What is open is planned anew, for those too
 * for whom the person stood in. Twice: nothing changes.
 */
export async function loseChannel(
  database: Database,
  { person, channel, at }: { person: Email; channel: Channel; at: IsoInstant },
): Promise<void> {
  await database.$transaction(async (transaction) => {
    const row = await lockedPerson(transaction, person);
    const isNew = row !== null && row[GONE_AT[channel]] === null;
    if (isNew) {
      const known = personOf(row, await servedChannels(transaction));
      const left = reachedBy(known).filter((each) => each !== channel);
      // A shared channel answers for nothing: it is no person who could leave.
      const goneAt = left.length === 0 && known.role !== 'channel' ? at : null;
      // The conversation that was opened is gone with the account.
      const conversation = channel === 'slack' ? { slackDm: null } : {};
      await transaction.person.update({ where: { email: person }, data: { [GONE_AT[channel]]: at, goneAt, ...conversation } });
      await follow(transaction, person, at);
    }
    // A task that was planned a moment before it was known plans anew too, or nobody would hear in that place.
    await replanTold(transaction, { person, statuses: ['planned', 'claimed', 'sending'], at });
  });
}

/** The person was heard, or is known again, through a channel: it reaches the person, who has not left. Twice: nothing changes. */
export async function regainChannel(
  transaction: Transaction,
  { person, channel, at }: { person: Email; channel: Channel; at: IsoInstant },
): Promise<void> {
  const { count } = await transaction.person.updateMany({
    where: { email: person, [GONE_AT[channel]]: { not: null } },
    data: { goneAt: null, [GONE_AT[channel]]: null },
  });
  if (count === 0) return;
  // What could not be said then and still holds is said now.
  await transaction.$executeRaw`
    UPDATE notification SET status = 'cancelled', error = 'the recipient is back'
    WHERE recipient = ${person} AND channel = ${channel} AND status = 'failed'`;
  await follow(transaction, person, at);
}

/** Two channels of one person may be lost at the same moment: the second sees the first. */
async function lockedPerson(transaction: Transaction, person: Email) {
  await transaction.$queryRaw`SELECT FROM person WHERE email = ${person} FOR UPDATE`;
  return transaction.person.findUnique({ where: { email: person } });
}

export interface Gone {
  readonly email: string;
  /** Null where a channel is left. */
  readonly goneAt: string | null;
  /** Since when each channel's provider knows the person no more. */
  readonly lost: readonly { readonly channel: Channel; readonly at: string }[];
  readonly reachedBy: readonly Channel[];
  /** As assignee. */
  readonly openTasks: number;
  /** Whether anything open still names the person otherwise: as supervisor, coordinator, or head of an agency that stands. */
  readonly isNamed: boolean;
}

/** Everybody who has lost a channel, with what is in their hands. Instants in UTC. */
export async function whoIsGone(database: Database): Promise<Gone[]> {
  const served = await servedChannels(database);
  const people = await database.person.findMany({
    where: { OR: CHANNELS.map((channel) => ({ [GONE_AT[channel]]: { not: null } })) },
    orderBy: { email: 'asc' },
  });
  const hands = await database.$queryRaw<Pick<Gone, 'email' | 'openTasks' | 'isNamed'>[]>`
    SELECT p.email,
      (SELECT count(*)::int FROM task t WHERE t.assignee = p.email AND t.status NOT IN ('completed', 'cancelled')) AS "openTasks",
      EXISTS (SELECT FROM task t WHERE p.email IN (t.supervisor, t.coordinator) AND t.status NOT IN ('completed', 'cancelled'))
        OR EXISTS (SELECT FROM agency a WHERE a.head_email = p.email AND a.ended_on IS NULL) AS "isNamed"
    FROM person p WHERE p.email = ANY(${people.map(({ email }) => email)})`;
  const handsOf = new Map(hands.map((each) => [each.email, each]));
  return people.map((row) => ({
    email: row.email,
    goneAt: row.goneAt?.toISOString() ?? null,
    lost: CHANNELS.flatMap((channel) => {
      const at = row[GONE_AT[channel]];
      return at === null ? [] : [{ channel, at: at.toISOString() }];
    }),
    reachedBy: reachedBy(personOf(row, served)),
    openTasks: handsOf.get(row.email)?.openTasks ?? 0,
    isNamed: handsOf.get(row.email)?.isNamed ?? false,
  }));
}

/** Everybody whose reader it may change: the person, and those for whom the person stands in. */
async function follow(transaction: Transaction, person: Email, at: IsoInstant): Promise<void> {
  const behind = await absentBehind(transaction, person, localDate(at, COMMITTEE_TIME_ZONE));
  await wantReplanFor(transaction, [person, ...behind], at);
  // In whichever role the person would have read it, or did not.
  await replanTold(transaction, { person, statuses: ['planned', 'claimed', 'failed', 'cancelled'], at });
  await showAnew(transaction, person);
}

/** Marks the open tasks that have, in one of these states, something to tell the person. */
async function replanTold(
  transaction: Transaction,
  { person, statuses, at }: { person: Email; statuses: NotificationStatus[]; at: IsoInstant },
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE task SET replan_since = ${at}::timestamptz
    WHERE status NOT IN ('completed', 'cancelled')
      AND code IN (SELECT task_code FROM notification WHERE recipient = ${person} AND status = ANY(${statuses}))`;
}

/** Questions about the person that stand in a chat are brought up to date by the next refresh of cards. */
async function showAnew(transaction: Transaction, person: Email): Promise<void> {
  await transaction.$executeRaw`
    UPDATE chat_message m SET shown_seq = LEAST(shown_seq, 0) - 1 FROM notification n
    WHERE n.message_id = m.message_id AND n.kind = 'assignee_gone' AND split_part(n.key, '/', 2) = ${person}`;
}
