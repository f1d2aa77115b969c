/**
 * A task's whole life as one durable entity. It decides and waits; it knows no calendar, no policy and no database:
 * the plan's instants come from an activity and stay in its history.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { TaskActivities } from '../activities/interface.ts';
import type { Command } from '../domain/command.ts';
import type { Input, TaskEvent } from '../domain/event.ts';
import { evolve } from '../domain/evolve.ts';
import type { AgencyCode, Status, TaskCode } from '../domain/names.ts';
import type { Wake } from '../domain/plan.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import { isOpen, type Task, upgraded } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { takeInput, wakesDue } from '../domain/turn.ts';
import { EXECUTE_UPDATE, RENEW_SIGNAL, REPLAN_SIGNAL, searchAttributes, VIEW_QUERY } from './names.ts';

/** Command ids that travel over continue-as-new; beyond them the unique key in `record` guards. */
const PROCESSED_IDS_MAX = 200;
/** Then the store is away, and the lasting activity waits for it without the task's history growing. */
const QUICK_ATTEMPTS_MAX = 3;
/** A wait longer than this is cut, so that no timer outlives the engine's limits. */
const WAIT_MS_MAX = 30 * 24 * 3_600_000;

export interface TaskLifecycleInput {
  readonly code: TaskCode;
  readonly task: Task | null;
  readonly wakes: readonly Wake[];
  readonly processed: readonly { readonly id: string; readonly seq: number }[];
  /** What the engine's index says of the task; null before the first entry. */
  readonly indexed: Indexed | null;
  /** True for a task that comes with a state and without a plan: one that was imported. */
  readonly planWanted: boolean;
  /** Said at the start, where it costs no event; absent in runs from before, which ask `patched`. */
  readonly recordsWithinTurn?: true;
}

/** The engine's index of a task; `deadline` is an instant. */
export interface Indexed {
  /** Only in runs from before turns recorded within themselves. */
  readonly status?: Status;
  readonly agency: AgencyCode;
  readonly deadline: IsoInstant;
}

/** The answer to a command: decided, and in the store. */
export interface Accepted {
  readonly seq: number;
  readonly status: Task['status'];
}

export const execute = defineUpdate<Accepted, [Command]>(EXECUTE_UPDATE);
/** What the plan is made of has changed outside the task. */
export const replan = defineSignal(REPLAN_SIGNAL);
/** Go on in a new run as soon as nothing is in hand: how a task comes to changed workflow code before its history is long. */
export const renew = defineSignal(RENEW_SIGNAL);
export const view = defineQuery<{ task: Task | null; wakes: readonly Wake[]; unrecorded: number }>(VIEW_QUERY);

/** What the store has in place of what was to be recorded. */
interface Adopted {
  readonly ahead: readonly TaskEvent[];
  readonly stored: Task | undefined;
}

/** The table of processed commands, the state, and what is still to be recorded. */
class TaskRun {
  private task: Task | null;
  /** The state as the store has it. */
  private recorded: Task | null;
  private wakes: readonly Wake[];
  private readonly code: TaskCode;
  private readonly processed: Map<string, number>;
  private unrecorded: TaskEvent[] = [];
  /** What the unrecorded events were decided on, in order. */
  private undecided: Input[] = [];
  private readonly refused = new Map<string, Refusal>();
  private planWanted: boolean;
  private indexed: Indexed | null;

  constructor(input: TaskLifecycleInput) {
    this.code = input.code;
    this.task = input.task === null ? null : upgraded(input.task);
    this.recorded = this.task;
    this.wakes = input.wakes;
    this.planWanted = input.planWanted;
    this.indexed = input.indexed;
    this.processed = new Map(input.processed.map(({ id, seq }) => [id, seq]));
  }

  refuseOrPass(command: Command): void {
    if (this.processed.has(command.id)) return;
    const turn = takeInput(this.code, this.task, asInput(command), instant());
    if (isRefusal(turn)) throw asFailure(turn, this.task?.seq ?? 0);
  }

  apply(command: Command): Accepted {
    if (!this.processed.has(command.id)) {
      // Another command may have been accepted between this one's validation and its handling.
      const refusal = this.take(asInput(command));
      if (refusal !== null) throw asFailure(refusal);
    }
    return this.answer(command);
  }

  isRecorded({ id }: Command): boolean {
    return this.refused.has(id) || (this.processed.get(id) ?? Number.POSITIVE_INFINITY) <= (this.recorded?.seq ?? 0);
  }

  /** @throws what the command was refused for when it was decided anew, after what the store already had */
  answer({ id }: Command): Accepted {
    const refusal = this.refused.get(id);
    if (refusal !== undefined) throw asFailure(refusal);
    return { seq: this.processed.get(id) ?? this.current().seq, status: this.current().status };
  }

  /** Lets the moments that have come change the task. */
  wake(): void {
    const { isAny, inputs, left } = wakesDue(this.wakes, instant());
    if (isAny) this.planWanted = true;
    for (const input of inputs) this.take({ kind: 'clock', input });
    this.wakes = left;
  }

  wantPlan(): void {
    this.planWanted = this.task !== null && isOpen(this.task);
  }

  hasWork(): boolean {
    return this.unrecorded.length > 0 || this.planWanted;
  }

  isSettled(): boolean {
    return this.task !== null && !isOpen(this.task) && !this.hasWork();
  }

  nextMoment(): IsoInstant | undefined {
    return this.wakes[0]?.at;
  }

  /** Hands what is unrecorded to the store; commands that come meanwhile wait for the next turn. */
  async record(activities: TaskActivities): Promise<void> {
    const events = this.unrecorded;
    const inputs = this.undecided;
    const task = this.current();
    this.unrecorded = [];
    this.undecided = [];
    this.planWanted = false;
    const { wakes, ahead, stored } = await activities.record({ code: this.code, events, task, now: instant() });
    if (ahead !== undefined) return this.adopt({ ahead, stored }, [...inputs, ...this.undecided]);
    this.wakes = wakes;
    this.recorded = task;
  }

  /**
   * Keeps the engine's index in step, so that tasks are found there by agency and deadline. The status changes with every other
   * command, and an entry costs an event: it is in the details that the engine's pages ask for.
   */
  index(withStatus: boolean): void {
    const { status, leadAgency, deadlineAt } = this.current();
    setCurrentDetails(status);
    const indexed = { ...(withStatus ? { status } : {}), agency: leadAgency, deadline: deadlineAt };
    if (JSON.stringify(indexed) === JSON.stringify(this.indexed)) return;
    upsertSearchAttributes(searchAttributes(indexed));
    this.indexed = indexed;
  }

  view() {
    return { task: this.task, wakes: this.wakes, unrecorded: this.unrecorded.length };
  }

  carryOver(): TaskLifecycleInput {
    const processed = [...this.processed].map(([id, seq]) => ({ id, seq })).slice(-PROCESSED_IDS_MAX);
    const { code, task, wakes, indexed, planWanted } = this;
    return { code, task, wakes, processed, indexed, planWanted, recordsWithinTurn: true };
  }

  /**
   * The store holds events of a turn that was cut off after it had recorded and before the engine had kept it, or the same ones
   * at another instant than this replay gave them. What the store has has happened; what came since is decided anew after it.
   */
  private adopt({ ahead, stored }: Adopted, inputs: readonly Input[]): void {
    this.recorded = stored ?? ahead.reduce<Task | null>(evolve, this.recorded);
    this.task = this.recorded;
    this.unrecorded = [];
    this.undecided = [];
    this.planWanted = true;
    for (const input of inputs) if (input.kind === 'command') this.processed.delete(input.id);
    for (const { commandId, seq } of ahead) if (commandId !== null) this.processed.set(commandId, seq);
    for (const input of inputs) {
      if (input.kind === 'command' && this.processed.has(input.id)) continue;
      const refusal = this.take(input);
      if (refusal !== null && input.kind === 'command') this.refused.set(input.id, refusal);
    }
  }

  private take(input: Input): Refusal | null {
    const turn = takeInput(this.code, this.task, input, instant());
    if (isRefusal(turn)) return turn;
    this.task = turn.task;
    this.unrecorded.push(...turn.events);
    this.undecided.push(input);
    if (input.kind === 'command') this.processed.set(input.id, this.current().seq);
    return null;
  }

  private current(): Task {
    if (this.task === null) throw new Error(`task ${this.code} has no state after an accepted command`);
    return this.task;
  }
}

/** One timer for the next moment; one that is asked for again at the same instant goes on. */
class Alarm {
  private at: IsoInstant | undefined;
  private scope: CancellationScope | undefined;
  private ringing = false;

  set(at: IsoInstant | undefined): void {
    if (at === this.at && !this.ringing) return;
    this.scope?.cancel();
    this.at = at;
    this.scope = undefined;
    this.ringing = false;
    if (at === undefined) return;
    const scope = new CancellationScope();
    this.scope = scope;
    scope
      .run(() => sleep(waitMs(at)))
      .then(
        () => {
          this.ringing = true;
        },
        () => {},
      );
  }

  rings(): boolean {
    return this.ringing;
  }
}

export async function taskLifecycle(input: TaskLifecycleInput): Promise<void> {
  const run = new TaskRun(input);
  const turnByTurn = input.recordsWithinTurn === true || patched('record-within-the-turn');
  setHandler(
    execute,
    async (command) => {
      const accepted = run.apply(command);
      if (!turnByTurn) return accepted;
      await condition(() => run.isRecorded(command));
      return run.answer(command);
    },
    { validator: (command) => run.refuseOrPass(command) },
  );
  setHandler(replan, () => run.wantPlan());
  let renewWanted = false;
  setHandler(renew, () => {
    renewWanted = true;
  });
  setHandler(view, () => run.view());
  const wanted = () => run.hasWork() || renewWanted;
  const alarm = new Alarm();
  const activities = turnByTurn ? withinTheTurn() : lasting();
  while (!run.isSettled()) {
    const at = run.nextMoment();
    if (turnByTurn) {
      alarm.set(at);
      await condition(() => wanted() || alarm.rings());
    } else if (at === undefined) await condition(wanted);
    else await condition(wanted, waitMs(at));
    run.wake();
    if (run.hasWork()) {
      run.index(!turnByTurn);
      await run.record(activities);
    }
    if ((workflowInfo().continueAsNewSuggested || renewWanted) && !run.hasWork()) {
      await condition(allHandlersFinished);
      if (!run.hasWork()) await continueAsNew<typeof taskLifecycle>(run.carryOver());
    }
  }
  await condition(allHandlersFinished);
}

/**
 * Without end: what was decided must reach the store, however long it is away. The ceiling keeps a returning database from
 * waiting on a long pause.
 */
function lasting(): TaskActivities {
  return proxyActivities<TaskActivities>({
    startToCloseTimeout: '30s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
  });
}

/** Records within the turn that decided, which costs the history five events less; by the lasting activity while the store is away. */
function withinTheTurn(): TaskActivities {
  const quick = proxyLocalActivities<TaskActivities>({
    startToCloseTimeout: '5s',
    retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumAttempts: QUICK_ATTEMPTS_MAX },
  });
  const slow = lasting();
  return { record: (input) => quick.record(input).catch(() => slow.record(input)) };
}

function waitMs(at: IsoInstant): number {
  return Math.min(WAIT_MS_MAX, Math.max(1, epochMs(at) - epochMs(instant())));
}

function asInput(command: Command): Input {
  return { kind: 'command', id: command.id, actor: command.actor, via: command.via, request: command.request };
}

/** @param judgedSeq number of the last event of the state that it was judged by, where the store may know of later ones */
function asFailure(refusal: Refusal, judgedSeq?: number): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.refused, refusal.refused, refusal, ...(judgedSeq === undefined ? [] : [judgedSeq]));
}

/** The workflow's clock: the sandbox replaces the host's by the engine's, the same at every replay. */
function instant(): IsoInstant {
  return instantFromEpochMs(Date.now());
}
