/** Which call to Slack or the gateway goes wrong, and how: decided by the seed, the method and how many of it there were before. Pure. */
import { chance } from '../../rehearsal/chance.ts';

/** What can go wrong with a call. `after`: Slack has done what was asked, and we do not hear of it. */
const CALL_FAULTS = ['rate_limited', 'error_before', 'error_after', 'silence_after', 'cut_before', 'cut_after', 'slow'] as const;
/** What can go wrong with what Slack sends to the bot. */
const EVENT_FAULTS = ['twice', 'overtaken'] as const;
export type Fault = (typeof CALL_FAULTS)[number] | (typeof EVENT_FAULTS)[number];

/** What the faults of an event, and of a post to the gateway, are counted under, beside the methods of Slack's API. */
export const EVENT = 'event';
export const GATEWAY = 'gateway';

/** Silence holds a courier's slot for its client's whole timeout of ten seconds: a storm of it would only show how long that is. */
const OF_A_CALL: readonly (readonly [Fault, number])[] = [
  ['rate_limited', 0.01],
  ['error_before', 0.01],
  ['error_after', 0.01],
  ['silence_after', 0.003],
  ['cut_before', 0.01],
  ['cut_after', 0.01],
  ['slow', 0.02],
];
const CHANCES: Readonly<Record<string, readonly (readonly [Fault, number])[]>> = {
  'chat.postMessage': OF_A_CALL,
  'chat.update': OF_A_CALL,
  // Whoever is asked whether a message came must be able to be away as well.
  'conversations.history': OF_A_CALL,
  // Comes before a look into a conversation that nobody has noted: what is in doubt stays in doubt.
  'conversations.open': OF_A_CALL,
  // What a person hears of a press, and the form that it opens: what was pressed is recorded once all the same.
  'chat.postEphemeral': OF_A_CALL,
  'views.open': OF_A_CALL,
  [EVENT]: [
    ['twice', 0.1],
    ['overtaken', 0.1],
  ],
  // Fewer go to it than to Slack: what it leaves in doubt must be met in a short run as well.
  [GATEWAY]: [
    ['rate_limited', 0.01],
    ['cut_before', 0.02],
    ['cut_after', 0.03],
  ],
};

/**
 * @param o.nth how many calls of this method there were before, in the whole run
 * @param o.times how much likelier than usual something goes wrong: a short run has few calls
 * @returns null where it goes well
 */
export function faultOf(o: { seed: string; method: string; nth: number; times: number }): Fault | null {
  const { method, nth, times } = o;
  let drawn = chance(`${o.seed}/${method}/${nth}`)() / times;
  for (const [fault, likely] of CHANCES[method] ?? []) {
    if (drawn < likely) return fault;
    drawn -= likely;
  }
  return null;
}
