/** Which tasks there are and what people do about them, and when: decided by the seed alone. Pure. */
import type { Request } from '../../domain/command.ts';
import type { Channel } from '../../domain/names.ts';
import type { IsoDate, IsoInstant } from '../../domain/time.ts';
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

/** Buttons of a card that do in one press what they say; `details` and `progress` open a form. */
export type Button = 'acknowledge' | 'details' | 'progress' | 'grantExtension';

/** A button that is pressed on the task's card in Slack, once a card that offers it has come. */
export interface Press {
  /** Since the task was stored. */
  readonly afterMs: number;
  readonly doer: Doer;
  readonly button: Button;
  /** Whoever is not sure of it presses twice: so much later. */
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
  readonly presses: readonly Press[];
}

/** What one task makes on the average under test/chaos/policy.yaml, with these acts. */
const NOTIFICATIONS_A_TASK = 9;
const MINUTE_MS = 60_000;
/** Of presses, how many are doubled, and how long at most there is between the two: the second one often comes while the first is at work. */
const PRESSED_TWICE = 0.3;
const AGAIN_MS_MAX = 600;

export interface LoadSize {
  readonly forMs: number;
  /** About how many are planned. */
  readonly notifications: number;
  /** How many there are to choose from. */
  readonly assignees: number;
  readonly coordinators: number;
  /** Until when whoever asks for more time asks for it: later than any deadline. */
  readonly longer: { readonly deadline: IsoDate; readonly deadlineAt: IsoInstant };
}

/** @returns in the order in which they begin */
export function loadOf(seed: string, o: LoadSize): ChaosTask[] {
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
      ...deedsOf(code, random, later, o.longer),
    };
  });
}

/** A message that is about no task, to one of the assignees. */
export interface ChaosNotice {
  readonly key: string;
  readonly assignee: number;
  /** The first of these by which the person is reached. */
  readonly channels: readonly [Channel, ...Channel[]];
  /** Since the beginning of the chaos: dozens at one instant. */
  readonly afterMs: number;
}

/** Beside so many notifications one comes by itself. */
const NOTIFICATIONS_A_NOTICE = 25;
const NOTICE_MOMENTS = 6;
const NOTICE_CHANNELS = [['slack'], ['email'], ['webhook', 'slack']] as const;

export function noticesOf(seed: string, o: Pick<LoadSize, 'forMs' | 'notifications' | 'assignees'>): ChaosNotice[] {
  return Array.from({ length: Math.ceil(o.notifications / NOTIFICATIONS_A_NOTICE) }, (_, index) => {
    const random = chance(`${seed}/notice/${index}`);
    return {
      key: `week/chaos-${index}`,
      assignee: Math.floor(random() * o.assignees),
      channels: oneOf(random, NOTICE_CHANNELS),
      afterMs: Math.round((o.forMs * Math.ceil(random() * NOTICE_MOMENTS)) / NOTICE_MOMENTS),
    };
  });
}

/** What people do about one task: straight to the inbox, and by the buttons of its card. */
function deedsOf(code: string, random: () => number, later: () => number, longer: LoadSize['longer']): Pick<ChaosTask, 'acts' | 'presses'> {
  const acts = actsOf(code, random, later);
  const press = (doer: Doer, button: Button): Press => ({
    afterMs: later(),
    doer,
    button,
    againAfterMs: random() < PRESSED_TWICE ? Math.round(random() * AGAIN_MS_MAX) : null,
  });
  const some = (max: number, doer: Doer, button: Button) =>
    Array.from({ length: Math.floor(random() * (max + 1)) }, () => press(doer, button));
  const isAcknowledged = random() < 0.5;
  // Its button comes with the card that tells of the request, and never without one.
  const isLonger = random() < 0.25;
  return {
    acts: [
      ...acts,
      ...(isLonger
        ? [
            {
              afterMs: later(),
              doer: 'assignee',
              request: { type: 'RequestExtension', ...longer, reason: code, basis: '' },
              againAfterMs: null,
            } as const,
          ]
        : []),
    ],
    presses: [
      ...(isAcknowledged ? [press('assignee', 'acknowledge'), ...some(2, 'assignee', 'progress')] : []),
      ...some(3, 'assignee', 'details'),
      ...some(1, 'coordinator', 'details'),
      ...(isLonger ? [press('coordinator', 'grantExtension')] : []),
    ],
  };
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
