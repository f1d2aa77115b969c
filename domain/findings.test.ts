/** Proves what is noted of a vague assignment, and that a clear one is left in peace. */
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { findings } from './findings.ts';
import type { Email } from './names.ts';
import type { IsoDate } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2027 });
const clear = {
  title: 'Trình Chính phủ nghị định về dữ liệu mở',
  product: 'Nghị định',
  document: '57-NQ/TW',
  supervisor: 'minh@most.example' as Email,
  deadline: '2026-03-20' as IsoDate,
};

it('says nothing of what is clear', () => {
  expect(findings(clear, calendar)).toEqual([]);
  expect(findings({ ...clear, product: '', products: [{}] }, calendar)).toEqual([]);
});

it.each([
  ['a title that names an attitude', { title: 'Nghiên cứu cơ chế dữ liệu' }, 'vague_verb', { word: 'nghiên cứu' }],
  ['the same in capitals and decomposed letters', { title: 'TIẾP TỤC đẩy mạnh'.normalize('NFD') }, 'vague_verb', { word: 'tiếp tục' }],
  ['the same in English', { title: 'Promote open data' }, 'vague_verb', { word: 'promote' }],
  ['no product', { product: '' }, 'no_product', {}],
  ['no document', { document: '' }, 'no_document', {}],
  ['no supervisor', { supervisor: null }, 'no_supervisor', {}],
  ['a deadline at Tết', { deadline: '2027-02-08' as IsoDate }, 'deadline_free_day', { date: '2027-02-08' }],
])('notes %s', (_, changed, finding, details) => {
  expect(findings({ ...clear, ...changed }, calendar)).toEqual([{ finding, details }]);
});

it('does not take a word for another that begins alike', () => {
  expect(findings({ ...clear, title: 'Studyhub: đưa vào sử dụng' }, calendar)).toEqual([]);
});
