/** The committee's report in words: what `domain/regime-report.ts` reckons, as sections and tables in one language. Pure. */
import { formatInstant, type TextId, text } from '../config/text.ts';
import type { Calendar } from '../domain/calendar.ts';
import { type LateTask, workingDays } from '../domain/lateness.ts';
import type { Locale } from '../domain/names.ts';
import { type Changed, type Listed, PART_FIGURES, type Part, type RegimeReport } from '../domain/regime-report.ts';
import type { Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { type Cell, type Column, cellText, type Document, type Section, type Table } from './document.ts';

export interface RegimeWords {
  readonly locale: Locale;
  readonly calendar: Calendar;
  readonly agencyName: (code: string) => string;
}

export function regimeDocument(report: RegimeReport, words: RegimeWords): Document {
  const { locale, agencyName } = words;
  const at = (instant: IsoInstant) => formatInstant(locale, instant, COMMITTEE_TIME_ZONE);
  return {
    locale,
    title: text(locale, 'report.title'),
    lines: [
      ...(report.agency === null
        ? []
        : [text(locale, 'web.named', { label: text(locale, 'field.agency'), value: agencyName(report.agency) })]),
      text(locale, 'report.as_of', { at: at(report.at) }),
      ...(report.since === null ? [] : [text(locale, 'report.since', { since: at(report.since) })]),
    ],
    sections: [
      figuresSection(report, words),
      ...(report.agency === null ? [partsSection('report.by_agency', 'field.agency', report.byAgency, words, agencyName)] : []),
      partsSection('report.by_group', 'web.field.group', report.byGroup, words, (group: string | null) =>
        group === null ? text(locale, 'report.restricted_group') : group === '' ? text(locale, 'report.no_group') : group,
      ),
      causesSection(report, words),
      attributionSection(report, words),
      ...changeSections(report, words),
      lateSection(report.late, words),
    ],
  };
}

/** A table of nothing is none. */
const tableOf = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): Table | null =>
  rows.length === 0 ? null : { columns, rows };
const wide = (name: string, width: number): Column => ({ name, kind: 'text', width });
const number = (name: string): Column => ({ name, kind: 'number' });
const date = (name: string): Column => ({ name, kind: 'date' });
const on = (day: IsoDate): Cell => ({ date: day });

function figuresSection({ all, since }: RegimeReport, { locale }: RegimeWords): Section {
  return {
    heading: text(locale, 'report.figures'),
    paragraphs: [],
    table: {
      columns: [
        wide(text(locale, 'report.column.figure'), 4),
        number(text(locale, 'report.column.tasks')),
        ...(since === null ? [] : [number(text(locale, 'report.column.before')), number(text(locale, 'report.column.change'))]),
        wide(text(locale, 'report.column.written'), 3),
      ],
      rows: all.map(({ figure, argument, written, now, before }) => [
        // Whatever takes an argument here takes a day.
        text(locale, `figure.${figure}`, argument === '' ? {} : { date: cellText(locale, on(argument as IsoDate)) }),
        now,
        ...(before === null ? [] : [before, now - before]),
        written,
      ]),
    },
    notes: [text(locale, 'report.explained')],
  };
}

function partsSection<Key>(
  heading: TextId,
  column: TextId,
  parts: readonly Part<Key>[],
  { locale }: RegimeWords,
  nameOf: (key: Key) => string,
): Section {
  const hasBefore = parts.some(({ counts }) => counts.some(({ before }) => before !== null));
  return {
    heading: text(locale, heading),
    paragraphs: [],
    table: tableOf(
      [
        wide(text(locale, column), 4),
        ...PART_FIGURES.map((figure) => number(text(locale, `figure.${figure}`, {}))),
        ...(hasBefore ? [number(text(locale, 'report.column.overdue_before'))] : []),
      ],
      parts.map(({ key, counts }) => [
        nameOf(key),
        ...counts.map(({ now }) => now),
        ...(hasBefore ? [counts.find(({ figure }) => figure === 'overdue')?.before ?? null] : []),
      ]),
    ),
    notes: [],
  };
}

function causesSection({ causes }: RegimeReport, { locale }: RegimeWords): Section {
  return {
    heading: text(locale, 'report.causes'),
    paragraphs: [],
    table: tableOf(
      [wide(text(locale, 'web.field.delay_cause'), 4), number(text(locale, 'report.column.tasks'))],
      causes.map(({ kind, tasks }) => [kind === null ? text(locale, 'report.no_cause') : text(locale, `obstacle.${kind}`), tasks]),
    ),
    notes: [],
  };
}

function attributionSection({ attribution }: RegimeReport, { locale, calendar }: RegimeWords): Section {
  return {
    heading: text(locale, 'report.attribution'),
    paragraphs: [text(locale, 'report.attribution.lead')],
    table: tableOf(
      [
        wide(text(locale, 'web.holders.who'), 4),
        number(text(locale, 'report.column.tasks')),
        number(text(locale, 'report.column.days_late')),
      ],
      attribution.map(({ role, tasks, minutes }) => [text(locale, `holder.${role}`), tasks, workingDays(calendar, minutes)]),
    ),
    notes: [],
  };
}

function changeSections({ changes }: RegimeReport, words: RegimeWords): Section[] {
  if (changes === null) return [];
  const { agencyName } = words;
  const becameLate = ({ deadline }: Task): Cell => on(deadline);
  const completed = (task: Task): Cell => (task.status === 'completed' ? on(dayOf(task.completedAt)) : null);
  const cancelled = (task: Task): Cell => (task.status === 'cancelled' ? on(dayOf(task.cancelledAt)) : null);
  return [
    taskSection('report.changes.became_late', changes.becameLate, words, [['field.deadline', becameLate]]),
    taskSection('report.changes.completed', changes.completed, words, [['report.column.on', completed]]),
    taskSection('report.changes.assigned', changes.assigned, words, [
      ['report.column.on', ({ assignedAt }) => on(dayOf(assignedAt))],
      ['field.deadline', ({ deadline }) => on(deadline)],
    ]),
    changedSection('report.changes.agency', changes.agencyChanged, words, 'text', ({ leadAgency }) => agencyName(leadAgency)),
    changedSection('report.changes.deadline', changes.deadlineMoved, words, 'date', ({ deadline }) => on(deadline)),
    taskSection('report.changes.cancelled', changes.cancelled, words, [['report.column.on', cancelled]]),
  ];
}

const dayOf = (instant: IsoInstant) => localDate(instant, COMMITTEE_TIME_ZONE);

/** Tasks by name; the section says so where there are none, and how many may not be named. */
function taskSection(
  heading: TextId,
  { named, restricted }: Listed<Task>,
  { locale, agencyName }: RegimeWords,
  dates: readonly (readonly [TextId, (task: Task) => Cell])[],
): Section {
  const columns = [...taskColumns(locale), ...dates.map(([name]) => date(text(locale, name)))];
  const rows = named.map((task) => [...taskCells(task, agencyName), ...dates.map(([, said]) => said(task))]);
  return listSection(text(locale, heading), tableOf(columns, rows), restricted, locale);
}

function changedSection(
  heading: TextId,
  { named, restricted }: Listed<Changed>,
  { locale, agencyName }: RegimeWords,
  kind: 'text' | 'date',
  said: (task: Task) => Cell,
): Section {
  const [code, task] = taskColumns(locale);
  if (code === undefined || task === undefined) throw new Error('a task is told by code and title');
  const span = (name: TextId): Column => ({ name: text(locale, name), kind, ...(kind === 'text' ? { width: 3 } : {}) });
  const rows = named.map((each) => [...taskCells(each.task, agencyName).slice(0, 2), said(each.before), said(each.task)]);
  return listSection(
    text(locale, heading),
    tableOf([code, task, span('report.column.from'), span('report.column.to')], rows),
    restricted,
    locale,
  );
}

function lateSection({ named, restricted }: Listed<LateTask>, { locale, calendar, agencyName }: RegimeWords): Section {
  const columns = [...taskColumns(locale), ...lateColumns(locale)];
  const rows = named.map((late) => [...taskCells(late.task, agencyName), ...lateCells(late, locale, calendar)]);
  return listSection(text(locale, 'report.late'), tableOf(columns, rows), restricted, locale);
}

export function taskColumns(locale: Locale): Column[] {
  return [wide(text(locale, 'web.field.code'), 1.3), wide(text(locale, 'web.field.task'), 5), wide(text(locale, 'field.agency'), 2.5)];
}

function taskCells({ code, title, leadAgency }: Task, agencyName: (code: string) => string): Cell[] {
  return [code, title, agencyName(leadAgency)];
}

export function lateColumns(locale: Locale): Column[] {
  return [
    date(text(locale, 'field.deadline')),
    number(text(locale, 'report.column.days_late')),
    wide(text(locale, 'report.column.waited'), 2.5),
    wide(text(locale, 'web.field.delay_cause'), 2),
  ];
}

/** The deadline, the working days since, how many of them waiting for whom, and why. */
export function lateCells({ task, minutesLate, held }: LateTask, locale: Locale, calendar: Calendar): Cell[] {
  const waited = held
    .filter(({ role }) => role !== 'assignee')
    .map(({ role, minutes }) => ({ role, days: workingDays(calendar, minutes) }))
    .filter(({ days }) => days > 0)
    .map(({ role, days }) => text(locale, 'report.waited', { days: cellText(locale, days), matter: text(locale, `holder.${role}`) }));
  const { delayCause: cause } = task;
  const said = cause === null ? null : [text(locale, `obstacle.${cause.kind}`), cause.text].filter((each) => each !== '').join(': ');
  return [on(task.deadline), workingDays(calendar, minutesLate), waited.join('; '), said];
}

function listSection(heading: string, table: Table | null, restricted: number, locale: Locale): Section {
  const count = (table?.rows.length ?? 0) + restricted;
  return {
    heading: `${heading} (${cellText(locale, count)})`,
    paragraphs: [],
    table,
    notes: restrictedNotes(restricted, locale),
  };
}

export function restrictedNotes(restricted: number, locale: Locale): string[] {
  return restricted === 0 ? [] : [text(locale, 'report.restricted', { count: restricted })];
}
