/** Shadow mode's mails: whatever is sent goes to one mailbox, so that no way of composing a mail can reach whom it names. */
import { shadowText } from '../config/shadow-text.ts';
import type { Person } from '../domain/directory.ts';
import { divertMail } from './compose/mail.ts';
import type { MailTransport } from './transport.ts';

/** @param person by address; a stranger is told of in Vietnamese */
export function divertMails(
  transport: MailTransport,
  mailbox: string,
  person: (email: string) => Promise<Person | undefined>,
): MailTransport {
  return {
    log: transport.log,
    async send(mail) {
      const reader = await person(mail.to.address);
      const line = shadowText({ name: mail.to.name, email: mail.to.address as Person['email'], locale: reader?.locale ?? 'vi' });
      const outcome = await transport.send(divertMail(mail, mailbox, line));
      // What a server refuses is the shadow's mailbox: it says nothing of the person.
      return outcome.outcome === 'permanent' ? { outcome: 'permanent', why: outcome.why } : outcome;
    },
    close: () => transport.close(),
  };
}
