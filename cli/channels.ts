/** Through which channels an installation sends, and what they take in a day. */
import { CHANNELS, type Channel } from '../domain/names.ts';
import type { SmtpAccess } from '../mail/transport.ts';
import type { StackInfo } from '../ops/stack.ts';
import type { BacklogDependencies } from '../prisma/delivery.ts';

/** As far as it says which channels there are. */
interface Sending {
  readonly slack: object | null;
  readonly smtp: SmtpAccess;
}

export function channelsOf({ slack, smtp }: Sending): Pick<BacklogDependencies, 'channels' | 'perDay'> {
  // Without a Slack what waits for it is in nobody's hands, and not late.
  const channels: Channel[] = CHANNELS.filter((channel) => channel !== 'slack' || slack !== null);
  return { channels, perDay: { email: smtp.limits?.perDay ?? null } };
}

/** What a running stack calls late. */
export function backlogsOf(info: Pick<StackInfo, 'backlog' | 'shadow' | 'slack' | 'mail'>): Omit<BacklogDependencies, 'database'> {
  const { backlog: rule, shadow, slack, mail } = info;
  return { rule, ...channelsOf({ slack, smtp: mail.smtp }), shadow: shadow !== null };
}
