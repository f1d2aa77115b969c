/** A document as a workbook: a sheet for each section, numbers and dates as such, so that one can go on reckoning. Pure. */
import writeExcelFile from 'write-excel-file/node';
import { type Cell, type Column, type Document, type Section, WIDTH } from './document.ts';

/** Of Excel itself: longer names, and these marks, make a file that it calls broken. */
const SHEET_NAME_MAX = 31;
const SHEET_NAME_MARKS = /[[\]:*?/\\]/g;
/** Characters of a column of width 1. */
const CHARACTERS = 13;
const DATE_FORMAT = 'dd/mm/yyyy';
/** In days, to one decimal where there is one. */
const NUMBER_FORMAT = '#,##0.##';

export async function xlsx({ title, lines, sections }: Document): Promise<Uint8Array> {
  const taken = new Set<string>();
  const sheets = sections.map((section, index) => ({
    sheet: sheetName(section.heading, taken),
    columns: (section.table?.columns ?? []).map(({ width = WIDTH }) => ({ width: width * CHARACTERS })),
    data: [
      ...(index === 0 ? [[{ value: title, fontWeight: 'bold' as const }], ...lines.map((line) => [line])] : []),
      ...section.paragraphs.map((paragraph) => [paragraph]),
      ...tableRows(section),
      ...section.notes.map((note) => [note]),
    ],
  }));
  return new Uint8Array(await writeExcelFile(sheets).toBuffer());
}

function tableRows({ table }: Section) {
  if (table === null) return [];
  const { columns, rows } = table;
  return [
    columns.map(({ name, kind }: Column) => ({
      value: name,
      fontWeight: 'bold' as const,
      wrap: true,
      backgroundColor: '#EEF2F6',
      ...(kind === 'number' ? { align: 'right' as const } : {}),
    })),
    ...rows.map((row) => row.map(cellOf)),
  ];
}

function cellOf(cell: Cell) {
  if (cell === null) return null;
  // As a string, whatever it begins with: what people wrote is never a formula.
  if (typeof cell === 'string') return { value: cell, type: String, wrap: true };
  if (typeof cell === 'number') return { value: cell, type: Number, ...(Number.isInteger(cell) ? {} : { format: NUMBER_FORMAT }) };
  return { value: new Date(`${cell.date}T00:00:00Z`), type: Date, format: DATE_FORMAT };
}

function sheetName(heading: string, taken: Set<string>): string {
  const plain = heading.replaceAll(SHEET_NAME_MARKS, ' ').trim();
  let name = plain.slice(0, SHEET_NAME_MAX).trim();
  for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${plain.slice(0, SHEET_NAME_MAX - 4).trim()} (${number})`;
  taken.add(name.toLowerCase());
  return name;
}
