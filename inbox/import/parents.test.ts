/** Proves which parents a file may name: any there is, wherever it stands, as long as no task becomes a part of itself. */
import { expect, it } from 'vitest';
import { type ParentContext, parentFaults } from './parents.ts';

const NOTHING: ParentContext = { stored: new Map(), rowOf: new Map(), refused: new Set(), isAlone: false };

/** Rows from 2 on, as `CODE<PARENT` or `CODE`. */
function faultsOf(rows: string[], o: Partial<ParentContext> = {}): string[] {
  const said = rows.map((each, index) => {
    const [code = '', parent = null] = each.split('<');
    return { row: index + 2, code, parent };
  });
  const rowOf = new Map(said.map(({ row, code }) => [code, row]));
  return parentFaults(said, { ...NOTHING, rowOf, ...o }).map(({ row, value, code, details }) =>
    `${row} ${value} ${code} ${details.expected ?? ''}`.trim(),
  );
}

it.each<[string, string[], Partial<ParentContext>, string[]]>([
  ['a parent further down', ['A<B', 'B'], {}, []],
  ['a parent further up', ['B', 'A<B'], {}, []],
  ['a stored parent', ['A<S'], { stored: new Map([['S', null]]) }, []],
  ['parts of parts', ['A<B', 'B<C', 'C'], {}, []],
  ['a parent that there is not', ['A<X'], {}, ['2 X parent_unknown']],
  ['itself', ['A<A'], {}, ['2 A parent_cycle A → A']],
  [
    'a circle of three, each row of it',
    ['A<B', 'B<C', 'C<A', 'D<A'],
    {},
    ['2 B parent_cycle A → B → C → A', '3 C parent_cycle B → C → A → B', '4 A parent_cycle C → A → B → C'],
  ],
  [
    'a circle over what is stored',
    ['A<S'],
    {
      stored: new Map([
        ['A', null],
        ['S', 'T'],
        ['T', 'A'],
      ]),
    },
    ['2 S parent_cycle A → S → T → A'],
  ],
  [
    'a stored circle that the file opens',
    ['S', 'A<S'],
    {
      stored: new Map([
        ['A', null],
        ['S', 'A'],
      ]),
    },
    [],
  ],
  ['a refused parent, where nothing is written anyway', ['B', 'A<B'], { refused: new Set([2]) }, []],
  [
    'a refused parent, and who hangs below',
    ['C<A', 'B', 'A<B'],
    { refused: new Set([3]), isAlone: true },
    ['4 B parent_refused 3', '2 A parent_refused 4'],
  ],
  ['a refused row of a stored parent', ['B', 'A<B'], { refused: new Set([2]), isAlone: true, stored: new Map([['B', null]]) }, []],
])('%s', (_, rows, context, expected) => {
  expect(faultsOf(rows, context)).toEqual(expected);
});
