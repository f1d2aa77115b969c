/** What a step of a policy does to a task besides telling people. Pure. */
import type { Facts } from './event.ts';
import type { StepAction } from './policy.ts';
import type { OpenTask } from './task.ts';

/**
 * What follows from an action now: nothing where it is done already, or nothing is left to do. A task is handed over, and more time put
 * in question, while its assignee has it in hand: not while the verifier, or the decider of a request, has.
 */
export function factsOfAction(task: OpenTask, { action, step, to, since }: StepAction): Facts[] {
  const isElsewhere = task.status === 'reported' || task.transfer !== null || task.extension !== null;
  switch (action) {
    case 'raise_priority':
      return task.priority === 'high' ? [] : [{ type: 'PriorityRaised', step }];
    case 'flag_for_inspection':
      return task.inspection === null ? [{ type: 'InspectionFlagged', step }] : [];
    case 'ask_extension_decision': {
      // Answered, it is asked again only by a later moment of the policy.
      const isDone = task.extensionQuestion !== null && (since === undefined || task.extensionQuestion.at >= since);
      return isDone || task.extensionQuestion?.open === true || isElsewhere ? [] : [{ type: 'ExtensionDecisionAsked', step }];
    }
    case 'nudge_letter': {
      const isDone = since === undefined || (task.nudgeLetter !== null && task.nudgeLetter.at >= since);
      // A letter names late tasks: before its deadline a task asks for none.
      const isLate = since !== undefined && since > task.deadlineAt;
      return to === null || isDone || !isLate || isElsewhere ? [] : [{ type: 'NudgeLetterAsked', step, agency: task.leadAgency }];
    }
    case 'hand_over': {
      // Whoever got it after the step's moment keeps it: a substitute's task does not go on to the head by the same moment.
      const isDone = to === task.assignee || (since !== undefined && task.heldSince >= since);
      if (to === null || isDone || isElsewhere) return [];
      const reason = `${task.policy.name} v${task.policy.version}, ${step}`;
      return [{ type: 'TaskReassigned', agency: task.leadAgency, assignee: to, supervisor: task.supervisor, reason }];
    }
  }
}
