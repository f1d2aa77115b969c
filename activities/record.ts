/** The one writer of the store's projection of tasks. */

import { randomUUID } from 'node:crypto';
import { addMinutes } from '../domain/calendar.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { TaskEvent } from '../domain/event.ts';
import { evolve, replay } from '../domain/evolve.ts';
import type { Channel, Email } from '../domain/names.ts';
import type { PlannedNotification } from '../domain/notification.ts';
import { GATHER_MINUTES } from '../domain/occurrences.ts';
import type { Task } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { isClockTurn } from '../domain/turn.ts';
import type { Database, Transaction } from '../prisma/database.ts';
import { IS_WITHDRAWN, withdrawn } from '../prisma/departures.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { notifyPlanned } from '../prisma/listen.ts';
import type { Planned, PlanTask } from '../prisma/planner.ts';
import { eventRows, evidenceRows, GENESIS, holderRows, lockTask, type StoredTask, storedEvent, taskRow } from '../prisma/task-record.ts';
import { changeMark } from './directory.ts';
import type { RecordInput, RecordResult } from './interface.ts';

export interface RecordDependencies {
  readonly database: Database;
  readonly plan: PlanTask;
  /** Tells the couriers what now waits for them; called after the commit, may be lost (they look at the ledger anyway). */
  readonly wakeCouriers: (waiting: readonly Waiting[], now: IsoInstant) => Promise<void>;
}

/** Of a planned notification, what a courier goes by. */
export type Waiting = Pick<PlannedNotification, 'channel' | 'recipient' | 'sendAt'>;

/** A channel of PostgreSQL's NOTIFY; the payload is a task's code. */
export const TASK_CHANGED = 'task_changed';

/**
 * Appends a task's events, updates its row, plans and cancels its notifications: one transaction.
 * Twice: (task, seq) is unique and rows already there are left, so the second run changes nothing. Where what is there does
 * not begin what was given, or what was given does not follow from it, nothing is written and the workflow is told what is
 * there: a turn that is cut off is decided anew.
 * Fails: nothing is written, the workflow retries without end. Lost: nothing; the events stay in its history.
 */
export function createRecord(dependencies: RecordDependencies) {
  const write = async ({ code, events, task, now }: RecordInput): Promise<RecordResult> => {
    const planned = await dependencies.plan(task, now, markOf(events));
    const { other, waiting } = await dependencies.database.$transaction(async (transaction) => {
      const stored = await lockTask(transaction, code);
      const there = await eventsFrom(transaction, code, events[0]?.seq ?? task.seq + 1);
      const isPart = canonicalJson(there) === canonicalJson(events.slice(0, there.length));
      const fresh = events.filter((event) => event.seq > (stored?.seq ?? 0));
      if (!isPart || !(await leadsTo(transaction, stored, fresh, task)))
        return { other: { ahead: there, ...(await stateByRecord(transaction, code)) }, waiting: [] };
      const row = taskRow(task);
      if (stored !== null) await linkDependencies(transaction, task, now);
      if (fresh.some(({ type }) => LEAVES_ASSIGNEE.has(type))) await showQuestionAnew(transaction, code);
      await transaction.task.upsert({ where: { code }, create: { code, ...row, armedAt: now }, update: row });
      if (stored === null) await linkDependencies(transaction, task, now);
      await append(transaction, fresh, task, stored?.hash ?? GENESIS);
      await settleCommands(transaction, events, now);
      const left = await replacePlan(transaction, { task, planned, now, byClock: isClockTurn(events) });
      await transaction.$executeRaw`SELECT pg_notify(${TASK_CHANGED}, ${code})`;
      return { other: null, waiting: left };
    });
    if (other !== null) return { wakes: [], ...other };
    await dependencies.wakeCouriers(waiting, now);
    return { wakes: planned.wakes };
  };
  // The engine keeps a failure's words, and a database's words may quote the row that it refused.
  return (input: RecordInput) => write(input).catch((error: unknown) => Promise.reject(withoutQuotes(error)));
}

/** A failure by its name and code alone. */
function withoutQuotes(error: unknown): Error {
  const { name, code } = error as { name?: string; code?: string };
  const told = new Error(`the record could not be written: ${name ?? 'Error'}${code === undefined ? '' : ` ${code}`}`);
  // Its first line repeats the message; the lines after it say where.
  const where = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  told.stack = [told.message, ...where].join('\n');
  return told;
}

/** The last change of agencies among events: who answers for the task is to be read from a directory that shows it. */
function markOf(events: readonly TaskEvent[]): string | undefined {
  const last = events.findLast((event) => event.type === 'AgenciesChanged' || event.type === 'AgencyChangeUndone');
  return last === undefined ? undefined : changeMark(last.change, last.type);
}

async function eventsFrom(transaction: Transaction, code: string, seq: number): Promise<TaskEvent[]> {
  const rows = await transaction.taskEvent.findMany({ where: { taskCode: code, seq: { gte: seq } }, orderBy: { seq: 'asc' } });
  return rows.map(({ body }) => storedEvent(body));
}

/** Whether the state that was given is what the events make of what is stored, or else of the record (which mends a row that was not). */
async function leadsTo(transaction: Transaction, stored: StoredTask | null, events: readonly TaskEvent[], task: Task): Promise<boolean> {
  if (stored === null) return true;
  const given = canonicalJson(task);
  if (given === canonicalJson(events.reduce<Task>(evolve, stored.state))) return true;
  const { stored: byRecord } = await stateByRecord(transaction, task.code);
  return byRecord !== undefined && given === canonicalJson(events.reduce<Task>(evolve, byRecord));
}

async function stateByRecord(transaction: Transaction, code: string): Promise<{ stored?: Task }> {
  const state = replay(await eventsFrom(transaction, code, 1));
  return state === null ? {} : { stored: state };
}

async function append(transaction: Transaction, events: readonly TaskEvent[], task: Task, lastHash: string): Promise<void> {
  if (events.length === 0) return;
  await transaction.taskEvent.createMany({ data: eventRows(events, task.code, lastHash) });
  await transaction.evidence.createMany({ data: evidenceRows(events, task.code) });
  for (const event of events) {
    const holders = holderRows(event, task);
    if (holders.length === 0) continue;
    await transaction.assignment.updateMany({ where: { taskCode: task.code, untilSeq: null }, data: { untilSeq: event.seq } });
    await transaction.assignment.createMany({ data: holders });
  }
}

/**
 * The dependencies as the state has them. A task that is not stored cannot be waited for: the inbox has looked. What is waited
 * for, or is no longer, plans anew: whom it tells of its lateness has changed.
 */
async function linkDependencies(transaction: Transaction, { code, dependsOn, status, assignee }: Task, now: IsoInstant): Promise<void> {
  const before = await transaction.taskDependency.findMany({ where: { taskCode: code }, select: { dependsOn: true } });
  const kept = before.map((row) => row.dependsOn);
  if (kept.length === 0 && dependsOn.length === 0) return;
  await transaction.taskDependency.deleteMany({ where: { taskCode: code, dependsOn: { notIn: [...dependsOn] } } });
  await transaction.taskDependency.createMany({ data: dependsOn.map((on) => ({ taskCode: code, dependsOn: on })), skipDuplicates: true });
  const affected = [...new Set([...kept, ...dependsOn])];
  await transaction.$executeRaw`
    UPDATE task SET replan_since = ${now}::timestamptz
    WHERE code = ANY(${affected}) AND status NOT IN ('completed', 'cancelled')
      AND (NOT code = ANY(${kept}) OR NOT code = ANY(${[...dependsOn]})
        OR EXISTS (SELECT FROM task w WHERE w.code = ${code} AND (w.status <> ${status} OR w.assignee <> ${assignee})))`;
}

/** After these the task is no longer, or not openly, in its assignee's hands. */
const LEAVES_ASSIGNEE: ReadonlySet<TaskEvent['type']> = new Set(['TaskReassigned', 'TransferAccepted', 'TaskVerified', 'TaskCancelled']);

/** A question that names the tasks of an assignee who has left has one less to name: the next refresh of cards shows it. */
async function showQuestionAnew(transaction: Transaction, code: string): Promise<void> {
  await transaction.$executeRaw`
    UPDATE chat_message m SET shown_seq = LEAST(shown_seq, 0) - 1 FROM notification n, task t
    WHERE t.code = ${code} AND n.kind = 'assignee_gone' AND n.message_id = m.message_id AND split_part(n.key, '/', 2) = t.assignee`;
}

async function settleCommands(transaction: Transaction, events: readonly TaskEvent[], now: IsoInstant): Promise<void> {
  const ids = [...new Set(events.flatMap(({ commandId }) => (commandId === null ? [] : [commandId])))];
  if (ids.length === 0) return;
  await transaction.command.updateMany({ where: { id: { in: ids }, status: 'stored' }, data: { status: 'done', settledAt: now } });
}

/**
 * Replaces what is still only planned, and keeps when and from what it was planned (docs/decisions/0011). What a courier has in hand
 * and still applies is not touched: it looks at the task once more. A key that was cancelled and applies again (a refused transfer) is planned
 * again; one that was told is told for ever. `domain/ledger.ts` says the same to the simulation.
 * @returns what of the plan waits in the ledger: a plan also names steps that have passed and were told, for which no courier is woken
 */
async function replacePlan(
  transaction: Transaction,
  o: { readonly task: Task; readonly planned: Planned; readonly now: IsoInstant; readonly byClock: boolean },
): Promise<Waiting[]> {
  const { now, byClock } = o;
  const { code, seq } = o.task;
  const { notifications, waiting, surroundings } = o.planned;
  const keys = notifications.map(({ key }) => key);
  const kept = [...keys, ...o.planned.stillToHear()];
  // A question about who has left is one for all tasks: where it hung on this one, the others ask for it again.
  const dropping = (head: Prisma.Sql, where: Prisma.Sql) => Prisma.sql`
    WITH ${head},
    dropped AS (
      UPDATE notification SET status = 'cancelled', error = 'no longer applies'
      WHERE task_code = ${code} AND ${where} AND NOT (key = ANY(${kept}))
        -- What takes the place of a channel that has failed applies for as long as what failed does.
        AND NOT EXISTS (SELECT FROM notification failed WHERE failed.id = notification.fallback_of AND failed.key = ANY(${keys}))
        -- What falls due at the moment at which the clock changes the task is told: the step that changes it has its message there too.
        AND NOT (${byClock} AND send_at > ${addMinutes(now, -GATHER_MINUTES)}::timestamptz AND send_at <= ${now}::timestamptz)
      RETURNING kind, key)
    UPDATE task SET replan_since = ${now}::timestamptz
    WHERE code <> ${code} AND status NOT IN ('completed', 'cancelled')
      AND assignee IN (SELECT split_part(key, '/', 2) FROM dropped WHERE kind = 'assignee_gone')`;
  const planning = Prisma.sql`kept AS (
      INSERT INTO planning (task_code, seq, at, waiting, surroundings)
      VALUES (${code}, ${seq}, ${now}::timestamptz, ${[...waiting]}, ${surroundings === null ? null : JSON.stringify(surroundings)}::jsonb)
      ON CONFLICT DO NOTHING)`;
  await transaction.$executeRaw(dropping(planning, Prisma.sql`status IN ('planned', 'claimed')`));
  await transaction.$executeRaw(dropping(withdrawn(code), IS_WITHDRAWN));
  if (notifications.length === 0) return [];
  const soon = addMinutes(now, GATHER_MINUTES);
  const rows = JSON.stringify(notifications.map((notification) => ({ id: randomUUID(), ...notification })));
  const waits = await transaction.$queryRaw<{ channel: Channel; recipient: Email; send_at: Date }[]>`
    INSERT INTO notification (id, key, task_code, kind, step, recipient, channel, send_at, urgent, reason, status, planned_at)
    SELECT r.id, r.key, r.code, r.kind, r.step, r.recipient, r.channel, r."sendAt", r.urgent, r.reason, 'planned', ${now}::timestamptz
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(id uuid, key text, code text, kind text, step text, recipient text,
      channel text, "sendAt" timestamptz, urgent boolean, reason text)
    -- Told to an agency's head, it is told: where agencies were merged, the new head is not told of the same step again.
    WHERE NOT EXISTS (
      SELECT FROM notification told JOIN person former ON former.email = told.recipient AND former.role = 'head'
        JOIN agency a ON a.head_email = r.recipient
      WHERE told.task_code = r.code AND told.step = r.step AND split_part(told.key, '/', 3) = split_part(r.key, '/', 3)
        AND told.status IN ('sending', 'sent', 'merged', 'uncertain') AND NOT told.shadow AND NOT told.key = ANY(${keys}))
    -- Told by a channel that is gone since, it is told.
      AND NOT EXISTS (
      SELECT FROM notification told
      WHERE told.task_code = r.code AND told.step = r.step AND told.recipient = r.recipient AND told.channel <> r.channel
        AND split_part(told.key, '/', 3) = split_part(r.key, '/', 3)
        AND told.status IN ('sending', 'sent', 'merged', 'uncertain') AND NOT told.shadow AND NOT told.key = ANY(${keys}))
    ON CONFLICT (key) DO UPDATE SET status = 'planned', task_code = EXCLUDED.task_code,
      error = CASE notification.status WHEN 'planned' THEN notification.error END,
      retry_at = CASE notification.status WHEN 'planned' THEN notification.retry_at END,
      -- What is about to be sent keeps its place in the queue, however often the task is planned anew.
      send_at = CASE WHEN notification.status = 'planned' AND notification.send_at <= ${soon}::timestamptz
        THEN LEAST(notification.send_at, EXCLUDED.send_at) ELSE EXCLUDED.send_at END
    WHERE notification.status IN ('planned', 'cancelled')
    RETURNING channel, recipient, send_at`;
  await notifyPlanned(
    transaction,
    waits.map((each) => each.channel),
  );
  return waits.map(({ channel, recipient, send_at }) => ({ channel, recipient, sendAt: instantFromEpochMs(send_at.getTime()) }));
}
