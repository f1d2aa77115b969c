/** What can happen to a task, and what asks for it: closed lists. Pure. */
import type { Actor, Amendment, Assignment, Due, Evidence, Request } from './command.ts';
import type { AgencyCode, Email, Ending, Entrance, Grade, ObstacleKind, PartId, RiskLevel, TaskCode } from './names.ts';
import type { StepAction } from './policy.ts';
import type { PeriodDates } from './recurrence.ts';
import type { AgencyFields } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

/** What the silence of whoever had to answer means; `seq` is the number of the event that asked. */
export type TacitAnswer =
  | { readonly matter: 'transfer_decision'; readonly seq: number; readonly means: 'approved' | 'refused' }
  | { readonly matter: 'transfer_acceptance'; readonly seq: number; readonly means: 'declined' }
  | { readonly matter: 'transfer_acceptance'; readonly seq: number; readonly means: 'accepted'; readonly assignee: Email }
  | { readonly matter: 'extension_decision'; readonly seq: number; readonly means: 'granted' | 'refused' };

/** What the task's own clock asks of it: the moments that change the task, found by the plan. */
export type ClockInput =
  | { readonly type: 'PassDeadline' }
  | { readonly type: 'RaiseEscalation'; readonly level: number; readonly step: string }
  | { readonly type: 'AnswerTacitly'; readonly answer: TacitAnswer }
  | (StepAction & { readonly type: 'TakeAction' });

export type Input =
  | { readonly kind: 'command'; readonly id: string; readonly actor: Actor; readonly via: Entrance; readonly request: Request }
  | { readonly kind: 'clock'; readonly input: ClockInput };

/** An optional field is one that records of earlier versions do not have. */
export type Facts =
  | { readonly type: 'TaskAssigned'; readonly code: TaskCode; readonly assignment: Assignment }
  | { readonly type: 'TaskAmended'; readonly changes: Amendment }
  | { readonly type: 'TaskAcknowledged' }
  | {
      readonly type: 'ProgressReported';
      readonly percent: number | null;
      readonly milestone: PartId | null;
      readonly text: string;
      readonly forecast: IsoDate | null;
    }
  | { readonly type: 'ProductAttached'; readonly evidence: readonly Evidence[] }
  | { readonly type: 'ProductWaived'; readonly product: PartId; readonly reason: string }
  | { readonly type: 'DoneReported'; readonly evidence: readonly Evidence[]; readonly partly?: boolean; readonly grade?: Grade | null }
  | { readonly type: 'TaskVerified'; readonly note: string; readonly grade?: Grade | null }
  | { readonly type: 'TaskReturned'; readonly reason: string; readonly until?: Due | null }
  | { readonly type: 'TransferRequested'; readonly toAgency: AgencyCode; readonly reason: string; readonly early?: boolean }
  | { readonly type: 'TransferApproved'; readonly toAgency: AgencyCode; readonly reason: string }
  | { readonly type: 'TransferRefused'; readonly reason: string }
  | {
      readonly type: 'TransferAccepted';
      readonly agency: AgencyCode;
      readonly assignee: Email;
      readonly supervisor: Email | null;
    }
  | { readonly type: 'TransferDeclined'; readonly reason: string }
  | {
      readonly type: 'TaskReassigned';
      readonly agency: AgencyCode;
      readonly assignee: Email;
      readonly supervisor: Email | null;
      readonly reason: string;
    }
  | (Due & { readonly type: 'ExtensionRequested'; readonly reason: string; readonly basis: string; readonly afterDeadline: boolean })
  | (Due & { readonly type: 'ExtensionGranted'; readonly reason: string })
  | { readonly type: 'ExtensionRefused'; readonly reason: string }
  | { readonly type: 'ObstacleReported'; readonly kind: ObstacleKind; readonly text: string }
  | { readonly type: 'ObstacleAnswered'; readonly obstacle: number; readonly text: string }
  | { readonly type: 'RiskReported'; readonly risk: RiskLevel; readonly reason: string }
  | { readonly type: 'QuestionAsked'; readonly text: string }
  | { readonly type: 'QuestionAnswered'; readonly question: number; readonly text: string }
  | (PeriodDates & { readonly type: 'PeriodOpened' })
  /** Never opened, or overtaken by the next one. */
  | (PeriodDates & { readonly type: 'PeriodMissed' })
  | { readonly type: 'PeriodReported'; readonly period: IsoDate; readonly evidence: readonly Evidence[] }
  | { readonly type: 'PeriodVerified'; readonly period: IsoDate; readonly note: string }
  | { readonly type: 'PeriodReturned'; readonly period: IsoDate; readonly reason: string }
  | { readonly type: 'DelayCauseGiven'; readonly kind: ObstacleKind; readonly text: string }
  | (Due & { readonly type: 'ContributionRequested'; readonly agency: AgencyCode; readonly text: string })
  | { readonly type: 'ContributionAcknowledged'; readonly contribution: number }
  | { readonly type: 'ContributionGiven'; readonly contribution: number; readonly text: string }
  | { readonly type: 'AssigneeNudged'; readonly text: string }
  | { readonly type: 'DependencyAdded'; readonly on: TaskCode }
  | { readonly type: 'DependencyRemoved'; readonly on: TaskCode }
  | { readonly type: 'AgenciesChanged'; readonly change: string; readonly fields: AgencyFields }
  | { readonly type: 'AgencyChangeUndone'; readonly change: string; readonly fields: AgencyFields }
  | { readonly type: 'TaskCancelled'; readonly reason: string; readonly ending?: Ending; readonly into?: TaskCode | null }
  | { readonly type: 'CommentAdded'; readonly text: string; readonly files: readonly Evidence[] }
  | { readonly type: 'DeadlinePassed' }
  | { readonly type: 'EscalationRaised'; readonly level: number; readonly step: string }
  | { readonly type: 'PriorityRaised'; readonly step: string }
  | { readonly type: 'InspectionFlagged'; readonly step: string }
  | { readonly type: 'ExtensionDecisionAsked'; readonly step: string }
  | { readonly type: 'NudgeLetterAsked'; readonly step: string; readonly agency: AgencyCode };

/** What happened, with its place in the record. `by` is null for what the task's clock did. */
export type TaskEvent = Facts & {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly by: Email | null;
  readonly via: Entrance;
  /** Id of the command that caused it; null for what the task's clock did. */
  readonly commandId: string | null;
};
export type TaskEventType = TaskEvent['type'];
