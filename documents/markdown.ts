/** A document as Markdown with tables (GitHub's form). Pure. */
import { type Column, cellText, type Document, type Section, type Table } from './document.ts';

export function markdown({ locale, title, lines, sections }: Document): string {
  const section = ({ heading, paragraphs, table, notes }: Section) => [
    `## ${escaped(heading)}`,
    ...paragraphs.map(escaped),
    ...(table === null ? [] : [tableText(table)]),
    ...notes.map(escaped),
  ];
  const tableText = ({ columns, rows }: Table) =>
    [
      columns.map(({ name }) => escaped(name)),
      columns.map(({ kind }: Column) => (kind === 'number' ? '--:' : '---')),
      ...rows.map((row) => row.map((cell) => escaped(cellText(locale, cell)))),
    ]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n');
  return `${[`# ${escaped(title)}`, ...lines.map(escaped), ...sections.flatMap(section)].join('\n\n')}\n`;
}

/** What people wrote is text: no mark of theirs becomes one of the document's. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#~]/g, '\\$&');
}
