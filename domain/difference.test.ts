/** Proves what counts as hearing more, less, earlier and later. */
import { expect, it } from 'vitest';
import { counted, differences, type Telling } from './difference.ts';
import type { Email, TaskCode } from './names.ts';
import type { IsoInstant } from './time.ts';

const LAN = 'lan@most.example' as Email;
const MINH = 'minh@most.example' as Email;

function telling(day: number, o: Partial<Telling> = {}): Telling {
  const at = `2026-03-${String(day).padStart(2, '0')}T01:00:00.000Z` as IsoInstant;
  return { task: 'T-1' as TaskCode, kind: 'reminder', step: 'a', recipient: LAN, channel: 'slack', at, ...o };
}
const changes = (before: Telling[], after: Telling[]) =>
  differences(before, after).map(
    ({ change, before: a, after: b }) => `${change} ${a?.at.slice(8, 10) ?? '-'} ${b?.at.slice(8, 10) ?? '-'}`,
  );

it.each<[string, Telling[], Telling[], string[]]>([
  ['the same is no difference, whatever the step is called', [telling(2)], [telling(2, { step: 'b' })], []],
  ['sooner is earlier', [telling(5)], [telling(3)], ['earlier 05 03']],
  ['after it is later', [telling(3)], [telling(5)], ['later 03 05']],
  ['what is new is more', [telling(3)], [telling(3), telling(4)], ['more - 04']],
  ['what is gone is less', [telling(3), telling(4)], [telling(4)], ['less 03 -']],
  ['another channel is less here and more there', [telling(3)], [telling(3, { channel: 'email' })], ['more - 03', 'less 03 -']],
  ['another person is less for one and more for the other', [telling(3)], [telling(3, { recipient: MINH })], ['less 03 -', 'more - 03']],
  ['a kind is compared with itself', [telling(3)], [telling(2, { kind: 'escalation' })], ['more - 02', 'less 03 -']],
  ['twice at one moment is twice', [telling(3)], [telling(3), telling(3)], ['more - 03']],
  ['the first stands for the first', [telling(3), telling(9)], [telling(2), telling(8)], ['earlier 03 02', 'earlier 09 08']],
])('%s', (_, before, after, expected) => {
  expect(changes(before, after).sort()).toEqual([...expected].sort());
});

it('turned round, more is less and earlier is later', () => {
  const a = [telling(2), telling(5), telling(9, { recipient: MINH })];
  const b = [telling(3), telling(5), telling(6)];
  const turned = { more: 'less', less: 'more', earlier: 'later', later: 'earlier' };
  expect(differences(a, b).map(({ change }) => turned[change])).toEqual(differences(b, a).map(({ change }) => change));
});

it('counts by person', () => {
  const found = differences([telling(3)], [telling(2), telling(4, { recipient: MINH })]);
  expect([...counted(found, ({ recipient }) => recipient)]).toEqual([
    [LAN, { more: 0, less: 0, earlier: 1, later: 0 }],
    [MINH, { more: 1, less: 0, earlier: 0, later: 0 }],
  ]);
});
