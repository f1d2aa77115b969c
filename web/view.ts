/** What every page knows of its request: language, instant, and its own address, so that links keep what the reader chose. */
import type { Locale } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';

export type Query = Readonly<Record<string, string | undefined>>;

export interface View {
  readonly locale: Locale;
  readonly now: IsoInstant;
  readonly path: string;
  readonly query: Query;
  /** What every page says above everything: that sending is suspended, that nothing reaches anybody. */
  readonly banners?: readonly string[];
}

/** A link inside the web. A language chosen in the URL stays chosen; empty values are left out. */
export function href({ query: { lang } }: View, path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, lang: query.lang ?? lang })) {
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  const search = parameters.toString();
  return search === '' ? path : `${path}?${search}`;
}

/** The same page in another language, with every other parameter as it is. */
export function inLanguage(view: View, lang: Locale): string {
  return href(view, view.path, { ...view.query, lang });
}

export function taskHref(view: View, code: string): string {
  return href(view, `/tasks/${encodeURIComponent(code)}`);
}
