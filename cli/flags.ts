/** Flags that several subcommands read alike. */
import { LOCALES, type Locale } from '../domain/names.ts';
import { type IsoDate, isoDate } from '../domain/time.ts';
import { Usage } from './context.ts';

/** Null where the flag is not given. */
export function dateFlag(flag: string, given: string | undefined): IsoDate | null {
  if (given === undefined) return null;
  const read = isoDate.safeParse(given);
  if (!read.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return read.data;
}

export function localeFlag(given: string | undefined, otherwise: Locale): Locale {
  const found = LOCALES.find((each) => each === (given ?? otherwise));
  if (found === undefined) throw new Usage(`--lang ${given}: write ${LOCALES.join(', ')}`);
  return found;
}
