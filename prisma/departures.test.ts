/**
 * Proves on the real PostgreSQL what a courier that takes over makes of what another has left, and that the other lets nothing leave any
 * more. That commands and holds take back what has not left is proved by test/ahead.test.ts.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addMinutes } from '../domain/calendar.ts';
import type { Channel } from '../domain/names.ts';
import { addMilliseconds } from '../domain/time.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { LAN, NOW } from '../test/people.ts';
import { partitionOf } from '../worker/partition.ts';
import { createDepartures } from './departures.ts';

const MOMENT = addMinutes(NOW, 1);
/** Of what is marked ahead a first and a second portion leave, each at an instant of its own. */
const SECOND = addMilliseconds(MOMENT, 1);
const ASK_AFTER_MS = 5_000;
const LEFT = [null, 'the courier ended while it was on the wire'] as const;

let store: LedgerStore;
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
});
beforeEach(() => store.clear());
afterAll(() => store.stop());

const run = (id = randomUUID()) =>
  createDepartures(store.database, { channel: 'slack' as Channel, partition: partitionOf(LAN.email), run: id });
const row = (step: string, status: string, more: object = {}) => ({ step, status, sendAt: MOMENT, attempts: 1, ...more });
const marked = (step: string, attemptedAt: string) => row(step, 'sending', { attemptedAt, messageId: randomUUID(), claimId: randomUUID() });
async function ledger() {
  const rows = await store.database.notification.findMany({ orderBy: { step: 'asc' } });
  return rows.map(({ step, status, attempts, messageId, claimId, error }) => [step, status, attempts, messageId ?? claimId, error]);
}

it('plans again what had not left, asks about what had, and gives back what was only in hand', async () => {
  const before = run();
  await before.takeOver(NOW, ASK_AFTER_MS);
  await before.waitFor(MOMENT, SECOND);
  await store.add(
    row('claimed', 'claimed', { attempts: 0 }),
    marked('earlier', NOW),
    marked('waits', MOMENT),
    marked('waits, second', SECOND),
    row('waiting', 'planned', { attempts: 0 }),
  );
  await run().takeOver(NOW, ASK_AFTER_MS);
  expect(await ledger()).toEqual([
    ['claimed', 'planned', 0, null, LEFT[0]],
    ['earlier', 'uncertain', 1, expect.any(String), LEFT[1]],
    ['waiting', 'planned', 0, null, LEFT[0]],
    ['waits', 'planned', 0, null, LEFT[0]],
    ['waits, second', 'planned', 0, null, LEFT[0]],
  ]);
});

it('asks only about what has left of it', async () => {
  const before = run();
  await before.takeOver(NOW, ASK_AFTER_MS);
  await before.waitFor(MOMENT, SECOND);
  await store.add(marked('first', MOMENT), marked('second', SECOND));
  expect(await before.depart(MOMENT)).toEqual({ withdrawn: [], recalled: false });
  await run().takeOver(NOW, ASK_AFTER_MS);
  expect(await ledger()).toEqual([
    ['first', 'uncertain', 1, expect.any(String), LEFT[1]],
    ['second', 'planned', 0, null, LEFT[0]],
  ]);
});

it('asks about everything that was marked, once it may have left', async () => {
  const before = run();
  await before.takeOver(NOW, ASK_AFTER_MS);
  await before.waitFor(MOMENT, SECOND);
  await store.add(marked('waits', MOMENT));
  expect(await before.depart(SECOND)).toEqual({ withdrawn: [], recalled: false });
  await run().takeOver(NOW, ASK_AFTER_MS);
  expect(await ledger()).toEqual([['waits', 'uncertain', 1, expect.any(String), LEFT[1]]]);
  // Asked once only by the next: nothing of what it marks itself is taken for another's.
  await store.database.notification.updateMany({ data: { status: 'sending', attemptedAt: MOMENT } });
  await run().takeOver(NOW, ASK_AFTER_MS);
  expect(await ledger()).toEqual([['waits', 'uncertain', 1, expect.any(String), LEFT[1]]]);
});

it('lets nothing leave of a run that another has taken over from', async () => {
  const before = run();
  await before.takeOver(NOW, ASK_AFTER_MS);
  await before.waitFor(MOMENT, SECOND);
  await run().takeOver(NOW, ASK_AFTER_MS);
  await expect(before.depart(SECOND)).rejects.toThrow('taken over');
  await expect(before.waitFor(MOMENT, SECOND)).rejects.toThrow('taken over');
});

it('takes in hand again what was marked and not posted, and nothing else', async () => {
  await store.add(marked('mine', MOMENT), marked('other', MOMENT));
  const mine = await store.database.notification.findFirstOrThrow({ where: { step: 'mine' } });
  await run().unmark([mine.messageId ?? '']);
  expect(await ledger()).toEqual([
    ['mine', 'claimed', 0, mine.claimId, null],
    ['other', 'sending', 1, expect.any(String), null],
  ]);
});
