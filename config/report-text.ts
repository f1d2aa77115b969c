/** The mail with the committee's report: the main figures, and the whole as files. Pure. */
import type { Locale } from '../domain/names.ts';
import type { RegimeReport } from '../domain/regime-report.ts';
import type { Rhythm } from '../domain/rhythm.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate } from '../domain/time.ts';
import type { Notice, NoticeFile } from './notice.ts';
import { formatDate, formatInstant, text } from './text.ts';

export function reportNotice(
  report: RegimeReport,
  o: {
    readonly key: string;
    readonly locale: Locale;
    readonly rhythm: Rhythm;
    readonly files: readonly NoticeFile[];
    readonly webUrl: string;
  },
): Notice {
  const { locale } = o;
  const lines = report.all.map(({ figure, argument, now, before }) => {
    // Whatever takes an argument here takes a day.
    const named = text(locale, `figure.${figure}`, argument === '' ? {} : { date: formatDate(locale, argument as IsoDate) });
    return before === null
      ? text(locale, 'report.notice.line', { figure: named, now })
      : text(locale, 'report.notice.line_change', { figure: named, now, before });
  });
  return {
    key: o.key,
    title: text(locale, `report.notice.${o.rhythm}`, { at: formatInstant(locale, report.at, COMMITTEE_TIME_ZONE) }),
    parts: [
      { heading: text(locale, 'report.figures'), lines },
      { heading: null, lines: [text(locale, 'report.notice.files')] },
    ],
    link: { label: text(locale, 'report.notice.show'), url: `${o.webUrl}/?lang=${locale}` },
    files: o.files,
  };
}
