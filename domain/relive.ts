/**
 * One task's past under a policy: what happened stays as it was, also what the task's clock did; what was told between follows from
 * the policy. With the policy that was in force it is the ledger (docs/decisions/0011 says how exactly). Pure.
 */
import type { Calendars } from './calendar.ts';
import type { TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { Ledger, type Told } from './ledger.ts';
import type { Email } from './names.ts';
import { calendarsFor, type Directory, plan } from './plan.ts';
import type { Policy } from './policy.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';
import { isClockTurn } from './turn.ts';

/** When a task was planned: after which of its events, and who then answered for tasks that waited for it. */
export interface Planning {
  readonly at: IsoInstant;
  readonly seq: number;
  readonly waiting: readonly Email[];
}

export interface Past {
  /** The whole record, in order. */
  readonly events: readonly TaskEvent[];
  /** In order. */
  readonly plannings: readonly Planning[];
  readonly policyOf: (task: Task) => Policy;
  readonly calendars: Calendars;
  readonly directory: Directory;
  /** The last instant that is looked at. */
  readonly until: IsoInstant;
}

/** @returns what was told, in the order of sending */
export function relive({ events, plannings, policyOf, calendars, directory, until }: Past): Told[] {
  const ledger = new Ledger();
  const told: Told[] = [];
  let task: Task | null = null;
  let applied = 0;
  const planAt = (at: IsoInstant, state: Task, waiting: readonly Email[], byClock: boolean): IsoInstant | undefined => {
    const made = plan({ task: state, policy: policyOf(state), ...calendarsFor(state, calendars), directory, from: at, waiting });
    ledger.replace(made.notifications, { now: at, byClock, directory });
    return made.wakes.find(({ input }) => input.type === 'ExtendHorizon')?.at;
  };
  for (const [index, { at, seq, waiting }] of plannings.entries()) {
    if (at > until) break;
    const turn = events.slice(applied, seq);
    const byClock = isClockTurn(turn);
    told.push(...ledger.tell(at, { task, inclusive: byClock }));
    task = turn.reduce<Task | null>(evolve, task);
    applied = Math.max(applied, seq);
    if (task === null) continue;
    const next = plannings[index + 1]?.at ?? until;
    let horizon = planAt(at, task, waiting, byClock);
    // A policy that looks further ahead than the one in force extends its horizon where nothing was planned.
    while (horizon !== undefined && horizon < next && horizon <= until) {
      told.push(...ledger.tell(horizon, { task, inclusive: true }));
      horizon = planAt(horizon, task, waiting, false);
    }
  }
  told.push(...ledger.tell(until, { task, inclusive: true }));
  return told;
}
