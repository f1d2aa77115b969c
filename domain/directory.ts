/** People and agencies as the planner and the builders of cards and mails see them: plain values. */
import { type AgencyCode, CHANNELS, type Channel, type Email, type Locale, type Role } from './names.ts';
import type { IsoInstant } from './time.ts';

export interface Person {
  readonly email: Email;
  readonly name: string;
  readonly agency: AgencyCode;
  readonly role: Role;
  readonly locale: Locale;
  readonly timeZone: string;
  /** Null where the person has no chat account; of a shared channel its own id. */
  readonly slackId: string | null;
  /** Where the gateway behind the webhook reaches the person; null or absent where it does not. */
  readonly webhookAddress?: string | null;
  /** Channels by which nothing reaches the person, whatever the address: the provider knows it no more, or nobody sends by them here. */
  readonly lost?: readonly Channel[];
  /** When the last channel was lost: the person has left for good. */
  readonly goneAt?: IsoInstant | null;
  /** Whether the person wants a digest of a working morning; absent: yes. */
  readonly digest?: boolean;
}

/** As far as it matters to what reaches someone. */
export type Reachable = Pick<Person, 'email' | 'role' | 'slackId' | 'webhookAddress' | 'lost'>;

/** Where each channel reaches a person; null where it does not. A shared channel is one of chat: its e-mail address is its name here. */
const ADDRESSES: Readonly<Record<Channel, (person: Reachable) => string | null>> = {
  slack: ({ slackId }) => slackId,
  email: ({ role, email }) => (role === 'channel' ? null : email),
  webhook: ({ role, webhookAddress = null }) => (role === 'channel' ? null : webhookAddress),
};

/** Whether a message through the channel can reach the person. */
export function isReachable(person: Reachable, channel: Channel): boolean {
  return person.lost?.includes(channel) !== true && ADDRESSES[channel](person) !== null;
}

/** Every channel that reaches the person, in the order given. */
export function reachedBy(person: Reachable, order: readonly Channel[] = CHANNELS): Channel[] {
  return order.filter((channel) => isReachable(person, channel));
}

export interface Agency {
  readonly code: AgencyCode;
  readonly name: Readonly<Record<Locale, string>>;
  readonly kind: string;
  readonly head: Email | null;
  /** It has ended: its name is still told, but nobody is asked to choose it. */
  readonly hasEnded?: boolean;
  /** The one agency that it has become, where it has ended and that is one. */
  readonly succeededBy?: AgencyCode | null;
}
