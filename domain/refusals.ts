/**
 * The closed list of reasons why a command is refused. Channels translate a code by the text id
 * `refusal.<code>` of `config/locales`, so that the same refusal reads the same everywhere.
 */
export const REFUSALS = {
  task_unknown: { http: 404 },
  already_assigned: { http: 409 },
  already_acknowledged: { http: 409 },
  already_reported: { http: 409 },
  already_completed: { http: 409 },
  already_cancelled: { http: 409 },
  not_reported: { http: 409 },
  nothing_changed: { http: 409 },
  evidence_missing: { http: 422 },
  evidence_unfit: { http: 422 },
  product_unknown: { http: 404 },
  product_waived: { http: 409 },
  milestone_unknown: { http: 404 },
  milestone_reached: { http: 409 },
  progress_empty: { http: 422 },
  parts_open: { http: 409 },
  reason_missing: { http: 422 },
  not_the_assignee: { http: 403 },
  not_a_coordinator: { http: 403 },
  verifier_is_reporter: { http: 403 },
  not_of_this_agency: { http: 403 },
  not_of_the_receiving_agency: { http: 403 },
  transfer_open: { http: 409 },
  extension_open: { http: 409 },
  no_extension_open: { http: 409 },
  extension_not_later: { http: 422 },
  no_obstacle_open: { http: 409 },
  obstacle_unclear: { http: 422 },
  obstacles_too_many: { http: 409 },
  risk_overdue: { http: 409 },
  risk_unchanged: { http: 409 },
  no_question_open: { http: 409 },
  question_unclear: { http: 422 },
  questions_too_many: { http: 409 },
  not_overdue: { http: 409 },
  delay_cause_given: { http: 409 },
  no_contribution_open: { http: 409 },
  contribution_unclear: { http: 422 },
  contribution_acknowledged: { http: 409 },
  contributions_too_many: { http: 409 },
  contribution_of_lead: { http: 422 },
  not_of_the_contributing_agency: { http: 403 },
  date_passed: { http: 422 },
  recurrence_unreadable: { http: 422 },
  recurrence_bounded: { http: 422 },
  recurrence_too_often: { http: 422 },
  recurrence_never: { http: 422 },
  recurrence_due_too_long: { http: 422 },
  not_recurring: { http: 409 },
  period_by_hand: { http: 403 },
  period_opened: { http: 409 },
  period_unknown: { http: 404 },
  period_reported: { http: 409 },
  period_completed: { http: 409 },
  period_not_reported: { http: 409 },
  periods_unverified: { http: 409 },
  nudged_recently: { http: 429 },
  dependency_exists: { http: 409 },
  dependency_unknown: { http: 404 },
  dependency_cycle: { http: 422 },
  dependencies_too_many: { http: 409 },
  successor_missing: { http: 422 },
  successor_unknown: { http: 404 },
  agency_change_unknown: { http: 404 },
  agency_change_built_upon: { http: 409 },
  agency_change_future: { http: 422 },
  agency_change_empty: { http: 409 },
  agency_change_not_found: { http: 404 },
  agency_change_undone: { http: 409 },
  agency_change_unfinished: { http: 409 },
  agency_change_tasks_since: { http: 409 },
  agency_change_people_since: { http: 409 },
  agency_change_later: { http: 409 },
  agency_name_missing: { http: 422 },
  agency_head_elsewhere: { http: 422 },
  agency_ended: { http: 409 },
  person_elsewhere: { http: 422 },
  person_named_twice: { http: 422 },
  transfer_to_same_agency: { http: 422 },
  transfer_back: { http: 422 },
  no_transfer_open: { http: 409 },
  transfer_not_decided: { http: 409 },
  transfer_already_decided: { http: 409 },
  assignee_of_other_agency: { http: 422 },
  person_unknown: { http: 404 },
  person_gone: { http: 422 },
  agency_unknown: { http: 404 },
  policy_unknown: { http: 404 },
  absence_overlaps: { http: 409 },
  absence_unknown: { http: 404 },
  substitute_is_person: { http: 422 },
  command_invalid: { http: 422 },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal with the values its text names (plain strings, never a stack or an internal id). */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly details: Readonly<Record<string, string>>;
}

export function refuse(refused: RefusalCode, details: Record<string, string> = {}): Refusal {
  return { refused, details };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
