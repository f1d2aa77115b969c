/** `dondoc report --format md|html|docx|xlsx`: the committee's report as a document to hand on. */
import { writeFileSync } from 'node:fs';
import type { Document } from '../documents/document.ts';
import { docx } from '../documents/docx.ts';
import { html } from '../documents/html.tsx';
import { markdown } from '../documents/markdown.ts';
import { regimeDocument } from '../documents/regime.ts';
import { xlsx } from '../documents/xlsx.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import type { AgencyCode } from '../domain/names.ts';
import type { RegimeReport } from '../domain/regime-report.ts';
import { type IsoDate, instantFromEpochMs } from '../domain/time.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { type Moments, readAgencyNames, readRegimeReport } from '../prisma/regime-report.ts';
import { type Context, Failure, Usage, withDatabase } from './context.ts';
import { dateFlag, localeFlag } from './flags.ts';

/** Each form: text that may go to the terminal, or a file that needs a name. */
const FORMATS = {
  md: { isText: true, build: async (document: Document) => Buffer.from(markdown(document)) },
  html: { isText: true, build: async (document: Document) => Buffer.from(html(document)) },
  docx: { isText: false, build: docx },
  xlsx: { isText: false, build: xlsx },
} as const;
type Format = keyof typeof FORMATS;

export interface DocumentFlags {
  readonly format: string;
  readonly out?: string;
  /** A local date: the figures at the end of its office hours; absent: now. */
  readonly asOf?: string;
  /** The date of the last report. */
  readonly since?: string;
  readonly agency?: string;
  readonly lang?: string;
}

export async function reportDocument(context: Context, flags: DocumentFlags): Promise<void> {
  const format = (Object.keys(FORMATS) as Format[]).find((each) => each === flags.format);
  if (format === undefined) throw new Usage(`--format ${flags.format}: write ${Object.keys(FORMATS).join(', ')}`);
  const { isText, build } = FORMATS[format];
  if (!isText && flags.out === undefined) throw new Usage(`--format ${format} is a file: name it with --out FILE`);
  const locale = localeFlag(flags.lang, 'vi');
  const { report, agencyName, calendar } = await withDatabase(context, async (database) => {
    const asked = await momentsOf(database, flags);
    const { names, presentOf } = await readAgencyNames(database, locale);
    const agency = flags.agency === undefined ? null : knownAgency(flags.agency, names, presentOf);
    return {
      report: await readRegimeReport(database, asked, agency, presentOf),
      agencyName: (code: string) => names.get(code) ?? code,
      calendar: asked.calendar,
    };
  });
  const bytes = await build(regimeDocument(report, { locale, calendar, agencyName }));
  const summary = { format, asOf: report.at, since: report.since, agency: report.agency, figures: figuresOf(report) };
  if (flags.out === undefined) {
    const content = Buffer.from(bytes).toString('utf8');
    context.print({ ...summary, content }, content.trimEnd());
    return;
  }
  writeFileSync(flags.out, bytes);
  context.print({ ...summary, out: flags.out, bytes: bytes.length }, `${flags.out}: ${bytes.length} bytes`);
}

const figuresOf = ({ all }: RegimeReport) => Object.fromEntries(all.map(({ written, now }) => [written, now]));

export async function momentsOf(
  database: Database,
  { asOf, since }: { readonly asOf?: string; readonly since?: string },
): Promise<Moments> {
  const now = instantFromEpochMs(Date.now());
  const calendars = createCalendars({ database, now: () => now });
  const { main: calendar } = await calendars();
  const instant = (date: IsoDate | null) => (date === null ? null : endOfOfficeHours(calendar, date));
  const at = instant(dateFlag('--as-of', asOf)) ?? now;
  const last = instant(dateFlag('--since', since));
  if (last !== null && last >= at) throw new Usage(`--since ${since}: the last report lies before this one`);
  return { at, since: last, calendar: (await calendars(at)).main };
}

/** @throws Failure when there is no such agency */
export function knownAgency(given: string, names: ReadonlyMap<string, string>, presentOf: ReadonlyMap<string, AgencyCode>): AgencyCode {
  const code = given.trim().toUpperCase();
  if (!names.has(code)) throw new Failure(`--agency ${given}: there is no such agency; dondoc agency list names them`);
  return presentOf.get(code) ?? (code as AgencyCode); // it is one of the stored codes
}
