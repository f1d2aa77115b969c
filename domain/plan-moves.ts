/** What becomes other when a task is planned anew: who is told when, and what happens by itself when. Pure. */
import type { Channel, Email, TaskCode } from './names.ts';
import { compareText } from './occurrences.ts';
import type { Plan, Wake } from './plan.ts';
import type { IsoInstant } from './time.ts';

export interface Move {
  readonly task: TaskCode;
  /** Of the policy; of what silence means, the matter. */
  readonly step: string;
  /** Whom it tells; null where it tells nobody but changes the task. */
  readonly person: Email | null;
  readonly channel: Channel | null;
  /** Null where it did not lie, or will not lie, within the plan's horizon. */
  readonly from: IsoInstant | null;
  readonly to: IsoInstant | null;
}

/**
 * From one plan of a task to another, both made at the same instant; what lies where it lay is left out.
 * @param told keys of what has been told: planned anew or not, nobody is told twice
 */
export function movesOf(task: TaskCode, before: Plan, after: Plan, told: ReadonlySet<string>): Move[] {
  const [old, next] = [moments(before, told), moments(after, told)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .flatMap((key) => {
      const [was, is] = [old.get(key), next.get(key)];
      const { step, person, channel } = (was ?? is) as Moment; // the key is of one of them
      const [from, to] = [was?.at ?? null, is?.at ?? null];
      return from === to ? [] : [{ task, step, person, channel, from, to }];
    })
    .sort((a, b) => compareText(a.from ?? a.to ?? '', b.from ?? b.to ?? ''));
}

interface Moment extends Pick<Move, 'step' | 'person' | 'channel'> {
  readonly at: IsoInstant;
}

function moments({ notifications, wakes }: Plan, told: ReadonlySet<string>): Map<string, Moment> {
  const found = new Map<string, Moment>();
  for (const { key, step, recipient, channel, sendAt } of notifications)
    if (!told.has(key)) found.set(key, { step, person: recipient, channel, at: sendAt });
  for (const { at, input } of wakes) {
    const step = stepOf(input);
    // Several actions of one step come at one moment.
    if (step !== null && !found.has(`${input.type} ${step}`)) found.set(`${input.type} ${step}`, { step, person: null, channel: null, at });
  }
  return found;
}

/** Null for what follows the deadline or the horizon, which no calendar moves. */
function stepOf(input: Wake['input']): string | null {
  switch (input.type) {
    case 'RaiseEscalation':
    case 'TakeAction':
      return input.step;
    case 'AnswerTacitly':
      return input.answer.matter;
    default:
      return null;
  }
}
