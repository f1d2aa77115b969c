/** A person's row as the domain sees it, and what the store keeps of each channel. */
import type { Person } from '../domain/directory.ts';
import { CHANNELS, type Channel } from '../domain/names.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import type { Database, Transaction } from './database.ts';

type PersonRow = Awaited<ReturnType<Database['person']['findMany']>>[number];

/** Since when a channel's provider knows the person no more. The column of the store is called after the channel, `slack_gone_at`. */
export const GONE_AT = { slack: 'slackGoneAt', email: 'emailGoneAt', webhook: 'webhookGoneAt' } as const satisfies Readonly<
  Record<Channel, keyof PersonRow>
>;

/** By which channels somebody sends; all of them before the first worker has said so. */
export async function servedChannels(store: Database | Transaction): Promise<readonly Channel[]> {
  const rows = await store.servedChannel.findMany({ select: { channel: true } });
  return rows.length === 0 ? CHANNELS : CHANNELS.filter((channel) => rows.some((row) => row.channel === channel));
}

/** @param served what nobody sends by reaches nobody */
export function personOf(row: PersonRow, served: readonly Channel[]): Person {
  const { email, name, agencyCode: agency, role, locale, timeZone, slackId, webhookAddress, digest, goneAt } = row;
  // The columns are checked by the database against the same lists as the domain's types.
  const kept = { email, name, agency, role, locale, timeZone, slackId, webhookAddress, digest } as Person;
  const lost = CHANNELS.filter((channel) => row[GONE_AT[channel]] !== null || !served.includes(channel));
  return { ...kept, lost, goneAt: goneAt === null ? null : instantFromEpochMs(goneAt.getTime()) };
}
