/** Sends mails through nodemailer's pool and says truly what became of each: the phase decides, never the text. */
import nodemailer from 'nodemailer';
import type { MailLimits } from '../config/env.ts';
import { limitPerSecond } from '../domain/rate-limit.ts';
import type { Mail } from './compose/mail.ts';
import { type MailLog, openMailLog } from './log.ts';

export type MailOutcome =
  | { readonly outcome: 'sent'; readonly providerId: string }
  | { readonly outcome: 'transient'; readonly why: string; readonly retryAfterMs: number }
  | { readonly outcome: 'limited'; readonly why: string; readonly retryAfterMs: number; readonly refusesUs?: true }
  | { readonly outcome: 'permanent'; readonly why: string; readonly gone?: true }
  | { readonly outcome: 'ambiguous'; readonly why: string };

/** Replies, and the enhanced codes beside them (RFC 3463, RFC 7504), that say of the mailbox itself: unknown, moved away, disabled. */
const GONE_REPLIES: ReadonlySet<number> = new Set([550, 551, 553]);
const GONE_CODES: ReadonlySet<string> = new Set(['5.1.1', '5.1.6', '5.1.10', '5.2.1']);

/** RFC 5321 4.5.4.1: wait at least 30 minutes after a temporary refusal. */
const REFUSED_RETRY_MS = 30 * 60_000;
const UNREACHED_RETRY_MS = 5_000;
const REFUSED_ACCOUNT_RETRY_MS = 60_000;

export interface SmtpAccess {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); else STARTTLS where it is offered. */
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Absent: as many connections as nodemailer opens by itself, and no limit of messages. */
  readonly limits?: MailLimits;
  /** The file into which the server, a Postfix, logs; absent: what it took cannot be asked. */
  readonly log?: string;
}

/** Few mail servers can be asked: of what a crash leaves unwritten, people are told by somebody. A connection goes on with few more. */
const UNSETTLED_EACH = 4;
const UNLIMITED: MailLimits = { connections: 5, perSecond: null, perDay: null };

/**
 * What one of so many couriers may put on the wire, in whichever processes they are: a connection carries one mail at a time. Each has one at
 * least.
 */
export function mailPace({ connections, perSecond, perDay }: MailLimits = UNLIMITED, couriers: number) {
  const limit = perSecond === null ? null : limitPerSecond(perSecond);
  const onWireMax = Math.max(1, Math.floor(connections / couriers));
  return { limit, perDay, perRecipientMs: 0, onWireMax, unsettledMax: onWireMax * UNSETTLED_EACH, aheadMax: 0 };
}

export interface MailTransport {
  send(mail: Mail): Promise<MailOutcome>;
  /** Null where nobody can be asked what the server took. */
  readonly log: MailLog | null;
  close(): void;
}

export function createMailTransport(o: SmtpAccess): MailTransport {
  const pool = nodemailer.createTransport({
    pool: true,
    host: o.host,
    port: o.port,
    secure: o.secure,
    ...(o.auth === undefined ? {} : { auth: { ...o.auth } }),
    maxConnections: (o.limits ?? UNLIMITED).connections,
    maxMessages: 100,
    maxRequeues: 2,
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 10_000,
    greetingTimeout: 30_000,
    // RFC 5321 4.5.3.2.6: the answer to the final dot may take 10 minutes; giving up early makes copies.
    socketTimeout: 600_000,
  });
  return {
    log: o.log === undefined ? null : openMailLog(o.log, async () => void (await pool.verify())),
    async send(mail: Mail): Promise<MailOutcome> {
      try {
        const { references, headers, files = [], ...rest } = mail;
        const info = await pool.sendMail({
          ...rest,
          headers: { ...headers },
          ...(references === undefined ? {} : { references: [...references] }),
          // Their bytes only: a path or an address would be read from the disk or the net.
          attachments: files.map(({ name, type, content }) => ({ filename: name, contentType: type, content: Buffer.from(content) })),
        });
        return { outcome: 'sent', providerId: info.response };
      } catch (error) {
        return classify(error);
      }
    },
    close: () => pool.close(),
  };
}

function classify(error: unknown): MailOutcome {
  const { responseCode, response, syscall, code, command, message } = error as {
    responseCode?: number;
    response?: string;
    syscall?: string;
    code?: string;
    command?: string;
    message?: string;
  };
  const why = message ?? String(error);
  // Before its reply is looked at: the server refuses us, not the mail. None gets through before an operator acts.
  if (code === 'EAUTH') return { outcome: 'limited', why, retryAfterMs: REFUSED_ACCOUNT_RETRY_MS, refusesUs: true };
  if (responseCode !== undefined) {
    const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})(?!\S)/.exec(response ?? '')?.[1] ?? '';
    // At MAIL FROM a server speaks of our own address.
    if (command !== 'MAIL FROM' && GONE_REPLIES.has(responseCode) && GONE_CODES.has(enhanced))
      return { outcome: 'permanent', why, gone: true };
    return responseCode >= 500 && responseCode !== 552
      ? { outcome: 'permanent', why }
      : { outcome: 'transient', why, retryAfterMs: REFUSED_RETRY_MS };
  }
  const surelyUnsent =
    syscall === 'connect' ||
    code === 'EDNS' ||
    code === 'ETLS' ||
    command === undefined ||
    /^(Greeting never received|Connection timeout)/.test(why);
  return surelyUnsent ? { outcome: 'transient', why, retryAfterMs: UNREACHED_RETRY_MS } : { outcome: 'ambiguous', why };
}
