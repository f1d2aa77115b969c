/** The breaker has stopped a day: how much waits, of what kind, and how it is let go. */
import { breakerNotice } from '../../config/hold-text.ts';
import type { Database } from '../../prisma/database.ts';
import { readHeld, storedHold } from '../../prisma/holds.ts';
import type { Make } from './maker.ts';

export function makeHoldNotice({ database, webUrl }: { readonly database: Database; readonly webUrl: () => string }): Make<'hold'> {
  return async ({ hold: id }, { key, recipient: { locale } }) => {
    const row = await database.hold.findUniqueOrThrow({ where: { id } });
    return breakerNotice(locale, storedHold(row), await readHeld(database, id), { key, url: `${webUrl()}/holds?lang=${locale}` });
  };
}
