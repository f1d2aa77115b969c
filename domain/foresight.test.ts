/** Proves the figures by which estimates are judged, on cases that are counted by hand and for any estimates. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaUnderCurve, brierScore, byFifths, calibration, type Foretold } from './foresight.ts';

/** `+0.9 -0.1`: an estimate that came, and one that did not. */
const told = (text: string): Foretold[] =>
  text
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => ({ came: each.startsWith('+'), score: Number(each.slice(1)) }));

it.each<[string, string, number | null]>([
  ['perfect order', '+0.9 +0.8 -0.3 -0.1', 1],
  ['the wrong way round', '+0.1 -0.9', 0],
  ['all the same: a coin', '+0.5 -0.5 -0.5 +0.5', 0.5],
  ['one of four pairs wrong', '+0.9 +0.2 -0.3 -0.1', 0.75],
  ['one tie among two pairs', '+0.5 -0.5 -0.1', 0.75],
  ['nothing that came', '-0.5 -0.1', null],
  ['nothing that did not', '+0.5', null],
  ['nothing', '', null],
])('order: %s', (_what, text, area) => {
  expect(areaUnderCurve(told(text))).toBe(area);
});

/** Few different scores, so that ties are common. */
const anyForetold = fc.array(fc.record({ score: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 1), came: fc.boolean() }), { maxLength: 40 });

it('order: the share of the pairs that are in order, a tie counting half', () => {
  fc.assert(
    fc.property(anyForetold, (foretold) => {
      const pairs = foretold.filter(({ came }) => came).flatMap((a) => foretold.filter(({ came }) => !came).map((b) => [a, b] as const));
      const ordered = pairs.reduce((sum, [a, b]) => sum + (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0), 0);
      const area = areaUnderCurve(foretold);
      if (pairs.length === 0) expect(area).toBeNull();
      else expect(area).toBeCloseTo(ordered / pairs.length, 12);
    }),
  );
});

it.each<[string, number | null]>([
  ['+1 -0', 0],
  ['+0 -1', 1],
  ['+0.5 -0.5', 0.25],
  ['+0.8 -0.4', 0.1],
  ['', null],
])('distance: %s is %s', (text, distance) => {
  const found = brierScore(told(text));
  expect(found === null ? null : Math.round(found * 1e9) / 1e9).toBe(distance);
});

it('calibration: what was estimated beside what came, in bins that hold everything once', () => {
  expect(calibration(told('+0.05 -0.05 -0.09 +0.9 +1 -0.95'), 10)).toEqual([
    { from: 0, to: 0.1, count: 3, estimated: expect.closeTo(0.19 / 3), came: expect.closeTo(1 / 3) },
    { from: 0.9, to: 1, count: 3, estimated: expect.closeTo(0.95), came: expect.closeTo(2 / 3) },
  ]);
  fc.assert(
    fc.property(anyForetold, (foretold) => {
      expect(calibration(foretold).reduce((sum, { count }) => sum + count, 0)).toBe(foretold.length);
    }),
  );
});

it('fifths: each is given its own share, a tie is not torn apart, and nobody is lost', () => {
  expect(byFifths(told('-1 -2 -3 -4 +5 -6 +7 +8 +9 +10')).map(({ score }) => score)).toEqual([0, 0, 0, 0, 0.5, 0.5, 1, 1, 1, 1]);
  expect(new Set(byFifths(told('+1 -1 -1 +1 -1')).map(({ score }) => score))).toEqual(new Set([0.4]));
  fc.assert(
    fc.property(anyForetold, (foretold) => {
      expect(byFifths(foretold).filter(({ came }) => came)).toHaveLength(foretold.filter(({ came }) => came).length);
    }),
  );
});
