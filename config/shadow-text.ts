import type { Person } from '../domain/directory.ts';
import { text } from './text.ts';

/** Whom a diverted message would have gone to, in that person's language like the message itself. */
export function shadowText({ name, email, locale }: Pick<Person, 'name' | 'email' | 'locale'>): string {
  return text(locale, 'shadow.line', { person: name, address: email });
}
