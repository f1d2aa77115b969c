/** Proves that what is written in one line is read as it was meant, whatever a name holds, and that nothing wrong is passed over. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Due } from '../domain/command.ts';
import { PRODUCT_KINDS } from '../domain/names.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { readDate, readMilestones, readProducts, readRecurrence } from './notation.ts';

const dueOf = (deadline: IsoDate): Due => ({ deadline, deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant });

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
/** With colons, figures and accents; never figures alone after its last colon, which are a date. */
const name = fc
  .array(fc.constantFrom('Nghị định', 'a', ':', ' : ', 'n°', '“x”', 'ủ', 'kỳ 2'), { minLength: 1, maxLength: 6 })
  .map((words) => `${words.join('')} x`.trim());
const date = fc
  .date({ min: new Date('2025-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10) as IsoDate);
const other = (iso: string) => iso.split('-').map(Number).reverse().join('/');

it('gives back every product and milestone that was written', () => {
  const product = fc.record({ id, kind: fc.constantFrom(...PRODUCT_KINDS), name, date: fc.option(date) });
  const milestone = fc.record({ id, name, date });
  fc.assert(
    fc.property(fc.uniqueArray(product, { selector: (each) => each.id, maxLength: 20 }), fc.boolean(), (wanted, asInVietnam) => {
      const write = (day: string | null) => (day === null ? '' : `:${asInVietnam ? other(day) : day}`);
      const line = wanted.map((each) => `${each.id}:${each.kind}:${each.name}${write(each.date)}`).join(' ; ');
      const expected = wanted.map(({ date: day, ...each }) => ({ ...each, due: day === null ? null : dueOf(day) }));
      expect(readProducts(line, dueOf)).toEqual({ given: expected, faults: [] });
    }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(milestone, { selector: (each) => each.id, maxLength: 20 }), (wanted) => {
      const line = wanted.map((each) => `${each.id}: ${each.name} : ${each.date}`).join('\n');
      expect(readMilestones(line, dueOf)).toEqual({
        given: wanted.map(({ date: day, ...each }) => ({ ...each, due: dueOf(day) })),
        faults: [],
      });
    }),
  );
});

it('names everything that is wrong with what is expected instead', () => {
  expect(readProducts('A:decree:x:32/1/2026; p1', dueOf).faults).toEqual([
    { code: 'part_id_invalid', value: 'A', expected: '' },
    { code: 'product_kind_invalid', value: 'decree', expected: PRODUCT_KINDS.join(', ') },
    { code: 'date_invalid', value: '32/1/2026', expected: '' },
    { code: 'part_form', value: 'p1', expected: 'id:kind:name[:date]' },
  ]);
  const many = Array.from({ length: 21 }, (_, index) => `m${index}:x:2026-01-01`).join(';');
  expect(readMilestones(many, dueOf).faults).toEqual([{ code: 'parts_too_many', value: '21', expected: '20' }]);
});

it.each([
  ['5/3/2026', '2026-03-05'],
  ['2026-03-05', '2026-03-05'],
  ['31/02/2026', null],
  ['2026-3-5', null],
  ['mai', null],
])('reads the date %s as %s', (written, expected) => {
  expect(readDate(written)).toBe(expected);
});

it('reads a rule with and without its name, and says how many days a period may take', () => {
  expect(readRecurrence('rrule:freq=weekly;byday=mo', '')).toEqual({ rule: 'FREQ=WEEKLY;BYDAY=MO', due: 5 });
  expect(readRecurrence('FREQ=WEEKLY', '2')).toEqual({ rule: 'FREQ=WEEKLY', due: 2 });
  expect(readRecurrence('FREQ=WEEKLY', 'hai')).toMatchObject({ code: 'recurrence_due_invalid', value: 'hai', expected: '66' });
  expect(readRecurrence('FREQ=WEEKLY', '67')).toMatchObject({ code: 'recurrence_due_invalid' });
});
