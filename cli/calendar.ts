/** `dondoc calendar …`: whether a calendar's text is one, which days are free, and what moves when one is loaded. */
import { existsSync, readFileSync } from 'node:fs';
import { createDirectory } from '../activities/directory.ts';
import { knownYears, readCalendar, shippedCalendars, specialDays } from '../config/calendar.ts';
import { refusalText } from '../config/refusal-text.ts';
import { formatInstant } from '../config/text.ts';
import type { Mistake } from '../config/yaml.ts';
import { email } from '../domain/names.ts';
import type { Move } from '../domain/plan-moves.ts';
import { isRefusal } from '../domain/refusals.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, instantFromEpochMs, localDate } from '../domain/time.ts';
import { loadCalendar } from '../inbox/calendar-change.ts';
import { readStackInfo } from '../ops/stack.ts';
import { calendarsInForce } from '../prisma/calendars.ts';
import { type Context, Failure, Usage, withDatabase } from './context.ts';

/** More lines than this nobody reads; `--json` has them all. */
const MOVES_SHOWN = 40;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Beside the calendars of the running stack; without one, beside those that come with dondoc. @returns whether it is valid */
export async function checkCalendar(context: Context, file: string): Promise<boolean> {
  const text = textOf(file);
  const { files, agencies } = await surroundings(context);
  const read = readCalendar(text, files, agencies);
  if ('errors' in read) return refused(context, file, read.errors);
  const { name } = read.value;
  const { from, to } = knownYears(read.value, [...files.filter((each) => each.name !== name), read.value]);
  const days = { daysOff: read.value.daysOff.length, workingDays: read.value.workingDays.length, swaps: read.value.swaps.length };
  context.print(
    { valid: true, name, known: { from, to }, agencies: read.value.agencies, ...days, sha256: read.sha256 },
    `${name}: known from ${from} to ${to}, ${days.daysOff} days off, ${days.workingDays} working days, ${days.swaps} swaps, valid`,
  );
  return true;
}

/** The calendars in force; with a name and a year, every day that is not what its weekday says. */
export async function showCalendar(context: Context, name: string | undefined, given: string | undefined): Promise<void> {
  const year = given === undefined ? Number(localDate(now(), COMMITTEE_TIME_ZONE).slice(0, 4)) : Number(given);
  if (!Number.isInteger(year) || year < 2000 || year > 2100) throw new Usage(`--year ${given}: write a year, for example 2027`);
  const { inForce, files } = await surroundings(context);
  const chosen = inForce.filter(({ file }) => name === undefined || file.name === name);
  if (chosen.length === 0) throw new Failure(`there is no calendar ${name}; there are ${inForce.map(({ file }) => file.name).join(', ')}`);
  const calendars = chosen.map(({ file, version }) => {
    const { from, to } = knownYears(file, files);
    return {
      name: file.name,
      version,
      known: { from, to },
      agencies: file.agencies,
      days: specialDays(file, files, { from: year, to: year }),
    };
  });
  context.print(
    { year, calendars },
    calendars
      .flatMap((each) => [
        `${each.name} (${each.version === null ? 'as it comes with dondoc' : `version ${each.version}`}), known from ${each.known.from} to ${each.known.to}${
          each.agencies.length === 0 ? '' : `, of ${each.agencies.join(', ')}`
        }`,
        ...each.days.map(
          ({ date, working, because, reason, of }) =>
            `  ${date} ${(WEEKDAYS[(new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7] ?? '').padEnd(9)} ${working ? 'working' : 'free   '} ${
              because === 'compensation' ? `made good: ${reason}` : reason
            }${of === each.name ? '' : ` (${of})`}`,
        ),
      ])
      .join('\n'),
  );
}

export interface LoadFlags {
  readonly as?: string;
  readonly dryRun?: boolean;
}

/** @returns whether it was, or would be, loaded: the exit status */
export async function load(context: Context, file: string, { as, dryRun = false }: LoadFlags): Promise<boolean> {
  const by = as === undefined ? undefined : email.safeParse(as);
  if (by?.success === false) throw new Usage(`--as ${as}: write an e-mail address`);
  const text = textOf(file);
  const change = await withDatabase(context, async (database) =>
    loadCalendar(
      { database, now, directory: await createDirectory(database).get() },
      { text, dryRun, ...(by === undefined ? {} : { by: by.data }) },
    ),
  );
  if ('errors' in change) return refused(context, file, change.errors);
  if (isRefusal(change)) {
    context.print({ answer: 'refused', refusal: change }, refusalText('en', change));
    return false;
  }
  const { name, version, unchanged, tasks, tasksMoved, people, moves } = change;
  const messages = moves.filter(({ person }) => person !== null).length;
  const done =
    version === null
      ? unchanged
        ? `${name}: in force already`
        : `${name}: nothing is changed yet`
      : `${name}: version ${version} is in force`;
  context.print(
    { dryRun, ...change },
    [
      done,
      `${messages} messages to ${people} people about ${tasksMoved} tasks move; ${tasks} open tasks are planned anew`,
      ...moves.slice(0, MOVES_SHOWN).map(lineOf),
      ...(moves.length > MOVES_SHOWN ? [`and ${moves.length - MOVES_SHOWN} more; --json has them all`] : []),
    ].join('\n'),
  );
  return true;
}

function lineOf({ task, step, person, channel, from, to }: Move): string {
  const when = (at: IsoInstant | null) => (at === null ? 'beyond four weeks' : formatInstant('en', at, COMMITTEE_TIME_ZONE));
  return `${task}  ${step}  ${person === null ? 'by itself' : `${person} by ${channel}`}: ${when(from)} → ${when(to)}`;
}

function refused(context: Context, file: string, errors: readonly Mistake[]): boolean {
  context.print({ valid: false, errors }, errors.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'));
  return false;
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
  return readFileSync(file, 'utf8');
}

async function surroundings(context: Context) {
  const info = readStackInfo(context.state);
  const { inForce, agencies } =
    info === null || info.pid === 0
      ? { inForce: shippedCalendars().map((each) => ({ ...each, version: null })), agencies: undefined }
      : await withDatabase(context, async (database) => ({
          inForce: await calendarsInForce(database),
          agencies: new Set((await database.agency.findMany({ select: { code: true } })).map(({ code }) => code)),
        }));
  return { inForce, files: inForce.map(({ file }) => file), agencies };
}

function now(): IsoInstant {
  return instantFromEpochMs(Date.now());
}
