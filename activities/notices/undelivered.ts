/** What nobody was told, to the coordinator of its tasks; what has reached its reader meanwhile, or a task that ended, is not in it. */
import { undeliveredNotice } from '../../config/undelivered-text.ts';
import { isOpen } from '../../domain/task.ts';
import type { Database } from '../../prisma/database.ts';
import { readUndelivered } from '../../prisma/undelivered.ts';
import type { Make } from './maker.ts';

export function makeUndelivered({ database, webUrl }: { readonly database: Database; readonly webUrl: () => string }): Make<'undelivered'> {
  return async (body, { key, recipient: { locale }, channel }) => {
    const open = (await readUndelivered(database, body)).filter(({ task }) => isOpen(task));
    if (open.length === 0) return { leftOut: 'everybody has been told, or the tasks have ended' };
    return undeliveredNotice(open, { key, locale, channel, webUrl: webUrl() });
  };
}
