/** Everything that can be wrong with a row of an imported file: a closed list, each with what would be right in three languages. */
import type { NotationFault } from '../../config/notation.ts';
import { refusalText } from '../../config/refusal-text.ts';
import { text } from '../../config/text.ts';
import type { Locale } from '../../domain/names.ts';
import { REFUSALS, type Refusal, type RefusalCode } from '../../domain/refusals.ts';

const FAULTS = [
  'column_missing',
  'column_unknown',
  'column_twice',
  'file_empty',
  'row_width',
  'quotes_broken',
  'encoding_invalid',
  'value_missing',
  'code_invalid',
  'code_twice',
  'text_too_long',
  'text_invalid',
  'email_invalid',
  'agency_unknown',
  'agency_ended',
  'agency_twice',
  'person_unknown',
  'person_of_other_agency',
  'not_a_coordinator',
  'date_invalid',
  'date_in_future',
  'date_order',
  'date_of_other_status',
  'status_invalid',
  'boolean_invalid',
  'priority_invalid',
  'secrecy_invalid',
  'evidence_missing',
  'evidence_of_other_status',
  'policy_unknown',
  'role_invalid',
  'locale_invalid',
  'time_zone_invalid',
  'slack_id_taken',
  'slack_channel_invalid',
  'webhook_address_invalid',
  'part_form',
  'part_id_invalid',
  'part_twice',
  'part_name_invalid',
  'parts_too_many',
  'product_kind_invalid',
  'recurrence_due_invalid',
  'belongs_to_other_column',
  'parent_unknown',
  'parent_refused',
  'parent_cycle',
  'holder_changed',
  'change_refused',
  'task_closed',
] as const;
export type FaultCode = (typeof FAULTS)[number];

/** One mistake and where it stands. `row` counts as a spreadsheet does: the header is 1. */
export interface Fault {
  readonly row: number;
  /** The column's own name, whatever language the file's header is in. */
  readonly column: string;
  readonly value: string;
  /** A rule of recurrence is refused by the codes of the command that would be. */
  readonly code: FaultCode | RecurrenceCode;
  /** What would be right, as the code's text names it. */
  readonly details: Readonly<Record<string, string>>;
}
type RecurrenceCode = Extract<RefusalCode, `recurrence_${string}`>;
type Place = Pick<Fault, 'row' | 'column' | 'value'>;

export function fault(code: FaultCode, at: Place, { expected = '' }: { readonly expected?: string } = {}): Fault {
  return { ...at, code, details: expected === '' ? {} : { expected } };
}

/** What is wrong inside a cell: the value is the part of it that is. */
export function notationFault({ row, column }: Place, { code, value, expected }: NotationFault): Fault {
  return fault(code, { row, column, value }, { expected });
}

/** A rule that the command would refuse is refused at the file's door in the same words. */
export function recurrenceFault(at: Place, { refused, details }: Refusal): Fault {
  return { ...at, code: refused as RecurrenceCode, details }; // `refuseRecurrence` gives these only
}

/** What would be right, in a person's language. */
export function faultText(locale: Locale, { row, column, value, code, details }: Fault): string {
  if (code in REFUSALS && !isFaultCode(code)) return refusalText(locale, { refused: code as RefusalCode, details });
  return text(locale, `fault.${code as FaultCode}`, { row, column, value, expected: '', ...details });
}

function isFaultCode(code: string): code is FaultCode {
  return FAULTS.some((each) => each === code);
}
