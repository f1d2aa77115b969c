/** "Six clear": what makes an assignment vague. Noted for whoever assigns, never a reason to refuse. Pure. */
import { type Calendar, isWorkingDay } from './calendar.ts';
import type { Assignment } from './command.ts';

/** Words that name an attitude, not work that can be done and verified; as titles begin with them in the three languages. */
const VAGUE_WORDS = [
  'nghiên cứu',
  'tiếp tục',
  'đẩy mạnh',
  'tăng cường',
  'quan tâm',
  'chú trọng',
  'phát huy',
  'thúc đẩy',
  'nâng cao',
  'study',
  'promote',
  'continue to',
  'strengthen',
  'enhance',
  'étudier',
  'promouvoir',
  'continuer à',
  'poursuivre',
  'renforcer',
];

export interface Finding {
  readonly finding: 'vague_verb' | 'no_product' | 'no_document' | 'no_supervisor' | 'deadline_free_day';
  readonly details: Readonly<Record<string, string>>;
}

type Described = Pick<Assignment, 'title' | 'product' | 'document' | 'supervisor' | 'deadline'> & {
  readonly products?: readonly unknown[] | undefined;
};

/** In the order in which they matter; none where person, work, time, product and authority are clear. */
export function findings({ title, product, products = [], document, supervisor, deadline }: Described, calendar: Calendar): Finding[] {
  const words = title.normalize('NFC').toLocaleLowerCase('vi');
  const vague = VAGUE_WORDS.find((word) => words.startsWith(`${word} `));
  return [
    ...(vague === undefined ? [] : [{ finding: 'vague_verb' as const, details: { word: vague } }]),
    ...(product === '' && products.length === 0 ? [{ finding: 'no_product' as const, details: {} }] : []),
    ...(document === '' ? [{ finding: 'no_document' as const, details: {} }] : []),
    ...(supervisor === null ? [{ finding: 'no_supervisor' as const, details: {} }] : []),
    ...(isWorkingDay(calendar, deadline) ? [] : [{ finding: 'deadline_free_day' as const, details: { date: deadline } }]),
  ];
}
