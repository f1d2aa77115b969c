/** People and agencies as the planner and the builders of cards and mails see them: plain values. */
import type { AgencyCode, Email, Locale, Role } from './names.ts';

export interface Person {
  readonly email: Email;
  readonly name: string;
  readonly agency: AgencyCode;
  readonly role: Role;
  readonly locale: Locale;
  readonly timeZone: string;
  /** Null where the person has no chat account. */
  readonly slackId: string | null;
}

export interface Agency {
  readonly code: AgencyCode;
  readonly name: Readonly<Record<Locale, string>>;
  readonly kind: string;
  readonly head: Email | null;
  /** It has ended: its name is still told, but nobody is asked to choose it. */
  readonly hasEnded?: boolean;
  /** The one agency that it has become, where it has ended and that is one. */
  readonly succeededBy?: AgencyCode | null;
}
