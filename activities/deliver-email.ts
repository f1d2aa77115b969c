/** Composes and sends mails; an uncertain one stays uncertain, because SMTP has nobody to ask. */
import { onePerTask } from '../domain/notification.ts';
import type { IsoInstant } from '../domain/time.ts';
import { epochMs, instantFromEpochMs } from '../domain/time.ts';
import { composeMail, composeNotice } from '../mail/compose/mail.ts';
import { signLink } from '../mail/link.ts';
import type { MailTransport } from '../mail/transport.ts';
import type { OutgoingMessage, Sender } from './deliver.ts';
import type { LoadedDirectory } from './directory.ts';

/** A link outlives a holiday week, not the task's next owner. */
const LINK_DAYS = 14;

export interface EmailDependencies {
  readonly transport: MailTransport;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly now: () => IsoInstant;
  readonly webUrl: () => string;
  readonly linkSecret: string;
  readonly domain: string;
  /** The transport diverts: see `divertMails`. */
  readonly shadow: boolean;
}

export function createEmailSender({ transport, directory, now, webUrl, linkSecret, domain, shadow }: EmailDependencies): Sender {
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
      const items = onePerTask(message.notifications).map(({ task, kind, id }) => ({
        task,
        kind,
        openUrl: `${webUrl()}/tasks/${task.code}?lang=${recipient.locale}`,
        acknowledgeUrl:
          task.status === 'assigned' &&
          (task.assignee === recipient.email || known.standIn(task.assignee, now())?.email === recipient.email)
            ? `${webUrl()}/a/${signLink(linkSecret, { code: task.code, recipient: recipient.email, action: 'acknowledge', expiresAt, key: id })}`
            : null,
      }));
      return transport.send(
        composeMail({
          key: first.key,
          domain,
          from: { name: 'dondoc', address: `dondoc@${domain}` },
          recipient,
          items,
          now: now(),
          agencyName: (code) => known.agency(code)?.name[recipient.locale] ?? code,
          personName: (address) => known.person(address)?.name ?? address,
        }),
      );
    },
    find: async () => undefined,
  };
}
