/**
 * A task's whole life as one durable entity. It decides and waits; it knows no calendar, no policy and no database:
 * the plan's instants come from an activity and stay in its history.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { TaskActivities } from '../activities/interface.ts';
import type { Command } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { Input, TaskEvent } from '../domain/event.ts';
import { evolve } from '../domain/evolve.ts';
import type { AgencyCode, Status, TaskCode } from '../domain/names.ts';
import type { Wake } from '../domain/plan.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import { isOpen, type Task, upgraded } from '../domain/task.ts';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { EXECUTE_UPDATE, RENEW_SIGNAL, REPLAN_SIGNAL, searchAttributes, VIEW_QUERY } from './names.ts';

/** Command ids that travel over continue-as-new; beyond them the unique key in `record` guards. */
const PROCESSED_IDS_MAX = 200;
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
}

/** The engine's index of a task; `deadline` is an instant. */
export interface Indexed {
  readonly status: Status;
  readonly agency: AgencyCode;
  readonly deadline: IsoInstant;
}

/** The answer to a command: decided, and in the history. */
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

/** The table of processed commands, the state, and what is still to be recorded. */
class TaskRun {
  private task: Task | null;
  private wakes: readonly Wake[];
  private readonly code: TaskCode;
  private readonly processed: Map<string, number>;
  private unrecorded: TaskEvent[] = [];
  private planWanted: boolean;
  private indexed: Indexed | null;

  constructor(input: TaskLifecycleInput) {
    this.code = input.code;
    this.task = input.task === null ? null : upgraded(input.task);
    this.wakes = input.wakes;
    this.planWanted = input.planWanted;
    this.indexed = input.indexed;
    this.processed = new Map(input.processed.map(({ id, seq }) => [id, seq]));
  }

  refuseOrPass(command: Command): void {
    if (this.processed.has(command.id)) return;
    const decision = this.decide(asInput(command));
    if (isRefusal(decision)) throw asFailure(decision);
  }

  apply(command: Command): Accepted {
    const seq = this.processed.get(command.id);
    if (seq === undefined) {
      const decision = this.decide(asInput(command));
      // Another command may have been accepted between this one's validation and its handling.
      if (isRefusal(decision)) throw asFailure(decision);
      this.append(decision);
      this.processed.set(command.id, this.current().seq);
    }
    return { seq: seq ?? this.current().seq, status: this.current().status };
  }

  /** Lets the moments that have come change the task. */
  wake(): void {
    const now = instant();
    for (const { input } of this.wakes.filter((wake) => wake.at <= now)) {
      this.planWanted = true;
      if (input.type === 'ExtendHorizon') continue;
      const decision = this.decide({ kind: 'clock', input });
      if (!isRefusal(decision)) this.append(decision);
    }
    this.wakes = this.wakes.filter((wake) => wake.at > now);
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

  msUntilNextMoment(): number | undefined {
    const [first] = this.wakes;
    if (first === undefined) return undefined;
    return Math.min(WAIT_MS_MAX, Math.max(1, epochMs(first.at) - epochMs(instant())));
  }

  /** Hands what is unrecorded to the store; commands that come meanwhile wait for the next turn. */
  async record(activities: TaskActivities): Promise<void> {
    const events = this.unrecorded;
    const task = this.current();
    this.unrecorded = [];
    this.planWanted = false;
    const { wakes } = await activities.record({ code: this.code, events, task, now: instant() });
    this.wakes = wakes;
  }

  /** Keeps the engine's index in step, so that tasks are found there by status, agency and deadline. */
  index(): void {
    const { status, leadAgency, deadlineAt } = this.current();
    const indexed = { status, agency: leadAgency, deadline: deadlineAt };
    if (JSON.stringify(indexed) === JSON.stringify(this.indexed)) return;
    upsertSearchAttributes(searchAttributes(indexed));
    this.indexed = indexed;
  }

  view() {
    return { task: this.task, wakes: this.wakes, unrecorded: this.unrecorded.length };
  }

  carryOver(): TaskLifecycleInput {
    const processed = [...this.processed].map(([id, seq]) => ({ id, seq })).slice(-PROCESSED_IDS_MAX);
    return { code: this.code, task: this.task, wakes: this.wakes, processed, indexed: this.indexed, planWanted: this.planWanted };
  }

  private decide(input: Input): TaskEvent[] | Refusal {
    return decide(this.code, this.task, input, instant());
  }

  private append(events: TaskEvent[]): void {
    this.task = events.reduce<Task | null>(evolve, this.task);
    this.unrecorded.push(...events);
  }

  private current(): Task {
    if (this.task === null) throw new Error(`task ${this.code} has no state after an accepted command`);
    return this.task;
  }
}

export async function taskLifecycle(input: TaskLifecycleInput): Promise<void> {
  const run = new TaskRun(input);
  setHandler(execute, (command) => run.apply(command), { validator: (command) => run.refuseOrPass(command) });
  setHandler(replan, () => run.wantPlan());
  let renewWanted = false;
  setHandler(renew, () => {
    renewWanted = true;
  });
  setHandler(view, () => run.view());
  // Without end: what was decided must reach the store, however long it is away. The ceiling keeps a returning
  // database from waiting on a long pause.
  const activities = proxyActivities<TaskActivities>({
    startToCloseTimeout: '30s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
  });
  while (!run.isSettled()) {
    const ms = run.msUntilNextMoment();
    const wanted = () => run.hasWork() || renewWanted;
    if (ms === undefined) await condition(wanted);
    else await condition(wanted, ms);
    run.wake();
    if (run.hasWork()) {
      run.index();
      await run.record(activities);
    }
    if ((workflowInfo().continueAsNewSuggested || renewWanted) && !run.hasWork()) {
      await condition(allHandlersFinished);
      if (!run.hasWork()) await continueAsNew<typeof taskLifecycle>(run.carryOver());
    }
  }
}

function asInput(command: Command): Input {
  return { kind: 'command', id: command.id, actor: command.actor, via: command.via, request: command.request };
}

function asFailure(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.refused, refusal.refused, refusal);
}

/** The workflow's clock: the sandbox replaces the host's by the engine's, the same at every replay. */
function instant(): IsoInstant {
  return instantFromEpochMs(Date.now());
}
