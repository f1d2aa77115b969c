/**
 * One task's past under a policy: what happened stays as it was, also what the task's clock did; what was told between follows from
 * the policy. With the policy that was in force it is the ledger (docs/decisions/0011 says how exactly). Pure.
 */
import type { Calendars } from './calendar.ts';
import type { TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { Ledger, type Told } from './ledger.ts';
import type { Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import { calendarsFor, type Directory, plan, stillToHear } from './plan.ts';
import { asksForRisk, type Policy } from './policy.ts';
import type { Outlook, RiskWeights, Surroundings } from './risk.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';
import { isClockTurn } from './turn.ts';

/** When a task was planned: after which of its events, and who then answered for tasks that waited for it. */
export interface Planning {
  readonly at: IsoInstant;
  readonly seq: number;
  readonly waiting: readonly Email[];
  /** What the risk was worked out from; null where the policy did not ask for it. */
  readonly surroundings: Surroundings | null;
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
  /** From when on something could go: holds, hours and caps kept it back. Absent: nothing was. */
  readonly freeAt?: (notification: PlannedNotification) => IsoInstant;
  /** Wanted where a policy asks for the risk; `surroundings` stand where none were kept: the policy in force then did not ask. */
  readonly risk?: { readonly weights: RiskWeights; readonly surroundings: (task: Task) => Surroundings };
}

/** @returns what was told, in the order of sending */
export function relive({ events, plannings, policyOf, calendars, directory, until, freeAt, risk }: Past): Told[] {
  const ledger = new Ledger([], freeAt);
  const told: Told[] = [];
  let task: Task | null = null;
  let applied = 0;
  const outlookOf = (state: Task, policy: Policy, kept: Surroundings | null): Outlook | undefined =>
    risk === undefined || !asksForRisk(policy)
      ? undefined
      : { weights: risk.weights, surroundings: kept ?? risk.surroundings(state), calendar: calendars.main };
  const planAt = (at: IsoInstant, state: Task, { waiting, surroundings }: Planning, byClock: boolean): IsoInstant | undefined => {
    const policy = policyOf(state);
    const outlook = outlookOf(state, policy, surroundings);
    const input = { task: state, policy, ...calendarsFor(state, calendars), directory, from: at, waiting, outlook };
    const made = plan(input);
    ledger.replace(made.notifications, { now: at, byClock, directory, stillToHear: () => stillToHear(input) });
    return made.wakes.find(({ input }) => input.type === 'ExtendHorizon')?.at;
  };
  for (const [index, planning] of plannings.entries()) {
    const { at, seq } = planning;
    if (at > until) break;
    const turn = events.slice(applied, seq);
    const byClock = isClockTurn(turn);
    told.push(...ledger.tell(at, { task, inclusive: byClock }));
    task = turn.reduce<Task | null>(evolve, task);
    applied = Math.max(applied, seq);
    if (task === null) continue;
    const next = plannings[index + 1]?.at ?? until;
    let horizon = planAt(at, task, planning, byClock);
    // A policy that looks further ahead than the one in force extends its horizon where nothing was planned.
    while (horizon !== undefined && horizon < next && horizon <= until) {
      told.push(...ledger.tell(horizon, { task, inclusive: true }));
      horizon = planAt(horizon, task, planning, false);
    }
  }
  told.push(...ledger.tell(until, { task, inclusive: true }));
  return told;
}
