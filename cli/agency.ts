/** `dondoc agency …`: agencies as they are and were, and the decisions that merge, split, rename them or take that back. */
import type { Client } from '@temporalio/client';
import { refusalText } from '../config/refusal-text.ts';
import { type AgencyCode, agencyCode, type Email, email } from '../domain/names.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import type { GivenName, ReorganisationRequest } from '../domain/reorganisation.ts';
import { instantFromEpochMs, isoDate } from '../domain/time.ts';
import { type AgencyChangePreview, changeAgencies } from '../inbox/agency-change.ts';
import { awaitAgencyChanges } from '../inbox/agency-tasks.ts';
import { undoAgencyChange } from '../inbox/agency-undo.ts';
import { createInbox } from '../inbox/inbox.ts';
import { dateOf, storedAgencyChange } from '../prisma/agencies.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { type Context, Usage, withDatabase, withEngine } from './context.ts';

/** How long the command waits for the tasks to follow, before leaving them to the running system. */
const FOLLOW_MS = 60_000;

export interface DecisionFlags {
  readonly as: string;
  readonly from?: string;
  readonly dryRun?: boolean;
}

export interface NameFlags {
  readonly nameVi?: string;
  readonly nameEn?: string;
  readonly nameFr?: string;
}

export interface MergeFlags extends DecisionFlags, NameFlags {
  readonly into: string;
  readonly head?: string;
}

export interface SplitFlags extends DecisionFlags {
  readonly into: readonly string[];
  readonly nameVi?: readonly string[];
  readonly nameEn?: readonly string[];
  readonly nameFr?: readonly string[];
}

/** @returns whether it was done: the exit status */
export function mergeAgencies(context: Context, codes: readonly string[], flags: MergeFlags): Promise<boolean> {
  const head = flags.head === undefined ? null : addressOf('--head', flags.head);
  const into = codeOf('--into', flags.into);
  return decide(context, flags, { kind: 'merge', agencies: codes.map((code) => codeOf('', code)), into, name: nameOf(flags), head });
}

/** @returns whether it was done: the exit status */
export function splitAgency(context: Context, code: string, flags: SplitFlags): Promise<boolean> {
  const names = {
    vi: namesByCode('--name-vi', flags.nameVi),
    en: namesByCode('--name-en', flags.nameEn),
    fr: namesByCode('--name-fr', flags.nameFr),
  };
  const into = flags.into.map((part) => {
    const [name = '', list] = part.split(/=(.*)/s);
    if (list === undefined) throw new Usage(`--into ${part}: write CODE=person@…,person2@…`);
    const to = codeOf('--into', name);
    const people = list.split(',').filter((each) => each.trim() !== '');
    return {
      code: to,
      people: people.map((each) => addressOf('--into', each)),
      name: { ...given('vi', names.vi.get(to)), ...given('en', names.en.get(to)), ...given('fr', names.fr.get(to)) },
    };
  });
  const part = new Set<string>(into.map(({ code: to }) => to));
  const stray = Object.values(names)
    .flatMap((each) => [...each.keys()])
    .find((named) => !part.has(named));
  if (stray !== undefined) throw new Usage(`${stray} is given a name, and is none of the parts of --into`);
  return decide(context, flags, { kind: 'split', agency: codeOf('', code), into });
}

/** @returns whether it was done: the exit status */
export function renameAgency(context: Context, code: string, flags: DecisionFlags & NameFlags): Promise<boolean> {
  const name = nameOf(flags);
  if (Object.keys(name).length === 0) throw new Usage('write the new name with --name-vi, --name-en or --name-fr');
  return decide(context, flags, { kind: 'rename', agency: codeOf('', code), name });
}

/** @returns whether it was undone: the exit status */
export async function undoChange(context: Context, change: string, flags: Omit<DecisionFlags, 'from'>): Promise<boolean> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(change))
    throw new Usage(`${change}: write the id of a change, as dondoc agency list shows it`);
  const actor = addressOf('--as', flags.as);
  const dryRun = flags.dryRun === true;
  return withEngine(context, async (database, temporal) => {
    const dependencies = carrying(database, temporal);
    // What a change cut short has left to do comes first: only what is whole can be taken back as a whole.
    if (!dryRun) await awaitAgencyChanges(dependencies, FOLLOW_MS);
    const undone = await undoAgencyChange(dependencies, { actor, change: change.toLowerCase(), dryRun });
    if (isRefusal(undone)) return printRefusal(context, undone);
    const left = dryRun ? undone.tasks : await awaitAgencyChanges(dependencies, FOLLOW_MS);
    const would = dryRun ? 'would go' : 'went';
    context.print(
      { ...undone, dryRun, left },
      [
        `${undone.kind} of ${undone.agencies.join(', ')}: ${undone.moved} people and ${undone.tasks} open tasks ${would} back`,
        ...(dryRun || left === 0 ? [] : [`${left} tasks are still going back; the running system goes on by itself`]),
      ].join('\n'),
    );
    return true;
  });
}

async function decide(context: Context, flags: DecisionFlags, request: ReorganisationRequest): Promise<boolean> {
  const actor = addressOf('--as', flags.as);
  const from = flags.from === undefined ? null : isoDate.safeParse(flags.from);
  if (from?.success === false) throw new Usage(`--from ${flags.from}: no such date; write YYYY-MM-DD`);
  const dryRun = flags.dryRun === true;
  return withEngine(context, async (database, temporal) => {
    const dependencies = carrying(database, temporal);
    const dated = from === null ? {} : { effective: from.data };
    const preview = await changeAgencies(dependencies, { actor, request, dryRun, ...dated });
    if (isRefusal(preview)) return printRefusal(context, preview);
    const left = dryRun ? preview.tasks : await awaitAgencyChanges(dependencies, FOLLOW_MS);
    const { agencies, people: _, ...said } = preview;
    context.print(
      { ...said, dryRun, left, agencies: agencies.map(({ code, name, head, endedOn }) => ({ code, name, head, endedOn })) },
      human(preview, dryRun, left),
    );
    return true;
  });
}

function carrying(database: Database, temporal: Client) {
  const now = () => instantFromEpochMs(Date.now());
  return { database, now, inbox: createInbox({ database, temporal, now, calendars: createCalendars({ database, now }), waitMs: 10_000 }) };
}

function printRefusal(context: Context, refusal: Refusal): false {
  context.print({ answer: 'refused', refusal }, refusalText('en', refusal));
  return false;
}

function human(
  { kind, effective, successors, agencies, created, moved, tasks, change }: AgencyChangePreview,
  dryRun: boolean,
  left: number,
): string {
  const become = Object.entries(successors).map(([code, next]) => `${code} → ${next.join(', ')}`);
  return [
    `${kind} from ${effective}: ${become.join('; ')}`,
    ...agencies
      .filter(({ endedOn }) => endedOn === null)
      .map(({ code, name, head }) => `  ${code}${created.includes(code) ? ' (new)' : ''}  ${name.vi}, head: ${head ?? 'nobody'}`),
    `${moved} people ${dryRun ? 'would change' : 'changed'} their agency; ${tasks} open tasks ${dryRun ? 'would follow' : 'follow'}`,
    ...(dryRun || left === 0 ? [] : [`${left} of them are still on the way; the running system goes on by itself`]),
    ...(change === null ? ['Nothing was changed.'] : [`change ${change}; to take it back: dondoc agency undo ${change} --as EMAIL`]),
  ].join('\n');
}

export async function listAgencies(context: Context): Promise<void> {
  const found = await withDatabase(context, agenciesDocument);
  context.print(
    found,
    [
      ...found.agencies.map(({ code, name, people, openTasks, endedOn, succeededBy, formerNames }) =>
        [
          `${code.padEnd(20)}  ${name.vi}`,
          endedOn === null
            ? `${people} people, ${openTasks} open tasks`
            : `ended on ${endedOn}${succeededBy === null ? '' : `, now ${succeededBy}`}`,
          ...formerNames.map((former) => `until ${former.until}: ${former.name.vi}`),
        ].join('; '),
      ),
      '',
      ...found.changes.map(({ change, kind, effective, successors, by, undoneBy, isSettled }) =>
        [
          `${change}  ${kind} from ${effective}: ${Object.entries(successors)
            .map(([code, next]) => `${code} → ${next.join(', ')}`)
            .join('; ')}, by ${by}`,
          ...(undoneBy === null ? [] : [`undone by ${undoneBy}`]),
          ...(isSettled ? [] : ['tasks are still following']),
        ].join(', '),
      ),
      `${found.count} agencies, ${found.changes.length} changes`,
    ].join('\n'),
  );
}

async function agenciesDocument(database: Database) {
  const [agencies, changes, open] = await Promise.all([
    database.agency.findMany({
      orderBy: { code: 'asc' },
      include: { formerNames: { orderBy: { until: 'asc' } }, _count: { select: { people: true } } },
    }),
    database.agencyChange.findMany({ orderBy: { decidedAt: 'asc' } }),
    database.task.groupBy({ by: ['leadAgency'], where: { status: { notIn: ['completed', 'cancelled'] } }, _count: true }),
  ]);
  const openOf = new Map(open.map(({ leadAgency, _count }) => [leadAgency, _count]));
  return {
    count: agencies.length,
    agencies: agencies.map((row) => ({
      code: row.code,
      kind: row.kind,
      name: { vi: row.nameVi, en: row.nameEn, fr: row.nameFr },
      head: row.headEmail,
      people: row._count.people,
      openTasks: openOf.get(row.code) ?? 0,
      endedOn: row.endedOn === null ? null : dateOf(row.endedOn),
      succeededBy: row.succeededBy,
      formerNames: row.formerNames.map(({ nameVi, nameEn, nameFr, until }) => ({
        name: { vi: nameVi, en: nameEn, fr: nameFr },
        until: dateOf(until),
      })),
    })),
    changes: changes
      .map(storedAgencyChange)
      .map(({ id, kind, effective, successors, decidedBy, decidedAt, settledAt, undoneBy, undoneAt }) => ({
        change: id,
        kind,
        effective,
        successors,
        by: decidedBy,
        at: decidedAt,
        isSettled: settledAt !== null,
        undoneBy,
        undoneAt,
      })),
  };
}

function codeOf(flag: string, given: string): AgencyCode {
  const read = agencyCode.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: a code has 1 to 20 of A-Z 0-9 _ -`.trim());
  return read.data;
}

function addressOf(flag: string, given: string): Email {
  const read = email.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: write an e-mail address`);
  return read.data;
}

function nameOf({ nameVi, nameEn, nameFr }: NameFlags): GivenName {
  return { ...given('vi', nameVi), ...given('en', nameEn), ...given('fr', nameFr) };
}

/** A name as it is stored: composed letters, no blanks around it. */
function given<Locale extends 'vi' | 'en' | 'fr'>(locale: Locale, name: string | undefined): { readonly [key in Locale]?: string } {
  if (name === undefined) return {};
  const written = name.normalize('NFC').trim();
  if (written === '' || written.length > 300 || /[\u0000-\u001f\u007f]/.test(written))
    throw new Usage(`--name-${locale} "${name}": write 1 to 300 characters`);
  return { [locale]: written } as { [key in Locale]?: string }; // a computed key widens to string
}

function namesByCode(flag: string, said: readonly string[] | undefined): ReadonlyMap<AgencyCode, string> {
  return new Map(
    (said ?? []).map((each): [AgencyCode, string] => {
      const [code = '', name] = each.split(/=(.*)/s);
      if (name === undefined) throw new Usage(`${flag} ${each}: write CODE=name`);
      return [codeOf(flag, code), name];
    }),
  );
}
