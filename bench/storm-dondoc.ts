/** Where dondoc itself joins the storm and the crash, beside its peers. */
import type { Armed } from './armed.ts';
import type { Limits } from './slack-stub.ts';
import type { Stage } from './stage.ts';

/** Whether reminders to one person become one message. */
export type Merging = 'off' | 'on';

/**
 * Brings dondoc to where a peer is after `armPeer`: the reminders of `remindersOf` in the ledger of `stage.database('dondoc')`, all due
 * at one instant a few seconds away, their messages going to `stage.slack.url`, a courier's process running.
 */
export type ArmDondoc = (
  merging: Merging,
  stage: Stage,
  o: { readonly reminders: number; readonly people: number; readonly limits: Limits },
) => Promise<Armed>;

/** Null: the benches run without dondoc's own lines. */
export const armDondoc: ArmDondoc | null = null;
