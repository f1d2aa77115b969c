/** The bot's forms: pure. `private_metadata` carries the task's code and where to answer. */
import type { ModalView } from '@slack/types';
import { evidenceOf } from '../../config/notes.ts';
import { formatDate, formatInstant, type TextId, text } from '../../config/text.ts';
import { missingProducts } from '../../domain/completion.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import type { TaskEventType } from '../../domain/event.ts';
import { type Email, GRADES, type Locale, OBSTACLE_KINDS, RISK_LEVELS } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { reportable, unverified } from '../../domain/period.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
import { type CardView, statusText } from './card.ts';

export const VIEW = {
  done: 'task_done_form',
  transfer: 'task_transfer_form',
  return: 'task_return_form',
  refuseTransfer: 'transfer_refuse_form',
  extend: 'task_extend_form',
  obstacle: 'task_obstacle_form',
  risk: 'task_risk_form',
  refuseExtension: 'extension_refuse_form',
  giveTime: 'extension_give_form',
  answerObstacle: 'obstacle_answer_form',
  acceptTransfer: 'transfer_accept_form',
  declineTransfer: 'transfer_decline_form',
  progress: 'task_progress_form',
  question: 'task_question_form',
  answerQuestion: 'question_answer_form',
  delayCause: 'task_delay_cause_form',
  contribution: 'task_contribution_form',
  giveContribution: 'contribution_give_form',
  nudge: 'task_nudge_form',
  reportPeriod: 'period_report_form',
  verifyPeriod: 'period_verify_form',
  returnPeriod: 'period_return_form',
  nameAnother: 'task_name_another_form',
} as const;
export type ViewId = (typeof VIEW)[keyof typeof VIEW];

/** Slack's limit of a select; a longer list is divided into groups, a hundred of a hundred. */
const OPTIONS_MAX = 100;
const OPTION_TEXT_MAX = 75;

const plain = (value: string) => ({ type: 'plain_text' as const, text: value });
type Block = ModalView['blocks'][number];

function modal(locale: Locale, callbackId: ViewId, title: TextId, metadata: string, blocks: Block[]): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: metadata,
    title: plain(text(locale, title).slice(0, 24)),
    submit: plain(text(locale, 'action.submit')),
    close: plain(text(locale, 'action.cancel')),
    blocks,
  };
}

function input(blockId: string, label: string, o: { multiline?: boolean; optional?: boolean } = {}): Block {
  return {
    type: 'input',
    block_id: blockId,
    optional: o.optional ?? false,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: 'value', multiline: o.multiline ?? false, max_length: 3_000 },
  };
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

function options(choices: readonly Choice[]) {
  return choices.slice(0, OPTIONS_MAX).map(({ value, label }) => ({ text: plain(label.slice(0, OPTION_TEXT_MAX)), value }));
}

/** One of a list; `first` is chosen beforehand where there is nothing to weigh. */
function select(
  locale: Locale,
  blockId: string,
  label: string,
  choices: readonly Choice[],
  o: { optional?: boolean; first?: boolean } = {},
): Block {
  const all = options(choices);
  const [first] = all;
  return {
    type: 'input',
    block_id: blockId,
    optional: o.optional ?? false,
    label: plain(label),
    element: {
      type: 'static_select',
      action_id: 'value',
      placeholder: plain(text(locale, 'modal.choose')),
      options: all,
      ...(o.first === true && first !== undefined ? { initial_option: first } : {}),
    },
  };
}

function date(blockId: string, label: string, o: { initial?: IsoDate; optional?: boolean } = {}): Block {
  return {
    type: 'input',
    block_id: blockId,
    optional: o.optional ?? false,
    label: plain(label),
    element: { type: 'datepicker', action_id: 'value', ...(o.initial === undefined ? {} : { initial_date: o.initial }) },
  };
}

function about({ code, title }: Task): Block {
  return { type: 'section', text: plain(`${code} · ${title}`.slice(0, 2_900)) };
}

/** Evidence and, where the task says what product it wants, what that product is known by. */
export function doneModal(locale: Locale, metadata: string, task: Task): ModalView {
  const wanted = new Set(isOpen(task) ? missingProducts(task, []).map(({ kind }) => kind) : []);
  const names = isOpen(task) ? missingProducts(task, []).map(({ name, kind }) => `${name} (${text(locale, `product_kind.${kind}`)})`) : [];
  return modal(locale, VIEW.done, 'modal.done', metadata, [
    about(task),
    ...(names.length === 0
      ? []
      : [{ type: 'section' as const, text: plain(text(locale, 'note.products', { names: names.join('; ') }).slice(0, 2_900)) }]),
    ...(wanted.has('legal_document')
      ? [
          input('number', text(locale, 'modal.document_number'), { optional: true }),
          date('date', text(locale, 'modal.document_date'), { optional: true }),
          input('signer', text(locale, 'modal.document_signer'), { optional: true }),
        ]
      : []),
    ...(wanted.has('figure') ? [input('figure', text(locale, 'modal.figure'), { optional: true })] : []),
    // Any of them is enough; that one is given is checked when the form is sent.
    input('evidence', text(locale, 'modal.evidence'), { multiline: true, optional: true }),
    input('link', text(locale, 'modal.link'), { optional: true }),
    select(
      locale,
      'grade',
      text(locale, 'modal.self_grade'),
      GRADES.map((value) => ({ value, label: text(locale, `grade.${value}`) })),
      { optional: true },
    ),
    {
      type: 'input',
      block_id: 'partly',
      optional: true,
      label: plain(text(locale, 'ending.partly')),
      element: {
        type: 'checkboxes',
        action_id: 'value',
        options: [{ text: plain(text(locale, 'modal.partly')), value: 'partly' }],
      },
    },
    { type: 'context', elements: [plain(text(locale, 'modal.file_hint'))] },
  ]);
}

/** How far it is: any of the fields is an answer. */
export function progressModal(locale: Locale, metadata: string, task: Task): ModalView {
  const ahead = task.milestones.filter(({ reachedAt }) => reachedAt === null);
  const forecast = task.progress?.forecast ?? null;
  return modal(locale, VIEW.progress, 'action.progress', metadata, [
    about(task),
    input('text', text(locale, 'modal.progress_text'), { multiline: true, optional: true }),
    input('percent', text(locale, 'modal.percent'), { optional: true }),
    ...(ahead.length === 0
      ? []
      : [
          select(
            locale,
            'milestone',
            text(locale, 'modal.milestone'),
            ahead.map(({ id, name }) => ({ value: id, label: name })),
            { optional: true },
          ),
        ]),
    date('forecast', text(locale, 'modal.forecast'), { optional: true, ...(forecast === null ? {} : { initial: forecast }) }),
  ]);
}

/** Which of the periods, and what is reported of it, or said about the report. */
export function periodModal(
  locale: Locale,
  view: 'reportPeriod' | 'verifyPeriod' | 'returnPeriod',
  metadata: string,
  task: Task,
): ModalView {
  const isReport = view === 'reportPeriod';
  // Newest first: that is the one that is asked for now.
  const choices = (isReport ? reportable(task) : unverified(task)).toReversed().map(({ period, deadline }) => ({
    value: period,
    label: text(locale, 'field.period_due', { period: formatDate(locale, period), deadline: formatDate(locale, deadline) }),
  }));
  const said = {
    reportPeriod: [
      input('evidence', text(locale, 'modal.evidence'), { multiline: true, optional: true }),
      input('link', text(locale, 'modal.link'), { optional: true }),
    ],
    verifyPeriod: [input('text', text(locale, 'modal.note'), { multiline: true, optional: true })],
    returnPeriod: [input('reason', text(locale, 'modal.reason'), { multiline: true })],
  };
  const title = {
    reportPeriod: 'action.report_period',
    verifyPeriod: 'action.verify_period',
    returnPeriod: 'action.return_period',
  } as const;
  return modal(locale, VIEW[view], title[view], metadata, [
    about(task),
    ...(choices.length === 0 ? [] : [select(locale, 'period', text(locale, 'field.period'), choices, { first: true })]),
    ...said[view],
  ]);
}

/** A form that asks for one text. */
export function textModal(locale: Locale, view: 'question' | 'giveContribution' | 'nudge', metadata: string, task: Task): ModalView {
  const [title, label] = (
    {
      question: ['action.question', 'modal.question'],
      giveContribution: ['action.give_contribution', 'modal.contribution_given'],
      nudge: ['action.nudge', 'modal.nudge_text'],
    } as const
  )[view];
  return modal(locale, VIEW[view], title, metadata, [
    about(task),
    input('text', text(locale, label), { multiline: true, optional: view === 'nudge' }),
  ]);
}

/** What a coordinating agency is asked for, and by when. */
export function contributionModal(locale: Locale, metadata: string, task: Task, agencies: readonly Agency[]): ModalView {
  const asked = agencies.filter(({ code, hasEnded }) => !hasEnded && code !== task.leadAgency);
  const first = asked.filter(({ code }) => task.coordinatingAgencies.includes(code));
  return modal(locale, VIEW.contribution, 'action.contribution', metadata, [
    about(task),
    select(
      locale,
      'agency',
      text(locale, 'modal.contribution_agency'),
      [...first, ...asked.filter((each) => !first.includes(each))].map(({ code, name }) => ({ value: code, label: name[locale] })),
    ),
    input('text', text(locale, 'modal.contribution_text'), { multiline: true }),
    date('deadline', text(locale, 'modal.contribution_date'), { initial: task.deadline }),
  ]);
}

/** Agencies in groups by kind, the task's own left out; above a hundred they are divided further. */
export function transferModal(locale: Locale, metadata: string, task: Task, agencies: readonly Agency[]): ModalView {
  const others = agencies.filter(({ code, hasEnded }) => !hasEnded && code !== task.leadAgency && !task.formerAgencies.includes(code));
  const groups = [...Map.groupBy(others, ({ kind }) => kind)].flatMap(([kind, members]) => {
    const sorted = members.toSorted((a, b) => a.name[locale].localeCompare(b.name[locale], locale));
    const chunks = Array.from({ length: Math.ceil(sorted.length / OPTIONS_MAX) }, (_, index) =>
      sorted.slice(index * OPTIONS_MAX, (index + 1) * OPTIONS_MAX),
    );
    return chunks.map((chunk) => ({
      label: plain(text(locale, `agency_kind.${KINDS.find((known) => known === kind) ?? 'unit'}`)),
      options: chunk.map((agency) => ({ text: plain(agency.name[locale].slice(0, OPTION_TEXT_MAX)), value: agency.code })),
    }));
  });
  return modal(locale, VIEW.transfer, 'modal.transfer', metadata, [
    about(task),
    {
      type: 'input',
      block_id: 'agency',
      label: plain(text(locale, 'modal.agency')),
      element: { type: 'static_select', action_id: 'value', placeholder: plain(text(locale, 'modal.choose')), option_groups: groups },
    },
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
  ]);
}

const KINDS = ['ministry', 'province', 'central', 'unit'] as const;

/** A form that asks for a reason; a return also for a date, if one is to be set. */
export function reasonModal(
  locale: Locale,
  view: 'return' | 'refuseTransfer' | 'declineTransfer' | 'refuseExtension',
  metadata: string,
  task: Task,
): ModalView {
  const title = {
    return: 'action.return',
    refuseTransfer: 'action.refuse_transfer',
    declineTransfer: 'action.decline_transfer',
    refuseExtension: 'action.refuse_extension',
  } as const;
  return modal(locale, VIEW[view], title[view], metadata, [
    about(task),
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
    ...(view === 'return' ? [date('deadline', text(locale, 'modal.rework'), { optional: true })] : []),
  ]);
}

/** More time: until when, why, on what basis. */
export function extendModal(locale: Locale, metadata: string, task: Task): ModalView {
  return modal(locale, VIEW.extend, 'action.extend', metadata, [
    about(task),
    date('deadline', text(locale, 'modal.until'), { initial: task.deadline }),
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
    input('basis', text(locale, 'modal.basis'), { optional: true }),
  ]);
}

/** More time that nobody asked for but a step of the policy: until when, and why. */
export function giveTimeModal(locale: Locale, metadata: string, task: Task): ModalView {
  return modal(locale, VIEW.giveTime, 'action.give_time', metadata, [
    about(task),
    date('deadline', text(locale, 'modal.until'), { initial: task.deadline }),
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
  ]);
}

/** Why it cannot go on, or why it is late: the same list of kinds, so that both can be counted together. */
export function causeModal(locale: Locale, view: 'obstacle' | 'delayCause', metadata: string, task: Task): ModalView {
  const isObstacle = view === 'obstacle';
  const kinds = OBSTACLE_KINDS.map((value) => ({ value, label: text(locale, `obstacle.${value}`) }));
  return modal(locale, VIEW[view], isObstacle ? 'action.obstacle' : 'action.delay_cause', metadata, [
    about(task),
    select(locale, 'kind', text(locale, isObstacle ? 'modal.obstacle_kind' : 'modal.delay_kind'), kinds),
    input('text', text(locale, isObstacle ? 'modal.obstacle_text' : 'modal.delay_text'), { multiline: true, optional: !isObstacle }),
  ]);
}

/** How likely it is to be late as the person sees it, the worst first, and why. */
export function riskModal(locale: Locale, metadata: string, task: Task): ModalView {
  const levels = RISK_LEVELS.toReversed().map((value) => ({ value, label: text(locale, `risk.level.${value}`) }));
  return modal(locale, VIEW.risk, 'action.risk', metadata, [
    about(task),
    select(locale, 'level', text(locale, 'modal.risk_level'), levels),
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
  ]);
}

/** Which of the open obstacles or questions is answered, and how. */
export function answerModal(locale: Locale, view: 'answerObstacle' | 'answerQuestion', metadata: string, task: Task): ModalView {
  const isObstacle = view === 'answerObstacle';
  const open = (isObstacle ? task.obstacles : task.questions).map(({ seq, text: what }) => ({ value: String(seq), label: what }));
  return modal(locale, VIEW[view], isObstacle ? 'action.answer_obstacle' : 'action.answer_question', metadata, [
    about(task),
    ...(open.length === 0
      ? []
      : [select(locale, 'which', text(locale, isObstacle ? 'modal.obstacle_text' : 'modal.question'), open, { first: true })]),
    input('text', text(locale, 'modal.answer'), { multiline: true }),
  ]);
}

/** The receiving agency, or that of an assignee who has left, names who will answer for the task. */
export function assigneeModal(
  locale: Locale,
  view: 'acceptTransfer' | 'nameAnother',
  metadata: string,
  task: Task,
  people: readonly Person[],
): ModalView {
  const title = { acceptTransfer: 'action.accept_transfer', nameAnother: 'action.name_another' } as const;
  const choices = people.map(({ name, email }) => ({ value: email, label: `${name} (${email})` }));
  return modal(locale, VIEW[view], title[view], metadata, [
    about(task),
    select(locale, 'assignee', text(locale, 'field.assignee'), choices),
  ]);
}

export interface Details {
  readonly task: Task;
  readonly events: readonly { readonly at: IsoInstant; readonly type: TaskEventType; readonly by: Email | null }[];
  readonly next: readonly { readonly at: IsoInstant; readonly recipient: Email; readonly kind: NotificationKind }[];
  readonly webUrl: string | null;
}

/** Everything about one task, to read. */
export function detailsModal({ task, events, next, webUrl }: Details, view: CardView): ModalView {
  const { locale, timeZone } = view.viewer;
  const line = (name: TextId, value: string) => (value === '' ? [] : [`${text(locale, name)}: ${value}`]);
  const when = (at: IsoInstant) => formatInstant(locale, at, timeZone);
  const told = [
    ...line('field.status', statusText(task, locale)),
    ...line('field.deadline', when(task.deadlineAt)),
    ...line('field.agency', view.agencyName(task.leadAgency)),
    ...line('field.coordinating', task.coordinatingAgencies.map(view.agencyName).join(', ')),
    ...line('field.assignee', view.personName(task.assignee)),
    ...line('field.supervisor', task.supervisor === null ? '' : view.personName(task.supervisor)),
    ...line('field.coordinator', view.personName(task.coordinator)),
    ...line('field.product', task.product),
    ...line('field.document', task.document),
    ...('evidence' in task ? line('field.evidence', evidenceOf(task, locale)) : []),
  ];
  const history = events.map(
    ({ at, type, by }) => `${when(at)} — ${text(locale, `event.${type}`)}${by === null ? '' : ` (${view.personName(by)})`}`,
  );
  const coming = next.map(({ at, recipient, kind }) => `${when(at)} — ${text(locale, `kind.${kind}`)} → ${view.personName(recipient)}`);
  const section = (title: TextId, lines: readonly string[]): Block[] =>
    lines.length === 0 ? [] : [{ type: 'section', text: plain(`${text(locale, title)}\n${lines.join('\n')}`.slice(0, 2_900)) }];
  return {
    type: 'modal',
    title: plain(task.code.slice(0, 24)),
    close: plain(text(locale, 'action.close')),
    blocks: [
      { type: 'header', text: plain(task.title.slice(0, 150)) },
      { type: 'section', text: plain(told.join('\n').slice(0, 2_900)) },
      ...section('details.history', history),
      ...section('details.next', coming),
      ...(webUrl === null
        ? []
        : [{ type: 'context' as const, elements: [{ type: 'mrkdwn' as const, text: `<${webUrl}|${text(locale, 'details.web')}>` }] }]),
    ],
  };
}
