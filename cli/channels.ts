/** Through which channels an installation sends, and what they take in a day. */
import { CHANNELS, type Channel } from '../domain/names.ts';
import type { SmtpAccess } from '../mail/transport.ts';
import type { StackInfo } from '../ops/stack.ts';
import type { BacklogDependencies } from '../prisma/delivery.ts';

/** As far as it says which channels there are. */
interface Sending {
  readonly slack: object | null;
  readonly smtp: SmtpAccess;
  readonly webhook: object | null;
}

export function channelsOf({ slack, smtp, webhook }: Sending): Pick<BacklogDependencies, 'channels' | 'perDay'> {
  // Without a Slack or a gateway what waits for it is in nobody's hands, and not late.
  const isThere: Readonly<Record<Channel, boolean>> = { slack: slack !== null, email: true, webhook: webhook !== null };
  return { channels: CHANNELS.filter((channel) => isThere[channel]), perDay: { email: smtp.limits?.perDay ?? null } };
}

/** What a running stack calls late. */
export function backlogsOf(
  info: Pick<StackInfo, 'backlog' | 'shadow' | 'slack' | 'mail' | 'webhook'>,
): Omit<BacklogDependencies, 'database'> {
  const { backlog: rule, shadow, slack, mail, webhook } = info;
  return { rule, ...channelsOf({ slack, smtp: mail.smtp, webhook }), shadow: shadow !== null };
}
