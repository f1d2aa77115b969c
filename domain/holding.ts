/** In whose hands a task was, hour by hour: every working minute from assignment to end belongs to exactly one holder. Pure. */
import { type Calendar, workingMinutes } from './calendar.ts';
import type { TaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { AgencyCode, Email } from './names.ts';
import { unverified } from './period.ts';
import { isOpen, type OpenTask, type Task } from './task.ts';
import type { IsoInstant } from './time.ts';

export const HOLDER_ROLES = [
  'assignee',
  'verifier',
  'transfer_decider',
  'transfer_receiver',
  'extension_decider',
  'obstacle_owner',
  'question_owner',
  'contributor',
] as const;
export type HolderRole = (typeof HOLDER_ROLES)[number];

/** A person, or the agency that owes an answer. */
export interface Holder {
  readonly role: HolderRole;
  readonly who: Email | AgencyCode;
}

/** A stretch of a task's life, from an instant up to another one. */
export interface Holding extends Holder {
  readonly from: IsoInstant;
  readonly to: IsoInstant;
}

/**
 * Whose turn it is. What is waited for counts before what is worked on: the verifier of a report, then the decider of a
 * request, then the verifier of a period, then whoever owes an answer, then an agency whose contribution is past its date; else the assignee.
 */
export function holderOf(task: OpenTask, at: IsoInstant): Holder {
  const { coordinator, transfer, extension } = task;
  if (task.status === 'reported') return { role: 'verifier', who: coordinator };
  if (transfer !== null && transfer.approved === null) return { role: 'transfer_decider', who: coordinator };
  if (transfer !== null) return { role: 'transfer_receiver', who: transfer.toAgency };
  if (extension !== null) return { role: 'extension_decider', who: coordinator };
  if (unverified(task).length > 0) return { role: 'verifier', who: coordinator };
  if (task.obstacles.length > 0) return { role: 'obstacle_owner', who: coordinator };
  if (task.questions.length > 0) return { role: 'question_owner', who: coordinator };
  const [owed] = task.contributions.filter(({ deadlineAt }) => deadlineAt <= at).toSorted((a, b) => (a.deadlineAt < b.deadlineAt ? -1 : 1));
  return owed === undefined ? { role: 'assignee', who: task.assignee } : { role: 'contributor', who: owed.agency };
}

/**
 * The stretches in order, without gap or overlap, from the assignment to the end of the task or to `until`.
 * @param events the whole record, in order; @throws as `evolve` does when it is broken
 */
export function holdings(events: readonly TaskEvent[], until: IsoInstant): Holding[] {
  const found: Holding[] = [];
  let task: Task | null = null;
  let from: IsoInstant | null = null;
  const hold = (state: OpenTask, start: IsoInstant, end: IsoInstant) => {
    const dues = state.contributions.map(({ deadlineAt }) => deadlineAt).filter((at) => at > start && at < end);
    let begin = start;
    for (const next of [...dues.toSorted(), end]) {
      if (next > begin) join(found, { ...holderOf(state, begin), from: begin, to: next });
      begin = next;
    }
  };
  for (const event of events) {
    if (event.at >= until) break;
    if (task !== null && from !== null && isOpen(task)) hold(task, from, event.at);
    task = evolve(task, event);
    from = event.at;
  }
  if (task !== null && from !== null && isOpen(task)) hold(task, from, until);
  return found;
}

function join(found: Holding[], next: Holding): void {
  const last = found.at(-1);
  if (last?.role === next.role && last.who === next.who) found[found.length - 1] = { ...last, to: next.to };
  else found.push(next);
}

/** Working minutes of each holder, and how many of them lie after the deadline. */
export interface Share extends Holder {
  readonly minutes: number;
  readonly minutesLate: number;
}

/** Sums the stretches by holder, most first; the minutes of all are the working minutes of the whole span. */
export function shares(found: readonly Holding[], deadlineAt: IsoInstant, calendar: Calendar): Share[] {
  const sums = new Map<string, Share>();
  for (const { role, who, from, to } of found) {
    const key = `${role}/${who}`;
    const kept = sums.get(key) ?? { role, who, minutes: 0, minutesLate: 0 };
    const late = to > deadlineAt ? workingMinutes(calendar, from > deadlineAt ? from : deadlineAt, to) : 0;
    sums.set(key, { ...kept, minutes: kept.minutes + workingMinutes(calendar, from, to), minutesLate: kept.minutesLate + late });
  }
  return [...sums.values()].sort((a, b) => b.minutes - a.minutes);
}
