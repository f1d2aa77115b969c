/**
 * The tables of docs/performance.md, made from the lines that the benches printed: `npm run -s bench:table`. Nobody types a figure.
 * A table stands between `<!-- bench:NAME -->` and `<!-- end -->`; the lines stand in bench/results/*.jsonl.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A printed line, as it is read again. */
export type Line = Readonly<Record<string, string | number | null>> & { readonly bench: string };

interface Column {
  readonly heading: string;
  cell(line: Line): string;
}

const RESULTS = fileURLToPath(new URL('./results', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const TABLE = /(<!-- bench:([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g;
const NOTHING = '–';

const number = (key: string, heading: string, digits = 0, unit = ''): Column => ({
  heading,
  cell: ({ [key]: value }) =>
    typeof value === 'number'
      ? `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`
      : NOTHING,
});
const SYSTEM: Column = {
  heading: '',
  cell: ({ system, setting }) => (setting === 'on' || setting === 'off' ? `${system}, merging ${setting}` : String(system)),
};

/** What may grow, as people read it. */
const GROWS: Readonly<Record<string, string>> = {
  armMsPerTask: 'arming',
  reminderMsEach: 'reminders',
  pressP50Ms: 'a press',
  databaseKBPerTask: 'the database',
  engineKBPerTask: "the engine's store",
};

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  storm: [
    SYSTEM,
    number('reminders', 'reminders'),
    number('armSeconds', 'arming', 2, ' s'),
    number('latenessP50Seconds', 'late, p50', 2, ' s'),
    number('latenessP99Seconds', 'p99', 2, ' s'),
    number('latenessMaxSeconds', 'last', 2, ' s'),
    number('messages', 'messages'),
    number('messagesPerSecond', 'a second'),
    number('duplicates', 'twice'),
    number('lost', 'lost'),
    number('peakMemoryMB', 'memory', 0, ' MB'),
  ],
  'storm-limits': [
    SYSTEM,
    number('reminders', 'reminders'),
    number('messages', 'messages'),
    number('latenessP50Seconds', 'late, p50', 1, ' s'),
    number('latenessMaxSeconds', 'everyone told after', 1, ' s'),
    number('rateLimited', 'answers 429'),
    number('duplicates', 'twice'),
    number('lost', 'lost'),
  ],
  crash: [
    SYSTEM,
    number('reminders', 'reminders'),
    number('lost', 'lost'),
    number('twice', 'twice'),
    number('toBeRepeated', 'to be told again'),
    number('held', 'held'),
    number('secondsUntilLast', 'everyone told after', 2, ' s'),
    number('secondsToFirstAfterRestart', 'first after the restart', 2, ' s'),
  ],
  presses: [
    { heading: '', cell: ({ setting }) => String(setting) },
    number('presses', 'presses'),
    number('ackP50Ms', 'acknowledged, p50', 0, ' ms'),
    number('ackP99Ms', 'p99', 0, ' ms'),
    number('ackMaxMs', 'last', 0, ' ms'),
    number('toldP50Ms', 'told, p50', 0, ' ms'),
    number('toldP99Ms', 'p99', 0, ' ms'),
    number('toldMaxMs', 'last', 0, ' ms'),
    number('cardP50Ms', 'card, p50', 0, ' ms'),
    number('cardP99Ms', 'p99', 0, ' ms'),
    number('cardMaxMs', 'last', 0, ' ms'),
    number('unanswered', 'unanswered'),
    number('storms', 'storms'),
    number('stormReminders', 'reminders each'),
    number('stormLastSeconds', 'over after', 1, ' s'),
  ],
  scale: [
    number('tasks', 'tasks'),
    number('armSeconds', 'arming', 0, ' s'),
    number('armMsPerTask', 'a task', 1, ' ms'),
    number('reminders', 'reminders'),
    number('reminderMsEach', 'each', 2, ' ms'),
    number('pressP50Ms', 'press, p50', 0, ' ms'),
    number('pressP99Ms', 'p99', 0, ' ms'),
    number('cardP99Ms', 'card, p99', 0, ' ms'),
    number('sweepMs', 'sweep', 0, ' ms'),
    number('workerPeakMB', 'worker, peak', 0, ' MB'),
    number('workerRestMB', 'at rest', 0, ' MB'),
    number('databaseKBPerTask', 'database, a task', 1, ' KB'),
    number('engineKBPerTask', 'engine, a task', 1, ' KB'),
    number('growth', 'growth', 2, ' ×'),
    { heading: 'of', cell: ({ growsMost }) => GROWS[String(growsMost)] ?? String(growsMost) },
  ],
  cost: [
    { heading: '', cell: ({ system, setting }) => (setting === 'none' ? String(system) : `${system}, ${setting}`) },
    number('reminders', 'reminders'),
    number('commands', 'commands'),
    number('events', 'events'),
    number('actions', 'actions'),
  ],
  horizon: [SYSTEM, number('rows', 'notifications of a task in the ledger', 1), number('turnsOfAYear', 'turns a year to look further')],
};

/** @throws Error on lines of a bench that has no table */
export function tableOf(bench: string, lines: readonly Line[]): string {
  const columns = COLUMNS[bench];
  if (columns === undefined) throw new Error(`there is no table for the bench "${bench}": there are ${Object.keys(COLUMNS).join(', ')}`);
  const own = lines.filter((line) => line.bench === bench);
  if (own.length === 0) return '\nNot measured yet.\n\n';
  const there = own.filter(({ absent }) => absent == null);
  const rows = [columns.map(({ heading }) => heading), ...there.map((line) => columns.map(({ cell }) => cell(line)))];
  const widths = columns.map((_, index) => Math.max(3, ...rows.map((row) => (row[index] ?? '').length)));
  const written = rows.map((row) => `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`);
  written.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  const machines = [...new Set(own.map(({ machine }) => String(machine)))];
  return [
    '',
    ...written,
    '',
    ...own.flatMap(({ system, absent }) => (absent == null ? [] : [`Not measured: ${system} (${absent}).`, ''])),
    ...machines.map((machine) => `Measured on ${machine}.`),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The page with its tables made anew; its words stay. */
export function filled(page: string, lines: readonly Line[]): string {
  return page.replaceAll(TABLE, (_, begin: string, bench: string, end: string) => `${begin}${tableOf(bench, lines)}${end}`);
}

/** @param text JSON lines, empty ones between them allowed */
export function readLines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The page as it is, and as the lines would have it. */
export function performancePage(): { readonly now: string; readonly due: string } {
  const files = readdirSync(RESULTS)
    .filter((file) => file.endsWith('.jsonl'))
    .toSorted();
  const lines = files.flatMap((file) => readLines(readFileSync(join(RESULTS, file), 'utf8')));
  const now = readFileSync(PAGE, 'utf8');
  return { now, due: filled(now, lines) };
}

if (import.meta.main) {
  const { now, due } = performancePage();
  writeFileSync(PAGE, due);
  process.stderr.write(`bench: docs/performance.md ${now === due ? 'was up to date' : 'is made anew'}\n`);
}
