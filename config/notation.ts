/**
 * How products, milestones and a rhythm are written in one line: the same on the command line and in a file's cell. Pure.
 * Products `id:kind:name[:date]; …`, milestones `id:name:date; …`. A name may hold colons, no semicolons.
 */
import { type Due, type MilestoneWanted, NAME_MAX, PARTS_MAX, type ProductWanted, partName } from '../domain/command.ts';
import { PRODUCT_KINDS, partId } from '../domain/names.ts';
import { DUE_MAX, type Recurrence, recurrence } from '../domain/recurrence.ts';
import { type IsoDate, isoDate } from '../domain/time.ts';

/** Working days in which a period is to be reported, where nothing else is said. */
const PERIOD_DUE = 5;

export const PRODUCTS_FORM = 'id:kind:name[:date]';
export const MILESTONES_FORM = 'id:name:date';

/** What is wrong in such a line. `value` is the part that is wrong, `expected` what would be right. */
export interface NotationFault {
  readonly code:
    | 'part_form'
    | 'part_id_invalid'
    | 'part_twice'
    | 'part_name_invalid'
    | 'parts_too_many'
    | 'product_kind_invalid'
    | 'date_invalid'
    | 'recurrence_due_invalid';
  readonly value: string;
  readonly expected: string;
}

export interface Read<T> {
  /** What could be read; whole only where nothing is wrong. */
  readonly given: readonly T[];
  readonly faults: readonly NotationFault[];
}

/** A date as spreadsheets in Vietnam write it (`5/3/2026`), or as ISO 8601 does; null where there is no such day. */
export function readDate(written: string): IsoDate | null {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(written) ?? [];
  const read = isoDate.safeParse(year === '' ? written : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
  return read.success ? read.data : null;
}

/** @param dueOf the instant that a date means */
export function readProducts(line: string, dueOf: (date: IsoDate) => Due): Read<ProductWanted> {
  return readList(line, (item, wrong) => {
    const [, id, kind, rest] = /^([^:]*):([^:]*):(.*)$/.exec(item) ?? [];
    if (id === undefined || kind === undefined || rest === undefined) return wrong('part_form', item, PRODUCTS_FORM);
    const identity = idOf(id, wrong);
    const known =
      PRODUCT_KINDS.find((each) => each === kind.trim()) ?? wrong('product_kind_invalid', kind.trim(), PRODUCT_KINDS.join(', '));
    const [, before, last] = ENDS_IN_DATE.exec(rest) ?? [];
    const named = nameOf(before ?? rest, wrong);
    const date = last === undefined ? undefined : (readDate(last) ?? wrong('date_invalid', last));
    if (identity === null || known === null || named === null || date === null) return null;
    return { id: identity, kind: known, name: named, due: date === undefined ? null : dueOf(date) };
  });
}

/** @param dueOf the instant that a date means */
export function readMilestones(line: string, dueOf: (date: IsoDate) => Due): Read<MilestoneWanted> {
  return readList(line, (item, wrong) => {
    const [, id, name, last] = /^([^:]*):(.*):([^:]*)$/.exec(item) ?? [];
    if (id === undefined || name === undefined || last === undefined) return wrong('part_form', item, MILESTONES_FORM);
    const identity = idOf(id, wrong);
    const named = nameOf(name, wrong);
    const date = readDate(last.trim()) ?? wrong('date_invalid', last.trim());
    return identity === null || named === null || date === null ? null : { id: identity, name: named, due: dueOf(date) };
  });
}

/**
 * A rule of RFC 5545, with or without `RRULE:` before it. Whether its parts mean anything for a task says `refuseRecurrence`.
 * @param due working days in which each period is to be reported; empty for the usual
 */
export function readRecurrence(rule: string, due: string): Recurrence | NotationFault {
  const days = due === '' ? PERIOD_DUE : /^\d{1,3}$/.test(due) ? Number(due) : Number.NaN;
  const read = recurrence.safeParse({ rule, due: days });
  if (read.success) return read.data;
  if (!(days <= DUE_MAX)) return { code: 'recurrence_due_invalid', value: due, expected: String(DUE_MAX) };
  return { code: 'part_form', value: rule, expected: 'FREQ=MONTHLY;BYMONTHDAY=25' };
}

type Wrong = (code: NotationFault['code'], value: string, expected?: string) => null;

/** Figures after the last colon are meant as a date: what is none must not become part of a name. */
const ENDS_IN_DATE = /^(.*):\s*(\d[\d/.-]*)\s*$/;

function readList<T extends { readonly id: string }>(line: string, read: (item: string, wrong: Wrong) => T | null): Read<T> {
  const faults: NotationFault[] = [];
  const wrong: Wrong = (code, value, expected = '') => {
    faults.push({ code, value, expected });
    return null;
  };
  const items = line
    .split(/[;\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const given = items.flatMap((item) => read(item, wrong) ?? []);
  const ids = given.map(({ id }) => id);
  for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) wrong('part_twice', id);
  if (items.length > PARTS_MAX) wrong('parts_too_many', String(items.length), String(PARTS_MAX));
  return { given, faults };
}

function idOf(written: string, wrong: Wrong) {
  const read = partId.safeParse(written.trim());
  return read.success ? read.data : wrong('part_id_invalid', written.trim());
}

function nameOf(written: string, wrong: Wrong): string | null {
  const read = partName.safeParse(written);
  return read.success ? read.data : wrong('part_name_invalid', written.trim().slice(0, 80), String(NAME_MAX));
}
