/** Marks messages as on the wire: what is still claimed, under no hold and within the cap of a day. */
import { addDays, atLocalTime, morningFrom } from '../domain/calendar.ts';
import { type CapFate, capDay, limitOf } from '../domain/cap.ts';
import type { Person } from '../domain/directory.ts';
import type { Email } from '../domain/names.ts';
import { opensAt } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import { type IsoInstant, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { heldUntil, isFree } from '../prisma/holds.ts';
import type { PolicyOf } from '../prisma/policies.ts';

/** As far as it matters to whether a message may go. */
export interface Markable {
  readonly id: string;
  readonly recipient: Email;
  readonly urgent: boolean;
  readonly held: boolean;
  /** Each with the number of the last event of its task that the message knows. */
  readonly items: readonly { readonly id: string; readonly seq: number; readonly policy: Task['policy'] }[];
}

/** A notification that is on the wire from now on, with the number of its task's last event. */
export interface Marked {
  readonly id: string;
  readonly seq: number;
}

export interface MarkDependencies {
  readonly database: Database;
  /** Whether what is sent is diverted. */
  readonly shadow: boolean;
  readonly calendars: ReadCalendars;
  readonly policyOf: PolicyOf;
  readonly person: (email: Email) => Promise<Person | undefined>;
}

/**
 * @returns what marks messages as of an instant, and says by message what of it may go; a command in between has cancelled the rest, or a
 * hold, the hours or a cap have put it off. Twice: the second finds nothing claimed, and says of what is marked already that it may go. Fails:
 * each message is marked as a whole or not at all; a mark without a send is asked about.
 */
export function createMark(o: MarkDependencies) {
  const { database } = o;

  async function mark(messages: readonly Markable[], at: IsoInstant): Promise<ReadonlyMap<string, readonly Marked[]>> {
    const judged = await judge(messages);
    const free: Markable[] = [];
    const marked = new Map<string, readonly Marked[]>();
    for (const { message, policies, isCapped } of judged) {
      if (await isPutOff(message, policies, at)) marked.set(message.id, []);
      else if (isCapped) marked.set(message.id, await markWithinCap(message, policies, at));
      else free.push(message);
    }
    for (const [id, kept] of await markAll(database, free, at)) marked.set(id, kept);
    return marked;
  }

  /** Ahead of their moment: those that neither hours nor a cap may keep. @returns those of which everything may go at it */
  async function markAhead(messages: readonly Markable[], moment: IsoInstant): Promise<ReadonlyMap<string, readonly Marked[]>> {
    const judged = await judge(messages);
    const free = judged.flatMap(({ message, isCapped }) => (isCapped || (message.held && !message.urgent) ? [] : [message]));
    const marked = await markAll(database, free, moment);
    const whole = free.flatMap(({ id, items }) => {
      const kept = marked.get(id) ?? [];
      return kept.length === items.length ? [[id, kept] as const] : [];
    });
    return new Map(whole);
  }

  function judge(messages: readonly Markable[]) {
    return Promise.all(
      messages.map(async (message) => {
        const policies = await Promise.all(message.items.map(({ policy }) => o.policyOf(policy)));
        return { message, policies, isCapped: !message.urgent && limitOf(policies.map(({ cap }) => cap)) !== null };
      }),
    );
  }

  /** What a hold let go outside the recipient's hours waits for them; what is urgent does not. */
  async function isPutOff({ recipient, items, urgent, held }: Markable, policies: readonly Policy[], at: IsoInstant): Promise<boolean> {
    const person = held && !urgent ? await o.person(recipient) : undefined;
    if (person === undefined) return false;
    const calendar = (await o.calendars(at)).of(person.agency);
    const opens = policies.map(({ timing }) => opensAt(timing, at, calendar, person.timeZone)).reduce((a, b) => (a > b ? a : b), at);
    if (opens === at) return false;
    await putOff(database, idsOf(items), { notBefore: opens, error: 'the hold ended outside hours' });
    return true;
  }

  async function markWithinCap(message: Markable, policies: readonly Policy[], at: IsoInstant): Promise<readonly Marked[]> {
    const { recipient, items, urgent } = message;
    const person = await o.person(recipient);
    if (person === undefined) return (await markAll(database, [message], at)).get(message.id) ?? [];
    const caps = policies.map(({ cap }) => cap);
    const calendar = (await o.calendars(at)).of(person.agency);
    return database.$transaction(async (transaction) => {
      // Couriers of other channels that write to the same person count one after the other.
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${recipient}, 0))`;
      const told = await toldToday(transaction, person, at);
      const [fates = []] = capDay([{ urgent, caps }], told);
      if (fates.every((fate) => fate === 'send')) return (await markAll(transaction, [message], at)).get(message.id) ?? [];
      const error = `above ${limitOf(caps)} messages a day`;
      const ofFate = (wanted: CapFate) => idsOf(items.filter((_, index) => fates[index] === wanted));
      const tomorrow = atLocalTime(addDays(localDate(at, person.timeZone), 1), '00:00', person.timeZone);
      const notBefore = morningFrom(calendar, tomorrow, policies[0]?.digestAt ?? '08:00', person.timeZone);
      await putOff(transaction, ofFate('next_working_day'), { notBefore, error });
      await transaction.notification.updateMany({
        where: { id: { in: ofFate('drop') }, status: 'claimed' },
        data: { status: 'dropped', error, leasedUntil: null },
      });
      return [];
    });
  }

  async function markAll(
    store: Transaction,
    messages: readonly Markable[],
    at: IsoInstant,
  ): Promise<ReadonlyMap<string, readonly Marked[]>> {
    if (messages.length === 0) return new Map();
    // Only what is claimed for this very message: what has been taken in hand anew since belongs to another one. CASE: a planner that has
    // not seen this minute's rows takes the index of all that is in hand for the shortest way, and goes through it for each batch.
    // One row a message comes back: to read each of a storm's ten thousand took as long as to mark it.
    const known = messages.flatMap(({ id, items }) => items.map((item) => ({ ...item, message: id })));
    const ids = idsOf(known);
    const judged = await store.$queryRaw<{ message: string; isAsKnown: boolean }[]>`
      WITH marked AS (
        UPDATE notification n SET status = 'sending', message_id = n.claim_id, attempts = n.attempts + 1, attempted_at = ${at}::timestamptz,
          shadow = ${o.shadow}, retry_at = NULL
        FROM person p, task t WHERE n.id = ANY(${ids}::uuid[]) AND n.claim_id = ANY(${messages.map(({ id }) => id)}::uuid[])
          AND CASE n.status WHEN 'claimed' THEN true END AND p.email = n.recipient AND t.code = n.task_code AND ${isFree(at)}
        RETURNING n.id, n.message_id, t.seq)
      SELECT known.message, bool_and(marked.seq IS NOT DISTINCT FROM known.seq) AS "isAsKnown"
      FROM unnest(${ids}::uuid[], ${known.map(({ message }) => message)}::uuid[], ${known.map(({ seq }) => seq)}::int[]) AS known(id, message, seq)
        LEFT JOIN marked ON marked.id = known.id AND marked.message_id = known.message
      GROUP BY known.message`;
    const asKnown = new Set(judged.filter(({ isAsKnown }) => isAsKnown).map(({ message }) => message));
    const marked = new Map<string, readonly Marked[]>(messages.filter(({ id }) => asKnown.has(id)).map(({ id, items }) => [id, items]));
    const others = messages.filter(({ id }) => !asKnown.has(id));
    for (const [id, rows] of others.length === 0 ? [] : await markedOf(store, others, at)) marked.set(id, rows);
    return marked;
  }

  /** What is left of messages of which something has changed since; what a hold keeps back is given back. */
  async function markedOf(
    store: Transaction,
    messages: readonly Markable[],
    at: IsoInstant,
  ): Promise<ReadonlyMap<string, readonly Marked[]>> {
    const rows = await store.$queryRaw<(Marked & { message_id: string })[]>`
      SELECT n.id, n.message_id, t.seq FROM notification n JOIN task t ON t.code = n.task_code
      WHERE n.message_id = ANY(${messages.map(({ id }) => id)}::uuid[]) AND n.status = 'sending'`;
    const kept = new Set(rows.map(({ id }) => id));
    const left = messages.flatMap(({ items }) => idsOf(items)).filter((id) => !kept.has(id));
    await store.$executeRaw`
      UPDATE notification n SET status = 'planned', claim_id = NULL, leased_until = NULL FROM person p
      WHERE n.id = ANY(${left}::uuid[]) AND n.status = 'claimed' AND p.email = n.recipient AND ${heldUntil(at)} IS NOT NULL`;
    return Map.groupBy(rows, ({ message_id }) => message_id);
  }

  /** Messages that a person has had since midnight of the person's own zone, on every channel. */
  async function toldToday(transaction: Transaction, { email, timeZone }: Person, at: IsoInstant): Promise<number> {
    const today = localDate(at, timeZone);
    const [row] = await transaction.$queryRaw<{ count: number }[]>`
      SELECT count(DISTINCT message_id)::int AS count FROM notification
      WHERE recipient = ${email} AND message_id IS NOT NULL AND shadow = ${o.shadow}
        AND status IN ('sending', 'sent', 'merged', 'uncertain')
        AND attempted_at >= ${atLocalTime(today, '00:00', timeZone)}::timestamptz
        AND attempted_at < ${atLocalTime(addDays(today, 1), '00:00', timeZone)}::timestamptz`;
    return row?.count ?? 0;
  }

  return { mark, markAhead };
}

function idsOf(items: readonly { readonly id: string }[]): string[] {
  return items.map(({ id }) => id);
}

/** Gives back what is still claimed, until a later instant. */
async function putOff(store: Transaction, ids: readonly string[], data: { notBefore: IsoInstant; error: string }): Promise<void> {
  await store.notification.updateMany({
    where: { id: { in: [...ids] }, status: 'claimed' },
    data: { ...data, status: 'planned', claimId: null, leasedUntil: null },
  });
}
