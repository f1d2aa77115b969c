/**
 * Proves on a real store that a backlog begins, is told and ends once, however many workers look at once and however often; that a channel
 * that comes and goes is told of once in four hours; and what its notice says when it is sent. Not that couriers send it: see
 * test/backlog.test.ts.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Backlog } from '../domain/backlog.ts';
import { addMinutes } from '../domain/calendar.ts';
import { CHANNELS } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import { createBacklogReader } from '../prisma/delivery.ts';
import { type LedgerStore, openLedgerStore } from '../test/ledger-store.ts';
import { HA } from '../test/people.ts';
import { createBacklogWatch } from './backlog.ts';
import { createDirectory } from './directory.ts';
import { makeBacklogNotice } from './notices/backlog.ts';

const at = '2026-03-02T02:00:00.000Z' as IsoInstant;
const rule = { lateSeconds: 60, alarmSeconds: 300 };
let store: LedgerStore;
let now = at;
let heard: Backlog[] = [];
beforeAll(async () => {
  store = await openLedgerStore();
  await store.task('LEDGER-1');
});
afterEach(async () => {
  await store.clear();
  now = at;
  heard = [];
});
afterAll(() => store.stop());

const backlogs = () => createBacklogReader({ database: store.database, rule, channels: CHANNELS, perDay: {}, shadow: false });
/** As many workers as there are look at the same instant. */
async function look(minute: number, workers = 4): Promise<void> {
  // What was told before has gone by the other channel since.
  await store.database.notice.updateMany({ where: { channel: 'email' }, data: { status: 'sent', attemptedAt: now, sentAt: now } });
  now = addMinutes(at, minute);
  const { database } = store;
  const directory = createDirectory(database);
  const o = { database, backlogs: backlogs(), rule, channels: CHANNELS, now: () => now, directory: () => directory.get() };
  await Promise.all(Array.from({ length: workers }, () => createBacklogWatch({ ...o, onBacklog: (each) => heard.push(each) })()));
}
const due = (minute: number) => store.add({ status: 'planned', sendAt: addMinutes(at, minute) });
const goes = () => store.database.notification.updateMany({ data: { status: 'sent', sentAt: now } });
const told = async () =>
  (await store.database.notice.findMany({ orderBy: { plannedAt: 'asc' } })).map(({ recipient, channel, plannedAt }) => [
    recipient,
    channel,
    (plannedAt.getTime() - Date.parse(at)) / 60_000,
  ]);
const rows = async () =>
  (await store.database.backlog.findMany({ orderBy: { noticedAt: 'asc' } })).map(({ channel, reason, toldAt, endedAt }) => ({
    channel,
    reason,
    isTold: toldAt !== null,
    isOver: endedAt !== null,
  }));

it('begins after five minutes, is told by the other channel once, and ends when nothing is late', async () => {
  await due(0);
  await look(4);
  expect([await told(), heard]).toEqual([[], []]);
  await look(5);
  await look(6);
  // The oldest goes and another is the oldest: it is the same backlog.
  await due(5);
  await store.database.notification.deleteMany({ where: { sendAt: at } });
  await look(7);
  await look(500);
  expect(await told()).toEqual([[HA.email, 'email', 5]]);
  expect(heard).toMatchObject([{ channel: 'slack', waiting: 1, reason: 'no_courier' }]);
  expect(await rows()).toEqual([{ channel: 'slack', reason: 'no_courier', isTold: true, isOver: false }]);
  await goes();
  await look(501);
  await look(502);
  expect(await rows()).toEqual([{ channel: 'slack', reason: 'no_courier', isTold: true, isOver: true }]);
});

it('is told once in four hours where a channel comes and goes, and then of the one that stands', async () => {
  for (const minute of [0, 20, 40]) {
    await due(minute);
    await look(minute + 10);
    await goes();
    await look(minute + 11);
  }
  await due(230);
  await look(240);
  expect(await told()).toEqual([[HA.email, 'email', 10]]);
  await look(250);
  expect(await told()).toEqual([
    [HA.email, 'email', 10],
    [HA.email, 'email', 250],
  ]);
  expect((await rows()).map(({ isTold }) => isTold)).toEqual([true, false, false, true]);
});

it('tells of each of two channels by the other', async () => {
  await due(0);
  await store.add({ status: 'planned', sendAt: at, channel: 'email' });
  await look(5);
  expect((await told()).map(([, channel]) => channel).sort()).toEqual(['email', 'slack']);
});

it('says when it is sent how much waits and why, and nothing where that is over', async () => {
  await due(0);
  await look(5);
  const notice = await store.database.notice.findFirstOrThrow();
  expect(notice).toMatchObject({ kind: 'backlog', urgent: true });
  const make = makeBacklogNotice({ database: store.database, backlogs: backlogs(), webUrl: () => 'https://d' });
  const to = { key: notice.key, recipient: HA, channel: 'email', shadow: false, sendAt: now, at: now } as const;
  const body = notice.body as { backlog: string };
  expect(await make(body, to)).toMatchObject({
    title: 'Tin gửi qua Slack đang bị chậm',
    link: { url: 'https://d/delivery?lang=vi' },
  });
  await goes();
  await look(6);
  expect(await make(body, to)).toEqual({ leftOut: 'nothing is late any more' });
});
