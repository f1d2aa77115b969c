/** Everything that can be wrong with a row of an imported file: a closed list, each with what would be right. */

const MESSAGES = {
  column_missing: 'the header has no column {column}; it needs: {expected}',
  column_unknown: 'the header has an unknown column {value}; known are: {expected}',
  column_twice: 'the header names the column {column} twice',
  file_empty: 'the file has no rows',
  row_width: 'the row has {value} fields, the header {expected}',
  quotes_broken: 'a quotation mark is not closed, or stands inside an unquoted field; write "" for one inside a quoted field',
  encoding_invalid: 'the text is not UTF-8; save the file as "CSV UTF-8"',
  value_missing: 'a value is needed here',
  code_invalid: 'a code has 1 to 40 of A-Z 0-9 . _ - and begins with a letter or digit',
  code_twice: 'the code already stands in row {expected}',
  text_too_long: 'at most {expected} characters',
  text_invalid: 'control characters are not allowed',
  email_invalid: 'write an e-mail address, for example lan.nguyen@most.example',
  agency_unknown: 'no such agency in the directory; its code is needed, for example {expected}',
  agency_ended: 'the agency has ended and was divided among several; write the code of one of them',
  agency_twice: 'the lead agency, or one agency twice, stands among the coordinating ones',
  person_unknown: 'no such person in the directory; import people first',
  person_of_other_agency: 'the person belongs to {expected}',
  not_a_coordinator: 'the person is in the directory as {expected}, not as coordinator',
  date_invalid: 'no such date; write YYYY-MM-DD (or DD/MM/YYYY)',
  date_in_future: 'lies after {expected}, as of which the file is read',
  date_order: 'lies before {expected}',
  date_of_other_status: 'the status {expected} has no such date',
  status_invalid: 'one of: {expected}',
  boolean_invalid: 'true or false',
  priority_invalid: 'one of: {expected}',
  evidence_missing: 'a reported or completed task needs evidence: a text or a link',
  evidence_of_other_status: 'the status {expected} has no evidence yet',
  policy_unknown: 'no such policy; stored are: {expected}',
  role_invalid: 'one of: {expected}',
  locale_invalid: 'one of: {expected}',
  time_zone_invalid: 'no such time zone; write for example Asia/Ho_Chi_Minh',
  slack_id_taken: 'this Slack account already stands in row {expected}',
  holder_changed: 'the task is now held by {expected}; use transfer, not import',
  change_refused: 'the change was not taken ({expected}); nothing of this row was changed',
  task_closed: 'the task is {expected}; nothing can be changed by import',
} as const;

export type FaultCode = keyof typeof MESSAGES;

/** One mistake, where it stands and what would be right. `row` counts as a spreadsheet does: the header is 1. */
export interface Fault {
  readonly row: number;
  readonly column: string;
  readonly value: string;
  readonly code: FaultCode;
  readonly message: string;
}

export function fault(code: FaultCode, at: { row: number; column: string; value: string }, right: { expected?: string } = {}): Fault {
  const values: Record<string, string> = { ...at, row: String(at.row), ...right };
  return { ...at, code, message: MESSAGES[code].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '') };
}
