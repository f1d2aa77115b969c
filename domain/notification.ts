/** One thing to tell one person through one channel, as the plan writes it and the ledger keeps it. */
import type { Channel, Email, TaskCode } from './names.ts';
import type { IsoInstant } from './time.ts';

export const NOTIFICATION_KINDS = [
  'assignment',
  'reminder',
  'acknowledgment_reminder',
  'escalation',
  'verification_request',
  'returned',
  'transfer_decision_request',
  'transfer_acceptance_request',
  'transfer_refused',
  'extension_decision_request',
  'extension_granted',
  'extension_refused',
  'obstacle_reported',
  'obstacle_answered',
  'progress_request',
  'inactivity_escalation',
  'milestone_reminder',
  'milestone_late',
  'rework_reminder',
  'question_asked',
  'question_answered',
  'contribution_requested',
  'contribution_reminder',
  'contribution_late',
  'contribution_given',
  'nudge',
  'dependency_late',
  'period_opened',
  'period_reminder',
  'period_late',
  'period_returned',
  'period_verification_request',
  'nudge_letter',
  'assignee_gone',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export interface PlannedNotification {
  /** Unique for ever: task, step, occurrence of its anchor, recipient, channel. Told once, whatever is planned again. */
  readonly key: string;
  readonly code: TaskCode;
  readonly kind: NotificationKind;
  readonly step: string;
  readonly recipient: Email;
  readonly channel: Channel;
  readonly sendAt: IsoInstant;
  /** Urgent ones are never merged with others. */
  readonly urgent: boolean;
  /** Policy, version, step and rule in one line: why this is told to this person now. */
  readonly reason: string;
}

/** `dropped`: above its policy's cap of a day, and never sent. */
export const NOTIFICATION_STATUSES = [
  'planned',
  'claimed',
  'sending',
  'sent',
  'merged',
  'uncertain',
  'failed',
  'cancelled',
  'dropped',
] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** What a message says first of a task that it tells of for several reasons at once; kinds that are not named come last. */
const MOST_PRESSING: readonly NotificationKind[] = [
  'escalation',
  'inactivity_escalation',
  'milestone_late',
  'contribution_late',
  'nudge',
  'returned',
  'transfer_acceptance_request',
  'transfer_decision_request',
  'extension_decision_request',
  'obstacle_reported',
  'question_asked',
  'verification_request',
  'assignment',
  'acknowledgment_reminder',
];

/** Each task once, in the order given, with its most pressing kind: nobody reads the same card twice in one message. */
export function onePerTask<T extends { readonly kind: NotificationKind; readonly task: { readonly code: TaskCode } }>(
  items: readonly T[],
): T[] {
  const rank = ({ kind }: T) => (MOST_PRESSING.includes(kind) ? MOST_PRESSING.indexOf(kind) : MOST_PRESSING.length);
  const kept = new Map<TaskCode, T>();
  for (const item of items) {
    const present = kept.get(item.task.code);
    if (present === undefined || rank(item) < rank(present)) kept.set(item.task.code, item);
  }
  return [...kept.values()];
}
