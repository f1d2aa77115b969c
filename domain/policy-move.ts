/** What changes for people when a task goes on under another policy. Pure. */
import type { PlannedNotification } from './notification.ts';

/** What would be told, of two plans of the same task: what comes in addition, and what no longer comes. */
export interface PolicyMove {
  readonly more: readonly PlannedNotification[];
  readonly less: readonly PlannedNotification[];
}

/** The same is the same thing said to the same person by the same channel at the same moment, whatever step says it. */
export function comparePlans(before: readonly PlannedNotification[], after: readonly PlannedNotification[]): PolicyMove {
  const said = ({ recipient, kind, channel, sendAt }: PlannedNotification) => `${sendAt} ${recipient} ${channel} ${kind}`;
  const missingIn = (others: readonly PlannedNotification[]) => {
    const known = new Set(others.map(said));
    return (each: PlannedNotification) => !known.has(said(each));
  };
  const inOrder = (found: readonly PlannedNotification[]) => found.toSorted((a, b) => (said(a) < said(b) ? -1 : 1));
  return { more: inOrder(after.filter(missingIn(before))), less: inOrder(before.filter(missingIn(after))) };
}
