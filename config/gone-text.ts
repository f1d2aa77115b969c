/** Words about an assignee who has left, shared by card, mail and page. Pure. */
import type { Locale } from '../domain/names.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { Replacement } from '../domain/stand-in.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import { type Names, refusalText } from './refusal-text.ts';
import { formatDate, text } from './text.ts';

/** The committee's date on which someone left. */
export function goneSince(locale: Locale, at: IsoInstant): string {
  return formatDate(locale, localDate(at, COMMITTEE_TIME_ZONE));
}

/** The question in one sentence; once it is answered, or the person is back, that. */
export function questionText(locale: Locale, { gone: { name, goneAt }, tasks }: Replacement): string {
  if (goneAt == null) return text(locale, 'gone.back', { person: name });
  const date = goneSince(locale, goneAt);
  return text(locale, tasks.length === 0 ? 'gone.settled' : 'gone.question', { person: name, date, count: tasks.length });
}

export function isAsked({ gone, tasks, choices }: Replacement): boolean {
  return gone.goneAt != null && tasks.length > 0 && choices.length > 0;
}

/** As many refusals as a person reads. */
const REFUSALS_SHOWN = 5;

/** What became of naming another: how many tasks moved, and why the others did not. `nameOf` hides what must not leave. */
export function namedText(
  locale: Locale,
  named: {
    readonly done: readonly string[];
    readonly stored: readonly string[];
    readonly notStored: readonly string[];
    readonly refused: readonly { readonly code: string; readonly refusal: Refusal }[];
  },
  o: { readonly person: string; readonly names: Names; readonly isRestricted: (code: string) => boolean },
): string {
  const { done, stored, notStored, refused } = named;
  const why = refused.map(({ code, refusal }) =>
    o.isRestricted(code) ? text(locale, 'secret.title') : `${code}: ${refusalText(locale, refusal, o.names)}`,
  );
  return [
    text(locale, 'gone.named', { count: done.length, person: o.person }),
    ...(stored.length === 0 ? [] : [text(locale, 'gone.named_stored', { count: stored.length })]),
    ...(notStored.length === 0 ? [] : [text(locale, 'gone.named_not_stored', { count: notStored.length })]),
    ...(refused.length === 0 ? [] : [text(locale, 'gone.named_refused', { count: refused.length }), ...why.slice(0, REFUSALS_SHOWN)]),
  ].join('\n');
}
