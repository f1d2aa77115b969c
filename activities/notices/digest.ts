/** A morning's digest, made when it is sent: what was settled meanwhile is not in it. */
import { digestNotice } from '../../config/digest-text.ts';
import { addDays, addMinutes, atLocalTime } from '../../domain/calendar.ts';
import { capDay } from '../../domain/cap.ts';
import { digest } from '../../domain/digest.ts';
import { gathersUntil } from '../../domain/message.ts';
import type { Channel } from '../../domain/names.ts';
import { GATHER_MINUTES } from '../../domain/occurrences.ts';
import { type IsoInstant, localDate } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { readDigestFacts, type Staffing } from '../../prisma/digest.ts';
import { messagesBetween } from '../../prisma/notices.ts';
import type { PolicyOf } from '../../prisma/policies.ts';
import type { Addressed, Make } from './maker.ts';

export interface DigestDependencies {
  readonly database: Database;
  readonly directory: () => Promise<Staffing>;
  readonly policyOf: PolicyOf;
  /** Those that send: what waits on another one goes out never. */
  readonly channels: readonly Channel[];
  readonly webUrl: () => string;
}

export function makeDigest({ database, directory, policyOf, channels, webUrl }: DigestDependencies): Make<'digest'> {
  return async ({ day }, to) => {
    const { key, recipient, channel, shadow, at } = to;
    if (recipient.digest === false) return { leftOut: 'the person wants no digest' };
    // Reminders of the same moment speak first; what they leave unsaid is in the next digest.
    if (await isToldNow(to)) return { leftOut: 'another message to the person is of the same moment' };
    const items = digest(await readDigestFacts(database, { person: recipient, at, directory: await directory(), shadow }));
    if (items.length === 0) return { leftOut: 'nothing that the person has not been told' };
    const policies = await Promise.all(items.map(({ task }) => policyOf(task.policy)));
    const told = await messagesBetween(database, { recipient: recipient.email, shadow, ...todayOf(at, recipient.timeZone) });
    const [[fate] = []] = capDay([{ urgent: false, caps: policies.map(({ cap }) => cap) }], told);
    if (fate !== 'send') return { leftOut: 'above the messages of a day that the policies of its tasks allow' };
    return digestNotice(items, { key, recipient, channel, day, webUrl: webUrl() });
  };

  /** Whether a notification or another notice to the person, on whatever channel, goes out or went out within the moment. */
  async function isToldNow({ key, recipient: { email: recipient }, shadow, at }: Addressed): Promise<boolean> {
    const moment = { from: addMinutes(at, -GATHER_MINUTES), until: gathersUntil(at) };
    const planned = { recipient, channel: { in: [...channels] }, sendAt: { lte: moment.until } };
    const [notifications, notices, told] = await Promise.all([
      database.notification.count({
        // What a cap or the hours have put off is not of this moment.
        where: { ...planned, status: { in: ['planned', 'claimed'] }, OR: [{ notBefore: null }, { notBefore: { lte: moment.until } }] },
      }),
      database.notice.count({ where: { ...planned, status: { in: ['planned', 'claimed'] }, key: { not: key } } }),
      messagesBetween(database, { recipient, shadow, ...moment }),
    ]);
    return notifications + notices + told > 0;
  }
}

function todayOf(at: IsoInstant, timeZone: string): { from: IsoInstant; until: IsoInstant } {
  const today = localDate(at, timeZone);
  return { from: atLocalTime(today, '00:00', timeZone), until: atLocalTime(addDays(today, 1), '00:00', timeZone) };
}
