/**
 * Proves that a turn which recorded, and was cut off before the engine kept it, goes on from what the store has: its command
 * is done once, and what came since is decided after it. The turn is left behind by hand, as a killed worker leaves it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecord } from '../activities/record.ts';
import { examine } from '../cli/doctor.ts';
import type { Command, Request } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import { evolve } from '../domain/evolve.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Task } from '../domain/task.ts';
import { commandId } from '../inbox/inbox.ts';
import { storedTask } from '../prisma/task-record.ts';
import { EXECUTE_UPDATE, TASK_QUEUE, taskWorkflowId } from '../workflows/names.ts';
import type { Accepted } from '../workflows/task-lifecycle.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';

const LAN_ACTS: Command['actor'] = { email: LAN.email, role: 'assignee', agency: 'MOST' as AgencyCode };
const HA_ACTS: Command['actor'] = { email: HA.email, role: 'coordinator', agency: 'VPTW' as AgencyCode };
let office: Office;
let code: TaskCode;
let cutOff: Command;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());
beforeEach(async ({ task }) => {
  code = `CUT-${task.id.replaceAll(/\W/g, '').toUpperCase()}` as TaskCode;
  expect(await office.assign(code, { policy: 'standard', days: 20 })).toMatchObject({ answer: 'done' });
  cutOff = byLan({ type: 'AcknowledgeTask' });
  await leaveBehind(cutOff);
});

const byLan = (request: Request): Command => ({ id: randomUUID(), code, actor: LAN_ACTS, via: 'slack', request });
const execute = (command: Command): Promise<Accepted> =>
  office.system.client.workflow.getHandle(taskWorkflowId(code)).executeUpdate(EXECUTE_UPDATE, { updateId: command.id, args: [command] });
const types = async () => (await office.events(code)).map(({ type }) => type);

/** What a turn of this command records, and no more: the engine hears nothing of it. */
async function leaveBehind({ id, actor, via, request }: Command): Promise<void> {
  const { database } = office.system;
  const before = storedTask((await database.task.findUniqueOrThrow({ where: { code } })).state);
  const now = office.system.now();
  const events = decide(code, before, { kind: 'command', id, actor, via, request }, now);
  if (isRefusal(events)) throw new Error(`refused: ${events.refused}`);
  const task = events.reduce<Task | null>(evolve, before);
  if (task === null) throw new Error('nothing was decided');
  const record = createRecord({
    database,
    plan: async () => ({ notifications: [], wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null }),
    wakeCouriers: async () => {},
  });
  await record({ code, events, task, now });
}

it('does the command once when it comes again', async () => {
  expect(await execute(cutOff)).toEqual({ seq: 2, status: 'acknowledged' });
  expect(await types()).toEqual(['TaskAssigned', 'TaskAcknowledged']);
});

it('decides another command after it', async () => {
  expect(await execute(byLan({ type: 'AddComment', text: 'Đang chờ số liệu', files: [] }))).toEqual({ seq: 3, status: 'acknowledged' });
  expect(await types()).toEqual(['TaskAssigned', 'TaskAcknowledged', 'CommentAdded']);
});

it('refuses a command that what the store has forbids, and keeps both out of the record', async () => {
  await expect(execute(byLan({ type: 'AcknowledgeTask' }))).rejects.toMatchObject({ cause: { type: 'already_acknowledged' } });
  expect(await types()).toEqual(['TaskAssigned', 'TaskAcknowledged']);
});

it('answers the command from the record when another came before it', async () => {
  await execute(byLan({ type: 'AddComment', text: 'Đang chờ số liệu', files: [] }));
  expect(await execute(cutOff)).toMatchObject({ seq: 2 });
  expect(await types()).toEqual(['TaskAssigned', 'TaskAcknowledged', 'CommentAdded']);
});

it('leaves workflows, record and ledger of one mind', async () => {
  await execute(cutOff);
  const planned = () => office.system.database.notification.count({ where: { taskCode: code, status: 'planned' } });
  await expect.poll(planned, { timeout: 15_000 }).toBeGreaterThan(0);
  const { findings } = await examine(office.system.database, office.system.client);
  expect(findings.filter((finding) => finding.code === code)).toEqual([]);
});

it('goes on from the record where a replay gave what happened another instant', async () => {
  await execute(cutOff);
  const nudge = { id: randomUUID(), code, actor: HA_ACTS, via: 'slack', request: { type: 'NudgeAssignee', text: 'Đến đâu rồi?' } } as const;
  expect(await execute(nudge)).toMatchObject({ seq: 3 });
  const stateOf = async () => storedTask((await office.system.database.task.findUniqueOrThrow({ where: { code } })).state);
  const stored = await stateOf();
  if (stored.nudge === null) throw new Error('not nudged');
  const replayed = { ...stored, nudge: { ...stored.nudge, at: office.system.now() } };
  expect(replayed.nudge.at).not.toBe(stored.nudge.at);
  await office.system.client.workflow.getHandle(taskWorkflowId(code)).terminate();
  await office.system.client.workflow.start('taskLifecycle', {
    workflowId: taskWorkflowId(code),
    taskQueue: TASK_QUEUE,
    args: [{ code, task: replayed, wakes: [], processed: [], indexed: null, planWanted: false, recordsWithinTurn: true }],
  });

  expect(await execute(byLan({ type: 'AddComment', text: 'Đang chờ số liệu', files: [] }))).toMatchObject({ seq: 4 });
  expect(await types()).toEqual(['TaskAssigned', 'TaskAcknowledged', 'AssigneeNudged', 'CommentAdded']);
  expect((await stateOf()).nudge).toEqual(stored.nudge);
  const { findings } = await examine(office.system.database, office.system.client);
  expect(findings.filter((finding) => finding.code === code)).toEqual([]);
});

describe('what a workflow refuses that is behind the store', () => {
  const submit = (actor: Email, request: Request) =>
    office.system.inbox.submit({ key: `${code}:${actor}:${request.type}`, code, actor, via: 'slack', request });

  it('waits until it has caught up, and is done then', async () => {
    await execute(cutOff);
    await leaveBehind(byLan({ type: 'ReportDone', evidence: [{ type: 'text', text: 'Quyết định 12' }] }));
    expect(await submit(HA.email, { type: 'VerifyTask', note: '' })).toMatchObject({ answer: 'stored' });
    await expect.poll(types, { timeout: 15_000 }).toEqual(['TaskAssigned', 'TaskAcknowledged', 'DoneReported', 'TaskVerified']);
  });

  it('waits also where the workflow knows of no task at all', async () => {
    const lost = `${code}-LOST` as TaskCode;
    // Its assignment was recorded, and the engine died before it had kept anything but the start.
    await office.assign(lost, { policy: 'standard', days: 20 });
    await office.system.client.workflow.getHandle(taskWorkflowId(lost)).terminate();
    await office.system.client.workflow.start('taskLifecycle', {
      workflowId: taskWorkflowId(lost),
      taskQueue: TASK_QUEUE,
      args: [{ code: lost, task: null, wakes: [], processed: [], indexed: null, planWanted: false }],
    });
    const acknowledge = {
      key: `${lost}:acknowledge`,
      code: lost,
      actor: LAN.email,
      via: 'slack',
      request: { type: 'AcknowledgeTask' },
    } as const;
    expect(await office.system.inbox.submit(acknowledge)).toEqual({ answer: 'stored', commandId: commandId(acknowledge.key) });
    const typesOfLost = async () => (await office.events(lost)).map(({ type }) => type);
    await expect.poll(typesOfLost, { timeout: 15_000 }).toEqual(['TaskAssigned', 'TaskAcknowledged']);
  });
});
