/**
 * Measures what the README claims, on the embedded stack: `npm run bench`. One JSON line a result; each with a peer measured in the
 * same run, the least that the same machine could do for it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import { connectionsOf, type System, startSystem } from '../cli/system.ts';
import { readEnvironment } from '../config/env.ts';
import { addDays, endOfOfficeHours } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';
import { EXAMPLE_AS_OF, exampleSlackUsers, seedDirectory } from '../examples/demo.ts';
import { armTasks } from '../inbox/arm.ts';
import { importTasks } from '../inbox/import/import.ts';
import { freePort } from '../ops/ports.ts';
import { removeState } from '../ops/postgres.ts';
import { type RunningStack, startStack } from '../ops/stack.ts';
import { benchDomain } from './domain.ts';
import { MACHINE } from './machine.ts';
import { percentile } from './percentile.ts';
import { benchSimulate } from './simulate.ts';

/** Of the policies in config/policies. */
const POLICY_VERSION = 3;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PRESSES = 120;
const REQUESTS = 200;

function result(name: string, value: number, unit: string, limit: number, peer?: { name: string; value: number }): void {
  const rounded = Math.round(value * 10) / 10;
  process.stdout.write(
    `${JSON.stringify({ bench: name, value: rounded, unit, limit, within: value <= limit, ...(peer && { peer: peer.name, peerValue: Math.round(peer.value * 10) / 10 }), machine: MACHINE })}\n`,
  );
}

const LAN = 'lan.nguyen@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
/** Commands of every kind: what changes the status, what changes the next moment, and what changes neither. */
const LIFE: readonly { readonly actor: Email; readonly request: Request }[] = [
  { actor: LAN, request: { type: 'AcknowledgeTask' } },
  { actor: LAN, request: { type: 'ReportProgress', percent: 20, milestone: null, text: 'x', forecast: null } },
  { actor: LAN, request: { type: 'AddComment', text: 'x', files: [] } },
  { actor: LAN, request: { type: 'AskQuestion', text: 'x' } },
  { actor: HA, request: { type: 'AnswerQuestion', question: 5, text: 'x' } },
  { actor: LAN, request: { type: 'ReportObstacle', kind: 'data', text: 'x' } },
  { actor: HA, request: { type: 'AnswerObstacle', obstacle: 7, text: 'x' } },
  { actor: LAN, request: { type: 'ReportProgress', percent: 60, milestone: null, text: 'x', forecast: null } },
];

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await pause(5);
}

benchDomain(result);
if (!process.argv.includes('--domain')) {
  await benchUp();
  await benchOffice();
}
process.exit(0);

/** The whole process, started as a person starts it: first on an empty state folder, then again. */
async function benchUp(): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-bench-'));
  const start = async (): Promise<{ child: ChildProcess; seconds: number }> => {
    const child = spawn(process.execPath, ['bootstrap.mjs', 'start', '--json', '--state', state], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (child.stdout === null) throw new Error('no stdout');
    const began = performance.now();
    await once(createInterface(child.stdout), 'line');
    return { child, seconds: (performance.now() - began) / 1_000 };
  };
  const stop = async (child: ChildProcess) => {
    const began = performance.now();
    child.kill('SIGTERM');
    await once(child, 'exit');
    return (performance.now() - began) / 1_000;
  };
  const first = await start();
  result('first start to ready, 1,287 tasks imported', first.seconds, 's', 20);
  // Until everything is armed and told: the most that the process does.
  await pause(80_000);
  const { pid } = JSON.parse(readFileSync(join(state, 'stack.json'), 'utf8')) as { pid: number };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024;
  result('peak memory of the up process after import, arming and digests', peak, 'MB', 600);
  result('stop', await stop(first.child), 's', 10);
  const second = await start();
  result('warm start to ready', second.seconds, 's', 8);
  await stop(second.child);
  removeState(state);
}

async function benchOffice(): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'dondoc-bench-'));
  const stack = await startStack({
    state,
    slackUsers: exampleSlackUsers(),
    log: () => {},
    environment: readEnvironment(process.env),
    startedAt: new Date().toISOString(),
  });
  const system = await startSystem(connectionsOf(stack.info), await freePort());
  await seedDirectory(system);
  await benchImport(system);
  await until(
    async () => (await system.database.task.count({ where: { armedAt: null, status: { notIn: ['completed', 'cancelled'] } } })) === 0,
  );
  await until(async () => (await system.database.notification.count({ where: { status: { in: ['claimed', 'sending'] } } })) === 0);
  await benchPages(system);
  await benchPress(stack, system);
  await benchHistory(system);
  // Last: a hundred thousand tasks are not what the others are measured beside.
  await benchSimulate(system, state, result);
  await system.stop();
  await stack.stop();
  removeState(state);
}

async function benchImport(system: System): Promise<void> {
  const peerTasks = 150;
  const began = performance.now();
  const bytes = readFileSync(join(ROOT, 'examples/tasks.csv'));
  await importTasks(
    { ...system, directory: await system.directory.get() },
    { bytes, dryRun: false, skipRefused: false, asOf: EXAMPLE_AS_OF },
  );
  await armTasks({ ...system, temporal: system.client });
  await until(
    async () => (await system.database.task.count({ where: { armedAt: null, status: { notIn: ['completed', 'cancelled'] } } })) === 0,
  );
  const seconds = (performance.now() - began) / 1_000;
  const peerBegan = performance.now();
  const codes = Array.from({ length: peerTasks }, (_, index) => `PEER-${index}`).values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const code of codes) await assign(system, code, 'standard');
    }),
  );
  await until(async () => (await system.database.task.count({ where: { code: { startsWith: 'PEER-' } } })) === peerTasks);
  const peer = ((performance.now() - peerBegan) / 1_000 / peerTasks) * 686;
  result('import and arm 1,287 tasks, first plan of each stored', seconds, 's', 15, {
    name: '686 open tasks one by one as commands (from 150)',
    value: peer,
  });
}

async function benchPages(system: System): Promise<void> {
  for (const path of ['/', '/tasks', '/tasks?standing=overdue&page=2', '/tasks?risk=high', '/tasks/NQ57-0100']) {
    const url = `${system.webUrl}${path}`;
    const body = await (await fetch(url)).text();
    const peer = createServer((_, response) => response.end(body));
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    const address = peer.address();
    const peerUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    const time = async (target: string) => {
      const times: number[] = [];
      for (let request = 0; request < REQUESTS; request += 1) {
        const began = performance.now();
        await (await fetch(target)).text();
        times.push(performance.now() - began);
      }
      return percentile(times, 0.95);
    };
    result(`page ${path}, p95`, await time(url), 'ms', 50, { name: 'the same bytes from memory', value: await time(peerUrl) });
    peer.close();
  }
}

/**
 * What a command costs the engine in events of the task's history, over commands of every kind, each after the last has come to
 * rest; the peer is a signal and an activity, the least that could carry one.
 */
async function benchHistory(system: System): Promise<void> {
  await assign(system, 'HISTORY', 'standard');
  const handle = system.client.workflow.getHandle('task/HISTORY');
  const length = async () => Number((await handle.describe()).historyLength);
  const atRest = async () => {
    let now = await length();
    for (let before = -1; before !== now; now = await length()) {
      before = now;
      await pause(300);
    }
    return now;
  };
  const costs: number[] = [];
  let before = await atRest();
  for (const [index, { actor, request }] of LIFE.entries()) {
    const answer = await system.inbox.submit({ key: `bench:history:${index}`, code: 'HISTORY' as TaskCode, actor, via: 'cli', request });
    if (answer.answer !== 'done') throw new Error(`${request.type}: ${JSON.stringify(answer)}`);
    const after = await atRest();
    costs.push(after - before);
    before = after;
  }
  const peer = { name: 'signal, workflow task, activity', value: 10 };
  result('history events a command', costs.reduce((sum, cost) => sum + cost, 0) / costs.length, 'events', 8, peer);
  result('history events a command, most', Math.max(...costs), 'events', 8, peer);
}

async function assign(system: System, code: string, policy: string): Promise<void> {
  const deadline = addDays(localDate(system.now(), COMMITTEE_TIME_ZONE), 20);
  const given = await system.inbox.submit({
    key: `bench:${code}`,
    code: code as TaskCode,
    actor: 'ha.le@vptw.example' as Email,
    via: 'cli',
    request: {
      type: 'AssignTask',
      assignment: {
        title: 'Đo tốc độ',
        product: '',
        document: '',
        group: '',
        leadAgency: 'MOST' as AgencyCode,
        coordinatingAgencies: [],
        assignee: 'lan.nguyen@most.example' as Email,
        supervisor: null,
        coordinator: 'ha.le@vptw.example' as Email,
        assignedAt: system.now(),
        deadline,
        deadlineAt: endOfOfficeHours((await system.calendars()).main, deadline),
        regular: false,
        priority: 'normal',
        policy: { name: policy, version: POLICY_VERSION },
      },
    },
  });
  // Under load an answer may come later than a person would wait: stored is kept, and carried out.
  if (given.answer === 'refused' || given.answer === 'not_stored') throw new Error(`${code}: ${given.answer}`);
}

/** From a person's press to the card that shows the outcome, as the local Slack's own page sees it, with all tasks open. */
async function benchPress(stack: RunningStack, system: System): Promise<void> {
  const { slack } = stack.info;
  if (slack?.url == null || slack.apiUrl === undefined) return;
  const socket = new WebSocket(`${slack.url.replace(/^http/, 'ws')}/ui`);
  const updated = new Map<string, number>();
  const acked: number[] = [];
  let asked = Number.NaN;
  socket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as {
      t: string;
      message?: { ts: string };
      entry?: { kind: string; time: number };
    };
    if (event.t === 'message_update' && event.message !== undefined) updated.set(event.message.ts, performance.now());
    // The local Slack logs each envelope to the bot and its acknowledgment, in milliseconds; presses come one after another.
    if (event.t === 'log' && event.entry?.kind === 'interactive') asked = event.entry.time;
    if (event.t === 'log' && event.entry?.kind === 'ack' && !Number.isNaN(asked)) acked.push(event.entry.time - asked);
    if (event.t === 'log' && event.entry?.kind === 'ack') asked = Number.NaN;
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  for (let index = 0; index < PRESSES; index += 1) await assign(system, `BENCH-${index}`, 'minutes');
  const cards = () => system.database.chatMessage.findMany({ where: { taskCode: { startsWith: 'BENCH-' } } });
  await until(async () => (await cards()).length >= PRESSES);
  const times: number[] = [];
  for (const { channel, ts, taskCode } of (await cards()).slice(0, PRESSES)) {
    const began = performance.now();
    await fetch(`${slack.control}/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel,
        messageTs: ts,
        user: 'U0LAN',
        action: { type: 'button', action_id: 'task_acknowledge', value: taskCode },
      }),
    });
    await until(() => (updated.get(ts) ?? 0) > began);
    times.push((updated.get(ts) ?? 0) - began);
  }
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
  const peers: number[] = [];
  for (const { channel, ts } of (await cards()).slice(0, PRESSES)) {
    const began = performance.now();
    await client.chat.update({ channel, ts, text: 'peer' });
    await until(() => (updated.get(ts) ?? 0) > began);
    peers.push((updated.get(ts) ?? 0) - began);
  }
  result('press to updated card, p50', percentile(times, 0.5), 'ms', 150, { name: 'chat.update alone', value: percentile(peers, 0.5) });
  result('press to updated card, p99', percentile(times, 0.99), 'ms', 500, { name: 'chat.update alone', value: percentile(peers, 0.99) });
  result("Bolt's acknowledgment of a press, p99", percentile(acked, 0.99), 'ms', 100);
  socket.close();
}
