/** The bot's forms: pure. `private_metadata` carries the task's code and where to answer. */
import type { ModalView } from '@slack/types';
import { formatInstant, type TextId, text } from '../../config/text.ts';
import type { Agency, Person } from '../../domain/directory.ts';
import { type Email, type Locale, OBSTACLE_KINDS } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import type { Task, TaskEventType } from '../../domain/task.ts';
import type { IsoInstant } from '../../domain/time.ts';
import { type CardView, evidenceText, statusText } from './card.ts';

export const VIEW = {
  done: 'task_done_form',
  transfer: 'task_transfer_form',
  return: 'task_return_form',
  refuseTransfer: 'transfer_refuse_form',
  extend: 'task_extend_form',
  obstacle: 'task_obstacle_form',
  refuseExtension: 'extension_refuse_form',
  answerObstacle: 'obstacle_answer_form',
  acceptTransfer: 'transfer_accept_form',
  declineTransfer: 'transfer_decline_form',
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

function about(task: Task): Block {
  return { type: 'section', text: plain(`${task.code} · ${task.title}`.slice(0, 2_900)) };
}

export function doneModal(locale: Locale, metadata: string, task: Task): ModalView {
  return modal(locale, VIEW.done, 'modal.done', metadata, [
    about(task),
    // Any of them is enough; that one is given is checked when the form is sent.
    input('evidence', text(locale, 'modal.evidence'), { multiline: true, optional: true }),
    input('link', text(locale, 'modal.link'), { optional: true }),
    { type: 'context', elements: [plain(text(locale, 'modal.file_hint'))] },
  ]);
}

/** Agencies in groups by kind, the task's own left out; above a hundred they are divided further. */
export function transferModal(locale: Locale, metadata: string, task: Task, agencies: readonly Agency[]): ModalView {
  const others = agencies.filter(({ code }) => code !== task.leadAgency && !task.formerAgencies.includes(code));
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

/** A form that asks for nothing but a reason. */
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
  ]);
}

/** More time: until when, why, on what basis. */
export function extendModal(locale: Locale, metadata: string, task: Task): ModalView {
  return modal(locale, VIEW.extend, 'action.extend', metadata, [
    about(task),
    {
      type: 'input',
      block_id: 'deadline',
      label: plain(text(locale, 'modal.until')),
      element: { type: 'datepicker', action_id: 'value', initial_date: task.deadline },
    },
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
    input('basis', text(locale, 'modal.basis'), { optional: true }),
  ]);
}

export function obstacleModal(locale: Locale, metadata: string, task: Task): ModalView {
  const options = OBSTACLE_KINDS.map((kind) => ({ text: plain(text(locale, `obstacle.${kind}`)), value: kind }));
  return modal(locale, VIEW.obstacle, 'action.obstacle', metadata, [
    about(task),
    {
      type: 'input',
      block_id: 'kind',
      label: plain(text(locale, 'modal.obstacle_kind')),
      element: { type: 'static_select', action_id: 'value', placeholder: plain(text(locale, 'modal.choose')), options },
    },
    input('text', text(locale, 'modal.obstacle_text'), { multiline: true }),
  ]);
}

/** Which of the open obstacles is answered, and how. */
export function answerObstacleModal(locale: Locale, metadata: string, task: Task): ModalView {
  const options = task.obstacles.map(({ seq, text: what }) => ({ text: plain(what.slice(0, OPTION_TEXT_MAX)), value: String(seq) }));
  const [first] = options;
  return modal(locale, VIEW.answerObstacle, 'action.answer_obstacle', metadata, [
    about(task),
    ...(first === undefined
      ? []
      : [
          {
            type: 'input' as const,
            block_id: 'obstacle',
            label: plain(text(locale, 'modal.obstacle_text')),
            element: { type: 'static_select' as const, action_id: 'value', initial_option: first, options },
          },
        ]),
    input('text', text(locale, 'modal.answer'), { multiline: true }),
  ]);
}

/** The receiving agency names who will answer for the task. */
export function acceptModal(locale: Locale, metadata: string, task: Task, people: readonly Person[]): ModalView {
  const options = people
    .slice(0, OPTIONS_MAX)
    .map(({ name, email }) => ({ text: plain(`${name} (${email})`.slice(0, OPTION_TEXT_MAX)), value: email }));
  return modal(locale, VIEW.acceptTransfer, 'action.accept_transfer', metadata, [
    about(task),
    {
      type: 'input',
      block_id: 'assignee',
      label: plain(text(locale, 'field.assignee')),
      element: { type: 'static_select', action_id: 'value', placeholder: plain(text(locale, 'modal.choose')), options },
    },
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
    ...('evidence' in task ? line('field.evidence', evidenceText(task)) : []),
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
