/** The committee's report by mail: its figures as of the instant at which it was due, whenever it is sent. */
import type { NoticeFile } from '../../config/notice.ts';
import { reportNotice } from '../../config/report-text.ts';
import { docx } from '../../documents/docx.ts';
import { html } from '../../documents/html.tsx';
import { regimeDocument } from '../../documents/regime.ts';
import type { Locale } from '../../domain/names.ts';
import type { NoticeBody } from '../../domain/notice.ts';
import type { RegimeReport } from '../../domain/regime-report.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../../domain/time.ts';
import type { ReadCalendars } from '../../prisma/calendars.ts';
import type { Database } from '../../prisma/database.ts';
import { readAgencyNames, readRegimeReport } from '../../prisma/regime-report.ts';
import { keepLast } from './kept.ts';
import type { Make } from './maker.ts';

export interface ReportDependencies {
  readonly database: Database;
  readonly calendars: ReadCalendars;
  readonly webUrl: () => string;
}

interface Made {
  readonly report: RegimeReport;
  readonly files: readonly NoticeFile[];
}

export function makeReport({ database, calendars, webUrl }: ReportDependencies): Make<'report'> {
  const kept = keepLast<Made>();
  return async (body, { key, recipient: { locale } }) => {
    const { report, files } = await kept(`${body.rhythm} ${body.at} ${locale}`, () => make(body, locale));
    return reportNotice(report, { key, locale, rhythm: body.rhythm, files, webUrl: webUrl() });
  };

  async function make({ rhythm, at, since }: NoticeBody<'report'>, locale: Locale): Promise<Made> {
    const { main: calendar } = await calendars(at);
    const { names, presentOf } = await readAgencyNames(database, locale);
    const report = await readRegimeReport(database, { at, since, calendar }, null, presentOf);
    const document = regimeDocument(report, { locale, calendar, agencyName: (code) => names.get(code) ?? code });
    const name = `report-${rhythm}-${localDate(at, COMMITTEE_TIME_ZONE)}`;
    const files = [
      { name: `${name}.docx`, type: DOCX, content: await docx(document) },
      { name: `${name}.html`, type: 'text/html; charset=utf-8', content: Buffer.from(html(document)) },
    ];
    return { report, files };
  }
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
