/**
 * Notices: messages to one person that are about no single task. Each kind has here what it carries, and one maker of its words
 * (`activities/notices/makers.ts`); everything else is the same for all. Pure.
 */
import { z } from 'zod';
import { agencyCode, type Channel, type Email, email } from './names.ts';
import { RHYTHMS } from './rhythm.ts';
import { type IsoInstant, isoDate, isoInstant } from './time.ts';

interface Definition {
  /** Ids and dates only: what is said of tasks is read when it is sent, since one of them may be restricted by then. */
  readonly body: z.ZodObject;
  /** As for notifications: a hold may let it through. */
  readonly urgent: boolean;
  /** Of holds themselves: none keeps it back. */
  readonly passesHolds: boolean;
}

export const NOTICES = {
  /** The breaker has stopped a day: to the coordinators. */
  hold: { body: z.object({ hold: z.uuid() }), urgent: true, passesHolds: true },
  /** A channel's messages are late: to the coordinators, by another channel. About the sending itself, like a hold's. */
  backlog: { body: z.object({ backlog: z.uuid() }), urgent: true, passesHolds: true },
  /** What was given up and no channel has told, to the coordinator of its tasks: what failed after an instant, up to another. */
  undelivered: { body: z.object({ coordinator: email, since: isoInstant, until: isoInstant }), urgent: false, passesHolds: false },
  /** What a person's working morning begins with. */
  digest: { body: z.object({ day: isoDate }), urgent: false, passesHolds: false },
  /** How an agency stands, to its head, on the first working morning of a week. */
  week: { body: z.object({ day: isoDate, agency: agencyCode, at: isoInstant }), urgent: false, passesHolds: false },
  /** The committee's report, to the coordinators. */
  report: { body: z.object({ rhythm: z.enum(RHYTHMS), at: isoInstant, since: isoInstant }), urgent: false, passesHolds: false },
} as const satisfies Readonly<Record<string, Definition>>;
export type NoticeKind = keyof typeof NOTICES;
export type NoticeBody<Kind extends NoticeKind> = z.infer<(typeof NOTICES)[Kind]['body']>;

export const NOTICE_KINDS = Object.keys(NOTICES) as NoticeKind[];
/** What is sent whatever is held. */
export const PASSING_KINDS = NOTICE_KINDS.filter((kind) => NOTICES[kind].passesHolds);

interface Planned<Kind extends NoticeKind> {
  /** Unique for ever: whatever plans it again plans nothing new. */
  readonly key: string;
  readonly kind: Kind;
  readonly recipient: Email;
  readonly channel: Channel;
  readonly sendAt: IsoInstant;
  /** Not sent later than that; null where it stays true. */
  readonly notAfter: IsoInstant | null;
  readonly body: NoticeBody<Kind>;
}
export type PlannedNotice = { readonly [Kind in NoticeKind]: Planned<Kind> }[NoticeKind];

/**
 * In a courier's hands it is `claimed`, on its way to the provider `sending`; what a crash or an unclear answer leaves there is `uncertain`
 * until the provider has been asked. `cancelled`: there was nothing to say any more, or its time had passed.
 */
export type NoticeStatus = 'planned' | 'claimed' | 'sending' | 'sent' | 'uncertain' | 'failed' | 'cancelled';
