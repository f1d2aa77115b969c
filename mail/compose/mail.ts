/** A mail to one person about one or several tasks: pure. */
import { createHash } from 'node:crypto';
import type { Notice } from '../../config/hold-text.ts';
import { notesOf } from '../../config/notes.ts';
import { formatInstant, text } from '../../config/text.ts';
import { daysLeft, whyText } from '../../config/why.ts';
import type { Person } from '../../domain/directory.ts';
import type { AgencyCode, Email, Locale } from '../../domain/names.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { mayLeave } from '../../domain/secrecy.ts';
import { isOpen, type Task } from '../../domain/task.ts';
import type { IsoInstant } from '../../domain/time.ts';

/** Gmail clips at about 102 KB of HTML; beyond this many tasks the mail says how many more there are. */
const ITEMS_MAX = 40;

export interface MailItem {
  readonly task: Task;
  readonly kind: NotificationKind;
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
  agencyName: (code: AgencyCode) => string;
  personName: (address: Email) => string;
}): Mail {
  const { recipient, items } = o;
  const { locale } = recipient;
  const [first] = items;
  if (first === undefined) throw new Error('a mail about nothing');
  const single = items.length === 1;
  // Constant per task: Gmail threads by subject and references.
  const subject = single ? `[${first.task.code}] ${titleOf(first.task, locale)}` : text(locale, 'digest.lead', { count: items.length });
  const root = `<task.${first.task.code.toLowerCase()}@${o.domain}>`;
  const shown = items.slice(0, ITEMS_MAX);
  const more = items.length === shown.length ? '' : text(locale, 'digest.more', { count: items.length - shown.length });
  return {
    messageId: messageIdOf(o.key, o.domain),
    from: o.from,
    to: { name: recipient.name, address: recipient.email },
    subject: subject.replaceAll(/\s+/g, ' ').slice(0, 200),
    text: shown
      .map((item) => itemText(item, o))
      .concat(more === '' ? [] : [more])
      .join('\n\n'),
    html: page(
      locale,
      subject,
      `${shown.map((item) => itemHtml(item, o)).join('')}${more === '' ? '' : `<tr><td style="padding:16px 24px;color:#5b6472">${escapeHtml(more)}</td></tr>`}`,
    ),
    ...(single ? { inReplyTo: root, references: [root] } : {}),
    headers: AUTOMATIC,
  };
}

/** A mail that is about no task. */
export function composeNotice(o: Notice & { domain: string; from: Mail['from']; recipient: Person }): Mail {
  const { title, lines, link, recipient } = o;
  const paragraphs = lines.map((line) => `<div style="font-size:14px;margin:0 0 8px">${escapeHtml(line)}</div>`).join('');
  return {
    messageId: messageIdOf(o.key, o.domain),
    from: o.from,
    to: { name: recipient.name, address: recipient.email },
    subject: title,
    text: [...lines, `${link.label}: ${link.url}`].join('\n\n'),
    html: page(
      recipient.locale,
      title,
      `<tr><td style="padding:20px 24px"><div style="font-size:17px;font-weight:bold;margin:4px 0 10px">${escapeHtml(title)}</div>
${paragraphs}<a href="${escapeHtml(link.url)}" style="color:#0b5cab">${escapeHtml(link.label)}</a></td></tr>`,
    ),
    headers: AUTOMATIC,
  };
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
function messageIdOf(key: string, domain: string): string {
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
}

const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' };

interface Reading {
  readonly recipient: Person;
  readonly now: IsoInstant;
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
}

function titleOf({ title, secrecy }: Task, locale: Locale): string {
  return mayLeave(secrecy, 'email') ? title : text(locale, 'secret.title');
}

/** The facts and what must be known beyond them; of a restricted task nothing but that it waits. */
function rows({ task }: MailItem, { recipient, now, agencyName }: Reading): [string, string][] {
  if (!mayLeave(task.secrecy, 'email')) return [];
  const { locale, timeZone } = recipient;
  const left = isOpen(task) ? `, ${daysLeft(task, now, recipient)}` : '';
  return [
    [text(locale, 'field.deadline'), `${formatInstant(locale, task.deadlineAt, timeZone)}${left}`],
    [text(locale, 'field.status'), text(locale, `status.${task.status}`)],
    [text(locale, 'field.agency'), agencyName(task.leadAgency)],
    ...(task.product === '' ? [] : [[text(locale, 'field.product'), task.product] satisfies [string, string]]),
  ];
}

function notes({ task }: MailItem, reading: Reading): string[] {
  const { locale } = reading.recipient;
  return mayLeave(task.secrecy, 'email') ? notesOf(task, { ...reading, locale }) : [text(locale, 'note.secret')];
}

function itemText(item: MailItem, reading: Reading): string {
  const { locale } = reading.recipient;
  return [
    text(locale, `kind.${item.kind}`),
    `${item.task.code} · ${titleOf(item.task, locale)}`,
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
  const button =
    item.acknowledgeUrl === null
      ? ''
      : `<a href="${escapeHtml(item.acknowledgeUrl)}" style="display:inline-block;padding:11px 20px;background:#0b5cab;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:bold">${escapeHtml(text(locale, 'action.acknowledge'))}</a> &nbsp; `;
  return `<tr><td style="padding:20px 24px;border-bottom:1px solid #e4e7ec">
<div style="color:#5b6472;font-size:13px">${escapeHtml(text(locale, `kind.${item.kind}`))}</div>
<div style="font-size:17px;font-weight:bold;margin:4px 0 10px">${escapeHtml(item.task.code)} · ${escapeHtml(titleOf(item.task, locale))}</div>
<table role="presentation" cellpadding="0" cellspacing="0" style="font-size:14px;margin-bottom:16px">${cells}</table>
${said}${button}<a href="${escapeHtml(item.openUrl)}" style="color:#0b5cab">${escapeHtml(text(locale, 'action.details'))}</a>
<div style="color:#5b6472;font-size:12px;margin-top:14px">${escapeHtml(whyText(reading.recipient, item, reading.now))}</div></td></tr>`;
}

function page(locale: string, title: string, body: string): string {
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;background:#f2f4f7;font-family:Arial,Helvetica,sans-serif;color:#1b2430"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;width:100%;background:#ffffff;border-radius:8px">${body}</table></td></tr></table></body></html>`;
}

function escapeHtml(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
