/** What a secrecy level keeps from leaving: one table for every way out. Pure. */
import { SECRECY_LEVELS, type SecrecyLevel } from './names.ts';

/**
 * Every way by which a task's words can leave the store, with the highest level it may carry. Nobody signs in to the pages yet,
 * so they carry no more than chat does. The engine's histories are encrypted, and the operator's command line reads the store itself, but
 * what it writes to be handed on (reports, letters, explanations of figures) are documents like others.
 */
export const EXITS = {
  slack: 'none',
  email: 'none',
  webhook: 'none',
  web: 'none',
  document: 'none',
  log: 'none',
} as const satisfies Record<string, SecrecyLevel>;
export type Exit = keyof typeof EXITS;

/** Whether a task of that level may be told through an exit; where not, only that a restricted task waits. */
export function mayLeave(level: SecrecyLevel, exit: Exit): boolean {
  return SECRECY_LEVELS.indexOf(level) <= SECRECY_LEVELS.indexOf(EXITS[exit]);
}
