/** One turn of a task: what an input, or the moments that have come, make of it. Workflow, import and simulation live by it. Pure. */
import { decide } from './decide.ts';
import type { ClockInput, Input, TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { TaskCode } from './names.ts';
import type { Wake } from './plan.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

export interface Turn {
  /** The state after it; null only where there is no task yet and the clock has nothing to say. */
  readonly task: Task | null;
  readonly events: readonly TaskEvent[];
}

/** Judges one input and applies what follows from it. */
export function takeInput(code: TaskCode, task: Task | null, input: Input, now: IsoInstant): Turn | Refusal {
  const events = decide(code, task, input, now);
  return isRefusal(events) ? events : { task: events.reduce<Task | null>(evolve, task), events };
}

/** What the wakes that have come ask of the task, in their order; each of them wants a new plan, also where it asks nothing. */
export function wakesDue(
  wakes: readonly Wake[],
  now: IsoInstant,
): { readonly isAny: boolean; readonly inputs: readonly ClockInput[]; readonly left: readonly Wake[] } {
  const due = wakes.filter(({ at }) => at <= now);
  const inputs = due.flatMap(({ input }) => (input.type === 'ExtendHorizon' ? [] : [input]));
  return { isAny: due.length > 0, inputs, left: wakes.filter(({ at }) => at > now) };
}

/** Whether only the task's own clock has spoken: what falls due at that same moment is then not taken back. */
export function isClockTurn(events: readonly TaskEvent[]): boolean {
  return events.length > 0 && events.every(({ commandId }) => commandId === null);
}
