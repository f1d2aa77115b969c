/** What reached nobody, in words to the coordinator of its tasks. Pure. */
import type { Channel, Locale } from '../domain/names.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { Task } from '../domain/task.ts';
import type { Notice, NoticeLine } from './notice.ts';
import { clip, text } from './text.ts';

/** Of one task. */
export interface UndeliveredTask {
  readonly task: Pick<Task, 'code' | 'title' | 'secrecy'>;
  readonly notifications: number;
  /** The names of those who were not told. */
  readonly people: readonly string[];
}

/** More are on the list of tasks. */
const LINES_MAX = 20;
const TITLE_MAX = 140;
const NAMES_MAX = 200;

export function undeliveredNotice(
  all: readonly UndeliveredTask[],
  o: { readonly key: string; readonly locale: Locale; readonly channel: Channel; readonly webUrl: string },
): Notice {
  const { key, locale, channel, webUrl } = o;
  const named = all.filter(({ task }) => mayLeave(task.secrecy, channel));
  const restricted = all.length - named.length;
  const count = named.reduce((sum, { notifications }) => sum + notifications, 0);
  const lines = named.slice(0, LINES_MAX).map(({ task: { code, title }, notifications, people }): NoticeLine => {
    const what = text(locale, 'undelivered.what', { count: notifications, people: clip(people.join(', '), NAMES_MAX) });
    return {
      text: text(locale, 'digest.line', { code, title: clip(title, TITLE_MAX), what }),
      url: `${webUrl}/tasks/${code}?lang=${locale}`,
    };
  });
  const rest = [
    ...(named.length > LINES_MAX ? [text(locale, 'digest.more', { count: named.length - LINES_MAX })] : []),
    ...(restricted === 0 ? [] : [text(locale, 'digest.restricted', { count: restricted })]),
    text(locale, 'undelivered.advice'),
  ];
  return {
    key,
    title: text(locale, 'undelivered.title'),
    parts: [{ heading: named.length === 0 ? null : text(locale, 'undelivered.count', { count }), lines: [...lines, ...rest] }],
    link: { label: text(locale, 'backlog.notice.show'), url: `${webUrl}/delivery?lang=${locale}` },
  };
}
