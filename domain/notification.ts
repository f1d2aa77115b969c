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

export const NOTIFICATION_STATUSES = ['planned', 'claimed', 'sending', 'sent', 'merged', 'uncertain', 'failed', 'cancelled'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];
