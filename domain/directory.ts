/** People and agencies as the planner and the builders of cards and mails see them: plain values. */
import type { AgencyCode, Channel, Email, Locale, Role } from './names.ts';
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
  /** Channels whose provider knows the person no more. */
  readonly lost?: readonly Channel[];
  /** When the last channel was lost: the person has left for good. */
  readonly goneAt?: IsoInstant | null;
  /** Whether the person wants a digest of a working morning; absent: yes. */
  readonly digest?: boolean;
}

/** Whether a message through the channel can reach the person. */
export function isReachable({ role, slackId, lost = [] }: Pick<Person, 'role' | 'slackId' | 'lost'>, channel: Channel): boolean {
  // The address of a shared channel is its name here, no mailbox.
  return !lost.includes(channel) && (channel === 'email' ? role !== 'channel' : slackId !== null);
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
