/**
 * The whole life of a task in dondoc, counted from the histories of its workflow and of the couriers. Twice: on a server that skips time,
 * at the dates of a life, where no courier can wait for the next message; and at the host's own clock, a life in minutes as the sample's is
 * in seconds, where couriers stay as they do by day.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectionsOf, type System, startSystem } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { readEnvironment } from '../config/env.ts';
import { addDays, endOfOfficeHours } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { AgencyCode, Channel, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, localDate } from '../domain/time.ts';
import { exampleSlackUsers, seedDirectory } from '../examples/demo.ts';
import { openMovableTime } from '../ops/movable-time.ts';
import { freePort } from '../ops/ports.ts';
import { removeState } from '../ops/postgres.ts';
import { startStack } from '../ops/stack.ts';
import { courierWorkflowId, PARTITIONS, taskWorkflowId } from '../workflows/names.ts';
import { addressOf, COORDINATOR, openDondoc, storeSteps } from './dondoc.ts';
import { costOf, type HistoryCost } from './history-cost.ts';
import { withStage } from './stage.ts';

/** What couriers cost is shared by all whom they tell at one moment: fewer than any body has, so that it is not flattered. */
const TASKS = 50;
const MONDAY = '2031-03-03T02:00:00.000Z' as IsoInstant;
const DAYS = 18;
const POLICY = { name: 'standard', version: 3 };
const LAN = 'lan.nguyen@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
const PROGRESS: Request = { type: 'ReportProgress', percent: 50, milestone: null, text: 'x', forecast: null };
/** After the assignment, each at an instant of the engine's clock (UTC). */
const LIFE: readonly { readonly at: IsoInstant; readonly by: Email; readonly request: Request }[] = [
  { at: '2031-03-04T03:00:00.000Z' as IsoInstant, by: LAN, request: { type: 'AcknowledgeTask' } },
  { at: '2031-03-10T03:00:00.000Z' as IsoInstant, by: LAN, request: PROGRESS },
  { at: '2031-03-19T03:00:00.000Z' as IsoInstant, by: LAN, request: PROGRESS },
  { at: '2031-03-20T03:00:00.000Z' as IsoInstant, by: LAN, request: { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] } },
  { at: '2031-03-20T08:00:00.000Z' as IsoInstant, by: HA, request: { type: 'VerifyTask', note: '' } },
];

export interface LifeCost extends HistoryCost {
  readonly reminders: number;
  readonly commands: number;
}

/** Seconds after each task's assignment; its steps come at full minutes. */
const MINUTES_LIFE: readonly { readonly after: number; readonly by: Email; readonly request: Request }[] = LIFE.map(
  ({ by, request }, index) => ({ after: [75, 135, 255, 315, 345][index] ?? 345, by, request }),
);
const BETWEEN_TASKS_MS = 600;
const MINUTES_STEPS = [
  step('assigned', 'assignment', '0m', 'unacknowledged', 'assignment', 'assignee'),
  ...[1, 2, 3, 4, 5].map((minute) => step(`after-${minute}m`, 'assignment', `+${minute}m`, 'unreported', 'reminder', 'assignee')),
  step('reported', 'report', '0m', 'reported', 'verification_request', 'coordinator'),
];

function step(id: string, anchor: string, offset: string, when: string, kind: string, audience: string): string {
  return `{ id: ${id}, anchor: ${anchor}, offset: ${offset}, when: ${when}, kind: ${kind}, audience: [${audience}], channels: { order: [slack], use: first } }`;
}

/** As `costDondoc`, at the host's clock. */
export async function costStaying(): Promise<LifeCost> {
  let cost: LifeCost | undefined;
  await withStage({ limits: 'none' }, async (stage) => {
    const { system, start } = await openDondoc(stage, { people: TASKS, limits: 'none' });
    await storeSteps(system, stage, 'minutes', MINUTES_STEPS);
    const worker = await start('worker');
    const assignment = await assignmentOf(system, { assignee: addressOf(0), policy: { name: 'minutes', version: 1 } });
    const codes = Array.from({ length: TASKS }, (_, index) => `COST-${index}` as TaskCode);
    await Promise.all(
      codes.map(async (code, index) => {
        const assignee = addressOf(index);
        await pause(index * BETWEEN_TASKS_MS);
        const began = performance.now();
        const given = {
          ...assignment,
          assignment: { ...assignment.assignment, assignee, coordinator: COORDINATOR, assignedAt: system.now() },
        };
        await act(system, code, COORDINATOR, given);
        for (const { after, by, request } of MINUTES_LIFE) {
          await pause(Math.max(0, began + after * 1_000 - performance.now()));
          await act(system, code, by === LAN ? assignee : COORDINATOR, request);
        }
      }),
    );
    cost = await costOfAll(system, codes, ['slack']);
    await worker.stop();
    await system.stop();
  });
  if (cost === undefined) throw new Error('nothing was counted');
  return cost;
}

/** @returns what one task costs, its share of the couriers included. @throws Error when a command is not carried out */
export async function costDondoc(): Promise<LifeCost> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-cost-'));
  const time = await openMovableTime(MONDAY);
  const stack = await startStack({
    state,
    slackUsers: exampleSlackUsers(),
    log: () => {},
    environment: readEnvironment({ ...process.env, TEMPORAL_ADDRESS: time.environment.address }),
    startedAt: MONDAY,
  });
  const system = await startSystem(connectionsOf(stack.info), await freePort(), {
    now: time.now,
    calendar: vietnamCalendar({ from: 2030, to: 2032 }),
  });
  try {
    await seedDirectory(system);
    const codes = Array.from({ length: TASKS }, (_, index) => `COST-${index}` as TaskCode);
    const assignment = await assignmentOf(system, { assignee: LAN, policy: POLICY });
    await eachTask(codes, (code) => act(system, code, HA, assignment));
    for (const { at, by, request } of LIFE) {
      await time.moveTo(at);
      await eachTask(codes, (code) => act(system, code, by, request));
    }
    await time.moveTo('2031-03-24T00:00:00.000Z' as IsoInstant);
    return await costOfAll(system, codes, ['slack', 'email']);
  } finally {
    await system.stop();
    await stack.stop();
    await time.close();
    removeState(state);
  }
}

/** One task's share of all that the engine has kept. @param channels by which somebody sends */
async function costOfAll({ database, client }: System, codes: readonly TaskCode[], channels: readonly Channel[]): Promise<LifeCost> {
  const told = await database.notification.count({ where: { status: { in: ['sent', 'merged'] } } });
  const ids = [
    ...codes.map(taskWorkflowId),
    ...channels.flatMap((channel) => Array.from({ length: PARTITIONS }, (_, partition) => courierWorkflowId(channel, partition))),
  ];
  const costs = await Promise.all(ids.map(async (id) => costOf((await client.workflow.getHandle(id).fetchHistory()).events ?? [])));
  const share = (of: (cost: HistoryCost) => number) =>
    Math.round((costs.reduce((sum, cost) => sum + of(cost), 0) / codes.length) * 10) / 10;
  return {
    reminders: Math.round((told / codes.length) * 10) / 10,
    commands: LIFE.length + 1,
    events: share(({ events }) => events),
    actions: share(({ actions }) => actions),
  };
}

async function assignmentOf(system: System, o: { readonly assignee: Email; readonly policy: typeof POLICY }) {
  const deadline = addDays(localDate(system.now(), COMMITTEE_TIME_ZONE), DAYS);
  return {
    type: 'AssignTask' as const,
    assignment: {
      title: 'Trình nghị định',
      product: '',
      document: '',
      group: '',
      leadAgency: 'MOST' as AgencyCode,
      coordinatingAgencies: [],
      assignee: o.assignee,
      supervisor: null,
      coordinator: HA,
      assignedAt: system.now(),
      deadline,
      deadlineAt: endOfOfficeHours((await system.calendars()).main, deadline),
      regular: false,
      priority: 'normal' as const,
      policy: o.policy,
    },
  };
}

async function act(system: System, code: TaskCode, actor: Email, request: Request): Promise<void> {
  const key = `${code}:${system.now()}:${request.type}`;
  const { answer } = await system.inbox.submit({ key, code, actor, via: 'cli', request });
  if (answer !== 'done') throw new Error(`${code} ${request.type}: ${answer}`);
}

/** One after another: what is accepted in one turn shares its cost, and people do not act in the same millisecond. */
async function eachTask(codes: readonly TaskCode[], act: (code: TaskCode) => Promise<void>): Promise<void> {
  for (const code of codes) await act(code);
}
