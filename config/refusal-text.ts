import type { Locale } from '../domain/names.ts';
import type { Refusal } from '../domain/refusals.ts';
import { text } from './text.ts';

/** How people and agencies are called in front of people; a program is content with addresses and codes. */
export interface Names {
  readonly person: (address: string) => string;
  readonly agency: (code: string) => string;
}

const ADDRESSES = ['by', 'assignee'];
const AGENCIES = ['agency'];

/** A refusal in a person's language: the same words in chat, mail and web. */
export function refusalText(locale: Locale, { refused, details }: Refusal, names?: Names): string {
  const named = Object.entries(details).map(([name, value]) => {
    if (names !== undefined && ADDRESSES.includes(name)) return [name, names.person(value)];
    return [name, names !== undefined && AGENCIES.includes(name) ? names.agency(value) : value];
  });
  return text(locale, `refusal.${refused}`, Object.fromEntries(named));
}
