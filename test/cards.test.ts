/**
 * Proves that a card of a task that has changed is found: lately, marked to be shown anew, or long ago; and that what was posted long
 * ago is not looked at by each sweep. The change is written by hand, as a worker leaves it that was killed before it showed it.
 */
import { afterEach, expect, it } from 'vitest';
import { codeOf, type Dondoc, importBench, openDondoc, storeSteps } from '../bench/dondoc.ts';
import { type Stage, startStage } from '../bench/stage.ts';
import { stormStep } from '../bench/storm-dondoc.ts';
import { addDays, addMinutes } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';

const BEGIN = '2031-03-03T02:00:00.000Z' as IsoInstant;
const CODE = codeOf('CARD', 0);
let at = BEGIN;
let stage: Stage | undefined;
let dondoc: Dondoc | undefined;
afterEach(async () => {
  await dondoc?.system.stop();
  await stage?.stop();
});

it('finds the card of a task that has changed, and looks at all there are only now and then', async () => {
  stage = await startStage({ limits: 'none' });
  const { slack } = stage;
  dondoc = await openDondoc(stage, { people: 1, limits: 'none', now: () => at });
  const { system } = dondoc;
  const { database } = system;
  await storeSteps(system, stage, 'once', [stormStep('off', 'reminder')]);
  const today = localDate(BEGIN, COMMITTEE_TIME_ZONE);
  const tasks = { prefix: 'CARD', count: 1, people: 1, assignedOn: today, acknowledgedOn: null, policy: 'once' };
  await importBench(system, { ...tasks, deadlineOf: () => addDays(today, 60) });
  await database.task.updateMany({ data: { armedAt: new Date(at) } });
  const posted = await fetch(`${slack.url}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'D0000000', text: 'x' }),
  });
  const { ts } = (await posted.json()) as { ts: string };
  await database.$executeRaw`
    UPDATE notification SET status = 'sent', message_id = gen_random_uuid(), attempted_at = ${new Date(at)}, sent_at = ${new Date(at)}, provider_id = 'x'`;
  await database.$executeRaw`
    INSERT INTO chat_message (channel, ts, message_id, recipient, task_code, shown_seq, posted_at)
    SELECT 'D0000000', ${ts}, message_id, recipient, task_code, (SELECT seq FROM task), ${new Date(at)} FROM notification`;
  const updates = async () => (await slack.replies()).length;
  const change = async (changedAt: IsoInstant) => {
    await database.$executeRaw`UPDATE task SET seq = seq + 1`;
    await database.$executeRaw`
      INSERT INTO task_event (task_code, seq, type, at, via, body, prev_hash, hash)
      SELECT code, seq, 'CommentAdded', ${new Date(changedAt)}, 'cli', '{}', (seq - 1)::text, seq::text FROM task WHERE code = ${CODE}`;
  };

  await system.sweep();
  expect(await updates(), 'nothing has changed').toBe(0);
  await change(at);
  await system.sweep();
  expect(await updates(), 'changed lately').toBe(1);
  await system.sweep();
  expect(await updates(), 'shown once').toBe(1);

  at = addMinutes(at, 30);
  await system.sweep();
  expect(await updates(), 'all are looked at, and nothing has changed').toBe(1);
  await database.chatMessage.updateMany({ data: { shownSeq: -1 } });
  await system.sweep();
  expect(await updates(), 'marked').toBe(2);

  await change(addMinutes(at, -60));
  await system.sweep();
  expect(await updates(), 'changed an hour ago, and recorded now').toBe(2);
  at = addMinutes(at, 11);
  await system.sweep();
  expect(await updates(), 'found by looking at all').toBe(3);
}, 60_000);
