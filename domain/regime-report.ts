/** What the committee's weekly or monthly report says: figures, causes, whose time it was, what has changed since the last. Pure. */
import type { Calendar } from './calendar.ts';
import type { TaskEvent } from './event.ts';
import { isIn, type Term, writeExpression } from './figures.ts';
import { type Attribution, attribution, causes, type LateTask, lateTasks } from './lateness.ts';
import type { AgencyCode, ObstacleKind } from './names.ts';
import { mayLeave } from './secrecy.ts';
import type { Task } from './task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, isoDate, localDate } from './time.ts';

/** A figure with its count, and its count in the last report where there was one. */
export interface Count {
  readonly figure: Term['figure'];
  readonly argument: string;
  /** As `report explain` reads it. */
  readonly written: string;
  readonly now: number;
  readonly before: number | null;
}

/** Of an agency or a group of work; the group of a restricted task is not told: null. */
export interface Part<Key> {
  readonly key: Key;
  readonly counts: readonly Count[];
}

/** Tasks by code; restricted ones are counted, not named. */
export interface Listed<T> {
  readonly named: readonly T[];
  readonly restricted: number;
}

export interface Changed {
  readonly task: Task;
  readonly before: Task;
}

export interface Changes {
  readonly assigned: Listed<Task>;
  readonly completed: Listed<Task>;
  readonly becameLate: Listed<Task>;
  readonly cancelled: Listed<Task>;
  readonly agencyChanged: Listed<Changed>;
  readonly deadlineMoved: Listed<Changed>;
}

export interface RegimeReport {
  readonly at: IsoInstant;
  readonly since: IsoInstant | null;
  readonly agency: AgencyCode | null;
  readonly all: readonly Count[];
  /** Most overdue first. */
  readonly byAgency: readonly Part<AgencyCode>[];
  readonly byGroup: readonly Part<string | null>[];
  readonly causes: readonly { readonly kind: ObstacleKind | null; readonly tasks: number }[];
  readonly attribution: readonly Attribution[];
  readonly changes: Changes | null;
  readonly late: Listed<LateTask>;
}

export interface RegimeFacts {
  readonly at: IsoInstant;
  /** 31 December of the year of `at`. */
  readonly yearEnd: IsoDate;
  /** Null: of all agencies. */
  readonly agency: AgencyCode | null;
  /** As they stood at `at`, under the agencies as they are now. */
  readonly tasks: readonly Task[];
  readonly last: { readonly at: IsoInstant; readonly tasks: readonly Task[] } | null;
  /** The records of the overdue tasks. */
  readonly records: ReadonlyMap<string, readonly TaskEvent[]>;
  readonly calendar: Calendar;
}

/** What a part's row shows; the whole report shows the others too. */
export const PART_FIGURES: readonly Term['figure'][] = [
  'total',
  'completed',
  'withinDeadline',
  'overdue',
  'regular',
  'waitingForVerification',
];

export function regimeReport({ at, yearEnd, agency, tasks: all, last, records, calendar }: RegimeFacts): RegimeReport {
  const ofAgency = (task: Task) => agency === null || task.leadAgency === agency;
  const tasks = all.filter(ofAgency);
  const before = last?.tasks.filter(ofAgency) ?? null;
  const parts = <Key>(keyOf: (task: Task) => Key): Part<Key>[] => {
    const keys = new Set([...tasks, ...(before ?? [])].map(keyOf));
    return [...keys]
      .map((key) => {
        const own = (of: readonly Task[]) => of.filter((task) => keyOf(task) === key);
        return { key, counts: counts(partTerms, agency, { at, tasks: own(tasks) }, last && { at: last.at, tasks: own(before ?? []) }) };
      })
      .filter(({ counts: [total] }) => (total?.now ?? 0) + (total?.before ?? 0) > 0)
      .sort((a, b) => overdueOf(b.counts) - overdueOf(a.counts) || (b.counts[0]?.now ?? 0) - (a.counts[0]?.now ?? 0) || text(a.key, b.key));
  };
  const late = lateTasks(tasks, records, { at, calendar });
  return {
    at,
    since: last?.at ?? null,
    agency,
    all: counts(allTerms(yearEnd), agency, { at, tasks }, last && { at: last.at, tasks: before ?? [] }),
    byAgency: parts(({ leadAgency }) => leadAgency),
    byGroup: parts(({ group, secrecy }) => (mayLeave(secrecy, 'document') ? group : null)),
    causes: causes(late),
    attribution: attribution(late),
    changes: last === null ? null : changesSince(last, { at, tasks: all }, ofAgency),
    late: listed(late, ({ task }) => task),
  };
}

const term = (figure: Term['figure'], argument = ''): Term => ({ figure, argument, isNegated: false });
const partTerms = PART_FIGURES.map((figure) => term(figure));

function allTerms(yearEnd: IsoDate): Term[] {
  return [
    term('total'),
    term('completed'),
    term('completedOnTime'),
    term('completedLate'),
    term('withinDeadline'),
    term('dueBy', yearEnd),
    term('overdue'),
    term('toFinishBy', yearEnd),
    term('regular'),
    term('waitingForVerification'),
    term('unacknowledged'),
    term('withObstacle'),
    term('withoutCause'),
  ];
}

interface Standing {
  readonly at: IsoInstant;
  readonly tasks: readonly Task[];
}

function counts(terms: readonly Term[], agency: AgencyCode | null, now: Standing, before: Standing | null): Count[] {
  const count = ({ at, tasks }: Standing, one: Term) => tasks.filter((task) => isIn(task, at, { terms: [one] })).length;
  return terms.map((one) => ({
    figure: one.figure,
    argument: one.argument,
    written: writeExpression({ terms: agency === null ? [one] : [one, term('agency', agency)], at: null }),
    now: count(now, one),
    before: before === null ? null : count(before, one),
  }));
}

function overdueOf(found: readonly Count[]): number {
  return found.find(({ figure }) => figure === 'overdue')?.now ?? 0;
}

function text(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

function changesSince(last: Standing, now: Standing, ofAgency: (task: Task) => boolean): Changes {
  const known = new Map(last.tasks.map((task) => [task.code, task]));
  const is = (figure: Term['figure'], task: Task | undefined, at: IsoInstant) =>
    task !== undefined && isIn(task, at, { terms: [term(figure)] });
  const own = now.tasks.filter(ofAgency);
  const became = (figure: Term['figure']) =>
    listed(
      own.filter((task) => is(figure, task, now.at) && !is(figure, known.get(task.code), last.at)),
      (task) => task,
    );
  const changed = (by: (task: Task) => string): Listed<Changed> =>
    listed(
      now.tasks.flatMap((task) => {
        const before = known.get(task.code);
        if (before === undefined || by(before) === by(task) || !(ofAgency(task) || ofAgency(before))) return [];
        return is('total', task, now.at) ? [{ task, before }] : [];
      }),
      ({ task }) => task,
    );
  return {
    // What an agency has got from another one is told as such.
    assigned: listed(
      own.filter((task) => is('total', task, now.at) && !is('total', known.get(task.code), last.at)),
      (task) => task,
    ),
    completed: became('completed'),
    becameLate: became('overdue'),
    cancelled: listed(
      own.filter((task) => task.status === 'cancelled' && is('total', known.get(task.code), last.at)),
      (task) => task,
    ),
    agencyChanged: changed(({ leadAgency }) => leadAgency),
    deadlineMoved: changed(({ deadline }) => deadline),
  };
}

function listed<T>(found: readonly T[], taskOf: (each: T) => Task): Listed<T> {
  const named = found.filter((each) => mayLeave(taskOf(each).secrecy, 'document'));
  return { named, restricted: found.length - named.length };
}

/** 31 December of the committee's year. */
export function yearEndOf(at: IsoInstant): IsoDate {
  return isoDate.parse(`${localDate(at, COMMITTEE_TIME_ZONE).slice(0, 4)}-12-31`);
}
