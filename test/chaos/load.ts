/** Which tasks there are and what people do about them, and when: decided by the seed alone. Pure. */
import type { Request } from '../../domain/command.ts';
import { chance, oneOf } from '../../rehearsal/chance.ts';

/** One who acts on a task. */
export type Doer = 'assignee' | 'coordinator';

/** An act handed straight to the inbox, as a channel would hand it in. */
export interface DirectAct {
  /** Since the task was stored. */
  readonly afterMs: number;
  readonly doer: Doer;
  readonly request: Request;
  /** A provider that has heard no answer delivers once more: so much later, when others have come in between. */
  readonly againAfterMs: number | null;
}

export interface ChaosTask {
  readonly code: string;
  /** Since the beginning of the chaos. */
  readonly atMs: number;
  /** How long ago it was assigned by then: its next steps fall due so much sooner. */
  readonly ageMs: number;
  /** Numbers in the lists of people. */
  readonly assignee: number;
  readonly coordinator: number;
  readonly assignedTwice: boolean;
  readonly acts: readonly DirectAct[];
  /** Whether, and how long after it was stored, the assignee looks for the card and presses "acknowledge". */
  readonly pressAfterMs: number | null;
}

/** What one task makes on the average under test/chaos/policy.yaml, with these acts. */
const NOTIFICATIONS_A_TASK = 6;
const MINUTE_MS = 60_000;

/** @param people how many assignees and coordinators there are to choose from */
export function loadOf(seed: string, o: { forMs: number; notifications: number; assignees: number; coordinators: number }): ChaosTask[] {
  const count = Math.ceil(o.notifications / NOTIFICATIONS_A_TASK);
  return Array.from({ length: count }, (_, index) => {
    const random = chance(`${seed}/task/${index}`);
    const code = `CHAOS-${String(index + 1).padStart(4, '0')}`;
    const later = () => Math.round(random() * o.forMs * 0.5);
    return {
      code,
      // The storm begins at once and goes on for most of the time.
      atMs: Math.round((index / count) * o.forMs * 0.6),
      ageMs: Math.round(random() * MINUTE_MS),
      assignee: Math.floor(random() * o.assignees),
      coordinator: Math.floor(random() * o.coordinators),
      assignedTwice: random() < 0.3,
      pressAfterMs: random() < 0.5 ? later() : null,
      acts: actsOf(code, random, later),
    };
  });
}

function actsOf(code: string, random: () => number, later: () => number): DirectAct[] {
  const kinds = ['comment', 'question', 'obstacle', 'nudge'] as const;
  const count = Math.floor(random() * 4);
  const chosen = Array.from({ length: count }, () => oneOf(random, kinds)).filter(
    (kind, index, all) => kind !== 'nudge' || all.indexOf(kind) === index,
  );
  return chosen.map((kind, index) => ({
    afterMs: later(),
    doer: kind === 'nudge' ? 'coordinator' : 'assignee',
    request: requestOf(kind, `${code}, ${index + 1}`),
    againAfterMs: random() < 0.4 ? Math.round(random() * 5_000) : null,
  }));
}

function requestOf(kind: 'comment' | 'question' | 'obstacle' | 'nudge', text: string): Request {
  switch (kind) {
    case 'comment':
      return { type: 'AddComment', text, files: [] };
    case 'question':
      return { type: 'AskQuestion', text };
    case 'obstacle':
      return { type: 'ReportObstacle', kind: 'data', text };
    case 'nudge':
      return { type: 'NudgeAssignee', text };
  }
}
