/** What stands between a task and its end, and who must do something about it: obstacle, question, contribution, cause of delay. Pure. */
import type { Actor, Request } from './command.ts';
import type { Facts } from './event.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';
import { isOverdue, type OpenTask } from './task.ts';
import type { IsoInstant } from './time.ts';
import { refuseAsCoordinator, refuseAsLead, refuseWhenReported } from './who.ts';

/** More than these at once are a meeting, not a list; and the state stays small. */
const OPEN_MAX = 10;
/** A person told more often stops reading. */
export const NUDGE_HOURS = 24;

/** Which of several open things is meant: the number given, or the only one. */
function theOne<T extends { readonly seq: number }>(
  open: readonly T[],
  number: number | null,
  none: RefusalCode,
  unclear: RefusalCode,
): T | Refusal {
  const [first, second] = number === null ? open : open.filter(({ seq }) => seq === number);
  if (first === undefined) return refuse(none);
  return second === undefined ? first : refuse(unclear, { numbers: open.map(({ seq }) => seq).join(', ') });
}

export function decideObstacle(
  task: OpenTask,
  actor: Actor,
  { kind, text }: Extract<Request, { type: 'ReportObstacle' }>,
): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  if (task.obstacles.length >= OPEN_MAX) return refuse('obstacles_too_many', { count: String(OPEN_MAX) });
  return [{ type: 'ObstacleReported', kind, text }];
}

export function decideObstacleAnswer(
  task: OpenTask,
  actor: Actor,
  { obstacle, text }: Extract<Request, { type: 'AnswerObstacle' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const meant = theOne(task.obstacles, obstacle, 'no_obstacle_open', 'obstacle_unclear');
  return 'refused' in meant ? meant : [{ type: 'ObstacleAnswered', obstacle: meant.seq, text }];
}

/** Whoever answers for the task or follows it may say how it looks, until it is late: then its cause is asked for instead. */
export function decideRisk(
  task: OpenTask,
  actor: Actor,
  { level, reason }: Extract<Request, { type: 'ReportRisk' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  const refusal = actor.role === 'coordinator' ? refuseWhenReported(task) : refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  if (isOverdue(task, now)) return refuse('risk_overdue', { deadline: task.deadline });
  if (task.risk?.level === level && task.risk.text === reason) return refuse('risk_unchanged', { by: task.risk.by, at: task.risk.at });
  return [{ type: 'RiskReported', risk: level, reason }];
}

export function decideQuestion(task: OpenTask, actor: Actor, text: string): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  return task.questions.length >= OPEN_MAX ? refuse('questions_too_many', { count: String(OPEN_MAX) }) : [{ type: 'QuestionAsked', text }];
}

export function decideQuestionAnswer(
  task: OpenTask,
  actor: Actor,
  { question, text }: Extract<Request, { type: 'AnswerQuestion' }>,
): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const meant = theOne(task.questions, question, 'no_question_open', 'question_unclear');
  return 'refused' in meant ? meant : [{ type: 'QuestionAnswered', question: meant.seq, text }];
}

export function decideDelayCause(
  task: OpenTask,
  actor: Actor,
  { kind, text }: Extract<Request, { type: 'GiveDelayCause' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  if (!isOverdue(task, now)) return refuse('not_overdue', { deadline: task.deadline });
  if (task.delayCause !== null) return refuse('delay_cause_given', { by: task.delayCause.by, at: task.delayCause.at });
  return [{ type: 'DelayCauseGiven', kind, text }];
}

export function decideContributionRequest(
  task: OpenTask,
  actor: Actor,
  { agency, text, deadline, deadlineAt }: Extract<Request, { type: 'RequestContribution' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  const refusal = actor.role === 'coordinator' ? null : refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  if (agency === task.leadAgency) return refuse('contribution_of_lead', { agency });
  if (deadlineAt <= now) return refuse('date_passed', { date: deadline });
  if (task.contributions.length >= OPEN_MAX) return refuse('contributions_too_many', { count: String(OPEN_MAX) });
  return [{ type: 'ContributionRequested', agency, text, deadline, deadlineAt }];
}

/** Of what an agency owes only its own people can speak; the number may be left out where it owes one thing. */
function contributionOf(task: OpenTask, { agency }: Actor, number: number | null) {
  const owed = task.contributions.filter((each) => each.agency === agency);
  const [other] = task.contributions.filter(({ seq }) => number === null || seq === number);
  if (owed.length === 0 && other !== undefined) return refuse('not_of_the_contributing_agency', { agency: other.agency });
  return theOne(owed, number, 'no_contribution_open', 'contribution_unclear');
}

export function decideContributionAcknowledgment(task: OpenTask, actor: Actor, number: number | null): Facts[] | Refusal {
  const meant = contributionOf(task, actor, number);
  if ('refused' in meant) return meant;
  return meant.acknowledged === null
    ? [{ type: 'ContributionAcknowledged', contribution: meant.seq }]
    : refuse('contribution_acknowledged', { by: meant.acknowledged.by, at: meant.acknowledged.at });
}

export function decideContribution(
  task: OpenTask,
  actor: Actor,
  { contribution, text }: Extract<Request, { type: 'GiveContribution' }>,
): Facts[] | Refusal {
  const meant = contributionOf(task, actor, contribution);
  return 'refused' in meant ? meant : [{ type: 'ContributionGiven', contribution: meant.seq, text }];
}
