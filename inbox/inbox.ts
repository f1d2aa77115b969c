/**
 * The command inbox: every entrance hands in what a person asked for, with a key that the channel itself gives to that
 * one act. Stored first, then carried out as an Update on the task's workflow under the command's own id.
 */
import { createHash } from 'node:crypto';
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type Command, command as commandSchema, type Request } from '../domain/command.ts';
import { CHANNELS, type Email, type Entrance, type Status, type TaskCode } from '../domain/names.ts';
import { isRefusal, REFUSALS, type Refusal, type RefusalCode, refuse } from '../domain/refusals.ts';
import { type IsoInstant, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { GONE_AT } from '../prisma/people.ts';
import { EXECUTE_UPDATE, REPLAN_SIGNAL, searchAttributes, TASK_QUEUE, taskWorkflowId } from '../workflows/names.ts';
import { regainChannel } from './gone.ts';
import { eachInFlight } from './in-flight.ts';
import { absentBehind, findCircle, resolveReferences } from './references.ts';

export interface Submission {
  /** Unique to one human act, given by the channel: Slack's action, the mail's Message-ID, the HTTP Idempotency-Key. */
  readonly key: string;
  readonly code: TaskCode;
  readonly actor: Email;
  readonly via: Entrance;
  readonly request: Request;
}

/** What the person is told. `stored` means: kept, and carried out when the engine is back. */
export type Answer =
  | { readonly answer: 'done'; readonly commandId: string; readonly status: Status; readonly seq: number }
  | { readonly answer: 'refused'; readonly refusal: Refusal }
  | { readonly answer: 'stored'; readonly commandId: string }
  | { readonly answer: 'not_stored' };

export interface InboxDependencies {
  readonly database: Database;
  readonly temporal: Client;
  readonly now: () => IsoInstant;
  readonly calendars: ReadCalendars;
  /** How long a person waits for the outcome before being told that it is stored. */
  readonly waitMs?: number;
}

/** Tasks that do not answer, in one relay. */
const UNANSWERED_MAX = 16;

export type Inbox = ReturnType<typeof createInbox>;

export function createInbox({ database, temporal, now, calendars: readCalendars, waitMs = 2_500 }: InboxDependencies) {
  /**
   * Stores a submission and carries it out. Never throws for a fault of store or engine: the answer says what holds.
   * @param onStored called in between, and waited for: from then on it is not lost
   */
  async function submit(submission: Submission, onStored?: () => Promise<void>): Promise<Answer> {
    let kept: Command | Answer;
    try {
      kept = await store(submission);
    } catch {
      return { answer: 'not_stored' };
    }
    if ('answer' in kept) return kept;
    await onStored?.();
    return execute(kept);
  }

  async function store(submission: Submission): Promise<Command | Answer> {
    const person = await database.person.findUnique({ where: { email: submission.actor } });
    if (person === null) return { answer: 'refused', refusal: refuse('person_unknown', { email: submission.actor }) };
    // Whoever presses or answers there is reached there: the channel is not gone.
    const heardBy = CHANNELS.find((channel) => channel === submission.via);
    if (heardBy !== undefined && person[GONE_AT[heardBy]] !== null)
      await database.$transaction((transaction) => regainChannel(transaction, { person: submission.actor, channel: heardBy, at: now() }));
    const calendars = await readCalendars();
    const referred = await resolveReferences({ database, calendars, now: now() }, submission.code, submission.request);
    if (isRefusal(referred)) return { answer: 'refused', refusal: referred };
    const standsInFor = await absentBehind(database, person.email, localDate(now(), calendars.main.timeZone));
    const parsed = commandSchema.safeParse({
      id: commandId(submission.key),
      code: submission.code,
      actor: { email: person.email, role: person.role, agency: person.agencyCode, standsInFor },
      via: submission.via,
      request: referred,
    });
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return {
        answer: 'refused',
        refusal: refuse('command_invalid', { place: issue?.path.join('.') ?? '', problem: issue?.message ?? '' }),
      };
    }
    const command = parsed.data;
    const data = {
      id: command.id,
      key: submission.key,
      taskCode: command.code,
      actor: command.actor.email,
      via: command.via,
      body: JSON.parse(JSON.stringify(command)),
      receivedAt: now(),
      status: 'stored',
    };
    const circle = await database.$transaction(async (transaction) => {
      const found = await findCircle(transaction, command.code, command.request);
      if (found === null) await transaction.command.createMany({ data: [data], skipDuplicates: true });
      return found;
    });
    if (circle !== null) return { answer: 'refused', refusal: refuse('dependency_cycle', { path: circle.join(' → ') }) };
    const row = await database.command.findUniqueOrThrow({ where: { id: command.id } });
    // A refusal was judged once; judging the same act again later could turn it round.
    if (row.status === 'refused' && isRefusal(row.outcome)) return { answer: 'refused', refusal: row.outcome };
    return commandSchema.parse(row.body);
  }

  async function execute(command: Command): Promise<Answer> {
    try {
      const accepted = await temporal.withDeadline(Date.now() + waitMs, () => update(command));
      return { answer: 'done', commandId: command.id, ...accepted };
    } catch (error) {
      const stored = { answer: 'stored', commandId: command.id } as const;
      // A refusal that cannot be kept is not said: the relay has it judged again.
      const refusal = await keepRefusal(command, error).catch(() => null);
      return refusal === null ? stored : { answer: 'refused', refusal };
    }
  }

  /** @returns null where the failure is not a refusal, or one that may not stand */
  async function keepRefusal(command: Command, error: unknown): Promise<Refusal | null> {
    const refusal = refusalOf(error) ?? (await refusalOfClosed(command, error));
    if (refusal === null || (await isBehind(command.code, error))) return null;
    await database.command.updateMany({
      where: { id: command.id, status: 'stored' },
      data: { status: 'refused', outcome: { ...refusal }, settledAt: now() },
    });
    return refusal;
  }

  async function update(command: Command): Promise<{ seq: number; status: Status }> {
    if (command.request.type !== 'AssignTask') {
      return temporal.workflow
        .getHandle(taskWorkflowId(command.code))
        .executeUpdate(EXECUTE_UPDATE, { updateId: command.id, args: [command] });
    }
    const { leadAgency: agency, deadlineAt: deadline } = command.request.assignment;
    const indexed = { agency, deadline };
    const startWorkflowOperation = new WithStartWorkflowOperation('taskLifecycle', {
      workflowId: taskWorkflowId(command.code),
      taskQueue: TASK_QUEUE,
      args: [{ code: command.code, task: null, wakes: [], processed: [], indexed, planWanted: false, recordsWithinTurn: true }],
      // Given at the start they cost no event.
      typedSearchAttributes: searchAttributes(indexed),
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    });
    return temporal.workflow.executeUpdateWithStart(EXECUTE_UPDATE, { updateId: command.id, args: [command], startWorkflowOperation });
  }

  /**
   * Whether the workflow has judged by a state that the store is ahead of: its last turn was cut off after it had recorded
   * (docs/decisions/0009). It is told to look, and the command waits for the relay: what it was refused for may not be so.
   */
  async function isBehind(code: TaskCode, error: unknown): Promise<boolean> {
    const judgedSeq = judgedSeqOf(error);
    if (judgedSeq === null) return false;
    const task = await database.task.findUnique({ where: { code }, select: { seq: true } });
    if (task === null || task.seq <= judgedSeq) return false;
    // One that knows of no task cannot ask for what follows its last event: it is assigned again, under the same command.
    const assigned = judgedSeq === 0 ? await assignmentOf(code) : undefined;
    await temporal.withDeadline<unknown>(Date.now() + waitMs, () =>
      assigned === undefined ? temporal.workflow.getHandle(taskWorkflowId(code)).signal(REPLAN_SIGNAL) : update(assigned),
    );
    return true;
  }

  async function assignmentOf(code: TaskCode): Promise<Command | undefined> {
    const first = await database.taskEvent.findUnique({ where: { taskCode_seq: { taskCode: code, seq: 1 } } });
    const row = first?.commandId == null ? null : await database.command.findUnique({ where: { id: first.commandId } });
    return row === null ? undefined : commandSchema.parse(row.body);
  }

  /** A closed task has no workflow to ask: its record answers. */
  async function refusalOfClosed(command: Command, error: unknown): Promise<Refusal | null> {
    if (!(error instanceof Error) || !/NotFound|AlreadyStarted/.test(error.name)) return null;
    const task = await database.task.findUnique({ where: { code: command.code } });
    if (task === null) return refuse('task_unknown', { code: command.code });
    const last = await database.taskEvent.findFirst({ where: { taskCode: task.code, type: { in: ['TaskVerified', 'TaskCancelled'] } } });
    const details = { at: last?.at.toISOString() ?? '', by: last?.by ?? '' };
    if (task.status === 'completed') return refuse('already_completed', details);
    return task.status === 'cancelled' ? refuse('already_cancelled', details) : null;
  }

  /**
   * Carries out what is stored and unsettled, oldest first; commands of one task stay in order, and a task that does not answer keeps
   * only its own waiting. Where so many do not, the engine is away: the others are left to the next time.
   */
  async function relay(limit = 200): Promise<{ settled: number; waiting: number }> {
    const rows = await database.command.findMany({ where: { status: 'stored' }, orderBy: { receivedAt: 'asc' }, take: limit });
    let settled = 0;
    let unanswered = 0;
    await eachInFlight([...Map.groupBy(rows, ({ taskCode }) => taskCode).values()], async (ofTask) => {
      for (const row of ofTask) {
        if (unanswered >= UNANSWERED_MAX) return;
        const { answer } = await execute(commandSchema.parse(row.body));
        if (answer === 'stored') {
          unanswered += 1;
          return;
        }
        settled += 1;
      }
    });
    return { settled, waiting: rows.length - settled };
  }

  return { submit, relay };
}

/** A UUID (version 8, RFC 9562) made of the act's key: the same act is the same command wherever it is received again. */
export function commandId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** By which event's state the workflow has refused; null where it did not say. */
function judgedSeqOf(error: unknown): number | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  const judgedSeq = error.cause.details?.[1];
  return typeof judgedSeq === 'number' ? judgedSeq : null;
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  const { type, details } = error.cause;
  const given = details?.[0];
  if (isRefusal(given)) return given;
  return type != null && type in REFUSALS ? refuse(type as RefusalCode) : null;
}
