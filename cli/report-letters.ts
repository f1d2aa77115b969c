/** `dondoc report letters`: a nudge letter for each agency with late tasks, previewed before it is written. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { letter } from '../documents/letter.ts';
import { lateTasks, urgedAgencies, workingDays } from '../domain/lateness.ts';
import { readAgencyNames } from '../prisma/regime-report.ts';
import { readLateRecords, readTasksAt, underPresentAgencies } from '../prisma/tasks-at.ts';
import { type Context, Usage, withDatabase } from './context.ts';
import { localeFlag } from './flags.ts';
import { knownAgency, momentsOf } from './report-document.ts';

export interface LetterFlags {
  readonly out?: string;
  readonly agency?: string;
  readonly dryRun?: boolean;
  /** A local date: who is late at the end of its office hours; absent: now. */
  readonly asOf?: string;
  readonly lang?: string;
}

export async function writeLetters(context: Context, { out, agency: given, dryRun = false, asOf, lang }: LetterFlags): Promise<void> {
  if (out === undefined && !dryRun) throw new Usage('name the folder for the letters with --out DIR, or look first with --dry-run');
  const locale = localeFlag(lang, 'vi');
  const { urged, names, at, calendar } = await withDatabase(context, async (database) => {
    const { at, calendar } = await momentsOf(database, asOf === undefined ? {} : { asOf });
    const known = await readAgencyNames(database, locale);
    const only = given === undefined ? null : knownAgency(given, known.names, known.presentOf);
    const [now = []] = await readTasksAt(database, [at]);
    const tasks = underPresentAgencies(now, known.presentOf).filter(({ leadAgency }) => only === null || leadAgency === only);
    return { ...known, at, calendar, urged: urgedAgencies(lateTasks(tasks, await readLateRecords(database, tasks, at), { at, calendar })) };
  });
  const agencyName = (code: string) => names.get(code) ?? code;
  const letters: { agency: string; name: string; file: string | null; restricted: number; tasks: object[] }[] = [];
  if (!dryRun && out !== undefined) mkdirSync(out, { recursive: true });
  for (const each of urged) {
    const file = dryRun || out === undefined ? null : join(out, `letter-${each.agency}.docx`);
    if (file !== null) writeFileSync(file, await letter(each, at, { locale, calendar, agencyName }));
    letters.push({
      agency: each.agency,
      name: agencyName(each.agency),
      file,
      restricted: each.restricted,
      tasks: each.late.map(({ task: { code, title, deadline }, minutesLate, held }) => ({
        code,
        title,
        deadline,
        workingDaysLate: workingDays(calendar, minutesLate),
        held: held.map(({ role, minutes }) => ({ role, workingDays: workingDays(calendar, minutes) })),
      })),
    });
  }
  const count = (tasks: number) => `${tasks} late ${tasks === 1 ? 'task' : 'tasks'}`;
  context.print(
    { asOf: at, letters },
    [
      ...urged.flatMap(({ agency, late, restricted }, index) => [
        `${agency}  ${agencyName(agency)}: ${count(late.length + restricted)}${letters[index]?.file == null ? '' : `, ${letters[index]?.file}`}`,
        ...(dryRun
          ? late.map(
              ({ task: { code, title, deadline }, minutesLate }) =>
                `    ${code}  ${deadline}  ${workingDays(calendar, minutesLate)} working days late  ${title}`,
            )
          : []),
        ...(dryRun && restricted > 0 ? [`    and ${restricted} restricted, counted and not named`] : []),
      ]),
      `${urged.length} ${urged.length === 1 ? 'letter' : 'letters'}${dryRun ? ' would be written' : ''}`,
    ].join('\n'),
  );
}
