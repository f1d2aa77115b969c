/** A document as its words and figures, before it is Markdown, HTML, Word or a workbook: one content, several forms. */
import { formatDate, formatNumber } from '../config/text.ts';
import type { Locale } from '../domain/names.ts';
import type { IsoDate } from '../domain/time.ts';

/** Numbers and dates stay what they are until a form that has no such thing writes them out. */
export type Cell = string | number | { readonly date: IsoDate } | null;

export interface Column {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'date';
  /** Its share of the table's width; absent: that of a figure. */
  readonly width?: number;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Section {
  readonly heading: string;
  /** Before the table. */
  readonly paragraphs: readonly string[];
  readonly table: Table | null;
  /** After the table. */
  readonly notes: readonly string[];
}

export interface Document {
  readonly locale: Locale;
  readonly title: string;
  /** Of what, and as of when. */
  readonly lines: readonly string[];
  readonly sections: readonly Section[];
}

/** The width of a column that names none. */
export const WIDTH = 1;

export function cellText(locale: Locale, cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? formatNumber(locale, cell) : formatDate(locale, cell.date);
}
