/** The weekly word to an agency's head. Pure. */
import type { AgencyWeek } from '../domain/agency-week.ts';
import type { Calendar } from '../domain/calendar.ts';
import { workingDays } from '../domain/lateness.ts';
import type { Channel, Locale } from '../domain/names.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { IsoDate } from '../domain/time.ts';
import type { Notice, NoticeLine, NoticePart } from './notice.ts';
import { clip, formatDate, type TextId, text } from './text.ts';

/** More are on the page. */
const LATE_MAX = 20;
const TITLE_MAX = 140;

export function weekNotice(
  week: AgencyWeek,
  o: {
    readonly key: string;
    readonly locale: Locale;
    readonly channel: Channel;
    readonly day: IsoDate;
    readonly calendar: Calendar;
    readonly agencyName: string;
    readonly webUrl: string;
  },
): Notice {
  const { locale, channel, calendar } = o;
  const named = week.late.named.filter(({ task }) => mayLeave(task.secrecy, channel));
  const restricted = week.late.named.length + week.late.restricted - named.length;
  const late = named.slice(0, LATE_MAX).map(({ task: { code, title }, minutesLate }): NoticeLine => {
    const what = text(locale, 'week.late.line', { days: workingDays(calendar, minutesLate) });
    return {
      text: text(locale, 'digest.line', { code, title: clip(title, TITLE_MAX), what }),
      url: `${o.webUrl}/tasks/${code}?lang=${locale}`,
    };
  });
  const parts: NoticePart[] = [
    {
      heading: null,
      lines: [
        text(locale, 'week.overdue', week.overdue),
        text(locale, 'week.soon', { by: formatDate(locale, week.soon.by), count: week.soon.tasks }),
      ],
    },
    {
      heading: text(locale, 'week.waiting'),
      lines: week.waiting.map(({ role, tasks }) => text(locale, 'week.count', { what: text(locale, `holder.${role}`), count: tasks })),
    },
    { heading: text(locale, 'week.changes'), lines: changeLines(week.changes, locale) },
    {
      heading: text(locale, 'week.late', { count: week.overdue.now }),
      lines: [
        ...late,
        ...(named.length > LATE_MAX ? [text(locale, 'digest.more', { count: named.length - LATE_MAX })] : []),
        ...(restricted === 0 ? [] : [text(locale, 'report.restricted', { count: restricted })]),
      ],
    },
  ];
  const query = new URLSearchParams({ agency: week.agency, standing: 'overdue', lang: locale });
  return {
    key: o.key,
    title: text(locale, 'week.title', { agency: o.agencyName, day: formatDate(locale, o.day) }),
    parts: parts.filter(({ lines }) => lines.length > 0),
    link: { label: text(locale, 'week.show'), url: `${o.webUrl}/tasks?${query}` },
  };
}

const CHANGES = [
  ['assigned', 'report.changes.assigned'],
  ['completed', 'report.changes.completed'],
  ['becameLate', 'report.changes.became_late'],
  ['cancelled', 'report.changes.cancelled'],
  ['agencyChanged', 'report.changes.agency'],
  ['deadlineMoved', 'report.changes.deadline'],
] as const satisfies readonly (readonly [keyof AgencyWeek['changes'], TextId])[];

/** How many; which ones stands on the page of each task. */
function changeLines(changes: AgencyWeek['changes'], locale: Locale): string[] {
  return CHANGES.flatMap(([change, id]) => {
    const count = changes[change].named.length + changes[change].restricted;
    return count === 0 ? [] : [text(locale, 'week.count', { what: text(locale, id), count })];
  });
}
