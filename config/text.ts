/** Every word a person sees, in three languages, as ICU messages with literal ids. */
import { IntlMessageFormat } from 'intl-messageformat';
import { LOCALES, type Locale } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, Instant, type IsoDate, type IsoInstant, localDate, PlainDate } from '../domain/time.ts';
import en from './locales/en.json' with { type: 'json' };
import fr from './locales/fr.json' with { type: 'json' };
import vi from './locales/vi.json' with { type: 'json' };

export type TextId = keyof typeof en;
export const TEXTS: Readonly<Record<Locale, Readonly<Record<TextId, string>>>> = { vi, en, fr };

const formats = new Map(LOCALES.map((locale) => [locale, new Map<TextId, IntlMessageFormat>()]));

export function text(locale: Locale, id: TextId, values: Readonly<Record<string, string | number>> = {}): string {
  const known = formats.get(locale);
  let format = known?.get(id);
  if (format === undefined) {
    format = new IntlMessageFormat(TEXTS[locale][id], locale, undefined, { ignoreTag: true });
    known?.set(id, format);
  }
  return String(format.format({ ...values }));
}

export function formatNumber(locale: Locale, value: number): string {
  return new Intl.NumberFormat(locale === 'en' ? 'en-GB' : locale).format(value);
}

export function formatDate(locale: Locale, date: IsoDate): string {
  return PlainDate.from(date).toLocaleString(locale === 'en' ? 'en-GB' : locale, {
    day: '2-digit',
    month: locale === 'en' ? 'long' : '2-digit',
    year: 'numeric',
  });
}

/** A deadline with its zone written out: `17:00 20/03/2026 (GMT+7)`. */
export function formatInstant(locale: Locale, instant: IsoInstant, timeZone: string): string {
  const zoned = Instant.from(instant).toZonedDateTimeISO(timeZone);
  const hours = Math.trunc(zoned.offsetNanoseconds / 3_600e9);
  const minutes = Math.abs(Math.trunc(zoned.offsetNanoseconds / 60e9) % 60);
  const zone = `GMT${hours < 0 ? '-' : '+'}${Math.abs(hours)}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
  return `${zoned.toPlainTime().toString().slice(0, 5)} ${formatDate(locale, zoned.toPlainDate().toString() as IsoDate)} (${zone})`;
}

/** A moment in the committee's zone, which every page names once in its footer: `08:05 23/03/2026`, in each language's own order. */
export function formatMoment(locale: Locale, instant: IsoInstant): string {
  const time = Instant.from(instant).toZonedDateTimeISO(COMMITTEE_TIME_ZONE).toPlainTime().toString().slice(0, 5);
  const date = formatDate(locale, localDate(instant, COMMITTEE_TIME_ZONE));
  return { vi: `${time} ${date}`, en: `${date}, ${time}`, fr: `${date} à ${time}` }[locale];
}

/** A span in the one unit that tells it best, in milliseconds: `0.4 sec`, `34 giây`, `12 min`, `3,2 h`. */
export function formatSpan(locale: Locale, ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  const [value, unit] = seconds < 90 ? [seconds, 'second'] : seconds < 5_400 ? [seconds / 60, 'minute'] : [seconds / 3_600, 'hour'];
  const maximumFractionDigits = value < 10 ? 1 : 0;
  const tag = locale === 'en' ? 'en-GB' : locale;
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(value);
}

/** A text of at most so many UTF-16 units, the last a sign that more was said; no letter is cut in two. */
export function clip(value: string, max: number): string {
  return value.length <= max ? value : `${value.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
