import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT, faultOf, GATEWAY } from './faults.ts';

const first = (count: number, method: string, seed = '7') =>
  Array.from({ length: count }, (_, nth) => faultOf({ seed, method, nth, times: 1 }));

describe('what goes wrong', () => {
  it('is the same for the same seed, method and number', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('chat.postMessage', 'chat.update', EVENT), fc.nat(), (seed, method, nth) => {
        const call = { seed, method, nth, times: 1 };
        expect(faultOf(call)).toBe(faultOf(call));
      }),
    );
  });

  it('is another for another seed, and another for another method', () => {
    expect(first(500, 'chat.postMessage', '7')).not.toEqual(first(500, 'chat.postMessage', '8'));
    expect(first(500, 'chat.postMessage')).not.toEqual(first(500, 'chat.update'));
  });

  it('is of every kind within some thousand calls, about as often as said', () => {
    const counts = Map.groupBy(first(5_000, 'chat.postMessage'), (fault) => fault);
    expect([...counts.keys()].filter((fault) => fault !== null).sort()).toEqual([
      'cut_after',
      'cut_before',
      'error_after',
      'error_before',
      'rate_limited',
      'silence_after',
      'slow',
    ]);
    for (const [fault, those] of counts) {
      const share = those.length / 5_000;
      if (fault === null) expect(share).toBeCloseTo(0.927, 1);
      else expect(share).toBeLessThan(0.03);
    }
  });

  it.each(['chat.update', 'conversations.history', 'conversations.open', 'chat.postEphemeral', 'views.open'])(
    'befalls %s as it does a post',
    (method) => {
      expect(new Set(first(5_000, method))).toEqual(new Set(first(5_000, 'chat.postMessage')));
    },
  );

  it('of the gateway is what its answers leave in doubt, and its patience', () => {
    expect(new Set(first(5_000, GATEWAY))).toEqual(new Set([null, 'rate_limited', 'cut_before', 'cut_after']));
  });

  it('is nothing for a method that is not named', () => {
    expect(new Set(first(500, 'apps.connections.open'))).toEqual(new Set([null]));
  });
});
