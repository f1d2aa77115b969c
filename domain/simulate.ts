/**
 * One task's future as its workflow would live it: what wakes it, what it is answered, what is planned anew each time and who is
 * told. Judging, planning and the moments are those of the workflow (workflows/task-lifecycle.ts), the ledger's rules those of
 * `record`. Pure: no clock, no chance; who answers is given.
 */
import type { Calendars } from './calendar.ts';
import type { Input, TaskEvent } from './event.ts';
import { Ledger, type Told } from './ledger.ts';
import type { Email, TaskCode } from './names.ts';
import { compareText } from './occurrences.ts';
import { calendarsFor, type Directory, plan, stillToHear, type Wake } from './plan.ts';
import type { Policy } from './policy.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { RiskWeights, Surroundings } from './risk.ts';
import { isOpen, type Task } from './task.ts';
import type { IsoInstant } from './time.ts';
import { isClockTurn, takeInput, wakesDue } from './turn.ts';

/** A moment that moves nothing comes again at once; more often than this it would do so for ever. */
const TURNS_AT_ONE_MOMENT_MAX = 50;

/** What someone does at an instant. */
export interface Act {
  readonly at: IsoInstant;
  readonly input: Input & { readonly kind: 'command' };
}

/** What a plan is made of, besides the task. */
export interface World {
  readonly calendars: Calendars;
  readonly directory: Directory;
  readonly policyOf: (task: Task) => Policy;
  /** Who answers for tasks that wait for this one; taken to stay so. */
  readonly waiting: readonly Email[];
  /** What the risk is worked out from, as it is known at an instant. Wanted where the policy asks for it. */
  readonly risk?: { readonly weights: RiskWeights; readonly surroundings: (at: IsoInstant) => Surroundings };
}

export interface SimulationInput {
  readonly code: TaskCode;
  /** Null for one whose assignment is among the acts. */
  readonly task: Task | null;
  /** Keys that were told before. */
  readonly told?: Iterable<string>;
  /** In order of time. */
  readonly acts?: readonly Act[];
  /** What those who are told do about it, later; their acts join the others. */
  readonly respond?: (told: Told, task: Task) => readonly Act[];
  readonly from: IsoInstant;
  /** The last instant that is lived through. */
  readonly until: IsoInstant;
  readonly world: World;
}

export interface Simulation {
  readonly task: Task | null;
  /** In the order of sending. */
  readonly told: readonly Told[];
  readonly events: readonly TaskEvent[];
  readonly refused: readonly { readonly act: Act; readonly refusal: Refusal }[];
}

/**
 * Lives through a task's time. Without acts it is what happens if nobody does anything.
 * @throws when a policy wakes the task at one moment without end
 */
export function simulate({ code, from, until, world, respond, ...given }: SimulationInput): Simulation {
  const ledger = new Ledger(given.told);
  const agenda = [...(given.acts ?? [])].sort((a, b) => compareText(a.at, b.at));
  const told: Told[] = [];
  const events: TaskEvent[] = [];
  const refused: { act: Act; refusal: Refusal }[] = [];
  let task = given.task;
  let wakes: readonly Wake[] = [];
  let now = from;

  const tell = (at: IsoInstant, o: { inclusive: boolean }) => {
    for (const each of ledger.tell(at, { task, ...o })) {
      told.push(each);
      if (respond === undefined || task === null) continue;
      agenda.push(...respond(each, task));
      agenda.sort((a, b) => compareText(a.at, b.at));
    }
  };
  const take = (input: Input): Refusal | readonly TaskEvent[] => {
    // Its workflow has ended, nobody is left to hear.
    if (task !== null && !isOpen(task)) return refuse('task_unknown', { code });
    const turn = takeInput(code, task, input, now);
    if (isRefusal(turn)) return turn;
    task = turn.task;
    events.push(...turn.events);
    return turn.events;
  };
  const planAnew = (byClock: boolean) => {
    if (task === null) return;
    const { calendars, directory, waiting } = world;
    const outlook =
      world.risk === undefined
        ? undefined
        : { weights: world.risk.weights, surroundings: world.risk.surroundings(now), calendar: calendars.main };
    const input = { task, policy: world.policyOf(task), ...calendarsFor(task, calendars), directory, from: now, until, waiting, outlook };
    const made = plan(input);
    ledger.replace(made.notifications, { now, byClock, directory, stillToHear: () => stillToHear(input) });
    wakes = made.wakes.filter(({ input }) => input.type !== 'ExtendHorizon');
  };

  planAnew(false);
  for (let turns = 0; ; ) {
    const next = earliest(agenda[0]?.at, wakes[0]?.at, respond === undefined ? undefined : (ledger.nextDue() ?? undefined));
    if (next === undefined || next > until) break;
    turns = next > now ? 0 : turns + 1;
    if (turns > TURNS_AT_ONE_MOMENT_MAX) throw new Error(`${code}: the policy wakes it without end at ${now}`);
    if (next > now) now = next;
    const isAnswered = agenda[0] !== undefined && agenda[0].at <= now;
    // Who acts at the moment of a message is before it; what the clock does then is not.
    tell(now, { inclusive: !isAnswered });
    const turn: TaskEvent[] = [];
    while (agenda[0] !== undefined && agenda[0].at <= now) {
      const [act] = agenda.splice(0, 1) as [Act]; // there is one
      const taken = take(act.input);
      if (isRefusal(taken)) refused.push({ act, refusal: taken });
      else turn.push(...taken);
    }
    const { isAny, inputs, left } = wakesDue(wakes, now);
    wakes = left;
    for (const input of inputs) {
      const taken = take({ kind: 'clock', input });
      if (!isRefusal(taken)) turn.push(...taken);
    }
    if (isAny || turn.length > 0) planAnew(isClockTurn(turn));
  }
  now = until;
  tell(until, { inclusive: true });
  return { task, told, events, refused };
}

function earliest(...instants: readonly (IsoInstant | undefined)[]): IsoInstant | undefined {
  let found: IsoInstant | undefined;
  for (const at of instants) if (at !== undefined && (found === undefined || at < found)) found = at;
  return found;
}
