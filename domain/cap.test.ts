/** The cap per person and day, by a table and by what must hold of any day. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cap, type CapFate, type CappedMessage, capDay } from './cap.ts';

const two: Cap = { perDay: 2, over: 'next_working_day' };
const dropping: Cap = { perDay: 1, over: 'drop' };
const one = (cap: Cap | null, urgent = false): CappedMessage => ({ urgent, caps: [cap] });

it.each([
  ['nothing', [], 0, []],
  ['no cap', [one(null), one(null), one(null)], 9, [['send'], ['send'], ['send']]],
  ['up to the cap', [one(two), one(two)], 0, [['send'], ['send']]],
  ['the one above waits', [one(two), one(two), one(two)], 0, [['send'], ['send'], ['next_working_day']]],
  ['the one above is dropped', [one(dropping), one(dropping)], 0, [['send'], ['drop']]],
  ['what was told before counts', [one(two)], 2, [['next_working_day']]],
  [
    'urgent ones count and go',
    [one(two, true), one(two, true), one(two, true), one(two)],
    0,
    [['send'], ['send'], ['send'], ['next_working_day']],
  ],
  ['a message that goes anyway carries the rest', [{ urgent: false, caps: [two, null] }], 5, [['send', 'send']]],
  ['the widest cap decides', [{ urgent: false, caps: [dropping, two] }], 1, [['send', 'send']]],
  ['above the widest each has its own fate', [{ urgent: false, caps: [dropping, two] }], 2, [['drop', 'next_working_day']]],
] satisfies [string, CappedMessage[], number, CapFate[][]][])('%s', (_, messages, told, expected) => {
  expect(capDay(messages, told)).toEqual(expected);
});

describe('of any day', () => {
  const cap = fc.record({ perDay: fc.integer({ min: 1, max: 5 }), over: fc.constantFrom('next_working_day' as const, 'drop' as const) });
  const message = fc.record({ urgent: fc.boolean(), caps: fc.array(fc.option(cap), { minLength: 1, maxLength: 4 }) });
  const goes = (fates: readonly CapFate[]) => fates.every((fate) => fate === 'send');

  it('sends every urgent one, each message whole or not at all, and never one above its cap', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), fc.integer({ min: 0, max: 6 }), (messages, told) => {
        const fates = capDay(messages, told);
        let count = told;
        messages.forEach(({ urgent, caps }, index) => {
          const fate = fates[index] ?? [];
          expect(fate).toHaveLength(caps.length);
          expect(goes(fate) || !fate.includes('send')).toBe(true);
          if (urgent || caps.includes(null)) expect(goes(fate)).toBe(true);
          else expect(goes(fate)).toBe(count < Math.max(...caps.map((each) => each?.perDay ?? 0)));
          if (goes(fate)) count += 1;
        });
      }),
    );
  });

  it('is the same taken message by message, as a courier takes it', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        let told = 0;
        const stepwise = messages.map((each) => {
          const [fate = []] = capDay([each], told);
          if (goes(fate)) told += 1;
          return fate;
        });
        expect(stepwise).toEqual(capDay(messages));
      }),
    );
  });

  it('always sends the first message of a day: what waits is never put off for ever', () => {
    fc.assert(fc.property(message, (first) => void expect(goes(capDay([first])[0] ?? [])).toBe(true)));
  });
});
