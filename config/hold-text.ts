/** Holds in words: what they cover, why and until when, and what coordinators are told when the breaker has tripped. Pure. */
import type { WaitingKind } from '../domain/hold.ts';
import type { Channel, Locale } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant } from '../domain/time.ts';
import type { Notice } from './notice.ts';
import { formatDate, formatInstant, text } from './text.ts';

/** What there is to say of a hold. */
export interface HoldWords {
  readonly agency: string | null;
  readonly channel: Channel | null;
  readonly exceptUrgent: boolean;
  readonly until: IsoInstant;
  readonly reason: string;
  readonly breaker: { readonly day: IsoDate; readonly planned: number; readonly usual: number } | null;
}

export function scopeText(locale: Locale, { agency, channel, exceptUrgent }: HoldWords, agencyName = (code: string) => code): string {
  const parts = [
    ...(agency === null ? [] : [text(locale, 'hold.scope.agency', { agency: agencyName(agency) })]),
    ...(channel === null ? [] : [text(locale, 'hold.scope.channel', { channel: text(locale, `web.via.${channel}`) })]),
  ];
  const scope = parts.length === 0 ? text(locale, 'hold.scope.all') : parts.join(' ');
  return exceptUrgent ? text(locale, 'hold.scope.except_urgent', { scope }) : scope;
}

/** A person's reason as it was written; the breaker's in the reader's language. */
export function holdReason(locale: Locale, { reason, breaker }: Pick<HoldWords, 'reason' | 'breaker'>): string {
  if (breaker === null) return reason;
  const { day, planned, usual } = breaker;
  return text(locale, 'hold.reason.breaker', { day: formatDate(locale, day), planned, usual });
}

const ended = (locale: Locale, until: IsoInstant) => formatInstant(locale, until, COMMITTEE_TIME_ZONE);

export function bannerText(locale: Locale, hold: HoldWords, agencyName?: (code: string) => string): string {
  const said = { scope: scopeText(locale, hold, agencyName), until: ended(locale, hold.until), reason: holdReason(locale, hold) };
  return text(locale, 'hold.banner', said);
}

export function heldText(locale: Locale, hold: Pick<HoldWords, 'until' | 'reason' | 'breaker'>): string {
  return text(locale, 'hold.held', { until: ended(locale, hold.until), reason: holdReason(locale, hold) });
}

export function waitingText(locale: Locale, { kind, channel, ...counts }: WaitingKind): string {
  return text(locale, 'hold.notice.kind', { kind: text(locale, `kind.${kind}`), channel: text(locale, `web.via.${channel}`), ...counts });
}

/** More kinds than this are on the page. */
const KINDS_SHOWN = 12;

/** What a coordinator is told when the breaker has tripped. Of tasks nothing but how many: it names none, so none that is restricted. */
export function breakerNotice(
  locale: Locale,
  hold: HoldWords & { readonly id: string },
  waiting: readonly WaitingKind[],
  o: { readonly key: string; readonly url: string },
): Notice {
  const lines = [
    text(locale, 'hold.notice.what', { reason: holdReason(locale, hold) }),
    text(locale, 'hold.notice.end', { until: ended(locale, hold.until) }),
    ...waiting.slice(0, KINDS_SHOWN).map((each) => `• ${waitingText(locale, each)}`),
    text(locale, 'hold.notice.release', { id: hold.id }),
  ];
  return {
    key: o.key,
    title: text(locale, 'hold.notice.title'),
    parts: [{ heading: null, lines }],
    link: { label: text(locale, 'hold.notice.show'), url: o.url },
  };
}
