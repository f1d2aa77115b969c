/** What the pure core costs: judging, applying, rebuilding, planning. The peer is a copy of the same state by JSON, the cheapest that a store could do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy, POLICIES_DIR, readPolicyFile } from '../config/policy.ts';
import type { Request } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { TaskEvent } from '../domain/event.ts';
import { evolve, replay } from '../domain/evolve.ts';
import { type Directory, plan } from '../domain/plan.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Task } from '../domain/task.ts';
import { HA, LAN, MINH, NOW, SON, taskAfter } from '../test/people.ts';

const ROUNDS = 20_000;
const EVENTS = 1_000;

const STANDARD_FILE = join(POLICIES_DIR, 'standard.yaml');
const people = new Map([HA, LAN, MINH, SON].map((person) => [person.email, person]));
const directory: Directory = {
  person: (email) => people.get(email),
  agency: (code) => ({ code, name: { vi: '', en: '', fr: '' }, kind: 'ministry', head: SON.email }) as ReturnType<Directory['agency']>,
  standIn: () => undefined,
  askedToName: () => undefined,
};
/** What a task is planned by, under the policy that most tasks have. */
export const STANDARD = { policy: loadPolicy(STANDARD_FILE).policy, calendar: vietnamCalendar({ from: 2025, to: 2028 }), directory };

type Result = (name: string, value: number, unit: string, limit: number, peer?: { name: string; value: number }) => void;

/** Microseconds of one call, in the mean of many after as many to warm up. */
function microseconds(act: () => unknown, rounds = ROUNDS): number {
  for (let round = 0; round < rounds; round += 1) act();
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) act();
  return ((performance.now() - began) * 1_000) / rounds;
}

export function benchDomain(result: Result): void {
  const task = taskAfter(['acknowledge', 'progress', 'question', 'contribution', 'nudge']);
  const request: Request = { type: 'ReportProgress', percent: 50, milestone: null, text: 'Đã lấy ý kiến', forecast: null };
  const input = { kind: 'command', id: 'x', actor: LAN, via: 'slack', request } as const;
  const [event] = decided(task, request);
  if (event === undefined) throw new Error('nothing was decided');
  const copy = { name: 'a copy of the state by JSON', value: microseconds(() => JSON.parse(JSON.stringify(task))) };
  result(
    'decide one command',
    microseconds(() => decide(task.code, task, input, NOW)),
    'µs',
    20,
    copy,
  );
  result(
    'evolve one event',
    microseconds(() => evolve(task, event)),
    'µs',
    20,
    copy,
  );

  const events: TaskEvent[] = [];
  let current: Task | null = taskAfter([]);
  const first = assigned(current);
  events.push(first);
  while (events.length < EVENTS) {
    const next: TaskEvent[] = decided(current, events.length % 2 === 0 ? request : { type: 'AddComment', text: 'Đang chờ', files: [] });
    current = next.reduce<Task | null>(evolve, current);
    events.push(...next);
    if (current === null) throw new Error('no task');
  }
  result('rebuild a task of 1,000 events', microseconds(() => replay(events.slice(0, EVENTS)), 50) / 1_000, 'ms', 5, {
    name: 'a copy of its events by JSON',
    value: microseconds(() => JSON.parse(JSON.stringify(events)), 50) / 1_000,
  });

  const planned = () => plan({ ...STANDARD, task, from: NOW, waiting: [] });
  result('plan one task', microseconds(planned, 500) / 1_000, 'ms', 1, { name: copy.name, value: copy.value / 1_000 });

  // One that extends another: both are read. What a person waits for is the first check of a process.
  const strict = join(POLICIES_DIR, 'strict.yaml');
  const texts = [STANDARD_FILE, strict].map((file) => readFileSync(file, 'utf8'));
  const yaml = { name: 'its YAML alone', value: microseconds(() => texts.map((text) => parse(text)), 20) / 1_000 };
  result('check one policy', microseconds(() => readPolicyFile(strict), 20) / 1_000, 'ms', 200, yaml);
}

function decided(task: Task, request: Request): TaskEvent[] {
  const events = decide(task.code, task, { kind: 'command', id: 'x', actor: LAN, via: 'slack', request }, NOW);
  if (isRefusal(events)) throw new Error(events.refused);
  return events;
}

/** The event that `taskAfter([])` began with. */
function assigned(task: Task): TaskEvent {
  const { code, leadAgency, assignee, supervisor, coordinator, title, deadline, deadlineAt, policy } = task;
  return {
    type: 'TaskAssigned',
    code,
    seq: 1,
    at: NOW,
    by: coordinator,
    via: 'cli',
    commandId: 'x',
    assignment: {
      title,
      product: '',
      document: '',
      group: '',
      leadAgency,
      coordinatingAgencies: [],
      assignee,
      supervisor,
      coordinator,
      assignedAt: NOW,
      deadline,
      deadlineAt,
      regular: false,
      priority: 'normal',
      policy,
    },
  };
}
