/** Proves the ledger's rules, one by one; that PostgreSQL says the same is proved by test/simulate.test.ts. */
import { expect, it } from 'vitest';
import { Ledger } from './ledger.ts';
import type { Email, TaskCode } from './names.ts';
import type { PlannedNotification } from './notification.ts';
import type { Directory } from './plan.ts';
import type { Task } from './task.ts';
import type { IsoInstant } from './time.ts';

const at = (time: string) => `2026-03-02T${time}.000Z` as IsoInstant;
const task = { deadlineAt: at('10:00:00') } as Task;
const HEADS = ['old@a.example', 'new@b.example'];
const directory: Directory = {
  person: (email) => ({ email, role: HEADS.includes(email) ? 'head' : 'assignee', agency: 'B' }) as ReturnType<Directory['person']>,
  agency: (code) => ({ code, head: 'new@b.example' as Email }) as ReturnType<Directory['agency']>,
  standIn: () => undefined,
  askedToName: () => undefined,
};

function planned(step: string, sendAt: string, o: { recipient?: string; urgent?: boolean; occurrence?: string } = {}): PlannedNotification {
  const { recipient = 'lan@b.example', urgent = false, occurrence = '1' } = o;
  return {
    key: `T-1/${step}/${occurrence}/${recipient}/slack`,
    code: 'T-1' as TaskCode,
    kind: 'reminder',
    step,
    recipient: recipient as Email,
    channel: 'slack',
    sendAt: at(sendAt),
    urgent,
    reason: '',
  };
}
const ledger = (...told: string[]) => {
  const made = new Ledger(told);
  return {
    plan: (now: string, list: PlannedNotification[], byClock = false) =>
      made.replace(list, { now: at(now), byClock, directory, stillToHear: () => [] }),
    tell: (until: string, inclusive = true) =>
      made.tell(at(until), { task, inclusive }).map((told) => `${told.at.slice(11, 19)} ${told.notification.step}`),
    next: () => made.nextDue()?.slice(11, 19) ?? null,
  };
};

it('tells what is due, in order, and each once', () => {
  const { plan, tell, next } = ledger();
  plan('01:00:00', [planned('b', '03:00:00'), planned('a', '02:00:00')]);
  expect(next()).toBe('02:00:00');
  expect(tell('02:00:00', false)).toEqual([]);
  expect(tell('02:00:00')).toEqual(['02:00:00 a']);
  expect(tell('09:00:00')).toEqual(['03:00:00 b']);
  plan('09:00:00', [planned('a', '09:30:00')]);
  expect(tell('10:00:00')).toEqual([]);
});

it('what no longer applies is not told; what applies again is', () => {
  const { plan, tell } = ledger();
  plan('01:00:00', [planned('a', '02:00:00')]);
  plan('01:30:00', []);
  expect(tell('02:30:00')).toEqual([]);
  plan('02:30:00', [planned('a', '03:00:00')]);
  expect(tell('04:00:00')).toEqual(['03:00:00 a']);
});

it('what falls due as the clock changes the task is told; what someone does at that moment takes it back', () => {
  for (const [byClock, told] of [
    [true, ['02:00:00 a']],
    [false, []],
  ] as const) {
    const { plan, tell } = ledger();
    plan('01:00:00', [planned('a', '02:00:00')]);
    plan('02:00:00', [], byClock);
    expect(tell('03:00:00')).toEqual(told);
  }
});

it('by the clock too, what was due long ago and was not sent is taken back', () => {
  const { plan, tell } = ledger();
  plan('01:00:00', [planned('a', '02:00:00')]);
  plan('02:30:00', [], true);
  expect(tell('03:00:00')).toEqual([]);
});

it('what is about to be sent keeps its place in the queue, what is further away moves', () => {
  const { plan, tell } = ledger();
  plan('01:00:00', [planned('soon', '02:00:30'), planned('later', '05:00:00')]);
  plan('02:00:00', [planned('soon', '02:05:00'), planned('later', '06:00:00')]);
  expect(tell('09:00:00')).toEqual(['02:00:30 soon', '06:00:00 later']);
});

it('with a message goes what would be due within the next minute, of the same person; what is urgent stands alone', () => {
  const { plan, tell } = ledger();
  plan('01:00:00', [
    planned('a', '02:00:00'),
    planned('near', '02:00:40'),
    planned('urgent', '02:00:50', { urgent: true }),
    planned('other', '02:00:40', { recipient: 'minh@b.example' }),
    planned('far', '02:01:01'),
  ]);
  expect(tell('02:00:00')).toEqual(['02:00:00 a', '02:00:00 near']);
});

it('told to the head of an agency that was merged, the new head is not told again; of another occurrence yes', () => {
  const { plan, tell } = ledger('T-1/overdue/1/old@a.example/slack');
  plan('01:00:00', [
    planned('overdue', '02:00:00', { recipient: 'new@b.example' }),
    planned('overdue', '02:10:00', { recipient: 'new@b.example', occurrence: '2' }),
    planned('overdue', '02:20:00', { recipient: 'lan@b.example' }),
  ]);
  expect(tell('03:00:00')).toEqual(['02:10:00 overdue', '02:20:00 overdue']);
});
