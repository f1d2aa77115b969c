/** Where dondoc itself joins the storm and the crash, beside its peers. */

import type { System } from '../cli/system.ts';
import { addDays } from '../domain/calendar.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import type { Armed } from './armed.ts';
import { armBench, importBench, openDondoc, storeSteps, untilAtRest } from './dondoc.ts';
import type { Limits, StubEntry } from './slack-stub.ts';
import type { Stage } from './stage.ts';

/** Whether reminders to one person become one message. */
type Merging = 'off' | 'on';

/** From the end of arming to the instant at which everything is due: the sweep, by which couriers hear, and what they make ahead. */
export const REST_MS = 20_000;

/**
 * Brings dondoc to where a peer is after `armPeer`: real tasks, one reminder each, imported and armed as any, each with its workflow, its
 * record and its plan, a worker running. Only the instant of the reminders is then set to a few seconds from now, so that nobody waits
 * for a policy's next hour.
 */
export async function armDondoc(
  merging: Merging,
  stage: Stage,
  { reminders, people, limits }: { readonly reminders: number; readonly people: number; readonly limits: Limits },
): Promise<Armed & { readonly system: System }> {
  const { system, start } = await openDondoc(stage, { people, limits });
  const { database } = system;
  await noteTellings(database);
  await storeSteps(system, stage, `storm-${merging}`, [stormStep(merging, 'reminder')]);
  const worker = await start('worker');

  const began = performance.now();
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  await importBench(system, {
    prefix: 'STORM',
    count: reminders,
    people,
    assignedOn: today,
    acknowledgedOn: null,
    deadlineOf: () => addDays(today, 60),
    policy: `storm-${merging}`,
  });
  await armBench(system);
  // Until each task's workflow has had its first turn: what is still beginning then would be part of the storm.
  await untilAtRest(worker.pid);
  const armSeconds = (performance.now() - began) / 1_000;

  const dueAt = Date.now() + REST_MS;
  await database.notification.updateMany({ where: { status: 'planned' }, data: { sendAt: new Date(dueAt) } });
  const rows = await database.notification.findMany({ select: { key: true } });
  const keys = rows.map(({ key }) => key);
  let told = new Map<string, string[]>();
  return {
    system,
    armSeconds,
    dueAt,
    reminders: keys.length,
    worker: { ...worker, stop: () => worker.stop().then(() => system.stop()) },
    startWorker: () => start('worker'),
    async planned() {
      told = await messagesOf(database);
      return { dueAt, keys, tells: ({ key }: StubEntry) => told.get(key) ?? [] };
    },
    async held() {
      const left = await database.notification.findMany({
        where: { status: { in: ['planned', 'claimed', 'sending', 'uncertain'] } },
        select: { key: true },
      });
      return left.map(({ key }) => key);
    },
  };
}

/** Of a policy: one reminder a task, so many days after it was assigned. What is urgent is not merged. */
export function stormStep(merging: Merging, id: string, days = 3): string {
  return `{ id: ${id}, anchor: assignment, offset: +${days * 24}h, when: unacknowledged, kind: reminder, audience: [assignee], channels: { order: [slack], use: first }, urgent: ${merging === 'off'} }`;
}

/**
 * A note of what the ledger forgets: messages that were found not to have arrived and are made anew. A condition of the trigger, not a
 * look at every row that is written: a storm pays nothing for it.
 */
export async function noteTellings(database: Database): Promise<void> {
  await database.$executeRaw`CREATE TABLE bench_told (message_id UUID, key TEXT)`;
  await database.$executeRaw`
    CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO bench_told VALUES (OLD.message_id, OLD.key); RETURN NULL; END $$`;
  await database.$executeRaw`
    CREATE TRIGGER bench_note AFTER UPDATE ON notification FOR EACH ROW
    WHEN (OLD.message_id IS NOT NULL AND NEW.message_id IS DISTINCT FROM OLD.message_id) EXECUTE FUNCTION bench_note()`;
}

/** What each message told, also of those that the ledger has forgotten. */
export async function messagesOf(database: Database): Promise<Map<string, string[]>> {
  const rows = await database.$queryRaw<{ message_id: string; key: string }[]>`
    SELECT message_id, key FROM bench_told UNION SELECT message_id, key FROM notification WHERE message_id IS NOT NULL`;
  const told = new Map<string, string[]>();
  for (const { message_id, key } of rows) told.set(message_id, [...(told.get(message_id) ?? []), key]);
  return told;
}
