/**
 * Figures: named sets of tasks as they stood at an instant. One definition each, for the report, the scoreboard and the explanation of
 * why two figures differ. A task comes here as it stood then (rebuilt from its record), so an old figure can be had again. Pure.
 */
import { agencyCode } from './names.ts';
import { isDueBy, type StandingFacts, standing } from './scoreboard.ts';
import type { Task } from './task.ts';
import { type IsoDate, type IsoInstant, isoDate, isoInstant } from './time.ts';

/** What a standing is judged from, of a whole task. */
export function standingFactsOf(task: Task): StandingFacts & { readonly deadline: IsoDate } {
  const { status, regular, assignedAt, deadline, deadlineAt } = task;
  return {
    status,
    regular,
    assignedAt,
    deadline,
    deadlineAt,
    completedAt: task.status === 'completed' ? task.completedAt : null,
    cancelledAt: task.status === 'cancelled' ? task.cancelledAt : null,
  };
}

/** What stands after the colon of a figure's name: `dueBy:2025-12-31`. */
export type ArgumentKind = 'date' | 'agency' | 'group';

interface Definition {
  readonly argument: ArgumentKind | null;
  /** Asked only of a task that counts at all: assigned by then, not cancelled by then. */
  readonly includes: (task: Task, at: IsoInstant, argument: string) => boolean;
}

const standsAs = (task: Task, at: IsoInstant) => standing(standingFactsOf(task), at);
/** Neither completed nor regular: somebody still has to bring it to its end. */
const isUnfinished = (task: Task, at: IsoInstant) => ['within_deadline', 'overdue'].includes(standsAs(task, at) ?? '');
const isDue = (task: Task, at: IsoInstant, date: string) => isDueBy(standingFactsOf(task), at, date as IsoDate); // parsed with its term

/** Completed, withinDeadline, overdue and regular share out all that total counts; the others cut across them. */
export const FIGURES = {
  total: { argument: null, includes: () => true },
  completed: { argument: null, includes: (task, at) => standsAs(task, at) === 'completed' },
  /** Verified by the deadline; what was reported in time and verified later was overdue in between, and counts as late. */
  completedOnTime: {
    argument: null,
    includes: (task, at) => standsAs(task, at) === 'completed' && task.status === 'completed' && task.completedAt <= task.deadlineAt,
  },
  completedLate: {
    argument: null,
    includes: (task, at) => standsAs(task, at) === 'completed' && task.status === 'completed' && task.completedAt > task.deadlineAt,
  },
  withinDeadline: { argument: null, includes: (task, at) => standsAs(task, at) === 'within_deadline' },
  overdue: { argument: null, includes: (task, at) => standsAs(task, at) === 'overdue' },
  regular: { argument: null, includes: (task, at) => standsAs(task, at) === 'regular' },
  /** Within its deadline, which is on that day or before. */
  dueBy: { argument: 'date', includes: isDue },
  /** What must still be finished by the end of that day: the overdue ones and those that are due by then. */
  toFinishBy: { argument: 'date', includes: (task, at, date) => standsAs(task, at) === 'overdue' || isDue(task, at, date) },
  /** Reported done, not verified yet. */
  waitingForVerification: { argument: null, includes: (task, at) => isUnfinished(task, at) && task.status === 'reported' },
  unacknowledged: { argument: null, includes: (task, at) => isUnfinished(task, at) && task.status === 'assigned' },
  /** Its deadline was moved by an extension at least once. */
  extended: { argument: null, includes: (task) => task.extensionsGranted > 0 },
  withObstacle: { argument: null, includes: (task, at) => isUnfinished(task, at) && task.obstacles.length > 0 },
  /** Overdue in the assignee's hands, and nobody has said why. */
  withoutCause: {
    argument: null,
    includes: (task, at) => standsAs(task, at) === 'overdue' && task.status !== 'reported' && task.delayCause === null,
  },
  agency: { argument: 'agency', includes: (task, _at, code) => task.leadAgency === code },
  group: { argument: 'group', includes: (task, _at, name) => task.group === name },
} as const satisfies Readonly<Record<string, Definition>>;
export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** One figure, or what it leaves out of all that count. */
export interface Term {
  readonly figure: FigureName;
  /** Empty where the figure takes none. */
  readonly argument: string;
  readonly isNegated: boolean;
}

/** Tasks that are in every one of the terms, at the end of office hours of a day, at an instant, or whenever it is asked for. */
export interface Expression {
  readonly terms: readonly Term[];
  readonly at: { readonly date: IsoDate } | { readonly instant: IsoInstant } | null;
}

/** Whether a task, as it stood at that instant, is in the set. */
export function isIn(task: Task, at: IsoInstant, { terms }: Pick<Expression, 'terms'>): boolean {
  return standsAs(task, at) !== null && terms.every((term) => holds(task, at, term));
}

/** Of a task that counts. */
export function holds(task: Task, at: IsoInstant, { figure, argument, isNegated }: Term): boolean {
  const { includes }: Definition = FIGURES[figure];
  return includes(task, at, argument) !== isNegated;
}

export const FIGURE_FAULTS = [
  'figure_empty',
  'figure_unknown',
  'argument_missing',
  'argument_unwanted',
  'date_invalid',
  'agency_invalid',
  'quote_open',
  'instant_invalid',
] as const;

/** Why a notation cannot be read: where in it (from 1), what stands there, what was probably meant or would be right. */
export interface FigureFault {
  readonly fault: (typeof FIGURE_FAULTS)[number];
  readonly position: number;
  readonly value: string;
  readonly expected: string;
}

const NEGATION = 'not-';
const EXAMPLES: Readonly<Record<ArgumentKind, string>> = { date: '2025-12-31', agency: 'MOST', group: '"…"' };

/**
 * Reads `toFinishBy:2025-12-31,not-waitingForVerification@2025-12-04`: figures by name, each with its value after a colon, divided by
 * commas, all of which must hold; `not-` turns one around; `@` a day (the end of its office hours) or an instant. A value with a
 * comma or an at sign stands in double quotes.
 */
export function readExpression(written: string): Expression | FigureFault {
  const quoted = quotedPlaces(written);
  if (quoted === null)
    return { fault: 'quote_open', position: written.lastIndexOf('"') + 1, value: written.slice(written.lastIndexOf('"')), expected: '"' };
  const places = (mark: string) => written.split('').flatMap((each, index) => (each === mark && !quoted.has(index) ? [index] : []));
  const at = places('@').at(-1) ?? -1;
  const end = at === -1 ? written.length : at;
  const terms: Term[] = [];
  let from = 0;
  for (const to of [...places(',').filter((index) => index < end), end]) {
    const term = readTerm(written.slice(from, to), from);
    if ('fault' in term) return term;
    terms.push(term);
    from = to + 1;
  }
  if (at === -1) return { terms, at: null };
  const moment = written.slice(at + 1).trim();
  const date = isoDate.safeParse(moment);
  if (date.success) return { terms, at: { date: date.data } };
  const instant = isoInstant.safeParse(moment);
  if (instant.success) return { terms, at: { instant: instant.data } };
  return { fault: 'instant_invalid', position: at + 2, value: moment, expected: '2025-12-04' };
}

function readTerm(written: string, offset: number): Term | FigureFault {
  const position = offset + 1 + (written.length - written.trimStart().length);
  const trimmed = written.trim();
  const isNegated = trimmed.startsWith(NEGATION);
  const body = isNegated ? trimmed.slice(NEGATION.length) : trimmed;
  const start = position + (isNegated ? NEGATION.length : 0);
  const colon = body.indexOf(':');
  const name = (colon === -1 ? body : body.slice(0, colon)).trim();
  if (name === '') return { fault: 'figure_empty', position: start, value: trimmed, expected: FIGURE_NAMES.join(', ') };
  const figure = FIGURE_NAMES.find((each) => each === name);
  if (figure === undefined) return { fault: 'figure_unknown', position: start, value: name, expected: nearest(name) };
  const { argument: kind }: Definition = FIGURES[figure];
  const argument = colon === -1 ? '' : unquoted(body.slice(colon + 1).trim());
  const valueAt = start + (colon === -1 ? body.length : colon + 1);
  if (kind === null)
    return colon === -1
      ? { figure, argument: '', isNegated }
      : { fault: 'argument_unwanted', position: valueAt, value: argument, expected: figure };
  const expected = `${figure}:${EXAMPLES[kind]}`;
  if (argument === '') return { fault: 'argument_missing', position: valueAt, value: body, expected };
  if (kind === 'date' && !isoDate.safeParse(argument).success)
    return { fault: 'date_invalid', position: valueAt, value: argument, expected };
  if (kind === 'agency' && !agencyCode.safeParse(argument).success)
    return { fault: 'agency_invalid', position: valueAt, value: argument, expected };
  return { figure, argument: kind === 'group' ? argument.normalize('NFC') : argument, isNegated };
}

/** An expression as it would be written. */
export function writeExpression({ terms, at }: Expression): string {
  const written = terms.map(({ figure, argument, isNegated }) => {
    const value = /[,@:"]/.test(argument) ? `"${argument}"` : argument;
    return `${isNegated ? NEGATION : ''}${figure}${argument === '' ? '' : `:${value}`}`;
  });
  const moment = at === null ? '' : `@${'date' in at ? at.date : at.instant}`;
  return `${written.join(',')}${moment}`;
}

/** The places that lie within double quotes; null where one stays open. */
function quotedPlaces(written: string): ReadonlySet<number> | null {
  const within = new Set<number>();
  let open = false;
  for (const [index, each] of written.split('').entries()) {
    if (each === '"') open = !open;
    else if (open) within.add(index);
  }
  return open ? null : within;
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

/** The name that is fewest strokes away; all of them where none is near. */
function nearest(name: string): string {
  const ranked = FIGURE_NAMES.map((each) => ({ each, strokes: strokes(name.toLowerCase(), each.toLowerCase()) })).sort(
    (a, b) => a.strokes - b.strokes,
  );
  const [best] = ranked;
  return best !== undefined && best.strokes <= Math.max(2, best.each.length / 3) ? best.each : FIGURE_NAMES.join(', ');
}

/** Levenshtein's distance. */
function strokes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (b[j - 1] === letter ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
