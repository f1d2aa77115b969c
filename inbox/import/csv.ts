/** Reads the bytes of a CSV file into records, and names every broken place instead of giving up at the first. Pure. */
import { type CsvError, parse } from 'csv-parse/sync';
import { type Fault, fault } from './faults.ts';

export interface CsvRecord {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number;
  readonly cells: ReadonlyMap<string, string>;
  /** The record's own text, so that a refused one can be written out as it came. */
  readonly raw: string;
}

export interface Csv {
  /** The header's own text; empty when there is none. */
  readonly headerText: string;
  readonly columns: readonly string[];
  readonly records: readonly CsvRecord[];
  /** Records that could not be read, as they came. */
  readonly broken: readonly { readonly row: number; readonly raw: string }[];
  readonly faults: readonly Fault[];
}

/** A file with more broken quotes than this is no CSV. */
const BROKEN_MAX = 200;
const REPLACEMENT = '\ufffd';

/**
 * RFC 4180 in UTF-8 (with or without BOM), separated by commas, or by semicolons as spreadsheets in Vietnamese and French
 * write it.
 */
export function readCsv(bytes: Uint8Array): Csv {
  const text = new TextDecoder('utf-8').decode(bytes);
  const newline = text.indexOf('\n');
  const headerText = (newline === -1 ? text : text.slice(0, newline)).replace(/\r$/, '');
  const delimiter = headerText.split(';').length > headerText.split(',').length ? ';' : ',';
  const columns = headingsOf(headerText, delimiter);
  const records: CsvRecord[] = [];
  const broken: { row: number; raw: string }[] = [];
  const faults: Fault[] = [];
  let rest = newline === -1 ? '' : text.slice(newline + 1);
  let row = 2;
  while (rest !== '') {
    const { rows, consumed, error } = parseSome(rest, delimiter, columns.length);
    for (const { fields, raw } of rows) {
      const record = { row, raw, cells: new Map(columns.map((name, index) => [name, (fields[index] ?? '').normalize('NFC').trim()])) };
      row += 1;
      if (fields.length === 1 && fields[0]?.trim() === '') continue;
      const wrong = faultsOf(record, fields.length, columns.length);
      faults.push(...wrong);
      if (wrong.length === 0) records.push(record);
      else broken.push({ row: record.row, raw });
    }
    if (error === null) break;
    // Only the line where the broken record begins is given up: what follows it is read on its own.
    const line = firstLine(rest.slice(consumed));
    faults.push(fault('quotes_broken', { row, column: columns[error.field] ?? '', value: line.trim().slice(0, 80) }));
    broken.push({ row, raw: line.replace(/\r?\n$/, '') });
    if (broken.length > BROKEN_MAX) return { headerText, columns, records, broken, faults };
    rest = rest.slice(consumed + line.length);
    row += 1;
  }
  return { headerText, columns, records, broken, faults };
}

function headingsOf(line: string, delimiter: string): string[] {
  // A quote that is not closed is no reason to name no column: then it is a part of the heading, which nobody knows.
  const broken = !/^([^"]*"[^"]*")*[^"]*$/.test(line);
  const [fields = []] = broken
    ? [line.split(delimiter)]
    : (parse(line, { delimiter, relax_quotes: true, relax_column_count: true }) as string[][]); // its types leave the fields open
  return fields.map((name) => name.trim().toLowerCase());
}

interface Parsed {
  readonly rows: { fields: string[]; raw: string }[];
  /** Characters of the text that make up `rows`. */
  readonly consumed: number;
  readonly error: { readonly field: number } | null;
}

function parseSome(text: string, delimiter: string, width: number): Parsed {
  const rows: { fields: string[]; raw: string }[] = [];
  let consumed = 0;
  let swallowed = false;
  try {
    parse(text, {
      delimiter,
      raw: true,
      relax_column_count: true,
      skip_empty_lines: false,
      on_record: (given: unknown) => {
        const { record, raw } = given as { record: string[]; raw: string }; // the library's types do not know `raw: true` here
        // A quote left open runs into the next record's quote: the record then spans lines and has the wrong width.
        swallowed ||= record.length !== width && raw.trimEnd().includes('\n');
        if (!swallowed) {
          rows.push({ fields: record, raw: raw.replace(/\r?\n$/, '') });
          consumed += raw.length;
        }
        return null;
      },
    });
    return { rows, consumed, error: swallowed ? { field: openQuoteField(text.slice(consumed), delimiter) } : null };
  } catch (error) {
    if (!(error instanceof Error) || typeof (error as CsvError).code !== 'string') throw error;
    return { rows, consumed, error: { field: openQuoteField(text.slice(consumed), delimiter) } };
  }
}

/** The field of a broken line at which its quotes stop making sense. */
function openQuoteField(text: string, delimiter: string): number {
  let field = 0;
  let quoted = false;
  let quotedField = 0;
  const line = firstLine(text);
  for (let index = 0; index < line.length; index += 1) {
    const at = line[index];
    if (at === '"') {
      const opens = !quoted && (index === 0 || line[index - 1] === delimiter);
      if (!quoted && !opens) return field;
      if (quoted && line[index + 1] === '"') index += 1;
      else quoted = !quoted;
      if (opens) quotedField = field;
      else if (!quoted && index + 1 < line.length && !/[\r\n]/.test(line[index + 1] ?? '') && line[index + 1] !== delimiter) return field;
    } else if (at === delimiter && !quoted) field += 1;
  }
  return quoted ? quotedField : field;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 ? text : text.slice(0, end + 1);
}

function faultsOf({ row, cells }: CsvRecord, width: number, expected: number): Fault[] {
  if (width !== expected) return [fault('row_width', { row, column: '', value: String(width) }, { expected: String(expected) })];
  return [...cells]
    .filter(([, value]) => value.includes(REPLACEMENT))
    .map(([column, value]) => fault('encoding_invalid', { row, column, value }));
}
