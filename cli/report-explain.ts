/** `dondoc report explain A B`: why two figures differ, task by task. */
import { explainedText, figureFaultText } from '../config/explain-text.ts';
import { formatInstant, text } from '../config/text.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import { type Explanation, explain, type ReasonGroup } from '../domain/explain.ts';
import { type Expression, readExpression, type Term, writeExpression } from '../domain/figures.ts';
import type { Locale } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import { readAgencyNames } from '../prisma/regime-report.ts';
import { readTasksAt, underPresentAgencies } from '../prisma/tasks-at.ts';
import { type Context, Usage, withDatabase } from './context.ts';
import { dateFlag, localeFlag } from './flags.ts';

export interface ExplainFlags {
  /** The day of a figure that names none; absent: now. */
  readonly asOf?: string;
  readonly lang?: string;
}

export async function explainFigures(context: Context, writtenA: string, writtenB: string, flags: ExplainFlags): Promise<void> {
  const locale = localeFlag(flags.lang, 'en');
  const now = instantFromEpochMs(Date.now());
  const given = dateFlag('--as-of', flags.asOf);
  const read = (written: string) => {
    const expression = readExpression(written);
    if ('fault' in expression) throw new Usage(figureFaultText(locale, written, expression));
    return { written, expression };
  };
  const asked = [read(writtenA), read(writtenB)] as const;
  const { a, b, explanation, agencyName } = await withDatabase(context, async (database) => {
    const { main: calendar } = await createCalendars({ database, now: () => now })();
    const asOf = given === null ? now : endOfOfficeHours(calendar, given);
    const placed = ({ written, expression }: (typeof asked)[number]) => {
      const { at } = expression;
      return { written, expression, at: at === null ? asOf : 'date' in at ? endOfOfficeHours(calendar, at.date) : at.instant };
    };
    const [a, b] = [placed(asked[0]), placed(asked[1])];
    const [[tasksA = [], tasksB = []], { names, presentOf }] = await Promise.all([
      readTasksAt(database, [a.at, b.at]),
      readAgencyNames(database, locale),
    ]);
    const resolved = ({ written, expression }: typeof a): Expression => ({
      ...expression,
      terms: expression.terms.map((term) => withAgency(term, names, presentOf, { locale, written })),
    });
    return {
      a,
      b,
      agencyName: (code: string) => names.get(code) ?? code,
      explanation: explain(
        { expression: resolved(a), at: a.at, tasks: underPresentAgencies(tasksA, presentOf) },
        { expression: resolved(b), at: b.at, tasks: underPresentAgencies(tasksB, presentOf) },
      ),
    };
  });
  context.print(
    documentOf(explanation, a, b, { locale, agencyName }),
    [
      ...[
        { name: 'A', ...a, count: explanation.countA },
        { name: 'B', ...b, count: explanation.countB },
      ].map(({ name, count, expression, at }) =>
        text(locale, 'explain.figure', {
          name,
          count,
          expression: writeExpression({ ...expression, at: null }),
          at: formatInstant(locale, at, COMMITTEE_TIME_ZONE),
        }),
      ),
      ...(explanation.onlyA.length + explanation.onlyB.length === 0
        ? [text(locale, 'explain.same', { count: explanation.both })]
        : [text(locale, 'explain.both', { count: explanation.both })]),
      ...humanSide('A', explanation.onlyA, { locale, agencyName }),
      ...humanSide('B', explanation.onlyB, { locale, agencyName }),
    ].join('\n'),
  );
}

interface Words {
  readonly locale: Locale;
  readonly agencyName: (code: string) => string;
}

function documentOf(
  { countA, countB, both, onlyA, onlyB }: Explanation,
  a: { expression: Expression; at: IsoInstant },
  b: { expression: Expression; at: IsoInstant },
  { locale, agencyName }: Words,
) {
  const side = (groups: readonly ReasonGroup[]) =>
    groups.map(({ reason, tasks }) => ({
      reason,
      words: text(locale, `explain.group.${reason}`),
      count: tasks.length,
      tasks: tasks.map((task) => ({ code: task.code, ...explainedText(locale, task, agencyName) })),
    }));
  const figure = ({ expression, at }: typeof a, count: number) => ({
    figure: writeExpression({ ...expression, at: null }),
    at,
    count,
  });
  return { a: figure(a, countA), b: figure(b, countB), both, onlyA: side(onlyA), onlyB: side(onlyB) };
}

function humanSide(name: 'A' | 'B', groups: readonly ReasonGroup[], { locale, agencyName }: Words): string[] {
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { tasks }) => sum + tasks.length, 0);
  return [
    '',
    text(locale, 'explain.only', { name, count }),
    ...groups.flatMap(({ reason, tasks }) => [
      `  ${text(locale, `explain.group.${reason}`)}: ${tasks.length}`,
      ...tasks.map((task) => {
        const { title, why } = explainedText(locale, task, agencyName);
        return `    ${task.code}  ${why}${title === null ? '' : `  ${title}`}`;
      }),
    ]),
  ];
}

/** An agency's figure is that of what it has become. */
function withAgency(
  term: Term,
  known: ReadonlyMap<string, string>,
  presentOf: ReadonlyMap<string, string>,
  { locale, written }: { locale: Locale; written: string },
): Term {
  if (term.figure !== 'agency') return term;
  if (!known.has(term.argument))
    throw new Usage(
      figureFaultText(locale, written, {
        fault: 'agency_invalid',
        position: written.indexOf(`:${term.argument}`) + 2,
        value: term.argument,
        expected: 'agency:MOST',
      }),
    );
  return { ...term, argument: presentOf.get(term.argument) ?? term.argument };
}
