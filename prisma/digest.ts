/** What a person's digest is made of, read from the store. */
import type { DigestFacts } from '../domain/digest.ts';
import { CHANGE_EVENTS, changesFrom } from '../domain/digest.ts';
import type { Agency, Person } from '../domain/directory.ts';
import type { Email, TaskCode } from '../domain/names.ts';
import type { Directory } from '../domain/plan.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import { storedEvent, storedTask } from './task-record.ts';

export interface Staffing extends Directory {
  readonly people: ReadonlyMap<string, Person>;
  readonly agencies: ReadonlyMap<string, Agency>;
}

/**
 * The facts of one person's digest as of an instant.
 * @param o.shadow whether those who are told in shadow mode count as told
 */
export async function readDigestFacts(
  database: Database,
  o: { readonly person: Person; readonly at: IsoInstant; readonly directory: Staffing; readonly shadow: boolean },
): Promise<DigestFacts> {
  const { person, at, directory, shadow } = o;
  const last = await lastDigest(database, person.email, shadow);
  const from = changesFrom(last, at);
  const addresses = addressesOf(person, at, directory);
  const agencies = [...directory.agencies.values()].filter(({ head }) => head !== null && addresses.includes(head)).map(({ code }) => code);
  // What the person answers for or follows, and what waits for an agency whose head the person is.
  const rows = await database.$queryRaw<{ state: unknown }[]>`
    SELECT state FROM task t
    WHERE (status NOT IN ('completed', 'cancelled')
        OR EXISTS (SELECT FROM task_event e WHERE e.task_code = t.code AND e.at > ${from}::timestamptz))
      AND (assignee = ANY(${addresses}) OR supervisor = ANY(${addresses}) OR coordinator = ANY(${addresses})
        OR state->'transfer'->>'toAgency' = ANY(${agencies})
        OR EXISTS (SELECT FROM jsonb_array_elements(state->'contributions') c WHERE c->>'agency' = ANY(${agencies})))`;
  const tasks = rows.map(({ state }) => storedTask(state));
  const codes = tasks.map(({ code }) => code);
  const [events, told] = await Promise.all([
    database.taskEvent.findMany({
      where: { taskCode: { in: codes }, at: { gt: from, lte: at }, type: { in: CHANGE_EVENTS } },
      select: { taskCode: true, body: true },
      orderBy: [{ taskCode: 'asc' }, { seq: 'asc' }],
    }),
    database.notification.groupBy({
      by: ['taskCode'],
      where: {
        recipient: person.email,
        taskCode: { in: codes },
        messageId: { not: null },
        shadow,
        status: { in: ['sending', 'sent', 'merged', 'uncertain'] },
      },
      _max: { attemptedAt: true },
    }),
  ]);
  return {
    person,
    at,
    directory,
    tasks,
    last,
    // Codes that were stored as such.
    events: new Map(
      [...Map.groupBy(events, ({ taskCode }) => taskCode)].map(([code, own]) => [
        code as TaskCode,
        own.map(({ body }) => storedEvent(body)),
      ]),
    ),
    told: new Map(
      told.flatMap(({ taskCode, _max: { attemptedAt } }) =>
        attemptedAt === null ? [] : [[taskCode as TaskCode, instantFromEpochMs(attemptedAt.getTime())]],
      ),
    ),
  };
}

/** The person, and everybody for whom the person stands in. */
function addressesOf(person: Person, at: IsoInstant, directory: Staffing): Email[] {
  const others = [...directory.people.keys()].filter((address) => directory.standIn(address as Email, at)?.email === person.email);
  return [person.email, ...(others as Email[])]; // keys of the directory
}

async function lastDigest(database: Database, recipient: Email, shadow: boolean): Promise<IsoInstant | null> {
  const { _max: last } = await database.notice.aggregate({
    where: { recipient, kind: 'digest', shadow, status: { in: ['sending', 'sent', 'uncertain'] } },
    _max: { attemptedAt: true },
  });
  return last.attemptedAt === null ? null : instantFromEpochMs(last.attemptedAt.getTime());
}
