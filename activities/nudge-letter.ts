/** Makes the nudge letter that a mail to an agency's head carries: all the late tasks of the agency as of the moment of sending. */
import { letter } from '../documents/letter.ts';
import { lateTasks, urgedAgencies } from '../domain/lateness.ts';
import type { AgencyCode, Locale } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import type { Attachment } from '../mail/compose/mail.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { readLateRecords, readPresentAgencies, readTasksAt, underPresentAgencies } from '../prisma/tasks-at.ts';
import type { LoadedDirectory } from './directory.ts';

/** Null where no task of the agency is late any more. */
export type MakeLetter = (agency: AgencyCode, locale: Locale) => Promise<Attachment | null>;

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Twice: the same letter, unless a task has changed in between. It writes nothing. */
export function createNudgeLetter(o: {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly now: () => IsoInstant;
}): MakeLetter {
  return async (agency, locale) => {
    const at = o.now();
    const [{ main: calendar }, known, presentOf, [all = []]] = await Promise.all([
      o.calendars(at),
      o.directory(),
      readPresentAgencies(o.database),
      readTasksAt(o.database, [at]),
    ]);
    const present = presentOf.get(agency) ?? agency;
    const tasks = underPresentAgencies(all, presentOf).filter(({ leadAgency }) => leadAgency === present);
    const [urged] = urgedAgencies(lateTasks(tasks, await readLateRecords(o.database, tasks, at), { at, calendar }));
    if (urged === undefined) return null;
    const agencyName = (code: string) => known.agencies.get(code)?.name[locale] ?? code;
    const content = await letter(urged, at, { locale, calendar, agencyName });
    return { filename: `letter-${present}-${localDate(at, COMMITTEE_TIME_ZONE)}.docx`, contentType: WORD, content };
  };
}
