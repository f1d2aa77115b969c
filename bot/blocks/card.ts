/** Tasks as Slack messages: pure. Buttons carry a task's code, never its state. */
import type { KnownBlock } from '@slack/types';
import { formatDate, formatInstant, text } from '../../config/text.ts';
import { daysLeft, whyText } from '../../config/why.ts';
import type { Person } from '../../domain/directory.ts';
import type { AgencyCode, Email, Locale } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import type { IsoInstant } from '../../domain/time.ts';

export const ACTION = {
  acknowledge: 'task_acknowledge',
  done: 'task_done',
  transfer: 'task_transfer',
  details: 'task_details',
  extend: 'task_extend',
  obstacle: 'task_obstacle',
  verify: 'task_verify',
  return: 'task_return',
  approveTransfer: 'transfer_approve',
  refuseTransfer: 'transfer_refuse',
  grantExtension: 'extension_grant',
  refuseExtension: 'extension_refuse',
  answerObstacle: 'obstacle_answer',
  acceptTransfer: 'transfer_accept',
  declineTransfer: 'transfer_decline',
} as const;
export type ActionId = (typeof ACTION)[keyof typeof ACTION];

/** One thing a message tells about one task. */
export interface CardItem {
  readonly task: Task;
  readonly kind: NotificationKind;
}

export interface CardView {
  readonly viewer: Person;
  readonly now: IsoInstant;
  /** Names for people to read; a code or address that the directory does not know stands for itself. */
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
  /** Makes the first block's id unique per revision; its prefix is the message's key, by which an uncertain post is found. */
  readonly blockId: string;
}

export interface Card {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Slack's limit of a header; a longer title stands in a section. */
const HEADER_MAX = 150;
/** Slack counts about 13,200 characters a message; ten tasks with buttons stay below 10,000 (see limits of Block Kit). */
const DIGEST_ITEMS_MAX = 10;
const DIGEST_LINES_MAX = 20;

/** Text of others in mrkdwn: an unescaped `<!channel>` in a title would ping everyone. */
export function escapeMrkdwn(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A message about one task. */
export function card(item: CardItem, view: CardView): Card {
  const { task, kind } = item;
  const { locale } = view.viewer;
  return {
    text: plainText(item, view),
    blocks: [
      context(`${text(locale, `kind.${kind}`)} · ${statusText(task, locale)}`, view.blockId),
      titleBlock(task),
      { type: 'section', fields: facts(task, view) },
      ...notes(task, view),
      ...actions(task, view.viewer),
      context(whyText(view.viewer, item, view.now)),
    ],
  };
}

/** A message about several tasks: the most pressing with buttons, the others by name. */
export function digest(items: readonly CardItem[], view: CardView): Card {
  const { locale } = view.viewer;
  const lead = text(locale, 'digest.lead', { count: items.length });
  const shown = items.slice(0, DIGEST_ITEMS_MAX);
  const named = items.slice(DIGEST_ITEMS_MAX, DIGEST_ITEMS_MAX + DIGEST_LINES_MAX);
  const unnamed = items.length - shown.length - named.length;
  const line = ({ task, kind }: CardItem) =>
    `${task.code} · ${clip(task.title, 120)} — ${dueText(task, view)} (${text(locale, `kind.${kind}`)})`;
  return {
    text: lead,
    blocks: [
      { type: 'header', block_id: view.blockId, text: plain(clip(lead, HEADER_MAX)) },
      ...shown.flatMap((item): KnownBlock[] => [
        { type: 'section', text: plain(clip(`${item.task.code} · ${item.task.title}`, 250)) },
        context(`${text(locale, `kind.${item.kind}`)} · ${dueText(item.task, view)} · ${statusText(item.task, locale)}`),
        ...actions(item.task, view.viewer),
      ]),
      ...(named.length === 0 ? [] : [{ type: 'section' as const, text: plain(clip(named.map(line).join('\n'), 2_900)) }]),
      ...(unnamed === 0 ? [] : [context(text(locale, 'digest.more', { count: unnamed }))]),
    ],
  };
}

function plainText({ task, kind }: CardItem, view: CardView): string {
  const { locale } = view.viewer;
  const said = `${text(locale, `kind.${kind}`)}: ${task.code} · ${task.title} — ${dueText(task, view)}. ${statusText(task, locale)}`;
  return escapeMrkdwn(clip(said, 3_000));
}

function dueText(task: Task, { viewer, now }: CardView): string {
  const due = formatInstant(viewer.locale, task.deadlineAt, viewer.timeZone);
  return isOpen(task) ? `${due}, ${daysLeft(task, now, viewer)}` : due;
}

export function statusText(task: Task, locale: Locale): string {
  return text(locale, `status.${task.status}`);
}

function titleBlock(task: Task): KnownBlock {
  const title = `${task.code} · ${task.title}`;
  return title.length <= HEADER_MAX ? { type: 'header', text: plain(title) } : { type: 'section', text: plain(clip(title, 3_000)) };
}

function facts(task: Task, view: CardView) {
  const { locale } = view.viewer;
  const others = task.coordinatingAgencies.map(view.agencyName).join(', ');
  return [
    field(text(locale, 'field.deadline'), dueText(task, view)),
    field(text(locale, 'field.agency'), view.agencyName(task.leadAgency)),
    field(text(locale, 'field.assignee'), view.personName(task.assignee)),
    ...(others === '' ? [] : [field(text(locale, 'field.coordinating'), others)]),
    ...(task.product === '' ? [] : [field(text(locale, 'field.product'), task.product)]),
  ];
}

/** What the reader must know before pressing: why the task came back, what a colleague has asked. */
function notes(task: Task, { viewer, personName, agencyName }: CardView): KnownBlock[] {
  const { locale } = viewer;
  const said: string[] = [];
  if (task.returnedBecause !== null && task.status === 'acknowledged')
    said.push(text(locale, 'note.returned', { reason: task.returnedBecause }));
  if (task.transferRefusal !== null && isOpen(task))
    said.push(text(locale, 'note.transfer_refused', { reason: task.transferRefusal.reason }));
  if (task.transfer !== null) {
    const { requestedBy, toAgency, reason, approved } = task.transfer;
    const about = { by: personName(requestedBy), agency: agencyName(toAgency), reason };
    said.push(text(locale, approved === null ? 'note.transfer_requested' : 'note.transfer_approved', about));
  }
  if (task.extension !== null) {
    const { requestedBy, deadline, reason, basis } = task.extension;
    const about = {
      by: personName(requestedBy),
      date: formatDate(locale, deadline),
      reason: basis === '' ? reason : `${reason} (${basis})`,
    };
    said.push(text(locale, 'note.extension', about));
  }
  if (task.extensionAnswer?.granted === false && isOpen(task))
    said.push(text(locale, 'note.extension_refused', { reason: task.extensionAnswer.text }));
  for (const { kind, by, text: what } of isOpen(task) ? task.obstacles : [])
    said.push(text(locale, 'note.obstacle', { kind: text(locale, `obstacle.${kind}`), by: personName(by), text: what }));
  if (task.obstacleAnswer !== null && isOpen(task)) said.push(text(locale, 'note.obstacle_answered', { text: task.obstacleAnswer.text }));
  if (task.status === 'reported')
    said.push(text(locale, 'note.reported', { by: personName(task.reportedBy), evidence: evidenceText(task) }));
  if (task.status === 'completed') said.push(text(locale, 'note.completed', { by: personName(task.verifiedBy) }));
  return said.map((each) => ({ type: 'section', text: plain(clip(each, 2_900)) }));
}

/** Evidence in one line each, as text: a link is shown, never followed. */
export function evidenceText(task: Extract<Task, { status: 'reported' | 'completed' }>): string {
  return task.evidence.map((item) => (item.type === 'text' ? item.text : item.type === 'link' ? item.url : item.name)).join('; ');
}

/** The buttons that this person can press on this task as it is now. */
export function actions(task: Task, viewer: Person): KnownBlock[] {
  const { locale } = viewer;
  const isAssignee = viewer.email === task.assignee;
  const isWorking = task.status === 'assigned' || task.status === 'acknowledged';
  const isReceiver =
    task.transfer?.approved != null && task.transfer.toAgency === viewer.agency && (viewer.role === 'head' || viewer.role === 'supervisor');
  const offered: [ActionId, Parameters<typeof text>[1], ('primary' | 'danger')?][] = [];
  if (isAssignee && task.status === 'assigned') offered.push([ACTION.acknowledge, 'action.acknowledge', 'primary']);
  if (isAssignee && isWorking) offered.push([ACTION.done, 'action.done']);
  const nothingAsked = task.transfer === null && task.extension === null;
  // Slack shows five buttons well: what is rarer comes once the task is acknowledged.
  if (isAssignee && task.status === 'acknowledged' && nothingAsked) offered.push([ACTION.extend, 'action.extend']);
  if (isAssignee && task.status === 'acknowledged') offered.push([ACTION.obstacle, 'action.obstacle']);
  if (isAssignee && isWorking && nothingAsked) offered.push([ACTION.transfer, 'action.transfer']);
  if (viewer.role === 'coordinator' && task.status === 'reported')
    offered.push([ACTION.verify, 'action.verify', 'primary'], [ACTION.return, 'action.return', 'danger']);
  if (viewer.role === 'coordinator' && task.transfer !== null && task.transfer.approved === null)
    offered.push(
      [ACTION.approveTransfer, 'action.approve_transfer', 'primary'],
      [ACTION.refuseTransfer, 'action.refuse_transfer', 'danger'],
    );
  if (viewer.role === 'coordinator' && task.extension !== null)
    offered.push(
      [ACTION.grantExtension, 'action.grant_extension', 'primary'],
      [ACTION.refuseExtension, 'action.refuse_extension', 'danger'],
    );
  if (viewer.role === 'coordinator' && isWorking && task.obstacles.length > 0)
    offered.push([ACTION.answerObstacle, 'action.answer_obstacle']);
  if (isReceiver)
    offered.push(
      [ACTION.acceptTransfer, 'action.accept_transfer', 'primary'],
      [ACTION.declineTransfer, 'action.decline_transfer', 'danger'],
    );
  offered.push([ACTION.details, 'action.details']);
  const elements = offered.map(([action, label, style]) => ({
    type: 'button' as const,
    action_id: action,
    value: task.code,
    text: plain(text(locale, label)),
    ...(style === undefined ? {} : { style }),
  }));
  return [{ type: 'actions', elements }];
}

function context(said: string, blockId?: string): KnownBlock {
  return { type: 'context', elements: [plain(clip(said, 1_900))], ...(blockId === undefined ? {} : { block_id: blockId }) };
}

function field(name: string, value: string) {
  return { type: 'mrkdwn' as const, text: `*${name}*\n${clip(escapeMrkdwn(value), 1_900)}` };
}

function plain(value: string) {
  return { type: 'plain_text' as const, text: value };
}

function clip(value: string, max: number): string {
  return value.length <= max ? value : `${value.slice(0, max - 1)}…`;
}
