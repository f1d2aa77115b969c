/** `dondoc rehearse`: a whole year with modelled people, by the simulation; a sample of it on the real engine, to show that both agree. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vietnamCalendar } from '../config/calendar.ts';
import { type LoadedPolicy, readPolicyFile, spokenMistake } from '../config/policy.ts';
import { atLocalTime } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { EngineRun } from '../rehearsal/engine.ts';
import { modelOffice } from '../rehearsal/office.ts';
import { endOfYear, type Lived, type Rehearsal, type RehearsalOptions, rehearse } from '../rehearsal/year.ts';
import { type Context, Failure, Usage } from './context.ts';

export interface RehearseFlags {
  readonly year: string;
  readonly people: string;
  readonly tasks: string;
  readonly seed: string;
  readonly policy?: string;
  readonly engine: string;
}

const TASKS_MAX = 200_000;
const PEOPLE_SHOWN = 20;

/** @returns whether the engine agreed, or was not asked: the exit status */
export async function rehearseYear(context: Context, flags: RehearseFlags): Promise<boolean> {
  const year = wholeNumber('--year', flags.year, { from: 2000, to: 2100 });
  const people = wholeNumber('--people', flags.people, { from: 10, to: 20_000 });
  const tasks = wholeNumber('--tasks', flags.tasks, { from: 1, to: TASKS_MAX });
  const sample = flags.engine === 'all' ? tasks : wholeNumber('--engine', flags.engine, { from: 0, to: TASKS_MAX });
  const file = flags.policy ?? fileURLToPath(new URL('../config/policies/standard.yaml', import.meta.url));
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
  const read = readPolicyFile(file);
  if ('errors' in read) throw new Failure(read.errors.map(spokenMistake).join('\n'));
  const calendar = vietnamCalendar({ from: year - 1, to: year + 2 });
  const options: RehearsalOptions = { year, people, tasks, seed: flags.seed, policy: read.policy, calendar };
  const every = Math.max(1, Math.floor(tasks / Math.max(1, sample)));
  const sampled: Lived[] = [];
  let index = 0;
  const report = rehearse(options, (lived) => {
    if (index % every === 0 && sampled.length < sample) sampled.push(lived);
    index += 1;
  });
  const from = atLocalTime(`${year}-01-01` as IsoDate, '00:00', COMMITTEE_TIME_ZONE);
  const engine = sample === 0 ? null : await sampleOnEngine(sampled, { ...options, read, from });
  context.print({ ...report, by: 'simulation', engine }, human(report, engine));
  return engine === null || 'notRun' in engine || engine.differing.length === 0;
}

type EngineReport = EngineRun | { readonly notRun: string };

async function sampleOnEngine(
  lived: readonly Lived[],
  o: RehearsalOptions & {
    readonly read: LoadedPolicy;
    readonly from: IsoInstant;
  },
): Promise<EngineReport> {
  if (o.from < instantFromEpochMs(Date.now())) return { notRun: `${o.year} has begun, and the engine's clock goes forward only` };
  try {
    // The engine that skips time comes with what tests need; a production install has none.
    const { onEngine } = await import('../rehearsal/engine.ts');
    return await onEngine(lived, {
      office: modelOffice(o),
      calendar: o.calendar,
      policy: o.read,
      from: o.from,
      until: endOfYear(o.year),
    });
  } catch (error) {
    // Anything else is a rehearsal that failed, and must not look like one that was not asked for.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    return { notRun: error.message };
  }
}

function wholeNumber(flag: string, given: string, { from, to }: { from: number; to: number }): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < from || number > to)
    throw new Usage(`${flag} ${given}: write a whole number from ${from} to ${to}`);
  return number;
}

function human(report: Rehearsal, engine: EngineReport | null): string {
  const { year, seed, policy, people, tasks, notifications, messages, peak, days, cap, overloaded, ended, acts, escalations } = report;
  const over = cap.isOfPolicy ? `the policy's cap of ${cap.perDay}` : `${cap.perDay}, where people stop reading (the policy has no cap)`;
  return [
    `${year}, seed ${seed}, ${policy.name} version ${policy.version}: ${tasks} tasks, ${people} people`,
    `simulated: ${notifications} notifications in ${messages} messages; ${acts.taken} acts taken, ${acts.refused} refused; ${escalations} escalations`,
    `${ended.completed} completed, ${ended.open} open at the end of the year, ${ended.late} were late at some time`,
    `peak: ${peak.messages} messages on ${peak.day ?? 'no day'}; at most ${peak.perPersonMax} to one person on one day`,
    `${cap.personDaysOver} times a person had more messages on a day than ${over}`,
    ...(days.length === 0 ? [] : ['', 'days with most messages']),
    ...days.map(({ day, messages: count }) => `${day}  ${String(count).padStart(6)}`),
    ...(overloaded.length === 0 ? [] : ['', 'overloaded: days over, the fullest day, messages in the year']),
    ...overloaded
      .slice(0, PEOPLE_SHOWN)
      .map(
        (each) =>
          `${String(each.daysOver).padStart(4)}  ${String(each.perDayMax).padStart(3)}  ${String(each.messages).padStart(5)}  ${each.recipient}`,
      ),
    ...(overloaded.length > PEOPLE_SHOWN ? [`and ${overloaded.length - PEOPLE_SHOWN} more people`] : []),
    '',
    ...engineLines(engine),
  ].join('\n');
}

function engineLines(engine: EngineReport | null): string[] {
  if (engine === null)
    return ['on the real engine: not asked for (--engine 30 lives through thirty of the tasks there, --engine all through each)'];
  if ('notRun' in engine) return [`on the real engine: not run: ${engine.notRun}`];
  const { tasks, notifications, differing } = engine;
  if (differing.length === 0)
    return [`on the real engine, time skipped: ${tasks} of the tasks, ${notifications} notifications, the same list`];
  return [
    `on the real engine, time skipped: ${differing.length} of ${tasks} tasks differ`,
    ...differing.flatMap(({ task, simulatedOnly, ledgerOnly }) => [
      task,
      ...simulatedOnly.map((line) => `    simulated only: ${line}`),
      ...ledgerOnly.map((line) => `    ledger only: ${line}`),
    ]),
  ];
}
