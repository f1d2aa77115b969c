/** Proves which message carries what, and how messages are counted, whatever the order in which tasks are read. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Told } from './ledger.ts';
import type { Channel, Email, TaskCode } from './names.ts';
import { fullestDays, loads, Outbox } from './outbox.ts';
import type { IsoInstant } from './time.ts';

function told(code: string, time: string, o: { recipient?: string; channel?: Channel; urgent?: boolean; deadline?: string } = {}): Told {
  const { recipient = 'lan@most.example', channel = 'slack', urgent = false, deadline = '20' } = o;
  const at = `2026-03-${time}:00.000Z` as IsoInstant;
  const key = `${code}/step/1/${recipient}/${channel}`;
  const notification = {
    key,
    code: code as TaskCode,
    kind: 'reminder',
    step: 'step',
    recipient: recipient as Email,
    channel,
    sendAt: at,
    urgent,
    reason: '',
  } as const;
  return { notification, at, deadlineAt: `2026-03-${deadline}T10:00:00.000Z` as IsoInstant };
}

const LIST = [
  told('B', '02T01:00'),
  told('A', '02T01:00'),
  told('C', '02T01:01', { deadline: '10' }),
  told('D', '02T01:02'),
  told('E', '02T01:00', { urgent: true }),
  told('F', '02T01:00', { channel: 'email' }),
  told('G', '02T01:00', { recipient: 'minh@most.example' }),
  // Already the next morning in Hanoi.
  told('H', '02T18:00'),
];
const EXPECTED = {
  A: 'C',
  B: 'C',
  C: null,
  D: null,
  E: null,
  F: null,
  G: null,
  H: null,
};

it('a minute of one person and channel is one message, which begins with the most pressing task', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(LIST, { minLength: LIST.length }), (list) => {
      const outbox = new Outbox();
      for (const each of list) outbox.add(each);
      const into = Object.fromEntries(LIST.map((each) => [each.notification.code, outbox.mergedInto(each)?.split('/')[0] ?? null]));
      expect(into).toEqual(EXPECTED);
      const days = outbox.days(() => 'Asia/Ho_Chi_Minh');
      expect(loads(days)).toEqual([
        { recipient: 'lan@most.example', messages: 5, perDayMax: 4 },
        { recipient: 'minh@most.example', messages: 1, perDayMax: 1 },
      ]);
      expect(fullestDays(days)).toEqual([
        { day: '2026-03-02', messages: 5 },
        { day: '2026-03-03', messages: 1 },
      ]);
    }),
    { numRuns: 50 },
  );
});
