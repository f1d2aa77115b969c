/** A nudge letter (công văn đôn đốc) to one agency, as Word opens it: all its late tasks. Number, date and signature are left to the office. Pure. */
import { AlignmentType, BorderStyle, HeadingLevel, Paragraph, Table, TableCell, TableRow, TextRun, WidthType } from 'docx';
import { formatDate, formatInstant, formatNumber, text } from '../config/text.ts';
import { type Urged, workingDays } from '../domain/lateness.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import { paragraph, wordFile, wordTable } from './docx.ts';
import { lateCells, lateColumns, type RegimeWords, restrictedNotes, taskColumns } from './regime.ts';

export async function letter({ agency, late, restricted }: Urged, at: IsoInstant, words: RegimeWords): Promise<Uint8Array> {
  const { locale, calendar, agencyName } = words;
  const name = agencyName(agency);
  const days = formatDate(locale, localDate(at, COMMITTEE_TIME_ZONE));
  const waiting = late.flatMap(({ held }) => held).filter(({ role }) => role !== 'assignee');
  const sum = (minutes: readonly { readonly minutes: number }[]) =>
    formatNumber(
      locale,
      workingDays(
        calendar,
        minutes.reduce((total, each) => total + each.minutes, 0),
      ),
    );
  const [code, title] = taskColumns(locale);
  if (code === undefined || title === undefined) throw new Error('a task is told by code and title');
  return wordFile({ locale, title: `${text(locale, 'letter.subject')}: ${name}`, orientation: 'portrait' }, [
    head([text(locale, 'letter.sender'), text(locale, 'letter.number')], ['', text(locale, 'letter.place', { date: days })]),
    new Paragraph({
      heading: HeadingLevel.TITLE,
      alignment: AlignmentType.CENTER,
      spacing: { before: 360 },
      children: [new TextRun(text(locale, 'letter.title'))],
    }),
    new Paragraph({ alignment: AlignmentType.CENTER, children: [new TextRun({ text: text(locale, 'letter.subject'), bold: true })] }),
    new Paragraph({
      alignment: AlignmentType.CENTER,
      spacing: { before: 240, after: 240 },
      children: [new TextRun(text(locale, 'letter.to', { agency: name }))],
    }),
    paragraph(
      text(locale, 'letter.lead', {
        at: formatInstant(locale, at, COMMITTEE_TIME_ZONE),
        agency: name,
        count: late.length + restricted,
      }),
    ),
    ...(waiting.length === 0
      ? []
      : [paragraph(text(locale, 'letter.waited', { days: sum(late.flatMap(({ held }) => held)), waiting: sum(waiting) }))]),
    ...(late.length === 0
      ? []
      : [
          wordTable(
            locale,
            {
              columns: [code, title, ...lateColumns(locale)],
              rows: late.map((each) => [each.task.code, each.task.title, ...lateCells(each, locale, calendar)]),
            },
            'portrait',
          ),
        ]),
    ...restrictedNotes(restricted, locale).map(paragraph),
    new Paragraph({ spacing: { before: 240, after: 120 }, children: [new TextRun(text(locale, 'letter.asked'))] }),
    head(
      [text(locale, 'letter.copies'), text(locale, 'letter.copies.agency', { agency: name }), text(locale, 'letter.copies.file')],
      [text(locale, 'letter.signature')],
    ),
    // Word wants a paragraph after the last table.
    new Paragraph({}),
  ]);
}

/** Two columns without lines: what stands at the head and at the foot of an administrative letter. */
function head(left: readonly string[], right: readonly string[]): Table {
  const none = { style: BorderStyle.NONE, size: 0, color: 'auto' };
  const side = (lines: readonly string[], alignment: (typeof AlignmentType)[keyof typeof AlignmentType]) =>
    new TableCell({
      width: { size: 50, type: WidthType.PERCENTAGE },
      children: lines.map((line, index) => new Paragraph({ alignment, children: [new TextRun({ text: line, bold: index === 0 })] })),
    });
  return new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    borders: { top: none, bottom: none, left: none, right: none, insideHorizontal: none, insideVertical: none },
    rows: [new TableRow({ cantSplit: true, children: [side(left, AlignmentType.LEFT), side(right, AlignmentType.CENTER)] })],
  });
}
