/** A mail to one person about one or several tasks: pure. */
import { createHash } from 'node:crypto';
import { isAsked, questionText } from '../../config/gone-text.ts';
import { notesOf } from '../../config/notes.ts';
import type { Notice, NoticeFile, NoticeLine, NoticePart } from '../../config/notice.ts';
import { policyLine } from '../../config/policy-text.ts';
import { clip, formatInstant, text } from '../../config/text.ts';
import { daysLeft, whyText } from '../../config/why.ts';
import type { Person } from '../../domain/directory.ts';
import type { AgencyCode, Email, Locale } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import type { Step } from '../../domain/policy.ts';
import type { Assessment } from '../../domain/risk.ts';
import { mayLeave } from '../../domain/secrecy.ts';
import type { Replacement } from '../../domain/stand-in.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import type { IsoInstant } from '../../domain/time.ts';

/** Gmail clips at about 102 KB of HTML and hides the buttons below: beyond either a digest says how many more there are, and where. */
const ITEMS_MAX = 50;
const HTML_BYTES_MAX = 79_000;
/** What a task's own page says whole. In a digest the tasks stand beside each other, so each says less. */
const LONG = { title: 300, note: 500, notes: 12 };
const SHORT = { title: 200, note: 200, notes: 3 };

export interface MailItem {
  readonly task: Task;
  readonly kind: NotificationKind;
  /** As computed when the mail is made. */
  readonly risk?: Assessment | null;
  /** What the policy's step says in its own words. */
  readonly text?: Step['text'];
  /** Null where there is nothing for this person to acknowledge. */
  readonly acknowledgeUrl: string | null;
  readonly openUrl: string;
}

export interface Mail {
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly inReplyTo?: string;
  readonly references?: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly files?: readonly NoticeFile[];
}

/**
 * @param o.key the notification's key: the same key makes the same Message-ID, so that a second sending is the same mail
 * @param o.domain our mail domain
 */
export function composeMail(o: {
  key: string;
  domain: string;
  from: Mail['from'];
  recipient: Person;
  items: readonly MailItem[];
  now: IsoInstant;
  /** Where the tasks stand that a digest leaves out. */
  listUrl: string;
  agencyName: (code: AgencyCode) => string;
  personName: (address: Email) => string;
  files?: readonly NoticeFile[];
}): Mail {
  const { recipient, items, files = [] } = o;
  const { locale } = recipient;
  const [first] = items;
  if (first === undefined) throw new Error('a mail about nothing');
  const single = items.length === 1;
  // Constant per task: Gmail threads by subject and references.
  const subject = single ? `[${first.task.code}] ${titleOf(first.task, locale)}` : text(locale, 'digest.lead', { count: items.length });
  const root = `<task.${first.task.code.toLowerCase()}@${o.domain}>`;
  const reading: Reading = { ...o, room: single ? LONG : SHORT };
  const shown = shownOf(items, reading);
  const more = items.length === shown.length ? '' : text(locale, 'digest.more', { count: items.length - shown.length });
  return {
    messageId: messageIdOf(o.key, o.domain),
    from: o.from,
    to: { name: recipient.name, address: recipient.email },
    subject: clip(subject.replaceAll(/\s+/g, ' '), 200),
    text: shown
      .map(({ item }) => itemText(item, reading))
      .concat(more === '' ? [] : [`${more}\n${text(locale, 'mail.list')}: ${o.listUrl}`])
      .join('\n\n'),
    html: page(
      locale,
      clip(subject, LONG.title),
      `${shown.map(({ html }) => html).join('')}${more === '' ? '' : moreHtml(more, o.listUrl, locale)}`,
    ),
    ...(single ? { inReplyTo: root, references: [root] } : {}),
    ...(files.length === 0 ? {} : { files }),
    headers: AUTOMATIC,
  };
}

/** How many tasks a question about who has left names. */
const TASKS_MAX = 20;

/**
 * The question about an assignee who has left: which tasks, and the page where another is named.
 * @param o.nameUrl signed for the recipient
 */
export function composeReplacementMail(o: {
  key: string;
  domain: string;
  from: Mail['from'];
  recipient: Person;
  replacement: Replacement;
  nameUrl: string;
}): Mail {
  const { recipient, replacement, nameUrl } = o;
  const { locale, timeZone } = recipient;
  const said = questionText(locale, replacement);
  const { tasks } = replacement;
  const lines = tasks
    .slice(0, TASKS_MAX)
    .map((task) =>
      mayLeave(task.secrecy, 'email')
        ? `${task.code} · ${task.title} — ${formatInstant(locale, task.deadlineAt, timeZone)}`
        : text(locale, 'secret.title'),
    );
  const more = tasks.length > lines.length ? [text(locale, 'digest.more', { count: tasks.length - lines.length })] : [];
  const asked = isAsked(replacement);
  const why = text(locale, 'gone.why');
  const action = text(locale, 'action.name_another');
  const items = [...lines, ...more].map((line) => `<li style="margin:0 0 6px">${escapeHtml(line)}</li>`).join('');
  const button = asked ? buttonTo(nameUrl, action) : '';
  return {
    messageId: messageIdOf(o.key, o.domain),
    from: o.from,
    to: { name: recipient.name, address: recipient.email },
    subject: said.replaceAll(/\s+/g, ' ').slice(0, 200),
    text: [said, ...lines, ...more, ...(asked ? [`${action}: ${nameUrl}`] : []), why].join('\n'),
    html: page(
      locale,
      said,
      `<tr><td style="padding:20px 24px"><div style="font-size:17px;font-weight:bold;margin:0 0 12px">${escapeHtml(said)}</div>
<ul style="font-size:14px;margin:0 0 16px;padding-left:20px">${items}</ul>${button}
<div style="color:#5b6472;font-size:12px;margin-top:14px">${escapeHtml(why)}</div></td></tr>`,
    ),
    headers: AUTOMATIC,
  };
}

/** A mail that is about no single task. */
export function composeNotice(o: Notice & { domain: string; from: Mail['from']; recipient: Person }): Mail {
  const { title, parts, link, files, recipient } = o;
  return {
    messageId: messageIdOf(o.key, o.domain),
    from: o.from,
    to: { name: recipient.name, address: recipient.email },
    subject: title,
    text: [...parts.map(partText), `${link.label}: ${link.url}`].join('\n\n'),
    html: page(
      recipient.locale,
      title,
      `<tr><td style="padding:20px 24px"><div style="font-size:17px;font-weight:bold;margin:4px 0 10px">${escapeHtml(title)}</div>
${parts.map(partHtml).join('')}<a href="${escapeHtml(link.url)}" style="color:#0b5cab">${escapeHtml(link.label)}</a></td></tr>`,
    ),
    headers: AUTOMATIC,
    ...(files === undefined ? {} : { files }),
  };
}

function partText({ heading, lines }: NoticePart): string {
  const written = lines.map((line) => (typeof line === 'string' ? line : `${line.text}\n  ${line.url}`));
  return heading === null ? written.join('\n\n') : [heading, ...written].join('\n');
}

function partHtml({ heading, lines }: NoticePart): string {
  const shown = lines.map((line) => `<div style="font-size:14px;margin:0 0 8px">${lineHtml(line)}</div>`).join('');
  return heading === null ? shown : `<div style="font-weight:bold;margin:16px 0 8px">${escapeHtml(heading)}</div>${shown}`;
}

function lineHtml(line: NoticeLine): string {
  return typeof line === 'string'
    ? escapeHtml(line)
    : `<a href="${escapeHtml(line.url)}" style="color:#0b5cab">${escapeHtml(line.text)}</a>`;
}

/** The same mail to another mailbox, with a line above it that says whom it would have gone to. */
export function divertMail(mail: Mail, mailbox: string, line: string): Mail {
  const said = `<div style="padding:10px 24px;background:#fff3d6;font-family:Arial,Helvetica,sans-serif;font-size:14px">${escapeHtml(line)}</div>`;
  return {
    ...mail,
    to: { name: '', address: mailbox },
    text: `${line}\n\n${mail.text}`,
    html: mail.html.replace(/<body[^>]*>/, (body) => `${body}${said}`),
  };
}

/** The same key makes the same mail. */
export function messageIdOf(key: string, domain: string): string {
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
}

/** RFC 3834, and what Exchange reads. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' };

function buttonTo(url: string, label: string): string {
  return `<a href="${escapeHtml(url)}" style="display:inline-block;padding:11px 20px;background:#0b5cab;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:bold">${escapeHtml(label)}</a>`;
}

interface Reading {
  readonly recipient: Person;
  readonly now: IsoInstant;
  readonly room: typeof LONG;
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
}

/** The tasks for which there is room, the first always: its own length is bounded. */
function shownOf(items: readonly MailItem[], reading: Reading): { item: MailItem; html: string }[] {
  const shown: { item: MailItem; html: string }[] = [];
  let bytes = FRAME_BYTES;
  for (const item of items.slice(0, ITEMS_MAX)) {
    const html = itemHtml(item, reading);
    bytes += Buffer.byteLength(html);
    if (shown.length > 0 && bytes > HTML_BYTES_MAX) break;
    shown.push({ item, html });
  }
  return shown;
}

/** More than the page around the tasks needs, its title and the last line included. */
const FRAME_BYTES = 5_000;

function titleOf({ title, secrecy }: Task, locale: Locale): string {
  return mayLeave(secrecy, 'email') ? title : text(locale, 'secret.title');
}

/** The facts and what must be known beyond them; of a restricted task nothing but that it waits. */
function rows({ task }: MailItem, { recipient, now, agencyName, room }: Reading): [string, string][] {
  if (!mayLeave(task.secrecy, 'email')) return [];
  const { locale, timeZone } = recipient;
  const left = isOpen(task) ? `, ${daysLeft(task, now, recipient)}` : '';
  return [
    [text(locale, 'field.deadline'), `${formatInstant(locale, task.deadlineAt, timeZone)}${left}`],
    [text(locale, 'field.status'), text(locale, `status.${task.status}`)],
    [text(locale, 'field.agency'), agencyName(task.leadAgency)],
    ...(task.product === '' ? [] : [[text(locale, 'field.product'), clip(task.product, room.note)] satisfies [string, string]]),
  ];
}

function notes({ task, risk = null, text: own }: MailItem, reading: Reading): string[] {
  const { locale } = reading.recipient;
  if (!mayLeave(task.secrecy, 'email')) return [text(locale, 'note.secret')];
  const view = { ...reading, locale, risk };
  const said = [...(own == null ? [] : [policyLine(own, task, view)]), ...notesOf(task, view)];
  const { notes: count, note } = reading.room;
  // The most pressing come first.
  const clipped = said.slice(0, count).map((each) => clip(each, note));
  return said.length <= count ? clipped : [...clipped, text(locale, 'mail.more_notes', { count: said.length - count })];
}

function itemText(item: MailItem, reading: Reading): string {
  const { locale } = reading.recipient;
  return [
    text(locale, `kind.${item.kind}`),
    `${item.task.code} · ${clip(titleOf(item.task, locale), reading.room.title)}`,
    ...rows(item, reading).map(([name, value]) => `${name}: ${value}`),
    ...notes(item, reading),
    ...(item.acknowledgeUrl === null ? [] : [`${text(locale, 'action.acknowledge')}: ${item.acknowledgeUrl}`]),
    `${text(locale, 'action.details')}: ${item.openUrl}`,
    whyText(reading.recipient, item, reading.now),
  ].join('\n');
}

function itemHtml(item: MailItem, reading: Reading): string {
  const { locale } = reading.recipient;
  const cells = rows(item, reading)
    .map(
      ([name, value]) =>
        `<tr><td style="padding:3px 16px 3px 0;color:#5b6472">${escapeHtml(name)}</td><td style="padding:3px 0">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const said = notes(item, reading)
    .map((note) => `<div style="font-size:14px;margin:0 0 10px;padding-left:10px;border-left:3px solid #c9d1db">${escapeHtml(note)}</div>`)
    .join('');
  const button = item.acknowledgeUrl === null ? '' : `${buttonTo(item.acknowledgeUrl, text(locale, 'action.acknowledge'))} &nbsp; `;
  return `<tr><td style="padding:20px 24px;border-bottom:1px solid #e4e7ec">
<div style="color:#5b6472;font-size:13px">${escapeHtml(text(locale, `kind.${item.kind}`))}</div>
<div style="font-size:17px;font-weight:bold;margin:4px 0 10px">${escapeHtml(item.task.code)} · ${escapeHtml(clip(titleOf(item.task, locale), reading.room.title))}</div>
<table role="presentation" cellpadding="0" cellspacing="0" style="font-size:14px;margin-bottom:16px">${cells}</table>
${said}${button}<a href="${escapeHtml(item.openUrl)}" style="color:#0b5cab">${escapeHtml(text(locale, 'action.details'))}</a>
<div style="color:#5b6472;font-size:12px;margin-top:14px">${escapeHtml(whyText(reading.recipient, item, reading.now))}</div></td></tr>`;
}

function moreHtml(more: string, listUrl: string, locale: Locale): string {
  return `<tr><td style="padding:16px 24px;color:#5b6472">${escapeHtml(more)} <a href="${escapeHtml(listUrl)}" style="color:#0b5cab">${escapeHtml(text(locale, 'mail.list'))}</a></td></tr>`;
}

function page(locale: string, title: string, body: string): string {
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;background:#f2f4f7;font-family:Arial,Helvetica,sans-serif;color:#1b2430"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;width:100%;background:#ffffff;border-radius:8px">${body}</table></td></tr></table></body></html>`;
}

function escapeHtml(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
