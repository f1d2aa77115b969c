import type { Locale } from '../domain/names.ts';
import type { Refusal } from '../domain/refusals.ts';
import { text } from './text.ts';

/** A refusal in a person's language: the same words in chat, mail and web. */
export function refusalText(locale: Locale, { refused, details }: Refusal): string {
  return text(locale, `refusal.${refused}`, details);
}
