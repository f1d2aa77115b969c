/** Which notifications make one message, and which of them it says first. The couriers and the simulation go by it. Pure. */
import { addMinutes } from './calendar.ts';
import type { Channel, Email, TaskCode } from './names.ts';
import { GATHER_MINUTES } from './occurrences.ts';
import type { IsoInstant } from './time.ts';

/** What is due at one moment under one of these names is one message: a person's on a channel; what is urgent stands alone. */
export function messageOf(o: {
  readonly key: string;
  readonly urgent: boolean;
  readonly recipient: Email;
  readonly channel: Channel;
}): string {
  return o.urgent ? o.key : `${o.recipient} ${o.channel}`;
}

/** The last instant of what goes out with a message that is sent at one: what would be due within the next moments. */
export function gathersUntil(sentAt: IsoInstant): IsoInstant {
  return addMinutes(sentAt, GATHER_MINUTES);
}

interface Pressing {
  readonly deadlineAt: IsoInstant;
  readonly code: TaskCode;
}

/** The most pressing task first; the task's code makes the order one. */
export function byDeadline(a: Pressing, b: Pressing): number {
  return `${a.deadlineAt}${a.code}` < `${b.deadlineAt}${b.code}` ? -1 : 1;
}

/** One of each group in turn, each group's in the order given. */
export function inTurns<T>(items: readonly T[], groupOf: (item: T) => string): T[] {
  const met = new Map<string, number>();
  const turns = items.map((item) => {
    const turn = met.get(groupOf(item)) ?? 0;
    met.set(groupOf(item), turn + 1);
    return { item, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ item }) => item);
}
