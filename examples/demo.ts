/** The demo's data: a directory, policies, and 1,287 tasks whose dates are moved to today. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { System } from '../cli/system.ts';
import { loadPolicy, POLICIES_DIR } from '../config/policy.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, isoDate, localDate } from '../domain/time.ts';
import { readCsv } from '../inbox/import/csv.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { type Fault, faultText } from '../inbox/import/faults.ts';
import { type ImportResult, importTasks } from '../inbox/import/import.ts';
import type { SlackUser } from '../ops/local-slack.ts';
import { storePolicy } from '../prisma/policies.ts';

/** The date on which `tasks.csv` tells the truth. */
export const EXAMPLE_AS_OF = '2025-12-04' as IsoDate;

/** Three tasks of the newcomer's own: under the policy whose steps are minutes apart. */
export const NEWCOMER_CODES: ReadonlySet<string> = new Set(['NQ57-0001', 'NQ57-0002', 'NQ57-0003']);

/** The ready policies, and the newcomer's own. */
const EXAMPLE_POLICIES = ['gentle', 'standard', 'strict', 'inspection', 'recurring-report', 'plan-by-date', 'minutes'] as const;

const example = (file: string) => readFileSync(fileURLToPath(new URL(`./${file}`, import.meta.url)));

/** The newcomer's own people come first in the local Slack's list. */
const NEWCOMERS: readonly string[] = ['U0LAN', 'U0MINH', 'U0HA', 'U0SON'];

/** The people with a chat account, as the local Slack wants them. */
export function exampleSlackUsers(): SlackUser[] {
  return readCsv(example('people.csv'))
    .records.map(({ cells }) => ({
      id: cells.get('slack_id') ?? '',
      name: (cells.get('email') ?? '').split('@')[0] ?? '',
      realName: cells.get('name') ?? '',
      email: cells.get('email') ?? '',
    }))
    .filter(({ id }) => id !== '')
    .sort((a, b) => newcomerRank(a) - newcomerRank(b));
}

/**
 * Stores policies, agencies and people; safe to repeat.
 * @throws Error when a policy's text was changed under a version that is already stored
 */
export async function seedDirectory({ database, now, directory }: Pick<System, 'database' | 'now' | 'directory'>): Promise<void> {
  for (const name of EXAMPLE_POLICIES) {
    const stored = await storePolicy(database, loadPolicy(join(POLICIES_DIR, `${name}.yaml`)), now());
    if (stored.answer === 'refused' && stored.because === 'changed')
      throw new Error(`config/policies/${name}.yaml was changed under a version that is stored already; give it version ${stored.next}`);
  }
  // Decisions that have changed the directory since are not taken back by a restart.
  if ((await database.agencyChange.count()) > 0) return;
  for (const kind of ['agencies', 'people'] as const)
    refuseFaults(`${kind}.csv`, (await importDirectory({ database, now: now(), dryRun: false }, kind, example(`${kind}.csv`))).errors);
  directory.forget();
}

/** Imports the example tasks with their dates moved to the day of the first import, which the state folder keeps. */
export async function importDemoTasks(
  system: Pick<System, 'database' | 'inbox' | 'calendars' | 'plan' | 'now' | 'directory'>,
  state: string,
): Promise<ImportResult> {
  const file = join(state, 'demo.date');
  if (!existsSync(file)) writeFileSync(file, localDate(system.now(), COMMITTEE_TIME_ZONE));
  const result = await importTasks(
    { ...system, directory: await system.directory.get() },
    {
      bytes: example('tasks.csv'),
      dryRun: false,
      skipRefused: false,
      asOf: EXAMPLE_AS_OF,
      shiftTo: isoDate.parse(readFileSync(file, 'utf8').trim()),
      amend: (cells) => (NEWCOMER_CODES.has(cells.get('code') ?? '') ? new Map([...cells, ['policy', 'minutes']]) : cells),
    },
  );
  refuseFaults('tasks.csv', result.errors);
  return result;
}

function refuseFaults(file: string, [first]: readonly Fault[]): void {
  if (first !== undefined)
    throw new Error(`examples/${file} row ${first.row}, ${first.column} "${first.value}": ${faultText('en', first)}`);
}

function newcomerRank({ id }: SlackUser): number {
  const rank = NEWCOMERS.indexOf(id);
  return rank === -1 ? NEWCOMERS.length : rank;
}
