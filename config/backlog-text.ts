/** What is late on a channel in words: on pages, on the command line, and to the coordinators. Counts alone: it names no task. Pure. */
import type { Backlog, BacklogReason } from '../domain/backlog.ts';
import type { Channel, Locale } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, epochMs, type IsoInstant } from '../domain/time.ts';
import type { Notice } from './notice.ts';
import { formatInstant, formatSpan, text } from './text.ts';

/** One sentence: how many wait on which channel, since when, and because of what. */
export function backlogText(locale: Locale, backlog: Backlog, at: IsoInstant): string {
  const { channel, waiting, since } = backlog;
  return text(locale, 'backlog.banner', {
    channel: channelName(locale, channel),
    waiting,
    since: formatInstant(locale, since, COMMITTEE_TIME_ZONE),
    reason: backlogReason(locale, backlog, at),
  });
}

/** @param at now; null: of a backlog that is over */
export function backlogReason(locale: Locale, reason: BacklogReason, at: IsoInstant | null): string {
  if (!('answer' in reason)) return text(locale, `backlog.reason.${reason.reason}`);
  const answer = reason.answer ?? text(locale, 'backlog.no_answer');
  if (reason.reason === 'partly' || reason.until === null || at === null)
    return text(locale, `backlog.reason.${reason.reason}`, { answer });
  // Whole seconds: nobody waits for a tenth of one.
  const waitMs = Math.ceil((epochMs(reason.until) - epochMs(at)) / 1_000) * 1_000;
  return text(locale, 'backlog.reason.refused_until', { answer, wait: formatSpan(locale, waitMs) });
}

export function channelName(locale: Locale, channel: Channel): string {
  return text(locale, `web.via.${channel}`);
}

export function backlogNotice(
  locale: Locale,
  backlog: Backlog,
  o: { readonly key: string; readonly at: IsoInstant; readonly url: string },
): Notice {
  return {
    key: o.key,
    title: text(locale, 'backlog.notice.title', { channel: channelName(locale, backlog.channel) }),
    parts: [
      {
        heading: null,
        lines: [backlogText(locale, backlog, o.at), text(locale, 'backlog.notice.kept'), text(locale, 'backlog.notice.once')],
      },
    ],
    link: { label: text(locale, 'backlog.notice.show'), url: o.url },
  };
}
