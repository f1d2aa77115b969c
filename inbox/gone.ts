/** Who has left for good, as the providers say it channel by channel, and who is back. Open tasks follow by themselves. */
import type { Channel, Email } from '../domain/names.ts';
import type { NotificationStatus } from '../domain/notification.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import type { Database, Transaction } from '../prisma/database.ts';
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
    const lost = await transaction.$executeRaw`
      UPDATE person SET
        slack_gone_at = CASE WHEN ${channel} = 'slack' THEN ${at}::timestamptz ELSE slack_gone_at END,
        slack_dm = CASE WHEN ${channel} = 'slack' THEN NULL ELSE slack_dm END,
        email_gone_at = CASE WHEN ${channel} = 'email' THEN ${at}::timestamptz ELSE email_gone_at END,
        gone_at = CASE WHEN (${channel} = 'email' OR email_gone_at IS NOT NULL)
          AND (${channel} = 'slack' OR slack_gone_at IS NOT NULL OR slack_id IS NULL) THEN ${at}::timestamptz END
      WHERE email = ${person} AND CASE WHEN ${channel} = 'slack' THEN slack_gone_at ELSE email_gone_at END IS NULL`;
    if (lost > 0) await follow(transaction, person, at);
    // A task that was planned a moment before it was known plans anew too, or nobody would hear in that place.
    await replanTold(transaction, { person, statuses: ['planned', 'claimed', 'sending'], at });
  });
}

/** The person was heard, or is known again, through a channel: it reaches the person, who has not left. Twice: nothing changes. */
export async function regainChannel(
  transaction: Transaction,
  { person, channel, at }: { person: Email; channel: Channel; at: IsoInstant },
): Promise<void> {
  const regained = await transaction.$executeRaw`
    UPDATE person SET gone_at = NULL,
      slack_gone_at = CASE WHEN ${channel} = 'slack' THEN NULL ELSE slack_gone_at END,
      email_gone_at = CASE WHEN ${channel} = 'email' THEN NULL ELSE email_gone_at END
    WHERE email = ${person} AND CASE WHEN ${channel} = 'slack' THEN slack_gone_at ELSE email_gone_at END IS NOT NULL`;
  if (regained === 0) return;
  // What could not be said then and still holds is said now.
  await transaction.$executeRaw`
    UPDATE notification SET status = 'cancelled', error = 'the recipient is back'
    WHERE recipient = ${person} AND channel = ${channel} AND status = 'failed'`;
  await follow(transaction, person, at);
}

export interface Gone {
  readonly email: string;
  /** Null where a channel is left. */
  readonly goneAt: string | null;
  readonly slackGoneAt: string | null;
  readonly emailGoneAt: string | null;
  /** As assignee. */
  readonly openTasks: number;
  /** Whether anything open still names the person otherwise: as supervisor, coordinator, or head of an agency that stands. */
  readonly isNamed: boolean;
}

/** Everybody who has lost a channel, with what is in their hands. Instants in UTC. */
export async function whoIsGone(database: Database): Promise<Gone[]> {
  const rows = await database.$queryRaw<
    (Pick<Gone, 'email' | 'openTasks' | 'isNamed'> & { goneAt: Date | null; slackGoneAt: Date | null; emailGoneAt: Date | null })[]
  >`
    SELECT p.email, p.gone_at AS "goneAt", p.slack_gone_at AS "slackGoneAt", p.email_gone_at AS "emailGoneAt",
      (SELECT count(*)::int FROM task t WHERE t.assignee = p.email AND t.status NOT IN ('completed', 'cancelled')) AS "openTasks",
      EXISTS (SELECT FROM task t WHERE p.email IN (t.supervisor, t.coordinator) AND t.status NOT IN ('completed', 'cancelled'))
        OR EXISTS (SELECT FROM agency a WHERE a.head_email = p.email AND a.ended_on IS NULL) AS "isNamed"
    FROM person p WHERE p.slack_gone_at IS NOT NULL OR p.email_gone_at IS NOT NULL ORDER BY p.email`;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return rows.map((row) => ({ ...row, goneAt: iso(row.goneAt), slackGoneAt: iso(row.slackGoneAt), emailGoneAt: iso(row.emailGoneAt) }));
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
