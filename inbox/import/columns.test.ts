/** Proves that a header is understood in three languages, and that what the documents say of columns is what the code knows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Column, HEADINGS, named, TASK_COLUMNS, TASK_COLUMNS_NEEDED } from './columns.ts';
import { readCsv } from './csv.ts';

const read = (text: string) => named(readCsv(new TextEncoder().encode(text)));

describe.each(['vi', 'fr', 'en'] as const)('a header in %s', (locale) => {
  const heading = (column: Column) => (locale === 'en' ? column.replaceAll('_', ' ') : HEADINGS[column][locale]);
  const header = TASK_COLUMNS.map((column) => `"${heading(column).toUpperCase().normalize('NFD')}"`).join(';');

  it('is read under the columns own names, and a fault can say how the file calls them', () => {
    const { csv, headingOf } = read(`${header}\n${TASK_COLUMNS.join(';')}\n`);
    expect(csv.columns).toEqual(TASK_COLUMNS);
    expect([...(csv.records[0]?.cells ?? [])]).toEqual(TASK_COLUMNS.map((column) => [column, column]));
    const called = headingOf('assigned_on');
    expect(called?.normalize('NFC')).toBe(heading('assigned_on'));
  });
});

it('keeps a name that it does not know, and has one column for each heading', () => {
  expect(read('màu sắc,code\n').csv.columns).toEqual(['màu sắc', 'code']);
  for (const locale of ['vi', 'fr'] as const) {
    const headings = TASK_COLUMNS.map((column) => HEADINGS[column][locale]);
    expect(new Set(headings).size).toBe(headings.length);
    for (const each of headings) expect(each).toBe(each.toLowerCase().normalize('NFC'));
  }
});

describe('the table in docs/import.md', () => {
  const lines = readFileSync(new URL('../../docs/import.md', import.meta.url), 'utf8').split('\n');
  const table = lines
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it('has every column of the code with its headings, and no other', () => {
    expect(table.map(([column, vi, fr]) => [column?.replaceAll('`', ''), vi, fr])).toEqual(
      TASK_COLUMNS.map((column) => [column, HEADINGS[column].vi, HEADINGS[column].fr]),
    );
  });

  it('says which are needed', () => {
    const needed = table.filter(([, , , holds]) => holds?.startsWith('**needed**')).map(([column]) => column?.replaceAll('`', ''));
    expect(needed).toEqual(TASK_COLUMNS_NEEDED);
  });
});
