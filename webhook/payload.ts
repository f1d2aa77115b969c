/** What a gateway is posted of one message to one person: pure. docs/channels.md is its contract, for who writes a gateway. */
import { isAsked, questionText } from '../config/gone-text.ts';
import { lineText, type Notice } from '../config/notice.ts';
import { policyLine } from '../config/policy-text.ts';
import { clip, formatInstant, text } from '../config/text.ts';
import type { Person } from '../domain/directory.ts';
import type { AgencyCode, Email, Locale, TaskCode } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import type { Step } from '../domain/policy.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { Replacement } from '../domain/stand-in.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';

/** Two short messages of a telephone hold 134 letters of Vietnamese; the rest of a long title is on the page. */
const TITLE_MAX = 60;
const TEXT_MAX = 300;
const LINES_MAX = 50;
const LINE_MAX = 300;
/** The others stand behind the link. */
const TASKS_MAX = 50;

/** Of a restricted task nothing is told but that it waits, and the page that demands sign-in. */
export type PayloadTask =
  | {
      readonly restricted: false;
      readonly code: TaskCode;
      readonly title: string;
      readonly kind: NotificationKind;
      readonly deadline: IsoInstant;
      readonly link: string;
    }
  | {
      readonly restricted: true;
      readonly code: null;
      readonly title: null;
      readonly kind: null;
      readonly deadline: null;
      readonly link: string;
    };

/** The frame is the one that Standard Webhooks recommends. */
export interface Payload {
  readonly type: 'message';
  /** When it was made. */
  readonly timestamp: IsoInstant;
  readonly data: {
    /** Also in the header `webhook-id`: what was had under it before is to be dropped. */
    readonly id: string;
    /** As the directory has it. */
    readonly address: string;
    readonly locale: Locale;
    /** The whole message in one sentence, as a telephone shows it. */
    readonly text: string;
    readonly link: string;
    /** What a gateway with more room shows below. */
    readonly lines: readonly string[];
    readonly tasks: readonly PayloadTask[];
  };
}

export interface PayloadItem {
  readonly task: Task;
  readonly kind: NotificationKind;
  /** What the policy's step says in its own words. */
  readonly text: Step['text'];
  /** Where the reader acknowledges, or sees the task. */
  readonly link: string;
}

interface To {
  readonly id: string;
  /** Of the recipient; in shadow mode the one that everything is diverted to. */
  readonly address: string;
  readonly recipient: Person;
  readonly now: IsoInstant;
}

/** @param o.listUrl where several tasks stand together */
export function taskPayload(
  to: To,
  o: {
    readonly items: readonly PayloadItem[];
    readonly listUrl: string;
    readonly agencyName: (code: AgencyCode) => string;
    readonly personName: (address: Email) => string;
  },
): Payload {
  const { items } = o;
  const { locale } = to.recipient;
  const [first] = items;
  if (first === undefined) throw new Error('a message about nothing');
  const lines = items.flatMap(({ task, text: own }) =>
    own === null || !mayLeave(task.secrecy, 'webhook') ? [] : [policyLine(own, task, { ...o, locale })],
  );
  return payload(to, {
    text: sentence(items, to.recipient),
    link: items.length === 1 ? first.link : o.listUrl,
    lines,
    tasks: items.slice(0, TASKS_MAX).map(taskOf),
  });
}

function taskOf({ task: { code, title, deadlineAt, secrecy }, kind, link }: PayloadItem): PayloadTask {
  return mayLeave(secrecy, 'webhook')
    ? { restricted: false, code, title, kind, deadline: deadlineAt, link }
    : { restricted: true, code: null, title: null, kind: null, deadline: null, link };
}

function sentence(items: readonly PayloadItem[], { locale, timeZone }: Person): string {
  const named = items.find(({ task }) => mayLeave(task.secrecy, 'webhook'));
  const count = items.length;
  if (named === undefined) return count === 1 ? text(locale, 'note.secret') : text(locale, 'webhook.restricted', { count });
  const { code, title, deadlineAt } = named.task;
  const values = { code, title: clip(title, TITLE_MAX), deadline: formatInstant(locale, deadlineAt, timeZone) };
  return count === 1
    ? text(locale, 'webhook.task', { ...values, kind: text(locale, `kind.${named.kind}`) })
    : text(locale, 'webhook.tasks', { ...values, count });
}

/** The question about an assignee who has left. @param o.link the page where another is named, signed for the recipient */
export function replacementPayload(
  to: To,
  o: { readonly replacement: Replacement; readonly link: string; readonly listUrl: string },
): Payload {
  const { locale, timeZone } = to.recipient;
  const lines = o.replacement.tasks.map((task) =>
    mayLeave(task.secrecy, 'webhook')
      ? `${task.code} · ${task.title} — ${formatInstant(locale, task.deadlineAt, timeZone)}`
      : text(locale, 'secret.title'),
  );
  return payload(to, {
    text: questionText(locale, o.replacement),
    link: isAsked(o.replacement) ? o.link : o.listUrl,
    lines,
    tasks: [],
  });
}

/** What is about no single task: its title is the message, the rest is for who has room. */
export function noticePayload(to: To, { title, parts, link }: Pick<Notice, 'title' | 'parts' | 'link'>): Payload {
  const lines = parts.flatMap(({ heading, lines: said }) => [...(heading === null ? [] : [heading]), ...said.map(lineText)]);
  return payload(to, { text: title, link: link.url, lines, tasks: [] });
}

/** The same message with a line before it that says whom it would have gone to. */
export function divertPayload(given: Payload, line: string): Payload {
  return { ...given, data: { ...given.data, text: `${line}. ${given.data.text}` } };
}

function payload({ id, address, recipient, now }: To, said: Pick<Payload['data'], 'text' | 'link' | 'lines' | 'tasks'>): Payload {
  const lines = said.lines.slice(0, LINES_MAX).map((line) => clip(line, LINE_MAX));
  const { link, tasks } = said;
  return {
    type: 'message',
    timestamp: now,
    data: { id, address, locale: recipient.locale, text: clip(said.text.replaceAll(/\s+/g, ' '), TEXT_MAX), link, lines, tasks },
  };
}
