/** A channel is late: how much waits on it, since when and why, as it is when it is told. */
import { backlogNotice } from '../../config/backlog-text.ts';
import type { Database } from '../../prisma/database.ts';
import type { ReadBacklogs } from '../../prisma/delivery.ts';
import type { Make } from './maker.ts';

export interface BacklogNoticeDependencies {
  readonly database: Database;
  readonly backlogs: ReadBacklogs;
  readonly webUrl: () => string;
}

export function makeBacklogNotice({ database, backlogs, webUrl }: BacklogNoticeDependencies): Make<'backlog'> {
  return async ({ backlog: id }, { key, at, recipient: { locale } }) => {
    const { channel, endedAt } = await database.backlog.findUniqueOrThrow({ where: { id } });
    const found = endedAt === null ? (await backlogs(at)).find((each) => each.channel === channel) : undefined;
    if (found === undefined) return { leftOut: 'nothing is late any more' };
    return backlogNotice(locale, found, { key, at, url: `${webUrl()}/delivery?lang=${locale}` });
  };
}
