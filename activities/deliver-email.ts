/** Composes and sends mails; an uncertain one stays uncertain, because SMTP has nobody to ask. */
import type { Person } from '../domain/directory.ts';
import { onePerTask } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import { epochMs, instantFromEpochMs } from '../domain/time.ts';
import { composeMail, composeNotice, composeReplacementMail } from '../mail/compose/mail.ts';
import { signLink } from '../mail/link.ts';
import type { MailTransport } from '../mail/transport.ts';
import type { Database } from '../prisma/database.ts';
import { readReplacement } from '../prisma/replacement.ts';
import type { ReadRisks } from '../prisma/risk.ts';
import type { OutgoingMessage, Sender } from './deliver.ts';
import type { LoadedDirectory } from './directory.ts';
import type { MakeLetters } from './nudge-letter.ts';

/** A link outlives a holiday week, not the task's next owner. */
const LINK_DAYS = 14;

export interface EmailDependencies {
  readonly database: Database;
  readonly transport: MailTransport;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly risks: ReadRisks;
  /** The letters to agencies that a message carries, as of now. */
  readonly letters: MakeLetters;
  readonly now: () => IsoInstant;
  readonly webUrl: () => string;
  readonly linkSecret: string;
  readonly domain: string;
  /** The transport diverts: see `divertMails`. */
  readonly shadow: boolean;
}

export function createEmailSender({
  database,
  transport,
  directory,
  risks,
  letters,
  now,
  webUrl,
  linkSecret,
  domain,
  shadow,
}: EmailDependencies): Sender {
  return {
    channel: 'email',
    shadow,
    notify: (recipient, notice) =>
      transport.send(composeNotice({ ...notice, domain, from: { name: 'dondoc', address: `dondoc@${domain}` }, recipient })),
    async send(message: OutgoingMessage) {
      const known = await directory();
      const recipient = known.person(message.recipient);
      const [first] = message.notifications;
      if (recipient === undefined || first === undefined) return { outcome: 'permanent', why: 'unknown person' };
      const expiresAt = instantFromEpochMs(epochMs(now()) + LINK_DAYS * 86_400_000);
      const from = { name: 'dondoc', address: `dondoc@${domain}` };
      // Never merged: it is the only one in its message.
      const gone = goneOf(first);
      const replacement = gone === null ? undefined : await readReplacement(database, known.people, gone);
      if (replacement !== undefined) {
        const claim = { code: first.task.code, recipient: recipient.email, action: 'name_another', expiresAt, key: first.id } as const;
        const nameUrl = `${webUrl()}/n/${signLink(linkSecret, claim)}`;
        return transport.send(composeReplacementMail({ key: first.key, domain, from, recipient, replacement, nameUrl }));
      }
      const told = onePerTask(message.notifications);
      const risk = await risks(
        now(),
        told.map(({ task }) => task.code),
      );
      const items = told.map(({ task, kind, text, id }) => ({
        task,
        kind,
        text,
        risk: risk.get(task.code)?.computed ?? null,
        openUrl: `${webUrl()}/tasks/${task.code}?lang=${recipient.locale}`,
        acknowledgeUrl:
          task.status === 'assigned' &&
          (task.assignee === recipient.email || known.standIn(task.assignee, now())?.email === recipient.email)
            ? `${webUrl()}/a/${signLink(linkSecret, { code: task.code, recipient: recipient.email, action: 'acknowledge', expiresAt, key: id })}`
            : null,
      }));
      const attachments = await letters(message, recipient.locale);
      return transport.send(
        composeMail({
          key: first.key,
          domain,
          from,
          recipient,
          items,
          now: now(),
          listUrl: listUrl(webUrl(), recipient, items),
          agencyName: (code) => known.agency(code)?.name[recipient.locale] ?? code,
          personName: (address) => known.person(address)?.name ?? address,
          attachments,
        }),
      );
    },
    find: async () => undefined,
  };
}

/** The list of the recipient's own tasks, where all are; nothing else tells the others apart. */
function listUrl(webUrl: string, { email, locale }: Person, items: readonly { readonly task: Task }[]): string {
  const own = items.every(({ task }) => task.assignee === email);
  return `${webUrl}/tasks?${new URLSearchParams({ ...(own ? { assignee: email } : {}), lang: locale })}`;
}
