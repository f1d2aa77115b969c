import { LOCALES, type Locale } from '../domain/names.ts';

/** The language of a page: the one wished in the URL, else the first known one of `Accept-Language` by weight, else Vietnamese. */
export function localeOf(wished: string | undefined, acceptLanguage: string | undefined): Locale {
  return known(wished) ?? fromHeader(acceptLanguage ?? '') ?? 'vi';
}

function known(tag: string | undefined): Locale | undefined {
  return LOCALES.find((locale) => locale === tag);
}

/** RFC 9110, 12.5.4: `fr-CH, fr;q=0.9, en;q=0.8`; a weight of 0 means "not this one". */
function fromHeader(header: string): Locale | undefined {
  return header
    .split(',')
    .slice(0, 20)
    .map((range) => {
      const [tag = '', ...parameters] = range
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { locale: known(tag.split('-')[0]), weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .find(({ locale }) => locale !== undefined)?.locale;
}
