/** Proves that a file is read as far as it can be, and that every broken place is named. */
import { expect, it } from 'vitest';
import { readCsv } from './csv.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const cells = (text: string | Uint8Array) =>
  readCsv(typeof text === 'string' ? bytes(text) : text).records.map(({ row, cells: all }) => [row, ...all.values()]);
const faults = (text: string | Uint8Array) =>
  readCsv(typeof text === 'string' ? bytes(text) : text).faults.map(({ row, column, code }) => `${row} ${column} ${code}`);

it.each<[string, string, (string | number)[][]]>([
  [
    'plain',
    'a,b\n1,2\n3,4\n',
    [
      [2, '1', '2'],
      [3, '3', '4'],
    ],
  ],
  ['without a last line end', 'a,b\n1,2', [[2, '1', '2']]],
  ['with a BOM and CRLF', '\ufeffa,b\r\n1,2\r\n', [[2, '1', '2']]],
  ['separated by semicolons', 'a;b\n1;2,5\n', [[2, '1', '2,5']]],
  ['quoted, with doubled quotes and separators', 'a,b\n"x ""y"", z",2\n', [[2, 'x "y", z', '2']]],
  [
    'with a line break in a field',
    'a,b\n"x\ny",2\n3,4\n',
    [
      [2, 'x\ny', '2'],
      [3, '3', '4'],
    ],
  ],
  ['with empty lines', 'a,b\n\n1,2\n\n', [[3, '1', '2']]],
  ['in decomposed letters', 'a,b\nĐiê\u0323n,2\n', [[2, 'Điện', '2']]],
])('reads a file %s', (_, text, expected) => {
  expect(cells(text)).toEqual(expected);
  expect(faults(text)).toEqual([]);
});

it.each<[string, string, string[], (string | number)[][]]>([
  ['a quote inside an unquoted field', 'a,b\n1,x"y\n3,4\n', ['2 b quotes_broken'], [[3, '3', '4']]],
  ['text after a closing quote', 'a,b\n"x"y,2\n3,4\n', ['2 a quotes_broken'], [[3, '3', '4']]],
  [
    'a quote never closed',
    'a,b\n"x,2\n3,4\n5,6\n',
    ['2 a quotes_broken'],
    [
      [3, '3', '4'],
      [4, '5', '6'],
    ],
  ],
  [
    'a quote closed only by the next row',
    'a,b\n"x,2\n3,"4"\n5,6\n',
    ['2 a quotes_broken'],
    [
      [3, '3', '4'],
      [4, '5', '6'],
    ],
  ],
  ['two of them', 'a,b\n"x,2\n3,4\n5,y"z\n', ['2 a quotes_broken', '4 b quotes_broken'], [[3, '3', '4']]],
  ['too few fields', 'a,b\n1\n3,4\n', ['2  row_width'], [[3, '3', '4']]],
  ['too many fields', 'a,b\n1,2,3\n3,4\n', ['2  row_width'], [[3, '3', '4']]],
])('names %s and reads on', (_, text, expected, rest) => {
  expect(faults(text)).toEqual(expected);
  expect(cells(text)).toEqual(rest);
});

it('reads headings that are quoted because they hold a separator', () => {
  expect(readCsv(bytes('"Số, ký hiệu",b\n1,2\n')).columns).toEqual(['số, ký hiệu', 'b']);
  expect(readCsv(bytes('"a\n1\n')).columns).toHaveLength(1);
  expect(readCsv(bytes('')).columns).toEqual([]);
});

it('names the cell that is not UTF-8', () => {
  const text = bytes('a,b\n1,h?\n3,4\n');
  text[text.indexOf('?'.charCodeAt(0))] = 0xe9;
  expect(faults(text)).toEqual(['2 b encoding_invalid']);
  expect(cells(text)).toEqual([[3, '3', '4']]);
});

it('gives back the raw text of what it could not read', () => {
  expect(readCsv(bytes('a,b\n1,x"y\n3\n5,6\n')).broken).toEqual([
    { row: 2, raw: '1,x"y' },
    { row: 3, raw: '3' },
  ]);
});
