/** A risk in words: how high it is and what makes it so, one sentence wherever it is told. Pure. */
import type { Locale } from '../domain/names.ts';
import type { Assessment, Measure } from '../domain/risk.ts';
import { isoDate } from '../domain/time.ts';
import { formatDate, text } from './text.ts';

/** `no activity for 12 working days`: without a capital and without a full stop. */
export function reasonText(locale: Locale, { feature, said }: Measure): string {
  const date = isoDate.safeParse(said.date);
  return text(locale, `risk.reason.${feature}`, date.success ? { ...said, date: formatDate(locale, date.data) } : said);
}

export function riskText(locale: Locale, { level, score, reasons }: Assessment): string {
  const values = { level: text(locale, `risk.level.${level}`), percent: Math.round(score * 100) };
  return reasons.length === 0
    ? text(locale, 'risk.line_plain', values)
    : text(locale, 'risk.line', { ...values, reasons: reasons.map((reason) => reasonText(locale, reason)).join('; ') });
}
