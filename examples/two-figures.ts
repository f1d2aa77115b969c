/**
 * Writes tasks of which two lines of one report say 472 and 452, as they did on 4 December 2025: 472 are to be finished in 2025, and 20
 * of these are reported and wait to be verified. All else is as in `tasks.csv`, the published figures too.
 * `npx tsx examples/two-figures.ts FILE`, then `dondoc import FILE --as-of 2025-12-04`; see docs/report.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type TaskRow, tasksFile } from './generate.ts';

/** What lies between the two lines of the report. */
const REPORTED = 472 - 452;
const NOT_REPORTED = { status: 'acknowledged', reported_on: '', evidence: '' } as const;

export function twoFigures(): string {
  return tasksFile((tasks) => {
    const isReported = ({ status, regular, deadline }: TaskRow) => status === 'reported' && regular === 'false' && deadline <= '2025-12-31';
    const kept = new Set(
      tasks
        .filter(isReported)
        .slice(0, REPORTED)
        .map(({ code }) => code),
    );
    if (kept.size < REPORTED) throw new Error(`only ${kept.size} of the example are reported`);
    return tasks.map((task) => (isReported(task) && !kept.has(task.code) ? { ...task, ...NOT_REPORTED } : task));
  });
}

const [, script, file] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  if (file === undefined) throw new Error('name the file to write: two-figures.ts FILE');
  writeFileSync(file, twoFigures());
}
