/** How long a press waited is read from the stub's log alone; not how long it is. */
import { expect, it } from 'vitest';
import { pressedOf } from './pressed.ts';

const press = (channel: string, at: number, ackAt: number | null) => ({ id: channel, channel, ts: '1.0', at, ackAt });
const update = (channel: string, at: number, ts = '1.0') => ({ at, what: 'update' as const, channel, ts });
const words = (channel: string, at: number) => ({ at, what: 'ephemeral' as const, channel, ts: '' });

it('counts from the press to each of its three answers', () => {
  const { presses, ack, told, card, unanswered } = pressedOf(
    [press('D1', 100, 104), press('D2', 200, 212)],
    [words('D1', 150), update('D1', 160), update('D2', 240), words('D2', 270)],
  );
  expect({ presses, ack, told, card, unanswered }).toEqual({
    presses: 2,
    ack: { p50Ms: 4, p99Ms: 12, maxMs: 12 },
    told: { p50Ms: 50, p99Ms: 70, maxMs: 70 },
    card: { p50Ms: 40, p99Ms: 60, maxMs: 60 },
    unanswered: 0,
  });
});

it.each([
  ['its acknowledgment', press('D1', 100, null), [words('D1', 150), update('D1', 160)]],
  ['its words', press('D1', 100, 104), [update('D1', 160)]],
  ['its card', press('D1', 100, 104), [words('D1', 150)]],
  ['its card, of which only another was changed', press('D1', 100, 104), [words('D1', 150), update('D1', 160, '2.0')]],
  ['its card, which was changed before', press('D1', 100, 104), [update('D1', 90), words('D1', 150)]],
  ['its words, which went elsewhere', press('D1', 100, 104), [words('D2', 150), update('D1', 160)]],
])('a press that lacks %s is unanswered', (_, pressed, replies) => {
  expect(pressedOf([pressed], replies).unanswered).toBe(1);
});
