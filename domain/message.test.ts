/** Proves the turns that agencies take. What makes one message is proved with the ledger. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inTurns } from './message.ts';

it.each([
  [['a1', 'a2', 'a3', 'b1'], 'a1 b1 a2 a3'],
  [['a1', 'b1', 'c1', 'b2', 'a2'], 'a1 b1 c1 b2 a2'],
  [[], ''],
])('%j in turns', (items, expected) => {
  expect(inTurns(items, (item) => item.charAt(0)).join(' ')).toBe(expected);
});

it('keeps everything and the order within each group; nobody waits for more than one of each other group', () => {
  const items = fc.array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), id: fc.uuid() }), { maxLength: 40 });
  fc.assert(
    fc.property(items, (given) => {
      const turned = inTurns(given, ({ group }) => group);
      for (const group of ['a', 'b', 'c']) {
        const of = (all: typeof given) => all.filter((each) => each.group === group);
        expect(of(turned)).toEqual(of(given));
        of(turned).forEach((each, turn) => {
          expect(turned.indexOf(each)).toBeLessThan((turn + 1) * 3);
        });
      }
      expect(turned.length).toBe(given.length);
    }),
  );
});
