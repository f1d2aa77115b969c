/** A morning's digest in words. Pure. */
import { DIGEST_PARTS, type DigestItem } from '../domain/digest.ts';
import type { Person } from '../domain/directory.ts';
import type { Channel } from '../domain/names.ts';
import { pressingDue } from '../domain/period.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { IsoDate } from '../domain/time.ts';
import type { Notice, NoticeLine, NoticePart } from './notice.ts';
import { clip, formatDate, formatInstant, text } from './text.ts';

/** More of a part are on the page. */
const LINES_MAX = 10;
const TITLE_MAX = 140;

/** @param items in the order in which they are read */
export function digestNotice(
  items: readonly DigestItem[],
  o: { readonly key: string; readonly recipient: Person; readonly channel: Channel; readonly day: IsoDate; readonly webUrl: string },
): Notice {
  const { recipient, channel } = o;
  const { locale } = recipient;
  const named = items.filter(({ task }) => mayLeave(task.secrecy, channel));
  // Not even in which part it stands: that would say that it is late.
  const restricted = new Set(items.filter((item) => !named.includes(item)).map(({ task }) => task.code)).size;
  const lineOf = (item: DigestItem): NoticeLine => ({
    text: text(locale, 'digest.line', { code: item.task.code, title: clip(item.task.title, TITLE_MAX), what: whatOf(item, recipient) }),
    url: `${o.webUrl}/tasks/${item.task.code}?lang=${locale}`,
  });
  const parts = DIGEST_PARTS.flatMap((part): NoticePart[] => {
    const own = named.filter((item) => item.part === part);
    const more = own.length > LINES_MAX ? [text(locale, 'digest.more', { count: own.length - LINES_MAX })] : [];
    const heading = text(locale, `digest.${part}`, { count: own.length });
    return own.length === 0 ? [] : [{ heading, lines: [...own.slice(0, LINES_MAX).map(lineOf), ...more] }];
  });
  const last = [...(restricted === 0 ? [] : [text(locale, 'digest.restricted', { count: restricted })]), text(locale, 'digest.why')];
  const isOwn = items.every(({ task }) => task.assignee === recipient.email);
  const query = new URLSearchParams({ ...(isOwn ? { assignee: recipient.email } : {}), lang: locale });
  return {
    key: o.key,
    title: text(locale, 'digest.title', { day: formatDate(locale, o.day) }),
    parts: [...parts, { heading: null, lines: last }],
    link: { label: text(locale, 'mail.list'), url: `${o.webUrl}/tasks?${query}` },
  };
}

function whatOf(item: DigestItem, { locale, timeZone }: Person): string {
  if (item.part === 'waits') return item.matters.map((matter) => text(locale, `digest.matter.${matter}`)).join('; ');
  if (item.part === 'changed') return item.changes.map((change) => text(locale, `digest.change.${change}`)).join('; ');
  return text(locale, `digest.${item.part}.line`, { at: formatInstant(locale, pressingDue(item.task).deadlineAt, timeZone) });
}
