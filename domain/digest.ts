/**
 * The digest of a working morning: what waits for a person, is late, is due, and has changed. Nobody is pinged twice for one thing: a
 * digest goes out only when there is something in it that the person has not been told, by a notification or by the last digest. Pure.
 */
import { addDays, addMinutes, atLocalTime, type Calendar, isWorkingDay } from './calendar.ts';
import type { Person } from './directory.ts';
import type { TaskEvent, TaskEventType } from './event.ts';
import { byDeadline } from './message.ts';
import type { Email, TaskCode } from './names.ts';
import { pressingDue, unverified } from './period.ts';
import type { Directory } from './plan.ts';
import { isOpen, type OpenTask, type Task } from './task.ts';
import { type IsoInstant, localDate } from './time.ts';

/** In the order in which they are read. */
export const DIGEST_PARTS = ['waits', 'late', 'due', 'changed'] as const;
export type DigestPart = (typeof DIGEST_PARTS)[number];

/** What a person must decide, answer or take over. */
export const MATTERS = [
  'acknowledgment',
  'verification',
  'transfer',
  'acceptance',
  'extension',
  'period',
  'obstacle',
  'question',
  'contribution',
] as const;
export type Matter = (typeof MATTERS)[number];

/** What has happened to a task by somebody else, and is worth a line. Progress, comments and receipts are on its page. */
const CHANGES = {
  TaskAssigned: 'assigned',
  TaskReassigned: 'assigned',
  TransferAccepted: 'assigned',
  TaskAmended: 'amended',
  TaskVerified: 'completed',
  TaskReturned: 'returned',
  TaskCancelled: 'cancelled',
  ExtensionGranted: 'extended',
  ExtensionRefused: 'extension_refused',
  TransferRefused: 'transfer_refused',
  TransferDeclined: 'transfer_refused',
  ObstacleAnswered: 'answered',
  QuestionAnswered: 'answered',
  ContributionGiven: 'contributed',
  PeriodVerified: 'period_completed',
  PeriodReturned: 'returned',
} as const satisfies Partial<Record<TaskEventType, string>>;
export type Change = (typeof CHANGES)[keyof typeof CHANGES];
/** The events of which a digest tells. */
export const CHANGE_EVENTS = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

export type DigestItem = { readonly task: Task; readonly since: IsoInstant } & (
  | { readonly part: 'waits'; readonly matters: readonly Matter[] }
  | { readonly part: 'late' | 'due' }
  | { readonly part: 'changed'; readonly changes: readonly Change[] }
);

/** What is due is told so many days before. */
const DUE_DAYS = 7;
/** The first digest of a person looks back so far; a later one to the last. */
const FIRST_DAYS = 7;

export interface DigestFacts {
  readonly person: Person;
  readonly at: IsoInstant;
  readonly directory: Directory;
  /** Open tasks, and those in which something has happened since `changesFrom`; more than the person's own do no harm. */
  readonly tasks: readonly Task[];
  /** Of these tasks, since `changesFrom`. */
  readonly events: ReadonlyMap<TaskCode, readonly TaskEvent[]>;
  /** When a notification last told the person of a task. */
  readonly told: ReadonlyMap<TaskCode, IsoInstant>;
  /** When the last digest went out; null before the first. */
  readonly last: IsoInstant | null;
}

/** Since when a digest looks for what has changed. */
export function changesFrom(last: IsoInstant | null, at: IsoInstant): IsoInstant {
  return last ?? addMinutes(at, -FIRST_DAYS * 24 * 60);
}

/**
 * What a digest says, part by part, most pressing first; nothing where nothing of it is new. What stands since before is said again
 * beside what is new; of what has changed only what is new.
 */
export function digest(facts: DigestFacts): readonly DigestItem[] {
  const isNew = ({ task, since }: DigestItem) => isUntold(facts, task, since);
  const found = facts.tasks
    .flatMap((task) => itemsOf(task, facts))
    // Asked for the morning that has passed, it is the morning's.
    .filter(({ since }) => since <= facts.at);
  if (!found.some(isNew)) return [];
  const place = ({ part }: DigestItem) => DIGEST_PARTS.indexOf(part);
  return found.toSorted((a, b) => place(a) - place(b) || byDeadline(pressing(a), pressing(b)));
}

/** Whether neither a digest nor a notification of the task has told the person since. */
function isUntold({ last, told }: DigestFacts, { code }: Task, since: IsoInstant): boolean {
  return (last === null || since > last) && !((told.get(code) ?? '') >= since);
}

const pressing = ({ task }: DigestItem) => ({ code: task.code, deadlineAt: pressingDue(task).deadlineAt });

function itemsOf(task: Task, facts: DigestFacts): DigestItem[] {
  const { person, at, directory } = facts;
  /** Whoever is away is told of nothing: who stands in is. */
  const is = (address: Email | null) =>
    address !== null && (directory.standIn(address, at, task.coordinator)?.email ?? address) === person.email;
  const isAssignee = is(task.assignee);
  const follows = isAssignee || is(task.supervisor);
  return [
    ...(isOpen(task) ? waits(task, facts, is) : []),
    ...(isOpen(task) && task.status !== 'reported' ? dues(task, facts, { isAssignee, follows }) : []),
    ...(follows ? changes(task, facts, isAssignee) : []),
  ];
}

type Is = (address: Email | null) => boolean;

function waits(task: OpenTask, { directory }: DigestFacts, is: Is): DigestItem[] {
  const found: { matter: Matter; since: IsoInstant }[] = [];
  const add = (matter: Matter, since: IsoInstant | undefined, address: Email | null) => {
    if (since !== undefined && is(address)) found.push({ matter, since });
  };
  const headOf = (agency: Parameters<Directory['agency']>[0]) => directory.agency(agency)?.head ?? null;
  const { coordinator, transfer, extension } = task;
  if (task.status === 'assigned') add('acknowledgment', task.heldSince, task.assignee);
  if (task.status === 'reported') add('verification', task.reportedAt, coordinator);
  if (transfer !== null && transfer.approved === null) add('transfer', transfer.requestedAt, coordinator);
  if (transfer !== null && transfer.approved !== null) add('acceptance', transfer.approved.at, headOf(transfer.toAgency));
  add('extension', extension?.requestedAt, coordinator);
  add('period', unverified(task).at(-1)?.since.at, coordinator);
  add('obstacle', task.obstacles.at(-1)?.at, coordinator);
  add('question', task.questions.at(-1)?.at, coordinator);
  for (const { agency, at } of task.contributions) add('contribution', at, headOf(agency));
  const [first] = found;
  if (first === undefined) return [];
  const since = found.reduce((latest, each) => (each.since > latest ? each.since : latest), first.since);
  return [{ part: 'waits', task, since, matters: [...new Set(found.map(({ matter }) => matter))] }];
}

function dues(
  task: OpenTask,
  { person, at }: DigestFacts,
  { isAssignee, follows }: { readonly isAssignee: boolean; readonly follows: boolean },
): DigestItem[] {
  const { deadline, deadlineAt } = pressingDue(task);
  if (deadlineAt < at) return follows ? [{ part: 'late', task, since: deadlineAt }] : [];
  if (!isAssignee || deadline > addDays(localDate(at, person.timeZone), DUE_DAYS)) return [];
  const near = atLocalTime(addDays(deadline, -DUE_DAYS), '00:00', person.timeZone);
  return [{ part: 'due', task, since: near > task.heldSince ? near : task.heldSince }];
}

/** By others: nobody is told what they did themselves, nor what an import brought. That it was given to them, assignees acknowledge. */
function changes(task: Task, facts: DigestFacts, isAssignee: boolean): DigestItem[] {
  const { person, at: until, events } = facts;
  const found = (events.get(task.code) ?? []).filter(
    ({ by, via, at }) => by !== person.email && via !== 'import' && at <= until && isUntold(facts, task, at),
  );
  const named = found.flatMap(({ type, at }) => {
    const change = isChange(type) ? CHANGES[type] : undefined;
    return change === undefined || (isAssignee && change === 'assigned') ? [] : [{ change, at }];
  });
  const last = named.at(-1);
  if (last === undefined) return [];
  return [{ part: 'changed', task, since: last.at, changes: [...new Set(named.map(({ change }) => change))] }];
}

function isChange(type: TaskEventType): type is keyof typeof CHANGES {
  return type in CHANGES;
}

/** So long before its morning a notice may be planned, and so long after it what an outage kept back is still sent. */
const PLANNED_BEFORE_MINUTES = 120;
const LATE_MINUTES = 4 * 60;

export interface Morning {
  readonly day: ReturnType<typeof localDate>;
  readonly at: IsoInstant;
  /** The last instant at which it is still morning's word. */
  readonly notAfter: IsoInstant;
}

/**
 * The morning that is near: of the person's own working days, at a local time of the person's own zone. Null where none is.
 * @param o.installedAt on the day of its installation the system has nothing to look back at
 */
export function morningNear(
  at: IsoInstant,
  o: { readonly calendar: Calendar; readonly time: string; readonly timeZone: string; readonly installedAt: IsoInstant },
): Morning | null {
  const { calendar, time, timeZone, installedAt } = o;
  // Two hours before eight can be yesterday for nobody, but a digest may be set to a quarter past midnight.
  const day = localDate(addMinutes(at, PLANNED_BEFORE_MINUTES), timeZone);
  if (!isWorkingDay(calendar, day) || day <= localDate(installedAt, timeZone)) return null;
  const morning = atLocalTime(day, time, timeZone);
  const notAfter = addMinutes(morning, LATE_MINUTES);
  return addMinutes(morning, -PLANNED_BEFORE_MINUTES) <= at && at < notAfter ? { day, at: morning, notAfter } : null;
}
