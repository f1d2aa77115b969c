/** Makes the nudge letters that a mail carries: to each agency that its notifications name, all its late tasks as of the sending. */
import type { NoticeFile } from '../config/notice.ts';
import { letter } from '../documents/letter.ts';
import { lateTasks, urgedAgencies } from '../domain/lateness.ts';
import type { AgencyCode, Locale } from '../domain/names.ts';
import { letterOf } from '../domain/plan.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { readLateRecords, readPresentAgencies, readTasksAt, underPresentAgencies } from '../prisma/tasks-at.ts';
import type { LoadedDirectory } from './directory.ts';
import type { OutgoingMessage } from './sender.ts';

export type MakeLetters = (message: OutgoingMessage, locale: Locale) => Promise<NoticeFile[]>;

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/**
 * One an agency and day: tasks that ask later on the same day are in the mail, and the letter has gone out.
 * Twice: the same letters, unless a task has changed in between. It writes nothing.
 */
export function createNudgeLetters(o: {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly now: () => IsoInstant;
}): MakeLetters {
  return async (message, locale) => {
    const wanted = new Map(
      message.notifications.flatMap((each) => letterOf(each) ?? []).map((each) => [`${each.agency}.${each.day}`, each]),
    );
    const made = await Promise.all(
      [...wanted.values()].map(async (each) => ((await isSent(message, each)) ? null : make(each.agency, locale))),
    );
    return made.flatMap((each) => each ?? []);
  };

  /** Whether another message has carried it, or is about to. */
  async function isSent({ id }: OutgoingMessage, { agency, day }: { agency: AgencyCode; day: IsoDate }): Promise<boolean> {
    const other = await o.database.notification.findFirst({
      where: {
        kind: 'nudge_letter',
        key: { contains: `/letter.${agency}.${day}/` },
        status: { in: ['sending', 'sent', 'merged', 'uncertain'] },
        messageId: { not: id },
      },
      select: { id: true },
    });
    return other !== null;
  }

  /** Null where no task of the agency is late any more. */
  async function make(agency: AgencyCode, locale: Locale): Promise<NoticeFile | null> {
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
    return { name: `letter-${present}-${localDate(at, COMMITTEE_TIME_ZONE)}.docx`, type: WORD, content };
  }
}
