/** Words that cards and mails share about a task: why it is told to this person, and how far its deadline is. Pure. */
import type { Person } from '../domain/directory.ts';
import type { Locale } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { isOverdue, type Task } from '../domain/task.ts';
import { type IsoInstant, localDate, PlainDate } from '../domain/time.ts';
import { type TextId, text } from './text.ts';

/** The days to a deadline as the reader's calendar counts them, in words. */
export function daysLeft(task: Task, now: IsoInstant, { locale, timeZone }: { locale: Locale; timeZone: string }): string {
  const days = PlainDate.from(localDate(now, timeZone)).until(PlainDate.from(task.deadline)).days;
  if (days < 0) return text(locale, 'days.overdue', { days: -days });
  return isOverdue(task, now) ? text(locale, 'days.overdue_today') : text(locale, 'days.left', { days });
}

/** In which role, and because of what, the reader is told. */
export function whyText(reader: Person, { task, kind }: { task: Task; kind: NotificationKind }, now: IsoInstant): string {
  const role = text(reader.locale, `role.${roleIn(task, reader)}`);
  return text(reader.locale, 'mail.why', { role, cause: text(reader.locale, causeOf(task, kind, now)) });
}

function roleIn(task: Task, { email, role }: Person): Person['role'] {
  if (email === task.assignee) return 'assignee';
  if (email === task.supervisor) return 'supervisor';
  return email === task.coordinator ? 'coordinator' : role;
}

function causeOf(task: Task, kind: NotificationKind, now: IsoInstant): TextId {
  switch (kind) {
    case 'assignment':
      return 'why.assigned';
    case 'reminder':
      return isOverdue(task, now) ? 'why.overdue' : 'why.deadline_near';
    case 'acknowledgment_reminder':
      return 'why.unacknowledged';
    case 'escalation':
      return isOverdue(task, now) ? 'why.overdue' : 'why.unacknowledged';
    case 'verification_request':
      return 'why.unverified';
    case 'returned':
      return 'why.returned';
    case 'transfer_decision_request':
      return 'why.transfer_requested';
    case 'transfer_acceptance_request':
      return 'why.transfer_approved';
    case 'transfer_refused':
      return 'why.transfer_refused';
    case 'extension_decision_request':
      return 'why.extension_requested';
    case 'extension_granted':
    case 'extension_refused':
      return 'why.extension_decided';
    case 'obstacle_reported':
      return 'why.obstacle_open';
    case 'obstacle_answered':
      return 'why.obstacle_answered';
    case 'progress_request':
    case 'inactivity_escalation':
      return 'why.inactive';
    case 'milestone_reminder':
      return 'why.milestone_near';
    case 'milestone_late':
      return 'why.milestone_late';
    case 'rework_reminder':
      return 'why.rework';
    case 'question_asked':
      return 'why.question_open';
    case 'question_answered':
      return 'why.question_answered';
    case 'contribution_requested':
    case 'contribution_reminder':
      return 'why.contribution_owed';
    case 'contribution_late':
      return 'why.contribution_late';
    case 'contribution_given':
      return 'why.contribution_given';
    case 'nudge':
      return 'why.nudged';
    case 'dependency_late':
      return 'why.dependency_late';
    case 'period_opened':
      return 'why.period_open';
    case 'period_reminder':
      return 'why.period_near';
    case 'period_late':
      return 'why.period_late';
    case 'period_returned':
      return 'why.period_returned';
    case 'period_verification_request':
      return 'why.period_unverified';
    case 'nudge_letter':
      return 'why.nudge_letter';
    case 'assignee_gone':
      return 'why.assignee_gone';
  }
}
