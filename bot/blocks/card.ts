/** A task as a Slack card: pure. Buttons carry the task's code, never its state. */
import type { KnownBlock } from '@slack/types';
import { formatInstant, text } from '../../config/text.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import type { Locale } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import { type IsoInstant, localDate, PlainDate } from '../../domain/time.ts';

export const ACTION = {
  acknowledge: 'task_acknowledge',
  done: 'task_done',
  transfer: 'task_transfer',
  verify: 'task_verify',
  return: 'task_return',
} as const;

export interface CardInput {
  readonly task: Task;
  readonly viewer: Person;
  readonly agency: Agency | undefined;
  readonly kind: NotificationKind;
  readonly reason: string;
  readonly now: IsoInstant;
  /** Makes the block's id unique per revision; its prefix is the message's key, by which an uncertain post is found. */
  readonly blockId: string;
}

export interface Card {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Text of others in mrkdwn: an unescaped `<!channel>` in a title would ping everyone. */
function escapeMrkdwn(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The days to a deadline as the viewer's calendar counts them, in words. */
export function daysLeft(task: Task, now: IsoInstant, viewer: { locale: Locale; timeZone: string }): string {
  const days = PlainDate.from(localDate(now, viewer.timeZone)).until(PlainDate.from(task.deadline)).days;
  return days < 0 ? text(viewer.locale, 'days.overdue', { days: -days }) : text(viewer.locale, 'days.left', { days });
}

export function card({ task, viewer, agency, kind, reason, now, blockId }: CardInput): Card {
  const { locale } = viewer;
  const status = text(locale, `status.${task.status}`);
  const deadline = formatInstant(locale, task.deadlineAt, viewer.timeZone);
  const when = isOpen(task) ? ` · ${daysLeft(task, now, viewer)}` : '';
  const title = `${task.code} · ${task.title}`;
  return {
    text: `${text(locale, `kind.${kind}`)}: ${escapeMrkdwn(title)} — ${text(locale, 'field.deadline')} ${deadline}${when}. ${status}`.slice(
      0,
      3_900,
    ),
    blocks: [
      { type: 'section', block_id: blockId, text: { type: 'plain_text', text: title.slice(0, 3_000) } },
      {
        type: 'section',
        fields: [
          field(text(locale, 'field.deadline'), `${deadline}${when}`),
          field(text(locale, 'field.status'), status),
          field(text(locale, 'field.agency'), agency?.name[locale] ?? task.leadAgency),
          field(text(locale, 'field.assignee'), task.assignee),
        ],
      },
      ...actions(task, viewer),
      {
        type: 'context',
        elements: [
          { type: 'plain_text', text: `${text(locale, `kind.${kind}`)} — ${text(locale, 'mail.why', { reason })}`.slice(0, 1_900) },
        ],
      },
    ],
  };
}

function field(name: string, value: string) {
  return { type: 'plain_text' as const, text: `${name}\n${value}`.slice(0, 1_990) };
}

function actions(task: Task, viewer: Person): KnownBlock[] {
  const button = (action: (typeof ACTION)[keyof typeof ACTION], label: string, style?: 'primary' | 'danger') => ({
    type: 'button' as const,
    action_id: action,
    value: task.code,
    text: { type: 'plain_text' as const, text: label },
    ...(style === undefined ? {} : { style }),
  });
  const { locale } = viewer;
  const isAssignee = viewer.email === task.assignee;
  const elements = [
    ...(isAssignee && task.status === 'assigned' ? [button(ACTION.acknowledge, text(locale, 'action.acknowledge'), 'primary')] : []),
    ...(isAssignee && (task.status === 'assigned' || task.status === 'acknowledged')
      ? [button(ACTION.done, text(locale, 'action.done'))]
      : []),
    ...(isAssignee && (task.status === 'assigned' || task.status === 'acknowledged') && task.transfer === null
      ? [button(ACTION.transfer, text(locale, 'action.transfer'))]
      : []),
    ...(viewer.role === 'coordinator' && task.status === 'reported'
      ? [button(ACTION.verify, text(locale, 'action.verify'), 'primary'), button(ACTION.return, text(locale, 'action.return'), 'danger')]
      : []),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}
