/** `dondoc import FILE`: tasks, agencies or people from a CSV file, by its header. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createDirectory } from '../activities/directory.ts';
import { loadRiskWeights } from '../config/risk.ts';
import type { Finding } from '../domain/findings.ts';
import { LOCALES } from '../domain/names.ts';
import { type IsoDate, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { armTasks } from '../inbox/arm.ts';
import { importDirectory, kindOf } from '../inbox/import/directory.ts';
import { faultText } from '../inbox/import/faults.ts';
import { type ImportResult, importTasks } from '../inbox/import/import.ts';
import { createInbox } from '../inbox/inbox.ts';
import { createCalendars } from '../prisma/calendars.ts';
import { createPlanner } from '../prisma/planner.ts';
import { type Context, Failure, Usage, withEngine } from './context.ts';

export interface ImportFlags {
  readonly dryRun?: boolean;
  readonly skipRefused?: boolean;
  readonly asOf?: string;
  readonly shiftTo?: string;
  readonly locale?: string;
}

/** @returns whether everything was taken: the exit status */
export async function importFile(context: Context, file: string, flags: ImportFlags): Promise<boolean> {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
  const bytes = readFileSync(file);
  const dates = { ...dateFlag('asOf', flags.asOf), ...dateFlag('shiftTo', flags.shiftTo) };
  const dryRun = flags.dryRun === true;
  const locale = LOCALES.find((each) => each === (flags.locale ?? 'en'));
  if (locale === undefined) throw new Usage(`--locale ${flags.locale}: write ${LOCALES.join(', ')}`);
  return withEngine(context, async (database, temporal) => {
    const now = () => instantFromEpochMs(Date.now());
    const kind = kindOf(bytes);
    const loaded = createDirectory(database);
    const directory = await loaded.get();
    const calendars = createCalendars({ database, now });
    const plan = createPlanner({ database, calendars, weights: loadRiskWeights(), directory: () => loaded.get() });
    const result =
      kind === 'tasks'
        ? await importTasks(
            {
              database,
              inbox: createInbox({ database, temporal, now, calendars, waitMs: 10_000 }),
              calendars,
              plan,
              now,
              directory,
            },
            { bytes, dryRun, skipRefused: flags.skipRefused === true, ...dates },
          )
        : await importDirectory({ database, now: now(), dryRun }, kind, bytes);
    const { refusedText, ...found } = result;
    const document = { ...found, errors: found.errors.map((each) => ({ ...each, message: faultText(locale, each) })) };
    const mended = flags.skipRefused && !dryRun && refusedText !== null ? writeRefused(file, refusedText) : null;
    if (kind === 'tasks' && !dryRun) await arm({ database, temporal, plan, now, context });
    context.print({ ...document, ...(mended === null ? {} : { refusedFile: mended }) }, human(document, mended, dryRun));
    return result.errors.length === 0 || mended !== null;
  });
}

function dateFlag<Name extends 'asOf' | 'shiftTo'>(name: Name, given: string | undefined): { [key in Name]?: IsoDate } {
  if (given === undefined) return {};
  const read = isoDate.safeParse(given);
  if (!read.success) throw new Usage(`--${name === 'asOf' ? 'as-of' : 'shift-to'} ${given}: no such date; write YYYY-MM-DD`);
  return { [name]: read.data } as { [key in Name]?: IsoDate }; // a computed key widens to string
}

/** What is stored is safe: where the engine is away, the running stack arms it when the engine is back. */
async function arm({ context, ...dependencies }: Omit<Parameters<typeof armTasks>[0], 'onProgress'> & { context: Context }): Promise<void> {
  const bar = process.stderr.isTTY;
  try {
    await armTasks({
      ...dependencies,
      ...(bar ? { onProgress: (armed: number, of: number) => process.stderr.write(`\r${progressBar(armed, of)}`) } : {}),
    });
    if (bar) process.stderr.write('\r\u001b[K');
  } catch (error) {
    context.say(
      `stored; some tasks are not armed yet because the engine did not answer (${String(error)}). They are armed when it is back.`,
    );
  }
}

function progressBar(done: number, of: number): string {
  const width = 30;
  const filled = of === 0 ? width : Math.round((done / of) * width);
  return `arming  ${'█'.repeat(filled)}${'░'.repeat(width - filled)}  ${done} of ${of}`;
}

function writeRefused(file: string, text: string): string {
  const target = file.replace(/(\.csv)?$/i, '.refused.csv');
  writeFileSync(target, text);
  return target;
}

type Told = Omit<ImportResult, 'refusedText' | 'errors'> & {
  readonly errors: readonly (ImportResult['errors'][number] & { readonly message: string })[];
};

/** What makes a created task vague, in a few words. */
const VAGUE: Readonly<Record<Finding['finding'], string>> = {
  vague_verb: 'the title names an attitude, not work that can be verified',
  no_product: 'no expected product',
  no_document: 'no document that assigns it',
  no_supervisor: 'no supervisor',
  deadline_free_day: 'the deadline is a free day',
};

function human(result: Told, mended: string | null, dryRun: boolean): string {
  const { read, created, updated, unchanged, refused, errors, findings = {} } = result;
  return [
    ...errors.map(
      ({ row, column, heading = column, value, message }) =>
        `row ${row}${heading === '' ? '' : `, ${heading}`}${value === '' ? '' : ` "${value}"`}: ${message}`,
    ),
    `${read} rows read: ${created} ${dryRun ? 'would be created' : 'created'}, ${updated} updated, ${unchanged} unchanged, ${refused} refused`,
    ...Object.entries(findings).map(([finding, count]) => `${count} of the created: ${VAGUE[finding as Finding['finding']]}`), // its own keys
    ...(errors.length > 0 && mended === null
      ? ['Nothing was written. Mend the rows above, or import the others with --skip-refused.']
      : []),
    ...(mended === null ? [] : [`The refused rows are in ${mended}: mend them there and import that file.`]),
  ].join('\n');
}
