/**
 * Some of a rehearsed year's tasks on the real parts: workflows on an engine that skips time, PostgreSQL, couriers, a local Slack and
 * a mail catcher, all started here and gone afterwards. What they write into the ledger is compared with what was simulated.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionsOf, type System, startSystem } from '../cli/system.ts';
import { readEnvironment } from '../config/env.ts';
import type { LoadedPolicy } from '../config/policy.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { IsoInstant } from '../domain/time.ts';
import { type MovableTime, openMovableTime } from '../ops/movable-time.ts';
import { freePort } from '../ops/ports.ts';
import { removeState } from '../ops/postgres.ts';
import { startStack } from '../ops/stack.ts';
import { storePolicy } from '../prisma/policies.ts';
import type { ModelOffice } from './office.ts';
import type { Lived } from './year.ts';

export interface EngineRun {
  readonly tasks: number;
  readonly notifications: number;
  /** Tasks whose ledger is not the simulated list, with the lines that only one of them has. */
  readonly differing: readonly {
    readonly task: string;
    readonly simulatedOnly: readonly string[];
    readonly ledgerOnly: readonly string[];
  }[];
}

/**
 * Lives through the tasks anew, act by act at the same instants. Takes seconds of work for each modelled month.
 * @param until the last instant; the engine's clock goes forward only, it must lie ahead of the host's
 */
export async function onEngine(
  lived: readonly Lived[],
  o: {
    readonly office: ModelOffice;
    readonly calendar: Calendar;
    readonly policy: LoadedPolicy;
    readonly from: IsoInstant;
    readonly until: IsoInstant;
  },
): Promise<EngineRun> {
  const time = await openMovableTime(o.from);
  const state = mkdtempSync(join(tmpdir(), 'dondoc-rehearsal-'));
  // The simulation that it is compared with knows no hold: a busy day must not wait for a word.
  const environment = { ...process.env, TEMPORAL_ADDRESS: time.environment.address, BREAKER_MINIMUM: '1000000' };
  try {
    const slackUsers = o.office.people.flatMap(({ slackId, name, email }) =>
      slackId === null ? [] : [{ id: slackId, name, realName: name, email }],
    );
    const stack = await startStack({
      state,
      slackUsers,
      log: () => {},
      environment: readEnvironment(environment),
      startedAt: o.from,
    });
    try {
      const system = await startSystem(connectionsOf(stack.info), await freePort(), { now: time.now, calendar: o.calendar });
      try {
        await fill(system, o);
        await live(system, time, lived, o.until);
        return await compare(system, lived);
      } finally {
        await system.stop();
      }
    } finally {
      await stack.stop();
      removeState(state);
    }
  } finally {
    await time.close();
  }
}

async function fill(
  { database, directory }: System,
  { office, policy, from }: { office: ModelOffice; policy: LoadedPolicy; from: IsoInstant },
) {
  await storePolicy(database, policy, from);
  await database.agency.createMany({
    data: office.agencies.map((agency) => ({
      code: agency.code,
      kind: agency.kind,
      nameVi: agency.name.vi,
      nameEn: agency.name.en,
      nameFr: agency.name.fr,
    })),
  });
  await database.person.createMany({ data: office.people.map(({ agency, ...person }) => ({ ...person, agencyCode: agency })) });
  for (const { code, head } of office.agencies) await database.agency.update({ where: { code }, data: { headEmail: head } });
  directory.forget();
}

async function live({ inbox }: System, time: MovableTime, lived: readonly Lived[], until: IsoInstant): Promise<void> {
  const acts = lived.flatMap((each) => each.acts.map((act) => ({ ...act, code: each.task.code }))).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const { at, code, input } of acts) {
    if (at > until) break;
    await time.moveTo(at);
    const { id, actor, via, request } = input;
    await inbox.submit({ key: `rehearsal:${code}:${id}`, code, actor: actor.email, via, request });
  }
  await time.moveTo(until);
}

async function compare({ database }: System, lived: readonly Lived[]): Promise<EngineRun> {
  const rows = await database.notification.findMany({ where: { status: { notIn: ['planned', 'cancelled'] } } });
  // To the minute: between a moment and its turn the engine takes some milliseconds.
  const line = (at: string, key: string) => `${at.slice(0, 16)} ${key}`;
  const ledger = Map.groupBy(rows, ({ taskCode }) => taskCode);
  const differing = lived.flatMap(({ task: { code }, told }) => {
    const simulated = new Set(told.map(({ notification: { sendAt, key } }) => line(sendAt, key)));
    const written = new Set((ledger.get(code) ?? []).map(({ sendAt, key }) => line(sendAt.toISOString(), key)));
    const simulatedOnly = [...simulated].filter((each) => !written.has(each)).sort();
    const ledgerOnly = [...written].filter((each) => !simulated.has(each)).sort();
    return simulatedOnly.length + ledgerOnly.length === 0 ? [] : [{ task: code, simulatedOnly, ledgerOnly }];
  });
  return { tasks: lived.length, notifications: rows.length, differing };
}
