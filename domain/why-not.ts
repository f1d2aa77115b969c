/** Why a person is not told of a task on a day, found from the same plan that decides who is. Pure. */

import type { Email } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import { compareText, consider, type Fate, type JudgedOccurrence, judgedOccurrences, type Unmet } from './occurrences.ts';
import { addressesOf, isOvertaken, type PlanInput, plan, type Silence, tellings } from './plan.ts';
import type { Step } from './policy.ts';
import { isOpen, type OpenTask } from './task.ts';
import { type IsoDate, type IsoInstant, localDate } from './time.ts';

export type Because =
  | Unmet
  | Exclude<Fate, 'applies'>
  | Silence['because']
  /** The task is over: it tells nobody anything. */
  | 'task_closed'
  /** No step of the policy names the person, in whatever role. */
  | 'not_addressed'
  /** Due that day, and moved out of the hours in which the person may be told. */
  | 'outside_hours'
  | 'other_day'
  /** Due that day, which lies further ahead than notifications are planned. */
  | 'beyond_horizon'
  /** Absent: whoever stands in is told. */
  | 'substitute';

export interface Reason {
  readonly because: Because;
  /** Of the policy; null where it is no step that says so. */
  readonly step: string | null;
  /** When it was, or will be; null where it has no moment. */
  readonly at: IsoInstant | null;
  /** Who is told instead. */
  readonly instead: Email | null;
}

export interface WhyNot {
  /** What the person is told that day: then there is no silence to explain. */
  readonly told: readonly PlannedNotification[];
  /** The most telling first; empty only where something is told. */
  readonly reasons: readonly Reason[];
}

/**
 * @param input the task as it stands at `from`, from which on the day is looked at
 * @param date a local date of the person
 */
export function whyNot(input: PlanInput, person: Email, date: IsoDate): WhyNot {
  const { task, directory } = input;
  if (!isOpen(task)) return silent([reason('task_closed')]);
  const known = directory.person(person);
  if (known === undefined) return silent([reason('unknown_person')]);
  const isOnDate = (at: IsoInstant) => localDate(at, known.timeZone) === date;
  const told = plan(input).notifications.filter(({ recipient, sendAt }) => recipient === person && isOnDate(sendAt));
  if (told.length > 0) return { told, reasons: [] };
  const judged = judgedOccurrences(task, input.policy, input.calendar, input.from, input.outlook);
  const ofMoments = judged.flatMap((occurrence) => reasonOf(occurrence, judged, input, person, isOnDate));
  const ofSteps = input.policy.steps.flatMap((step) => unmetReason(step, task, input, person, isOnDate));
  const reasons = [...ofMoments, ...ofSteps].sort(
    (a, b) => nearness(a, isOnDate) - nearness(b, isOnDate) || compareText(a.at ?? '', b.at ?? ''),
  );
  return silent(reasons.length === 0 ? [reason('not_addressed')] : reasons);
}

const silent = (reasons: readonly Reason[]): WhyNot => ({ told: [], reasons });
const reason = (because: Because, more: Partial<Reason> = {}): Reason => ({ because, step: null, at: null, instead: null, ...more });

/** Why a moment of the policy does not tell the person that day; nothing where it never meant this person. */
function reasonOf(
  occurrence: JudgedOccurrence,
  judged: readonly JudgedOccurrence[],
  input: PlanInput,
  person: Email,
  isOnDate: (at: IsoInstant) => boolean,
): Reason[] {
  const step = occurrence.step.id;
  const silences: Silence[] = [];
  const told = tellings(occurrence, input, silences);
  const own = told.filter(({ recipient, insteadOf }) => recipient.email === person || insteadOf === person);
  const because = occurrence.fate;
  if (own.length === 0)
    return silences.filter(({ recipient }) => recipient === person).map((each) => reason(each.because, { step, at: occurrence.at }));
  if (because !== 'applies') return [reason(because, { step, at: occurrence.at })];
  const isAnswered = silences.some((each) => each.recipient === person && each.because === 'answered');
  const ofTurns = isAnswered ? [reason('answered', { step, at: occurrence.at })] : [];
  return ofTurns.concat(
    own.map((telling) => {
      const { recipient, due } = telling;
      if (isOvertaken(telling, occurrence, judged, input)) return reason('superseded', { step, at: occurrence.at });
      const isUnreachable = silences.some((each) => each.recipient === person && each.because === 'no_channel');
      if (recipient.email !== person)
        return reason(isUnreachable ? 'no_channel' : 'substitute', { step, at: due, instead: recipient.email });
      if (isOnDate(due)) return reason('beyond_horizon', { step, at: due });
      return reason(isOnDate(occurrence.at) ? 'outside_hours' : 'other_day', { step, at: due });
    }),
  );
}

/** Why a step that names the person does not apply to this task; of its moments the one of that day is named. */
function unmetReason(step: Step, task: OpenTask, input: PlanInput, person: Email, isOnDate: (at: IsoInstant) => boolean): Reason[] {
  const { unmet, occurrences } = consider(step, task, input.calendar);
  if (unmet === null) return [];
  // Where nothing has happened that it could count from, whom it means is asked of the task as it is.
  const moments = occurrences.length > 0 ? occurrences : [{ anchor: { id: '', at: task.heldSince }, at: task.heldSince }];
  const meant = moments.filter((moment) => step.audience.some((audience) => addressesOf(audience, moment, input, task).includes(person)));
  if (meant.length === 0) return [];
  return [reason(unmet, { step: step.id, at: meant.find(({ at }) => isOnDate(at))?.at ?? null })];
}

/** What concerns the day itself comes first, then what a person could change, then the rest. */
const ORDER: readonly Because[] = [
  'beyond_horizon',
  'outside_hours',
  'no_channel',
  'answered',
  'substitute',
  'superseded',
  'reminded',
  'said_otherwise',
  'before_held',
  'other_risk',
  'stopped',
  'state',
  'other_day',
  'not_concerned',
  'not_happened',
];
function nearness({ because, at }: Reason, isOnDate: (at: IsoInstant) => boolean): number {
  return ORDER.indexOf(because) + (at !== null && isOnDate(at) ? 0 : ORDER.length);
}
