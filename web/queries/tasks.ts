/** The list of tasks: a few statements, one page of rows. */
import { z } from 'zod';
import type { Locale } from '../../domain/names.ts';
import type { IsoInstant } from '../../domain/time.ts';
import { codesCalled } from '../../prisma/agencies.ts';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { codesAtRisk, type ReadRisks, type Risk } from '../../prisma/risk.ts';
import type { Filters } from '../filters.ts';
import { countedCondition, missingEvidenceCondition, standingColumn, standingCondition } from './standing.ts';
import { MAY_LEAVE, nameColumn, TASK_LINE_TABLES, type TaskLine, taskLine, taskLineColumns } from './task-line.ts';

export const TASKS_PER_PAGE = 50;
const AGENCIES_MAX = 500;

export interface AgencyChoice {
  readonly code: string;
  readonly name: string;
}

export interface TaskList {
  readonly total: number;
  /** How many of them are restricted and therefore not among the lines. */
  readonly unnamed: number;
  /** From 1; a page beyond the last is the last. */
  readonly page: number;
  readonly pages: number;
  readonly lines: readonly TaskLine[];
  /** By code, at least of those lines that have one and may be told. */
  readonly risks: ReadonlyMap<string, Risk>;
}

/** Agencies to choose from, by name. */
export async function readAgencies(database: Database, locale: Locale): Promise<AgencyChoice[]> {
  const rows = await database.$queryRaw`SELECT code, ${nameColumn(locale)} AS name FROM agency ORDER BY code LIMIT ${AGENCIES_MAX}`;
  const collator = new Intl.Collator(locale);
  return z
    .array(z.object({ code: z.string(), name: z.string() }))
    .parse(rows)
    .sort((a, b) => collator.compare(a.name, b.name));
}

export interface TasksQuery {
  readonly database: Database;
  readonly risks: ReadRisks;
  readonly locale: Locale;
  readonly filters: Filters;
  readonly at: IsoInstant;
}

export async function readTasks({ database, risks, locale, filters, at }: TasksQuery): Promise<TaskList> {
  const codes = filters.agency === undefined ? [] : await codesCalled(database, filters.agency);
  const all = filters.risk === undefined ? null : await risks(at);
  const riskiest = all === null || filters.risk === undefined ? null : codesAtRisk(all, filters.risk);
  const where = condition(filters, { agency: codes, risk: riskiest }, at);
  const listed = filters.agency === undefined && filters.missing_evidence === undefined ? where : Prisma.sql`${where} AND ${MAY_LEAVE}`;
  const counted = await database.$queryRaw`
    SELECT count(*)::int AS total, (count(*) FILTER (WHERE ${listed}))::int AS named FROM ${TASK_LINE_TABLES} WHERE ${where}`;
  const [{ total, named } = { total: 0, named: 0 }] = z.array(z.object({ total: z.int(), named: z.int() })).parse(counted);
  const pages = Math.max(1, Math.ceil(named / TASKS_PER_PAGE));
  const page = Math.min(filters.page ?? 1, pages);
  const rows = await database.$queryRaw`
    SELECT ${taskLineColumns(locale, standingColumn(at))} FROM ${TASK_LINE_TABLES} WHERE ${listed}
    ORDER BY ${riskiest === null ? Prisma.empty : Prisma.sql`array_position(${riskiest}, t.code),`} t.deadline_at, t.code LIMIT ${TASKS_PER_PAGE} OFFSET ${(page - 1) * TASKS_PER_PAGE}`;
  const lines = z.array(taskLine).parse(rows);
  const told = lines.flatMap(({ restricted, code }) => (restricted ? [] : [code]));
  return { total, unnamed: total - named, page, pages, lines, risks: all ?? (await risks(at, told)) };
}

/**
 * Of a restricted task a list says its code, so no filter may answer what the line leaves out: words are looked for in
 * its code alone, people nowhere. An agency's list counts it, as the scoreboard does, and does not name it; with
 * another filter beside the agency's, the count itself would be an answer. Of missing evidence the same is true.
 * @param codes.agency all under which the agency's tasks stand
 * @param codes.risk of the tasks of the level that is asked for; null where none is
 */
function condition(
  { standing, status, agency, assignee, q, due_before, missing_evidence }: Filters,
  codes: { readonly agency: readonly string[]; readonly risk: readonly string[] | null },
  at: IsoInstant,
): Prisma.Sql {
  const conditions = [Prisma.sql`TRUE`];
  if (standing === 'counted') conditions.push(countedCondition(at));
  else if (standing !== undefined) conditions.push(standingCondition(standing, at));
  if (status !== undefined) conditions.push(Prisma.sql`t.status = ${status}`);
  if (agency !== undefined) {
    conditions.push(Prisma.sql`t.lead_agency = ANY(${[...codes.agency]})`);
    if (status !== undefined || q !== undefined || due_before !== undefined) conditions.push(MAY_LEAVE);
  }
  if (missing_evidence !== undefined) {
    conditions.push(missingEvidenceCondition(at));
    const others = [standing, status, agency, q, due_before];
    if (others.some((other) => other !== undefined)) conditions.push(MAY_LEAVE);
  }
  // How likely it is to be late is of what the line leaves out.
  if (codes.risk !== null) conditions.push(Prisma.sql`t.code = ANY(${[...codes.risk]})`, MAY_LEAVE);
  if (due_before !== undefined) conditions.push(Prisma.sql`t.deadline <= ${due_before}::date`);
  if (q !== undefined) {
    conditions.push(Prisma.sql`((${MAY_LEAVE} AND ${contains(Prisma.sql`t.title`, q)}) OR ${contains(Prisma.sql`t.code`, q)})`);
  }
  if (assignee !== undefined) {
    conditions.push(Prisma.sql`(${contains(Prisma.sql`p.name`, assignee)} OR ${contains(Prisma.sql`p.email`, assignee)})`, MAY_LEAVE);
  }
  return Prisma.join(conditions, ' AND ');
}

/**
 * A part of a text, whatever the case. `position` rather than ILIKE: `%` and `_` are then letters like others. The
 * collation is named because the embedded database has "C", where lower('Đ') stays 'Đ'.
 */
function contains(column: Prisma.Sql, part: string): Prisma.Sql {
  return Prisma.sql`position(lower(${part} COLLATE "und-x-icu") IN lower(${column} COLLATE "und-x-icu")) > 0`;
}
