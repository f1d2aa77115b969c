/** Composes and sends mails; an uncertain one is looked for in the mail server's log, where that can be read. */
import type { Person } from '../domain/directory.ts';
import { onePerTask } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import { addMilliseconds, type IsoInstant } from '../domain/time.ts';
import { composeMail, composeNotice, composeReplacementMail, type Mail, messageIdOf } from '../mail/compose/mail.ts';
import type { Logged } from '../mail/log.ts';
import type { MailTransport } from '../mail/transport.ts';
import type { Database } from '../prisma/database.ts';
import { readReplacement } from '../prisma/replacement.ts';
import type { ReadRisks } from '../prisma/risk.ts';
import type { LoadedDirectory } from './directory.ts';
import { createLinks } from './links.ts';
import type { MakeLetters } from './nudge-letter.ts';
import type { Found, OutgoingMessage, Pace, ReadyMessage, Sender, Sought } from './sender.ts';
import { unmadeBy } from './unmade.ts';

const ASK_AGAIN_MS = 60_000;
/** Then people are told that nobody knows: logs are turned over daily. */
const ASKED_FOR_MS = 24 * 3_600_000;
/** Only what a merged message was named by stands in the log: of so many some were. */
const EARLIER_MAX = 50;

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
  /** What the mail server takes. */
  readonly pace: Pace;
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
  pace,
  shadow,
}: EmailDependencies): Sender {
  const links = createLinks({ webUrl, linkSecret, now }, 'email');
  const from = { name: 'dondoc', address: `dondoc@${domain}` };
  return {
    channel: 'email',
    shadow,
    pace,
    notify: (recipient, notice) => transport.send(composeNotice({ ...notice, domain, from, recipient })),
    async prepare(messages) {
      const known = await directory();
      const told = messages.flatMap(({ notifications }) => notifications.map(({ task }) => task.code));
      const risk = await risks(now(), [...new Set(told)]);
      return Promise.all(
        messages.map(async (message): Promise<ReadyMessage> => {
          const recipient = known.person(message.recipient);
          if (recipient === undefined) return { post: async () => ({ outcome: 'permanent', why: 'unknown person' }) };
          try {
            const mail = await compose(recipient, message, risk, known);
            return { post: () => transport.send(mail) };
          } catch (error) {
            return unmadeBy(error, database);
          }
        }),
      );
    },
    find,
  };

  async function find({ keys, attemptedAt }: Sought): Promise<Found> {
    if (transport.log === null) return { arrived: 'unknown' };
    const loggedOf = await transport.log.look();
    if (loggedOf !== null) {
      // Which of them named the mail was decided when it was made; none has named another one that left.
      const logged = keys.map((key) => loggedOf(messageIdOf(key, domain)));
      const taken = keys[logged.indexOf('taken')];
      if (taken !== undefined) return { arrived: true, providerId: messageIdOf(taken, domain) };
      // What the log does not reach back to now it never will.
      if (!logged.includes('begun')) return { arrived: (await reachesBack(loggedOf, attemptedAt)) ? false : 'unknown' };
    }
    const isLate = now() > addMilliseconds(attemptedAt, ASKED_FOR_MS);
    return isLate ? { arrived: 'unknown' } : { arrived: 'ask_again', retryAfterMs: ASK_AGAIN_MS };
  }

  /** Whether the log holds anything of ours from before: of what is older than it, it says nothing. */
  async function reachesBack(loggedOf: (messageId: string) => Logged, before: IsoInstant): Promise<boolean> {
    const sent = {
      where: { channel: 'email', status: 'sent', sentAt: { lt: before } },
      orderBy: { sentAt: 'desc' },
      take: EARLIER_MAX,
      select: { key: true },
    } as const;
    const earlier = [...(await database.notification.findMany(sent)), ...(await database.notice.findMany(sent))];
    return earlier.some(({ key }) => loggedOf(messageIdOf(key, domain)) === 'taken');
  }

  async function compose(
    recipient: Person,
    message: OutgoingMessage,
    risk: Awaited<ReturnType<ReadRisks>>,
    known: LoadedDirectory,
  ): Promise<Mail> {
    const { notifications } = message;
    const [first] = notifications;
    if (first === undefined) throw new Error('a message without a notification');
    // Never merged: it is the only one in its message.
    const gone = goneOf(first);
    const replacement = gone === null ? undefined : await readReplacement(database, known.people, gone);
    if (replacement !== undefined) {
      const nameUrl = links.nameAnother(first.task, recipient, first.id);
      return composeReplacementMail({ key: first.key, domain, from, recipient, replacement, nameUrl });
    }
    const items = onePerTask(notifications).map(({ task, kind, text, id }) => ({
      task,
      kind,
      text,
      risk: risk.get(task.code)?.computed ?? null,
      openUrl: links.open(task, recipient),
      acknowledgeUrl: links.acknowledge(task, recipient, id, known),
    }));
    return composeMail({
      key: first.key,
      domain,
      from,
      recipient,
      items,
      now: now(),
      listUrl: links.list(
        items.map(({ task }) => task),
        recipient,
      ),
      agencyName: (code) => known.agency(code)?.name[recipient.locale] ?? code,
      personName: (address) => known.person(address)?.name ?? address,
      files: await letters(message, recipient.locale),
    });
  }
}
