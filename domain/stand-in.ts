/**
 * Who stands in for whom: a substitute for the absent, the agency's head for who has left for good, and where the head is gone too,
 * whoever coordinates the task. Pure.
 */
import type { Person } from './directory.ts';
import type { Email } from './names.ts';
import type { OpenTask } from './task.ts';

/** What is known of people on one date. */
export interface Staff {
  /** Who was entered as substitute for that date. */
  substituteOf(person: Email): Email | undefined;
  isGone(person: Email): boolean;
  /** The head of the person's agency; null where it has none. */
  headOf(person: Email): Email | null;
}

/** The next one in line: the substitute; without one, the head in place of who has left. */
export function nextInLine(person: Email, { substituteOf, isGone, headOf }: Staff): Email | undefined {
  return substituteOf(person) ?? (isGone(person) ? (headOf(person) ?? undefined) : undefined);
}

/**
 * Follows the line to its end: a substitute may be away too, and two who stand in for each other end with the second. A line that ends
 * with who has left goes on with the coordinator's own.
 * @param coordinator whoever is told where no head is left; absent: nobody is
 * @returns undefined where nobody has to stand in, or nobody is left who could
 */
export function standInFor(person: Email, staff: Staff, coordinator?: Email): Email | undefined {
  const passed = new Set<Email>([person]);
  const follow = (from: Email): Email => {
    let last = from;
    for (let next = nextInLine(from, staff); next !== undefined && !passed.has(next); next = nextInLine(next, staff)) {
      passed.add(next);
      last = next;
    }
    return last;
  };
  const end = follow(person);
  if (!staff.isGone(end)) return end === person ? undefined : end;
  if (coordinator !== undefined && !passed.has(coordinator)) {
    passed.add(coordinator);
    const other = follow(coordinator);
    if (!staff.isGone(other)) return other;
  }
  // Nobody at the end: who was passed on the way and is only away still reads what comes.
  return [...passed].findLast((each) => each !== person && !staff.isGone(each));
}

/**
 * Who is asked to name another in place of who has left: the agency's head; where the head is who left or cannot be asked, whoever
 * stands in for the head, and at last the coordinator. Never who has left.
 */
export function askedToName(left: Email, coordinator: Email, staff: Staff): Email | undefined {
  const head = staff.headOf(left);
  const first = head === null || head === left ? coordinator : head;
  const asked = standInFor(first, staff, coordinator) ?? first;
  return asked === left || staff.isGone(asked) ? undefined : asked;
}

/** What is asked when an assignee has left: another one for what is open. Nothing is asked where the person is back, or nothing is open. */
export interface Replacement {
  readonly gone: Person;
  /** Most pressing first. */
  readonly tasks: readonly OpenTask[];
  /** Of the same agency, and there. */
  readonly choices: readonly Person[];
}
