/** Imports agencies and people: the directory that tasks refer to. Same rules as for tasks: all rows checked before any is written. */
import { agencyCode, type Email, email, LOCALES, ROLES } from '../../domain/names.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { regainChannel } from '../gone.ts';
import { wantReplanFor } from '../replan.ts';
import { type Csv, readCsv } from './csv.ts';
import { type Fault, type FaultCode, fault } from './faults.ts';
import type { ImportResult } from './import.ts';

const AGENCY_COLUMNS = ['code', 'kind', 'name_vi', 'name_en', 'name_fr', 'head'];
const PEOPLE_COLUMNS = ['email', 'name', 'agency', 'role', 'locale', 'time_zone', 'slack_id'];

/** May be left out; `false` for who wants no digest of a morning. */
const DIGEST_COLUMN = 'digest';
/** May be left out; where the gateway behind the webhook reaches the person. */
const WEBHOOK_COLUMN = 'webhook_address';
/** A number or a name, as the gateway knows it: nothing that a line of a log or a header could break on. */
const WEBHOOK_ADDRESS = /^[\p{L}\p{N}\p{P}\p{S}](?:[\p{L}\p{N}\p{P}\p{S} ]{0,198}[\p{L}\p{N}\p{P}\p{S}])?$/u;

export type FileKind = 'tasks' | 'agencies' | 'people';

/** What a file holds, by its header. */
export function kindOf(bytes: Uint8Array): FileKind {
  const { columns } = readCsv(bytes.subarray(0, bytes.indexOf(10) === -1 ? bytes.length : bytes.indexOf(10) + 1));
  if (AGENCY_COLUMNS.every((column) => columns.includes(column))) return 'agencies';
  return PEOPLE_COLUMNS.every((column) => columns.includes(column)) ? 'people' : 'tasks';
}

interface Writing {
  readonly database: Database;
  readonly now: IsoInstant;
  readonly dryRun: boolean;
}

/** What is open of whoever has changed is planned anew. */
export async function importDirectory(writing: Writing, kind: 'agencies' | 'people', bytes: Uint8Array): Promise<ImportResult> {
  const { database } = writing;
  const csv = readCsv(bytes);
  const known = new Map((await database.agency.findMany()).map((row) => [row.code, row.endedOn === null ? row.code : row.succeededBy]));
  const read = kind === 'agencies' ? readAgencies(csv) : readPeople(csv, known);
  const faults = [...csv.faults, ...read.faults].sort((a, b) => a.row - b.row);
  const refused = new Set(faults.map(({ row }) => row)).size;
  const total = csv.records.length + csv.broken.length;
  if (refused > 0) return { read: total, created: 0, updated: 0, unchanged: 0, refused, errors: faults, refusedText: null };
  const counts = read.kind === 'agencies' ? await writeAgencies(writing, read.rows) : await writePeople(writing, read.rows);
  return { read: total, ...counts, refused: 0, errors: [], refusedText: null };
}

interface AgencyRow {
  readonly code: string;
  readonly kind: string;
  readonly nameVi: string;
  readonly nameEn: string;
  readonly nameFr: string;
  readonly headEmail: string | null;
}

interface PersonRow {
  readonly email: string;
  readonly name: string;
  readonly agencyCode: string;
  readonly role: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly slackId: string | null;
  /** Absent where the file has no such column: then what is stored stays. */
  readonly digest?: boolean;
  readonly webhookAddress?: string | null;
}

function readAgencies(csv: Csv): { kind: 'agencies'; rows: AgencyRow[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const seen = new Map<string, number>();
  const rows = csv.records.map(({ row, cells }) => {
    const get = (column: string) => cells.get(column) ?? '';
    const wrong = (code: FaultCode, column: string, expected = '') =>
      faults.push(fault(code, { row, column, value: get(column) }, { expected }));
    if (!agencyCode.safeParse(get('code')).success) wrong('code_invalid', 'code');
    if (seen.has(get('code'))) wrong('code_twice', 'code', String(seen.get(get('code'))));
    seen.set(get('code'), row);
    for (const column of ['kind', 'name_vi', 'name_en', 'name_fr']) if (get(column) === '') wrong('value_missing', column);
    if (get('head') !== '' && !email.safeParse(get('head')).success) wrong('email_invalid', 'head');
    return {
      code: get('code'),
      kind: get('kind'),
      nameVi: get('name_vi'),
      nameEn: get('name_en'),
      nameFr: get('name_fr'),
      headEmail: get('head').toLowerCase() || null,
    };
  });
  return { kind: 'agencies', rows, faults };
}

/** @param agencies what each code is now; null for one that has ended and was divided */
function readPeople(csv: Csv, agencies: ReadonlyMap<string, string | null>): { kind: 'people'; rows: PersonRow[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const seen = new Map<string, number>();
  const rows = csv.records.map(({ row, cells }) => {
    const get = (column: string) => cells.get(column) ?? '';
    const wrong = (code: FaultCode, column: string, expected = '') =>
      faults.push(fault(code, { row, column, value: get(column) }, { expected }));
    if (!email.safeParse(get('email')).success) wrong('email_invalid', 'email');
    if (seen.has(get('email'))) wrong('code_twice', 'email', String(seen.get(get('email'))));
    seen.set(get('email'), row);
    const slackKey = `slack ${get('slack_id')}`;
    if (get('slack_id') !== '' && seen.has(slackKey)) wrong('slack_id_taken', 'slack_id', String(seen.get(slackKey)));
    seen.set(slackKey, row);
    if (get('name') === '') wrong('value_missing', 'name');
    const agency = agencies.get(get('agency'));
    if (agency === undefined) wrong('agency_unknown', 'agency', 'MOST');
    if (agency === null) wrong('agency_ended', 'agency');
    if (!ROLES.some((role) => role === get('role'))) wrong('role_invalid', 'role', ROLES.join(', '));
    if (get('role') === 'channel' && !/^[CG]/.test(get('slack_id'))) wrong('slack_channel_invalid', 'slack_id');
    if (!LOCALES.some((locale) => locale === get('locale'))) wrong('locale_invalid', 'locale', LOCALES.join(', '));
    if (!isTimeZone(get('time_zone'))) wrong('time_zone_invalid', 'time_zone');
    if (!['', 'true', 'false'].includes(get(DIGEST_COLUMN))) wrong('boolean_invalid', DIGEST_COLUMN);
    const address = get(WEBHOOK_COLUMN);
    if (address !== '' && !WEBHOOK_ADDRESS.test(address)) wrong('webhook_address_invalid', WEBHOOK_COLUMN);
    return {
      email: get('email').toLowerCase(),
      name: get('name'),
      agencyCode: agency ?? get('agency'),
      role: get('role'),
      locale: get('locale'),
      timeZone: get('time_zone'),
      slackId: get('slack_id') || null,
      ...(csv.columns.includes(DIGEST_COLUMN) ? { digest: get(DIGEST_COLUMN) !== 'false' } : {}),
      ...(csv.columns.includes(WEBHOOK_COLUMN) ? { webhookAddress: address || null } : {}),
    };
  });
  return { kind: 'people', rows, faults };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

type Counts = Pick<ImportResult, 'created' | 'updated' | 'unchanged'>;

/** A directory of thousands of people in one transaction. */
const SLOW = { timeout: 60_000 };

async function writeAgencies({ database, now, dryRun }: Writing, rows: readonly AgencyRow[]): Promise<Counts> {
  const stored = new Map((await database.agency.findMany()).map((row) => [row.code, row]));
  const { created, updated, unchanged } = sortOut(rows, ({ code }) => stored.get(code));
  if (!dryRun)
    await database.$transaction(async (transaction) => {
      await transaction.agency.createMany({ data: created });
      for (const { code, ...data } of updated) await transaction.agency.update({ where: { code }, data });
      await wantReplanFor(
        transaction,
        updated.flatMap(({ headEmail }) => headEmail ?? []),
        now,
      );
    }, SLOW);
  return { created: created.length, updated: updated.length, unchanged };
}

async function writePeople({ database, now, dryRun }: Writing, rows: readonly PersonRow[]): Promise<Counts> {
  const stored = new Map((await database.person.findMany({ omit: { slackDm: true } })).map((row) => [row.email, row]));
  const { created, updated, unchanged } = sortOut(rows, ({ email: address }) => stored.get(address));
  if (!dryRun)
    await database.$transaction(async (transaction) => {
      await transaction.person.createMany({ data: created });
      for (const { email: address, ...data } of updated) {
        // Another Slack account has another conversation.
        const before = stored.get(address);
        const told = before?.slackId === data.slackId ? data : { ...data, slackDm: null };
        await transaction.person.update({ where: { email: address }, data: told });
        // A new account reaches the person; the old one, imported again, is as gone as before.
        const isNew = (given: string | null | undefined, known: string | null | undefined) => given != null && given !== known;
        for (const channel of [
          ...(isNew(data.slackId, before?.slackId) ? ['slack' as const] : []),
          ...(isNew(data.webhookAddress, before?.webhookAddress) ? ['webhook' as const] : []),
        ])
          await regainChannel(transaction, { person: address as Email, channel, at: now });
      }
      await wantReplanFor(
        transaction,
        updated.map(({ email: address }) => address),
        now,
      );
    }, SLOW);
  return { created: created.length, updated: updated.length, unchanged };
}

function sortOut<Row extends object>(rows: readonly Row[], storedOf: (row: Row) => object | undefined) {
  const created: Row[] = [];
  const updated: Row[] = [];
  let unchanged = 0;
  for (const row of rows) {
    const stored = storedOf(row);
    if (stored === undefined) created.push(row);
    else if (Object.entries(row).every(([field, value]) => Reflect.get(stored, field) === value)) unchanged += 1;
    else updated.push(row);
  }
  return { created, updated, unchanged };
}
