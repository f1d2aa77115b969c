/** A document as Word opens it: headings, tables whose header is repeated, page numbers. Pure but for the file's own date. */
import {
  AlignmentType,
  BorderStyle,
  Footer,
  HeadingLevel,
  type ISectionPropertiesOptions,
  Packer,
  PageNumber,
  PageOrientation,
  Paragraph,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
  Document as WordDocument,
  Table as WordTable,
} from 'docx';
import { text } from '../config/text.ts';
import type { Locale } from '../domain/names.ts';
import { cellText, type Document, type Table, WIDTH } from './document.ts';

/** The typeface of Vietnam's administrative documents, in half points. */
const FONT = 'Times New Roman';
const SIZE = { body: 26, table: 22, title: 32 };
/** A4 in twentieths of a point, and its margins (2 cm; 3 cm where it is bound). */
const PAGE = { width: 11_906, height: 16_838 };
const MARGIN = { top: 1_134, bottom: 1_134, left: 1_701, right: 1_134 };

export type Orientation = 'portrait' | 'landscape';

export async function docx(document: Document): Promise<Uint8Array> {
  const { locale, title, lines, sections } = document;
  return wordFile({ locale, title, orientation: 'landscape' }, [
    new Paragraph({ heading: HeadingLevel.TITLE, alignment: AlignmentType.CENTER, children: [new TextRun(title)] }),
    ...lines.map((line) => new Paragraph({ alignment: AlignmentType.CENTER, children: [new TextRun(line)] })),
    ...sections.flatMap(({ heading, paragraphs, table, notes }) => [
      new Paragraph({ heading: HeadingLevel.HEADING_1, keepNext: true, children: [new TextRun(heading)] }),
      ...paragraphs.map(paragraph),
      ...(table === null ? [] : [wordTable(locale, table, 'landscape')]),
      ...notes.map(paragraph),
    ]),
  ]);
}

export function paragraph(line: string): Paragraph {
  return new Paragraph({ spacing: { after: 120 }, children: [new TextRun(line)] });
}

/** The frame of every Word file: paper, typeface, headings, page numbers. */
export async function wordFile(
  { locale, title, orientation }: { locale: Locale; title: string; orientation: Orientation },
  children: readonly (Paragraph | WordTable)[],
): Promise<Uint8Array> {
  const properties: ISectionPropertiesOptions = {
    page: {
      size: { ...PAGE, orientation: orientation === 'landscape' ? PageOrientation.LANDSCAPE : PageOrientation.PORTRAIT },
      margin: MARGIN,
    },
  };
  const heading = {
    run: { bold: true, font: FONT, size: SIZE.body, color: '000000' },
    paragraph: { spacing: { before: 240, after: 120 } },
  };
  const [before = '', after = ''] = text(locale, 'document.page', { page: '\u0000' }).split('\u0000');
  const file = new WordDocument({
    title,
    creator: 'dondoc',
    styles: {
      default: {
        document: { run: { font: FONT, size: SIZE.body, language: { value: { vi: 'vi-VN', en: 'en-GB', fr: 'fr-FR' }[locale] } } },
        title: { run: { bold: true, font: FONT, size: SIZE.title }, paragraph: { spacing: { after: 120 } } },
        heading1: heading,
      },
    },
    sections: [
      {
        properties,
        footers: {
          default: new Footer({
            children: [
              new Paragraph({
                alignment: AlignmentType.CENTER,
                children: [new TextRun({ children: [before, PageNumber.CURRENT, '/', PageNumber.TOTAL_PAGES, after], size: SIZE.table })],
              }),
            ],
          }),
        },
        children,
      },
    ],
  });
  return new Uint8Array(await Packer.toBuffer(file));
}

/** A table over the whole width; its header stands on every page, and no row is torn. */
export function wordTable(locale: Locale, { columns, rows }: Table, orientation: Orientation): WordTable {
  const whole = (orientation === 'landscape' ? PAGE.height : PAGE.width) - MARGIN.left - MARGIN.right;
  const sum = columns.reduce((total, { width = WIDTH }) => total + width, 0);
  const widths = columns.map(({ width = WIDTH }) => Math.floor((whole * width) / sum));
  const cell = (index: number, content: string, isHeader: boolean) =>
    new TableCell({
      width: { size: widths[index] ?? 0, type: WidthType.DXA },
      ...(isHeader ? { shading: { fill: 'EEF2F6' } } : {}),
      margins: { top: 40, bottom: 40, left: 80, right: 80 },
      children: [
        new Paragraph({
          alignment: columns[index]?.kind === 'number' ? AlignmentType.RIGHT : AlignmentType.LEFT,
          children: [new TextRun({ text: content, bold: isHeader, size: SIZE.table })],
        }),
      ],
    });
  const line = { style: BorderStyle.SINGLE, size: 4, color: '888888' };
  return new WordTable({
    width: { size: whole, type: WidthType.DXA },
    columnWidths: widths,
    borders: { top: line, bottom: line, left: line, right: line, insideHorizontal: line, insideVertical: line },
    rows: [
      new TableRow({ tableHeader: true, cantSplit: true, children: columns.map(({ name }, index) => cell(index, name, true)) }),
      ...rows.map(
        (row) => new TableRow({ cantSplit: true, children: row.map((content, index) => cell(index, cellText(locale, content), false)) }),
      ),
    ],
  });
}
