/**
 * How many messages a person gets in a day: what is above goes to the next working morning or is dropped. Pure.
 *
 * Counted are messages, on all channels together, after merging; a message that goes anyway carries whatever stands in it. So a message
 * with anything in it that is under no cap is never held, and of several caps in one message the widest decides.
 */
import type { Policy } from './policy.ts';

export type Cap = NonNullable<Policy['cap']>;

/** One message as far as the cap looks at it: of each of its notifications the cap of its policy. */
export interface CappedMessage {
  readonly urgent: boolean;
  readonly caps: readonly (Cap | null)[];
}

/** What becomes of a notification; those of one message may differ where their policies do. */
export type CapFate = 'send' | Cap['over'];

/**
 * The fate of each notification of each message of one person and local day.
 * @param messages in the order in which they would be sent
 * @param told messages that the person has had this day already, urgent ones too
 */
export function capDay(messages: readonly CappedMessage[], told = 0): CapFate[][] {
  let count = told;
  return messages.map(({ urgent, caps }) => {
    const perDay = limitOf(caps);
    if (!urgent && perDay !== null && count >= perDay) return caps.map((cap) => cap?.over ?? 'send');
    count += 1;
    return caps.map(() => 'send');
  });
}

/** The day's limit of a message; null where there is none. */
export function limitOf(caps: readonly (Cap | null)[]): number | null {
  let widest = 0;
  for (const cap of caps) {
    if (cap === null) return null;
    widest = Math.max(widest, cap.perDay);
  }
  return caps.length === 0 ? null : widest;
}
