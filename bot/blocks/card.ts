/** Tasks as Slack messages: pure. Buttons carry a task's code, never its state. */
import type { KnownBlock } from '@slack/types';
import { notesOf } from '../../config/notes.ts';
import { policyLine } from '../../config/policy-text.ts';
import { clip, formatInstant, type TextId, text } from '../../config/text.ts';
import { daysLeft, whyText } from '../../config/why.ts';
import type { Person } from '../../domain/directory.ts';
import type { AgencyCode, Email, Locale, TaskCode } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { pressingDue, reportable, unverified } from '../../domain/period.ts';
import type { Step } from '../../domain/policy.ts';
import type { Assessment } from '../../domain/risk.ts';
import { mayLeave } from '../../domain/secrecy.ts';
import { isOpen, isOverdue, type OpenTask, type Task } from '../../domain/task.ts';
import type { IsoInstant } from '../../domain/time.ts';

export const ACTION = {
  acknowledge: 'task_acknowledge',
  done: 'task_done',
  transfer: 'task_transfer',
  details: 'task_details',
  extend: 'task_extend',
  obstacle: 'task_obstacle',
  risk: 'task_risk',
  verify: 'task_verify',
  return: 'task_return',
  approveTransfer: 'transfer_approve',
  refuseTransfer: 'transfer_refuse',
  grantExtension: 'extension_grant',
  refuseExtension: 'extension_refuse',
  giveTime: 'extension_give',
  answerObstacle: 'obstacle_answer',
  acceptTransfer: 'transfer_accept',
  declineTransfer: 'transfer_decline',
  progress: 'task_progress',
  question: 'task_question',
  answerQuestion: 'question_answer',
  delayCause: 'task_delay_cause',
  contribution: 'task_contribution',
  acknowledgeContribution: 'contribution_acknowledge',
  giveContribution: 'contribution_give',
  nudge: 'task_nudge',
  reportPeriod: 'period_report',
  verifyPeriod: 'period_verify',
  returnPeriod: 'period_return',
  nameAnother: 'task_name_another',
  /** The list of what is rarer; its options name the action that is meant. */
  more: 'task_more',
} as const;
export type ActionId = (typeof ACTION)[keyof typeof ACTION];

/** One thing a message tells about one task. */
export interface CardItem {
  readonly task: Task;
  readonly kind: NotificationKind;
  /** As computed when the message is made. */
  readonly risk?: Assessment | null;
  /** What the policy's step says in its own words. */
  readonly text?: Step['text'];
}

export interface CardView {
  readonly viewer: Person;
  readonly now: IsoInstant;
  /** Whether the viewer acts for that person: as the person, or standing in today. */
  readonly speaksAs: (address: Email) => boolean;
  /** Whether that person has left for good. */
  readonly isGone?: (address: Email) => boolean;
  /** Names for people to read; a code or address that the directory does not know stands for itself. */
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
  /** The task's page. */
  readonly openUrl: (code: TaskCode) => string;
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
/** Of each task's line of the policy: the whole of it stands on the task's own card. */
const DIGEST_TEXT_MAX = 200;

/** Text of others in mrkdwn: an unescaped `<!channel>` in a title would ping everyone. */
export function escapeMrkdwn(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A message about one task; of a restricted one only that it waits. */
export function card(item: CardItem, view: CardView): Card {
  const { task, kind } = item;
  const { locale } = view.viewer;
  if (!mayLeave(task.secrecy, 'slack')) return restrictedCard(item, view);
  return {
    text: plainText(item, view),
    blocks: [
      context(`${text(locale, `kind.${kind}`)} · ${statusText(task, locale)}`, view.blockId),
      titleBlock(task),
      ...policyLines(item, view).map((said): KnownBlock => ({ type: 'section', text: plain(clip(said, 2_900)) })),
      { type: 'section', fields: facts(task, view) },
      ...notes(item, view),
      ...actions(task, view),
      context(whyText(view.viewer, item, view.now)),
    ],
  };
}

function restrictedCard({ task }: CardItem, view: CardView): Card {
  const {
    viewer: { locale },
    blockId,
  } = view;
  const said = text(locale, 'note.secret');
  return {
    text: said,
    blocks: [context(text(locale, 'secret.title'), blockId), { type: 'section', text: plain(said) }, linkTo(task, view)],
  };
}

/** The policy's own line, as plain text: nothing in it is markup. Nothing of a restricted task. */
function policyLines({ task, text: said }: CardItem, view: CardView): string[] {
  return said == null || !mayLeave(task.secrecy, 'slack') ? [] : [policyLine(said, task, { ...view, locale: view.viewer.locale })];
}

function linkTo({ code }: Task, { viewer: { locale }, openUrl }: CardView): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: `<${openUrl(code)}|${text(locale, 'details.web')}>` }] };
}

/** Among many tasks the rarer acts would be a wall: they are one press away, in the details and on the task's own card. */
function buttonsOnly(blocks: readonly KnownBlock[]): KnownBlock[] {
  return blocks.map((block) =>
    block.type === 'actions' ? { ...block, elements: block.elements.filter(({ type }) => type === 'button') } : block,
  );
}

/** A task's name where it may be said; else that it is a restricted one. */
function nameOf({ code, title, secrecy }: Task, locale: Locale): string {
  return mayLeave(secrecy, 'slack') ? `${code} · ${title}` : text(locale, 'secret.title');
}

/** A task in one line: its name where it may be said, and its deadline. */
export function taskLine(task: Task, view: CardView): string {
  return `${clip(nameOf(task, view.viewer.locale), 140)} — ${dueText(pressing(task), view)}`;
}

/** A message about several tasks: the most pressing with buttons, the others by name. */
export function digest(items: readonly CardItem[], view: CardView): Card {
  const { locale } = view.viewer;
  const lead = text(locale, 'digest.lead', { count: items.length });
  const shown = items.slice(0, DIGEST_ITEMS_MAX);
  const named = items.slice(DIGEST_ITEMS_MAX, DIGEST_ITEMS_MAX + DIGEST_LINES_MAX);
  const unnamed = items.length - shown.length - named.length;
  const line = ({ task, kind }: CardItem) => `${taskLine(task, view)} (${text(locale, `kind.${kind}`)})`;
  return {
    text: lead,
    blocks: [
      { type: 'header', block_id: view.blockId, text: plain(clip(lead, HEADER_MAX)) },
      ...shown.flatMap((item): KnownBlock[] => [
        { type: 'section', text: plain(clip(nameOf(item.task, locale), 250)) },
        context(`${text(locale, `kind.${item.kind}`)} · ${dueText(pressing(item.task), view)} · ${statusText(item.task, locale)}`),
        ...policyLines(item, view).map((said) => context(clip(said, DIGEST_TEXT_MAX))),
        ...(mayLeave(item.task.secrecy, 'slack') ? buttonsOnly(actions(item.task, view)) : [linkTo(item.task, view)]),
      ]),
      ...(named.length === 0 ? [] : [{ type: 'section' as const, text: plain(clip(named.map(line).join('\n'), 2_900)) }]),
      ...(unnamed === 0 ? [] : [context(text(locale, 'digest.more', { count: unnamed }))]),
    ],
  };
}

function plainText({ task, kind }: CardItem, view: CardView): string {
  const { locale } = view.viewer;
  const said = `${text(locale, `kind.${kind}`)}: ${task.code} · ${task.title} — ${dueText(pressing(task), view)}. ${statusText(task, locale)}`;
  return escapeMrkdwn(clip(said, 3_000));
}

/** Where one line must do, a regular task's date is that of its open period. */
function pressing(task: Task): Task {
  return { ...task, ...pressingDue(task) };
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

/** What the reader must know before pressing. */
function notes({ task, risk = null }: CardItem, view: CardView): KnownBlock[] {
  return notesOf(task, { ...view, locale: view.viewer.locale, risk }).map((each) => ({ type: 'section', text: plain(clip(each, 2_900)) }));
}

type Offer = readonly [ActionId, TextId, ('primary' | 'danger')?];
interface Offers {
  /** Shown as buttons; Slack shows five of them well. */
  readonly buttons: readonly Offer[];
  /** In the list of what is rarer. */
  readonly more: readonly Offer[];
}

/** What this person can do with this task as it is now: every offer is one that the domain accepts. */
export function actions(task: Task, view: CardView): KnownBlock[] {
  const { viewer } = view;
  const { locale } = viewer;
  const all = isOpen(task) ? [assigneeOffers(task, view), coordinatorOffers(task, view), otherOffers(task, viewer)] : [];
  const buttons: Offer[] = [...all.flatMap((each) => each.buttons), [ACTION.details, 'action.details']];
  // Who is assignee and coordinator at once is offered each act once: Slack refuses two options of one value.
  const more = [...new Map(all.flatMap((each) => each.more).map((offer) => [offer[0], offer])).values()];
  const elements = buttons.map(([action, label, style]) => ({
    type: 'button' as const,
    action_id: action,
    value: task.code,
    text: plain(text(locale, label)),
    ...(style === undefined ? {} : { style }),
  }));
  if (more.length === 0) return [{ type: 'actions', elements }];
  const options = more.map(([action, label]) => ({ text: plain(text(locale, label)), value: `${action}:${task.code}` }));
  const list = { type: 'static_select' as const, action_id: ACTION.more, placeholder: plain(text(locale, 'action.more')), options };
  return [{ type: 'actions', elements: [...elements, list] }];
}

function assigneeOffers(task: OpenTask, { speaksAs, isGone, viewer, now }: CardView): Offers {
  if (!speaksAs(task.assignee) || task.status === 'reported') return { buttons: [], more: [] };
  const isNew = task.status === 'assigned';
  const recurs = task.recurrence !== null;
  const ofPeriod = reportable(task).length > 0;
  const causeWanted = isOverdue(task, now) && task.delayCause === null;
  const progress: Offer = [ACTION.progress, 'action.progress'];
  const nothingAsked = task.transfer === null && task.extension === null;
  const another = nothingAsked && viewer.agency === task.leadAgency && isGone?.(task.assignee) === true;
  const isTimeAsked = nothingAsked && task.extensionQuestion?.open === true;
  const approvals: Offer[] = [
    ...(nothingAsked && !isTimeAsked ? [[ACTION.extend, 'action.extend'] satisfies Offer] : []),
    ...(nothingAsked ? [[ACTION.transfer, 'action.transfer'] satisfies Offer] : []),
  ];
  return {
    buttons: [
      ...(isNew ? [[ACTION.acknowledge, 'action.acknowledge', 'primary'] satisfies Offer] : []),
      ...(ofPeriod ? [[ACTION.reportPeriod, 'action.report_period', 'primary'] satisfies Offer] : []),
      ...(recurs ? [] : [[ACTION.done, 'action.done'] satisfies Offer]),
      ...(isNew ? [] : [progress]),
      ...(isTimeAsked ? [[ACTION.extend, 'action.extend'] satisfies Offer] : []),
      ...(causeWanted ? [[ACTION.delayCause, 'action.delay_cause'] satisfies Offer] : []),
    ],
    more: [
      ...(another ? [[ACTION.nameAnother, 'action.name_another'] satisfies Offer] : []),
      ...(isNew ? [progress] : []),
      ...approvals,
      [ACTION.obstacle, 'action.obstacle'],
      ...(isOverdue(task, now) ? [] : [[ACTION.risk, 'action.risk'] satisfies Offer]),
      [ACTION.question, 'action.question'],
      [ACTION.contribution, 'action.contribution'],
      // The end of the whole, which nobody should press for the end of a period.
      ...(recurs ? [[ACTION.done, 'action.done'] satisfies Offer] : []),
    ],
  };
}

function coordinatorOffers(task: OpenTask, { viewer, now }: CardView): Offers {
  if (viewer.role !== 'coordinator') return { buttons: [], more: [] };
  const buttons: Offer[] = [];
  if (task.status === 'reported') buttons.push([ACTION.verify, 'action.verify', 'primary'], [ACTION.return, 'action.return', 'danger']);
  if (unverified(task).length > 0)
    buttons.push([ACTION.verifyPeriod, 'action.verify_period', 'primary'], [ACTION.returnPeriod, 'action.return_period', 'danger']);
  if (task.transfer !== null && task.transfer.approved === null)
    buttons.push(
      [ACTION.approveTransfer, 'action.approve_transfer', 'primary'],
      [ACTION.refuseTransfer, 'action.refuse_transfer', 'danger'],
    );
  if (task.extension !== null)
    buttons.push(
      [ACTION.grantExtension, 'action.grant_extension', 'primary'],
      [ACTION.refuseExtension, 'action.refuse_extension', 'danger'],
    );
  if (task.extension === null && task.extensionQuestion?.open === true)
    buttons.push([ACTION.giveTime, 'action.give_time', 'primary'], [ACTION.refuseExtension, 'action.refuse_extension', 'danger']);
  if (task.obstacles.length > 0) buttons.push([ACTION.answerObstacle, 'action.answer_obstacle']);
  if (task.questions.length > 0) buttons.push([ACTION.answerQuestion, 'action.answer_question']);
  const more: Offer[] = [];
  if (task.status !== 'reported') more.push([ACTION.nudge, 'action.nudge']);
  if (task.status !== 'reported' && !isOverdue(task, now)) more.push([ACTION.risk, 'action.risk']);
  return { buttons, more };
}

/** The receiving agency's head, and whoever owes a contribution. */
function otherOffers(task: OpenTask, { agency, role }: Person): Offers {
  // What all of a channel see offers what all may do.
  if (role === 'channel') return { buttons: [], more: [] };
  const buttons: Offer[] = [];
  const isReceiver = task.transfer?.approved != null && task.transfer.toAgency === agency && (role === 'head' || role === 'supervisor');
  if (isReceiver)
    buttons.push(
      [ACTION.acceptTransfer, 'action.accept_transfer', 'primary'],
      [ACTION.declineTransfer, 'action.decline_transfer', 'danger'],
    );
  const owed = task.contributions.filter((each) => each.agency === agency);
  if (owed.length === 1 && owed[0]?.acknowledged === null)
    buttons.push([ACTION.acknowledgeContribution, 'action.acknowledge_contribution', 'primary']);
  if (owed.length > 0) buttons.push([ACTION.giveContribution, 'action.give_contribution']);
  return { buttons, more: [] };
}

export function context(said: string, blockId?: string): KnownBlock {
  return { type: 'context', elements: [plain(clip(said, 1_900))], ...(blockId === undefined ? {} : { block_id: blockId }) };
}

function field(name: string, value: string) {
  return { type: 'mrkdwn' as const, text: `*${name}*\n${clip(escapeMrkdwn(value), 1_900)}` };
}

export function plain(value: string) {
  return { type: 'plain_text' as const, text: value };
}
