/** What two lists of tellings differ in: who hears more, less, earlier or later. Pure. */
import type { Told } from './ledger.ts';
import type { Channel, Email, TaskCode } from './names.ts';
import type { NotificationKind } from './notification.ts';
import { compareText } from './occurrences.ts';
import type { IsoInstant } from './time.ts';

/** One telling, as far as it can be compared between policies, whose steps may have other names. */
export interface Telling {
  readonly task: TaskCode;
  readonly kind: NotificationKind;
  readonly step: string;
  readonly recipient: Email;
  readonly channel: Channel;
  readonly at: IsoInstant;
}

export const CHANGES = ['more', 'less', 'earlier', 'later'] as const;
export type Change = (typeof CHANGES)[number];

export interface Difference {
  readonly change: Change;
  /** Null for what only the second list has. */
  readonly before: Telling | null;
  /** Null for what only the first list has. */
  readonly after: Telling | null;
}

export function tellingOf({ notification: { code, kind, step, recipient, channel, sendAt } }: Told): Telling {
  return { task: code, kind, step, recipient, channel, at: sendAt };
}

/**
 * Compares two lists of one task. What both say to a person on a channel, of one kind and at one moment, is no difference; of the
 * rest the first of a kind stands for the first, the second for the second, and what is left over is more or less.
 * @returns in order of time
 */
export function differences(before: readonly Telling[], after: readonly Telling[]): Difference[] {
  const ofBefore = Map.groupBy(before, nameOf);
  const ofAfter = Map.groupBy(after, nameOf);
  const found: Difference[] = [];
  for (const name of new Set([...ofBefore.keys(), ...ofAfter.keys()])) {
    const [left, right] = withoutCommon(ofBefore.get(name) ?? [], ofAfter.get(name) ?? []);
    for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
      const [a = null, b = null] = [left[index], right[index]];
      const change = a === null ? 'more' : b === null ? 'less' : b.at < a.at ? 'earlier' : 'later';
      found.push({ change, before: a, after: b });
    }
  }
  return found.sort((a, b) => compareText(firstOf(a), firstOf(b)));
}

/** Who hears: of changes by people or by tasks. */
export function counted<K>(found: readonly Difference[], by: (telling: Telling) => K): Map<K, Record<Change, number>> {
  const counts = new Map<K, Record<Change, number>>();
  for (const { change, before, after } of found) {
    const telling = after ?? before;
    if (telling === null) continue;
    const kept = counts.get(by(telling)) ?? { more: 0, less: 0, earlier: 0, later: 0 };
    kept[change] += 1;
    counts.set(by(telling), kept);
  }
  return counts;
}

function nameOf({ recipient, channel, kind }: Telling): string {
  return `${recipient} ${channel} ${kind}`;
}

function withoutCommon(a: readonly Telling[], b: readonly Telling[]): [Telling[], Telling[]] {
  const inB = counts(b);
  const inA = counts(a);
  const rest = (list: readonly Telling[], other: Map<IsoInstant, number>) => {
    const left = new Map(other);
    return list
      .filter(({ at }) => {
        const count = left.get(at) ?? 0;
        if (count > 0) left.set(at, count - 1);
        return count === 0;
      })
      .sort((one, two) => compareText(one.at, two.at));
  };
  return [rest(a, inB), rest(b, inA)];
}

function counts(list: readonly Telling[]): Map<IsoInstant, number> {
  const found = new Map<IsoInstant, number>();
  for (const { at } of list) found.set(at, (found.get(at) ?? 0) + 1);
  return found;
}

function firstOf({ before, after }: Difference): string {
  const first = before === null || (after !== null && after.at < before.at) ? after : before;
  return first === null ? '' : `${first.at} ${first.recipient} ${first.channel} ${first.step}`;
}
