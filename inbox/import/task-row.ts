/** One row of a task file: checked, then turned into the history of a task. Pure. */
import { createHash } from 'node:crypto';
import { type Read, readDate, readMilestones, readProducts, readRecurrence } from '../../config/notation.ts';
import { refuseRecurrence } from '../../config/recurrence.ts';
import { addDays, atLocalTime, type Calendar, endOfOfficeHours } from '../../domain/calendar.ts';
import type { Assignment, Due, Evidence, MilestoneWanted, ProductWanted } from '../../domain/command.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import type { KnownHistory } from '../../domain/history.ts';
import {
  type AgencyCode,
  agencyCode,
  type Email,
  email,
  PRIORITIES,
  SECRECY_LEVELS,
  type SecrecyLevel,
  type TaskCode,
  taskCode,
} from '../../domain/names.ts';
import type { Recurrence } from '../../domain/recurrence.ts';
import type { Refusal } from '../../domain/refusals.ts';
import { type IsoDate, type IsoInstant, localDate } from '../../domain/time.ts';
import { type Column, saidBy } from './columns.ts';
import type { CsvRecord } from './csv.ts';
import { type Fault, type FaultCode, fault, notationFault, recurrenceFault } from './faults.ts';

const IMPORTED_STATUSES = ['assigned', 'acknowledged', 'reported', 'completed'] as const;
type ImportedStatus = (typeof IMPORTED_STATUSES)[number];
const DEFAULT_POLICY = 'standard';

export interface RowContext {
  /** The date on which the file tells the truth; later facts are refused. */
  readonly asOf: IsoDate;
  /** Days by which every date of the file is moved; 0 for a file of real dates. */
  readonly shiftDays: number;
  readonly now: IsoInstant;
  readonly calendar: Calendar;
  readonly person: (address: Email) => Person | undefined;
  readonly agency: (code: AgencyCode) => Agency | undefined;
  /** Latest version of each stored policy. */
  readonly policies: ReadonlyMap<string, number>;
}

export interface ImportedTask {
  readonly row: number;
  readonly raw: string;
  /** The file's columns: what it has none for, it says nothing of. */
  readonly columns: ReadonlySet<string>;
  readonly history: KnownHistory;
  /** Of what the row says, dates moved: the same row read again is the same. */
  readonly hash: string;
}

/** Local times at which a fact of which only the day is known is taken to have happened, in the order of a task's life. */
const TIMES = { assigned_on: '08:00', acknowledged_on: '09:00', reported_on: '16:00', completed_on: '17:00' } as const;

/** Of what a row says, its dates moved. */
export function rowHash(cells: ReadonlyMap<string, string>, shiftDays: number): string {
  return createHash('sha256')
    .update(JSON.stringify([...saidBy(cells), shiftDays]))
    .digest('hex');
}

/** @returns the task, or every fault of the row */
export function readTaskRow(record: CsvRecord, context: RowContext): ImportedTask | readonly Fault[] {
  const { row, cells } = record;
  const faults: Fault[] = [];
  const get = (column: Column) => cells.get(column) ?? '';
  const wrong = (code: FaultCode, column: Column, expected = ''): null => {
    faults.push(fault(code, { row, column, value: get(column) }, { expected }));
    return null;
  };
  const needed = (column: Column): string | null => get(column) || wrong('value_missing', column);
  const line = (column: Column, max: number): string => {
    const value = get(column);
    if (value.length > max) wrong('text_too_long', column, String(max));
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)) wrong('text_invalid', column);
    return value;
  };
  const date = (column: Column): IsoDate | null => {
    const value = get(column);
    if (value === '') return null;
    return readDate(value) ?? wrong('date_invalid', column);
  };
  const person = (column: Column): Person | null => {
    const value = needed(column);
    if (value === null) return null;
    const address = email.safeParse(value);
    if (!address.success) return wrong('email_invalid', column);
    const known = context.person(address.data);
    return known === undefined || known.role === 'channel' ? wrong('person_unknown', column) : known;
  };
  const agency = (column: Column, value: string): AgencyCode | null => {
    const code = agencyCode.safeParse(value);
    const known = code.success ? context.agency(code.data) : undefined;
    if (known === undefined) return wrong('agency_unknown', column, 'MOST');
    // A file that still has the old code means the agency that it has become.
    if (known.hasEnded === true) return known.succeededBy ?? wrong('agency_ended', column);
    return known.code;
  };

  const shifted = (on: IsoDate) => addDays(on, context.shiftDays);
  const dueOn = (on: IsoDate): Due => ({ deadline: shifted(on), deadlineAt: endOfOfficeHours(context.calendar, shifted(on)) });
  const parts = <T>(column: Column, read: Read<T>): readonly T[] => {
    faults.push(...read.faults.map((each) => notationFault({ row, column, value: each.value }, each)));
    return read.given;
  };
  const code = taskCode.safeParse(get('code'));
  if (!code.success) wrong(get('code') === '' ? 'value_missing' : 'code_invalid', 'code');
  if (needed('title') !== null) line('title', 1000);
  const product = line('product', 500);
  const document = line('document', 100);
  const group = line('group', 200);
  const leadCode = needed('lead_agency');
  const lead = leadCode === null ? null : agency('lead_agency', leadCode);
  const coordinatingCodes = get('coordinating_agencies')
    .split(/[;|]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (new Set([leadCode, ...coordinatingCodes]).size < coordinatingCodes.length + 1) wrong('agency_twice', 'coordinating_agencies');
  const coordinating = coordinatingCodes.map((each) => agency('coordinating_agencies', each)).filter((each) => each !== null);
  // Two that the file names may have become one, or the lead agency itself.
  const coordinatingAgencies = [...new Set(coordinating)].filter((each) => each !== lead);
  const assignee = person('assignee');
  if (assignee !== null && lead !== null && assignee.agency !== lead) wrong('person_of_other_agency', 'assignee', assignee.agency);
  const supervisor = get('supervisor') === '' ? null : person('supervisor');
  const coordinator = person('coordinator');
  if (coordinator !== null && coordinator.role !== 'coordinator') wrong('not_a_coordinator', 'coordinator', coordinator.role);
  const status = IMPORTED_STATUSES.find((each) => each === get('status')) ?? null;
  if (status === null && needed('status') !== null) wrong('status_invalid', 'status', IMPORTED_STATUSES.join(', '));
  const yes = (column: Column, absent: boolean): boolean | null => {
    if (!/^(true|false|)$/i.test(get(column))) return wrong('boolean_invalid', column);
    return get(column) === '' ? absent : get(column).toLowerCase() === 'true';
  };
  const regular = yes('regular', false);
  const priority =
    PRIORITIES.find((each) => each === (get('priority') || 'normal')) ?? wrong('priority_invalid', 'priority', PRIORITIES.join(', '));
  const policyName = get('policy') || DEFAULT_POLICY;
  const policyVersion = context.policies.get(policyName) ?? wrong('policy_unknown', 'policy', [...context.policies.keys()].join(', '));
  const deadline = needed('deadline') === null ? null : date('deadline');
  const facts = needed('assigned_on') === null ? null : readFacts(status, { date, get, wrong, asOf: context.asOf });
  const evidence = readEvidence(status, get('evidence'), wrong);
  if (deadline !== null && facts?.assigned_on != null && deadline < facts.assigned_on)
    wrong('date_order', 'deadline', `assigned_on ${facts.assigned_on}`);

  const described: Described = {
    products: parts('products', readProducts(get('products'), dueOn)),
    milestones: parts('milestones', readMilestones(get('milestones'), dueOn)),
    secrecy:
      SECRECY_LEVELS.find((each) => each === (get('secrecy') || 'none')) ?? wrong('secrecy_invalid', 'secrecy', SECRECY_LEVELS.join(', ')),
    parent: readParent(get('parent'), { wrong, isMandatory: yes('parent_mandatory', true), alone: get('parent_mandatory') !== '' }),
    recurrence: readRhythm({ get, wrong, row, faults }, (rhythm) =>
      facts?.assigned_on == null || deadline === null
        ? null
        : refuseRecurrence(rhythm, shifted(facts.assigned_on), shifted(deadline), context.calendar),
    ),
  };

  if (
    faults.length > 0 ||
    !code.success ||
    lead === null ||
    assignee === null ||
    coordinator === null ||
    status === null ||
    regular === null ||
    priority === null ||
    policyVersion === null ||
    deadline === null ||
    facts?.assigned_on == null
  ) {
    return faults;
  }
  const today = localDate(context.now, context.calendar.timeZone);
  const happened = (column: keyof typeof TIMES): IsoInstant | null => {
    const on = facts[column];
    if (on === null) return null;
    // What is assigned today and waits for its acknowledgment is assigned now: its clock begins with the import.
    if (column === 'assigned_on' && status === 'assigned' && shifted(on) === today) return context.now;
    const at = atLocalTime(shifted(on), TIMES[column], context.calendar.timeZone);
    return at > context.now ? context.now : at;
  };
  const assignedAt = happened('assigned_on') ?? context.now;
  const reportedAt = happened('reported_on');
  return {
    row,
    raw: record.raw,
    columns: new Set(cells.keys()),
    hash: rowHash(cells, context.shiftDays),
    history: {
      code: code.data,
      assignment: {
        title: get('title'),
        product,
        document,
        group,
        leadAgency: lead,
        coordinatingAgencies,
        assignee: assignee.email,
        supervisor: supervisor?.email ?? null,
        coordinator: coordinator.email,
        assignedAt,
        followedSince: context.now,
        ...dueOn(deadline),
        regular: regular || described.recurrence !== null,
        priority,
        policy: { name: policyName, version: policyVersion },
        ...saidOf(described),
      },
      coordinator,
      assignee,
      acknowledgedAt: happened('acknowledged_on'),
      reported: reportedAt === null ? null : { at: reportedAt, evidence },
      verifiedAt: happened('completed_on'),
    },
  };
}

/** What tasks have had only since they have a whole life; null where nothing is said or something is wrong. */
interface Described {
  readonly products: readonly ProductWanted[];
  readonly milestones: readonly MilestoneWanted[];
  readonly secrecy: SecrecyLevel | null;
  readonly parent: { readonly code: TaskCode; readonly mandatory: boolean } | null;
  readonly recurrence: Recurrence | null;
}

/** Without what is not said: the record of a plain task stays as short as it was. */
function saidOf({ products, milestones, secrecy, parent, recurrence }: Described): Partial<Assignment> {
  return {
    ...(products.length === 0 ? {} : { products: [...products] }),
    ...(milestones.length === 0 ? {} : { milestones: [...milestones] }),
    ...(secrecy === null || secrecy === 'none' ? {} : { secrecy }),
    ...(parent === null ? {} : { parent }),
    ...(recurrence === null ? {} : { recurrence }),
  };
}

/** Whether there is such a task, and whether a circle closes, is seen by who sees the whole file. */
function readParent(
  value: string,
  { wrong, isMandatory, alone }: { wrong: Reading['wrong']; isMandatory: boolean | null; alone: boolean },
): Described['parent'] {
  if (value === '') return alone ? wrong('belongs_to_other_column', 'parent_mandatory', 'parent') : null;
  const code = taskCode.safeParse(value);
  if (!code.success) return wrong('code_invalid', 'parent');
  return isMandatory === null ? null : { code: code.data, mandatory: isMandatory };
}

function readRhythm(
  { get, wrong, row, faults }: Pick<Reading, 'get' | 'wrong'> & { readonly row: number; readonly faults: Fault[] },
  refuse: (rhythm: Recurrence) => Refusal | null,
): Recurrence | null {
  const [rule, due] = [get('recurrence'), get('recurrence_due')];
  if (rule === '') return due === '' ? null : wrong('belongs_to_other_column', 'recurrence_due', 'recurrence');
  const read = readRecurrence(rule, due);
  if ('code' in read) {
    const column = read.code === 'recurrence_due_invalid' ? 'recurrence_due' : 'recurrence';
    faults.push(notationFault({ row, column, value: get(column) }, read));
    return null;
  }
  const refusal = refuse(read);
  if (refusal === null) return read;
  const column = refusal.refused === 'recurrence_due_too_long' ? 'recurrence_due' : 'recurrence';
  faults.push(recurrenceFault({ row, column, value: get(column) }, refusal));
  return null;
}

interface Reading {
  readonly date: (column: Column) => IsoDate | null;
  readonly get: (column: Column) => string;
  readonly wrong: (code: FaultCode, column: Column, expected?: string) => null;
  readonly asOf: IsoDate;
}

/** The dates of a task's life: those that the status implies and no others, none in the future, each after the one before. */
function readFacts(status: ImportedStatus | null, { date, get, wrong, asOf }: Reading): Record<keyof typeof TIMES, IsoDate | null> {
  const columns = ['assigned_on', 'acknowledged_on', 'reported_on', 'completed_on'] as const;
  const facts: Record<keyof typeof TIMES, IsoDate | null> = {
    assigned_on: null,
    acknowledged_on: null,
    reported_on: null,
    completed_on: null,
  };
  const last = status === null ? columns.length : IMPORTED_STATUSES.indexOf(status);
  let before: { column: string; on: IsoDate } | null = null;
  for (const [index, column] of columns.entries()) {
    if (get(column) === '') {
      if (index <= last && status !== null) wrong('value_missing', column);
      continue;
    }
    if (index > last) {
      wrong('date_of_other_status', column, status ?? '');
      continue;
    }
    const on = date(column);
    if (on === null) continue;
    if (on > asOf) wrong('date_in_future', column, asOf);
    else if (before !== null && on < before.on) wrong('date_order', column, `${before.column} ${before.on}`);
    facts[column] = on;
    before = { column, on };
  }
  return facts;
}

function readEvidence(status: ImportedStatus | null, value: string, wrong: Reading['wrong']): Evidence[] {
  const expects = status === 'reported' || status === 'completed';
  if (value === '') {
    if (expects) wrong('evidence_missing', 'evidence');
    return [];
  }
  if (!expects && status !== null) wrong('evidence_of_other_status', 'evidence', status);
  if (value.length > 2000) wrong('text_too_long', 'evidence', '2000');
  return [/^https?:\/\/\S+$/.test(value) ? { type: 'link', url: value } : { type: 'text', text: value }];
}
