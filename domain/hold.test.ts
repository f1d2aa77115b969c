/** What a hold covers, when it stands, and how its end is written. Proves the pure rule; that couriers keep it: test/hold.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { covers, endOf, endRefused, type Hold, type HoldScope, heldBy, readUntil, stands } from './hold.ts';
import type { AgencyCode } from './names.ts';
import { type IsoInstant, instantFromEpochMs } from './time.ts';

const calendar = vietnamCalendar({ from: 2026, to: 2026 });
const NOW = '2026-03-19T02:00:00.000Z' as IsoInstant;
const ALL: HoldScope = { agency: null, channel: null, exceptUrgent: false };
const MOST = 'MOST' as AgencyCode;
const told = { agency: 'MOST', channel: 'slack', urgent: false };

it.each([
  ['everything', ALL, told, true],
  ['everything, urgent too', ALL, { ...told, urgent: true }, true],
  ['everything but what is urgent', { ...ALL, exceptUrgent: true }, { ...told, urgent: true }, false],
  ['the people of an agency', { ...ALL, agency: MOST }, told, true],
  ['not those of another', { ...ALL, agency: MOST }, { ...told, agency: 'MOF' }, false],
  ['a channel', { ...ALL, channel: 'slack' }, told, true],
  ['not another channel', { ...ALL, channel: 'email' }, told, false],
  ['both only where both are so', { ...ALL, agency: MOST, channel: 'email' }, told, false],
] satisfies [string, HoldScope, typeof told, boolean][])('covers %s', (_, scope, notification, expected) => {
  expect(covers(scope, notification)).toBe(expected);
});

it.each([
  ['+2h', '2026-03-19T04:00:00.000Z'],
  ['+90m', '2026-03-19T03:30:00.000Z'],
  ['+3d', '2026-03-22T02:00:00.000Z'],
  ['2026-03-20', '2026-03-20T10:00:00.000Z'],
  ['2026-03-20T14:00', '2026-03-20T07:00:00.000Z'],
  ['2026-03-20T14:00:00+07:00', '2026-03-20T07:00:00.000Z'],
  ['2026-03-20T10:00:00.000Z', '2026-03-20T10:00:00.000Z'],
  ['2026-02-30', null],
  ['2026-03-20T25:00', null],
  ['2h', null],
  ['tomorrow', null],
  ['', null],
])('reads the end %s', (given, expected) => {
  expect(readUntil(given, NOW, calendar)).toBe(expected);
});

it('refuses an end that has passed or is more than a month away', () => {
  expect(endRefused(NOW, NOW)).toBe('passed');
  expect(endRefused('2026-03-19T02:00:00.001Z' as IsoInstant, NOW)).toBe(null);
  expect(endRefused('2026-04-19T02:00:00.000Z' as IsoInstant, NOW)).toBe(null);
  expect(endRefused('2026-04-19T02:00:00.001Z' as IsoInstant, NOW)).toBe('too_far');
});

describe('holds over one notification', () => {
  const instant = fc.integer({ min: 0, max: 100 }).map((minutes) => instantFromEpochMs(minutes * 60_000));
  const hold: fc.Arbitrary<Hold> = fc.record({
    id: fc.uuid(),
    agency: fc.constantFrom(null, MOST, 'MOF' as AgencyCode),
    channel: fc.constantFrom(null, 'slack' as const, 'email' as const),
    exceptUrgent: fc.boolean(),
    madeAt: instant,
    until: instant,
    releasedAt: fc.option(instant),
    reason: fc.constant(''),
    by: fc.constant(null),
  });
  const any = fc.record({ agency: fc.constantFrom('MOST', 'MOF'), channel: fc.constantFrom('slack', 'email'), urgent: fc.boolean() });

  it('holds while any of them does, and names the one that ends last', () => {
    fc.assert(
      fc.property(fc.array(hold), any, instant, (holds, notification, at) => {
        const over = holds.filter((each) => stands(each, at) && covers(each, notification));
        const found = heldBy(holds, notification, at);
        expect(found === undefined).toBe(over.length === 0);
        if (found !== undefined) for (const each of over) expect(endOf(found) >= endOf(each)).toBe(true);
      }),
    );
  });

  it('never stands at or after its end, nor once it is released', () => {
    fc.assert(
      fc.property(hold, instant, (each, at) => {
        if (at >= each.until || (each.releasedAt !== null && at >= each.releasedAt)) expect(stands(each, at)).toBe(false);
      }),
    );
  });
});
