/** Proves the order in which messages may go, and that none is lost or taken twice in it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Email } from './names.ts';
import { type Queued, SendQueue } from './send-queue.ts';
import type { IsoInstant } from './time.ts';

const NOON = '2026-11-26T05:00:00.000Z' as IsoInstant;
const LATER = '2026-11-26T05:00:01.000Z' as IsoInstant;
const message = (id: string, recipient: string, more: Partial<Queued> = {}): Queued => ({
  id,
  recipient: recipient as Email,
  urgent: false,
  readyAt: NOON,
  ...more,
});
const filled = (messages: readonly Queued[], perRecipientMs = 0) => {
  const queue = new SendQueue(perRecipientMs);
  for (const each of messages) queue.add(each);
  return queue;
};
const ids = (messages: readonly Queued[]) => messages.map(({ id }) => id);

describe('a queue', () => {
  it('lets the urgent go first and people in turns', () => {
    const queue = filled([message('a1', 'a'), message('a2', 'a'), message('b1', 'b'), message('c1', 'c', { urgent: true })]);
    const first = queue.take(2, { now: NOON, elapsedMs: 0 });
    expect(ids(first)).toEqual(['c1', 'a1']);
    for (const each of first) queue.done(each, 0, true);
    expect(ids(queue.take(9, { now: NOON, elapsedMs: 0 }))).toEqual(['b1', 'a2']);
  });

  it('writes to a person once at a time, and again only after the pause', () => {
    const queue = filled([message('a1', 'a'), message('a2', 'a')], 1_000);
    const [first] = queue.take(9, { now: NOON, elapsedMs: 0 });
    expect(queue.take(9, { now: NOON, elapsedMs: 5_000 })).toEqual([]);
    if (first !== undefined) queue.done(first, 5_000, true);
    expect(queue.take(9, { now: NOON, elapsedMs: 5_999 })).toEqual([]);
    expect(queue.next({ now: NOON, elapsedMs: 5_400 })).toEqual({ at: null, inMs: 600 });
    expect(ids(queue.take(9, { now: NOON, elapsedMs: 6_000 }))).toEqual(['a2']);
  });

  it('makes nobody wait for what was not sent', () => {
    const queue = filled([message('a1', 'a'), message('a2', 'a')], 1_000);
    const [first] = queue.take(1, { now: NOON, elapsedMs: 0 });
    if (first !== undefined) queue.done(first, 1, false);
    expect(ids(queue.take(1, { now: NOON, elapsedMs: 1 }))).toEqual(['a2']);
  });

  it('keeps what is claimed ahead until its moment', () => {
    const queue = filled([message('a1', 'a', { readyAt: LATER }), message('b1', 'b')]);
    expect(ids(queue.take(9, { now: NOON, elapsedMs: 0 }))).toEqual(['b1']);
    expect(queue.next({ now: NOON, elapsedMs: 0 })).toEqual({ at: LATER, inMs: null });
    expect(ids(queue.waitingFor(LATER))).toEqual(['a1']);
    expect(ids(queue.take(9, { now: LATER, elapsedMs: 0 }))).toEqual(['a1']);
    expect(queue.next({ now: LATER, elapsedMs: 0 })).toEqual({ at: null, inMs: null });
  });

  it('says what waits for a moment in the order in which it goes: the urgent, then people in turns', () => {
    const queue = filled([
      message('a1', 'a', { readyAt: LATER }),
      message('a2', 'a', { readyAt: LATER }),
      message('b1', 'b'),
      message('b2', 'b', { readyAt: LATER }),
      message('a3', 'a', { readyAt: LATER, urgent: true }),
    ]);
    expect(ids(queue.waitingFor(LATER))).toEqual(['a3', 'a1', 'b2', 'a2']);
  });

  it('gives back what can still be joined, and all that it has', () => {
    const queue = filled([message('a1', 'a'), message('a2', 'a', { urgent: true }), message('b1', 'b')]);
    expect(ids(queue.routineFor('a' as Email))).toEqual(['a1']);
    queue.remove(queue.routineFor('a' as Email));
    expect(queue.size).toBe(2);
    expect(ids(queue.clear())).toEqual(['a2', 'b1']);
    expect(queue.size).toBe(0);
  });
});

it('lets everything go exactly once, never two at a time to one person, each person in the order in which it came', () => {
  const step = fc.record({
    put: fc.array(fc.record({ recipient: fc.constantFrom('a', 'b', 'c', 'd'), urgent: fc.boolean() }), { maxLength: 5 }),
    max: fc.integer({ min: 0, max: 4 }),
    settles: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const queue = new SendQueue<Queued>(10);
      const came: Queued[] = [];
      const went: Queued[] = [];
      let onWire: Queued[] = [];
      let elapsedMs = 0;
      const go = (max: number, settles: number) => {
        elapsedMs += 10;
        for (const each of onWire.slice(0, settles)) queue.done(each, elapsedMs - 10, true);
        onWire = onWire.slice(settles);
        const taken = queue.take(max, { now: NOON, elapsedMs });
        expect(taken.length).toBeLessThanOrEqual(max);
        went.push(...taken);
        onWire.push(...taken);
        expect(new Set(onWire.map(({ recipient }) => recipient)).size).toBe(onWire.length);
      };
      for (const { put, max, settles } of steps) {
        for (const { recipient, urgent } of put) {
          const each = message(String(came.length), recipient, { urgent });
          came.push(each);
          queue.add(each);
        }
        go(max, settles);
        expect(queue.size).toBe(came.length - went.length);
      }
      while (queue.size > 0 || onWire.length > 0) go(9, 9);
      expect(ids(went).sort()).toEqual(ids(came).sort());
      for (const recipient of ['a', 'b', 'c', 'd'])
        for (const urgent of [true, false]) {
          const of = (all: readonly Queued[]) => ids(all.filter((each) => each.recipient === recipient && each.urgent === urgent));
          expect(of(went)).toEqual(of(came));
        }
    }),
  );
});
