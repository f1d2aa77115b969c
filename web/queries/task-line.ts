/** Columns as raw SQL gives them, read into the domain's own forms; what may not leave by the web is dropped at this door. */
import { z } from 'zod';
import { type Locale, PRIORITIES, SECRECY_LEVELS, STATUSES } from '../../domain/names.ts';
import { STANDINGS } from '../../domain/scoreboard.ts';
import { mayLeave } from '../../domain/secrecy.ts';
import { instantFromEpochMs, isoDate } from '../../domain/time.ts';
import { Prisma } from '../../prisma/generated/client.ts';

export const instant = z.date().transform((date) => instantFromEpochMs(date.getTime()));

const NAMES: Readonly<Record<Locale, Prisma.Sql>> = {
  vi: Prisma.sql`name_vi`,
  en: Prisma.sql`name_en`,
  fr: Prisma.sql`name_fr`,
};
/** The column that holds an agency's name in a language, after the table's alias and a dot. */
export function nameColumn(locale: Locale): Prisma.Sql {
  return NAMES[locale];
}

/** Whether the task `t` may be told by the web: `mayLeave` in SQL, made from it. */
export const MAY_LEAVE = Prisma.sql`(t.secrecy = ANY(${SECRECY_LEVELS.filter((level) => mayLeave(level, 'web'))}))`;

const openLine = z.object({
  restricted: z.literal(false),
  code: z.string(),
  title: z.string(),
  status: z.enum(STATUSES),
  priority: z.enum(PRIORITIES),
  agencyCode: z.string(),
  agencyName: z.string(),
  assigneeName: z.string(),
  deadline: isoDate,
  deadlineAt: instant,
  completedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  standing: z.enum(STANDINGS).nullable(),
});
const restrictedLine = z.object({ restricted: z.literal(true), code: z.string() });
/** One line of a list of tasks; of a restricted one only that it is there. */
export const taskLine = z.discriminatedUnion('restricted', [openLine, restrictedLine]);
export type TaskLine = z.infer<typeof taskLine>;

/** The columns of a line and the tables they come from: `t` the task, `a` its lead agency, `p` its assignee. */
export function taskLineColumns(locale: Locale, standing: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`NOT ${MAY_LEAVE} AS restricted, t.code, t.title, t.status, t.priority, t.lead_agency AS "agencyCode",
    a.${nameColumn(locale)} AS "agencyName", p.name AS "assigneeName", to_char(t.deadline, 'YYYY-MM-DD') AS deadline,
    t.deadline_at AS "deadlineAt", t.completed_at AS "completedAt", t.cancelled_at AS "cancelledAt", ${standing} AS standing`;
}
export const TASK_LINE_TABLES = Prisma.sql`task t JOIN agency a ON a.code = t.lead_agency JOIN person p ON p.email = t.assignee`;
