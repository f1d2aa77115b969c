/**
 * What a channel implements. It knows its provider and nothing of the ledger: what is due, what is merged, whether something may go, and
 * what an outcome means to the ledger is the courier's. docs/channels.md tells how one is added.
 */
import type { Notice } from '../config/notice.ts';
import type { Person } from '../domain/directory.ts';
import type { Channel, Email, TaskCode } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import type { Step } from '../domain/policy.ts';
import type { RateLimit } from '../domain/rate-limit.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Transaction } from '../prisma/database.ts';

export interface DueNotification {
  readonly id: string;
  readonly key: string;
  readonly kind: NotificationKind;
  readonly task: Task;
  /** What the step says in the policy's own words; null where it says nothing. */
  readonly text: Step['text'];
}

/** One message to one person; several notifications where they were merged, the most pressing first. */
export interface OutgoingMessage {
  /** Never used twice: the provider is given it where it can tell messages apart by it. */
  readonly id: string;
  readonly recipient: Email;
  readonly notifications: readonly DueNotification[];
}

/** A message of which nobody knows whether it arrived. */
export interface Sought extends Pick<OutgoingMessage, 'id' | 'recipient'> {
  /** When it was put on the wire, by our clock. */
  readonly attemptedAt: IsoInstant;
  /** Of what it tells: a mail is named by the first of those that it was made of. */
  readonly keys: readonly string[];
}

/** A message that went out, and what it told: each task as of its event number. */
export interface SentMessage {
  readonly id: string;
  readonly recipient: Email;
  readonly items: readonly { readonly code: TaskCode; readonly seq: number }[];
  readonly providerId: string;
  /** When the provider had accepted it. */
  readonly at: IsoInstant;
}

/** What a provider did with a message. */
export type SendOutcome =
  | { readonly outcome: 'sent'; readonly providerId: string }
  /** Surely not sent, and may be later; tried again after a growing wait. */
  | { readonly outcome: 'transient'; readonly why: string; readonly retryAfterMs?: number }
  /**
   * Surely not sent: the provider takes nothing for a while, from anybody who sends. It counts as no attempt. `refusesUs`: and it will not
   * before somebody acts, so what has waited for hours goes by another channel.
   */
  | { readonly outcome: 'limited'; readonly why: string; readonly retryAfterMs: number; readonly refusesUs?: true }
  /** Never to be sent; `gone`: the provider knows the recipient no more. */
  | { readonly outcome: 'permanent'; readonly why: string; readonly gone?: true }
  /** Perhaps sent; never blindly sent again. */
  | { readonly outcome: 'ambiguous'; readonly why: string };

/** Whether a message of which nobody knows has arrived. */
export type Found =
  | { readonly arrived: true; readonly providerId: string }
  | { readonly arrived: false }
  /**
   * Nobody can tell, but for so long after the first attempt the provider drops what it has had under the same id: it may be posted
   * once more under it, and arrives once.
   */
  | { readonly arrived: 'repeatable'; readonly forMs: number }
  /** The provider keeps nothing that could tell. */
  | { readonly arrived: 'unknown' }
  | { readonly arrived: 'ask_again'; readonly retryAfterMs: number };

/** Everything that can go wrong before the wire has: `post` puts it there, once. */
export type ReadyMessage = { readonly post: () => Promise<SendOutcome> } | { readonly unmade: string };

/** What a provider takes from one workspace or account. */
export interface Pace {
  /** Null where it takes whatever comes. */
  readonly limit: RateLimit | null;
  /** Messages in any 24 hours; null without a limit. */
  readonly perDay: number | null;
  /** Between two messages to one person. */
  readonly perRecipientMs: number;
  /** Messages on the wire at once, of one courier. */
  readonly onWireMax: number;
  /** On the wire, or answered and not written yet: so many at most, of one courier, must be asked about after a crash. */
  readonly unsettledMax: number;
  /** Notifications marked ahead of one moment, of one courier. 0 where nobody can be asked about them after a crash, or with a limit. */
  readonly aheadMax: number;
}

export interface Sender {
  readonly channel: Channel;
  /** Whether everything it sends is diverted: whom it names is told nothing. */
  readonly shadow: boolean;
  readonly pace: Pace;
  /** Makes messages, in the order given; sends nothing. Twice: the same messages, made anew. */
  prepare(messages: readonly OutgoingMessage[]): Promise<readonly ReadyMessage[]>;
  /** A storm of so many messages is a second away: whatever it would wait for is made ready. Never fails; sends nothing. Twice: the same. */
  warmUp?(messages: number): Promise<void>;
  /** Keeps what is needed later of what was sent, in the transaction that says that it was. Twice: the second changes nothing. */
  remember?(store: Transaction, sent: readonly SentMessage[]): Promise<void>;
  find(message: Sought): Promise<Found>;
  /**
   * Tells one person something that is about no task.
   * @param id of the message, as `OutgoingMessage` has one
   */
  notify(recipient: Person, notice: Notice, id: string): Promise<SendOutcome>;
}
