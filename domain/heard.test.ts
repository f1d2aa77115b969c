/** Proves when a task counts as late, until when, and who must have heard of it. */
import { expect, it } from 'vitest';
import { HA, LAN, MINH, NOW, SON } from '../test/people.ts';
import type { Request } from './command.ts';
import type { TaskEvent } from './event.ts';
import { firstHeard, latenesses } from './heard.ts';
import type { AgencyCode, TaskCode } from './names.ts';
import { isRefusal } from './refusals.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';
import { takeInput } from './turn.ts';

const code = 'T-1' as TaskCode;
const day = (date: string, time = '02:00') => `2026-${date}T${time}:00.000Z` as IsoInstant;
const due = (date: string) => ({ deadline: `2026-${date}` as IsoDate, deadlineAt: day(date, '10:00') });

/** The clock's word where there is no request. */
function lived(acts: readonly (readonly [at: IsoInstant, request?: Request, actor?: typeof LAN])[]): TaskEvent[] {
  const assignment = {
    ...due('03-20'),
    title: 'x',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: LAN.email,
    supervisor: MINH.email,
    coordinator: HA.email,
    assignedAt: NOW,
    regular: false,
    priority: 'normal' as const,
    policy: { name: 'standard', version: 1 },
  };
  const events: TaskEvent[] = [];
  let task: Task | null = null;
  for (const [at, request, actor = LAN] of [[NOW, { type: 'AssignTask', assignment } as Request, HA] as const, ...acts]) {
    const input =
      request === undefined
        ? ({ kind: 'clock', input: { type: 'PassDeadline' } } as const)
        : ({ kind: 'command', id: 'x', actor, via: 'cli', request } as const);
    const turn = takeInput(code, task, input, at);
    if (isRefusal(turn)) throw new Error(turn.refused);
    task = turn.task;
    events.push(...turn.events);
  }
  return events;
}
const report: Request = { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] };
const brief = (events: TaskEvent[]) =>
  latenesses(events).map(({ deadlineAt, until }) => `${deadlineAt.slice(5, 10)} to ${until?.slice(5, 10) ?? '-'}`);

it.each<[string, TaskEvent[], string[]]>([
  ['in time is not late', lived([[day('03-19'), report]]), []],
  ['late while it lasts', lived([[day('03-20', '10:00')]]), ['03-20 to -']],
  ['late until it is reported', lived([[day('03-20', '10:00')], [day('03-24'), report]]), ['03-20 to 03-24']],
  ['while the verifier has it, it is not the assignee who is late', lived([[day('03-19'), report], [day('03-20', '10:00')]]), []],
  [
    'another deadline ends it, and may be missed too',
    lived([[day('03-20', '10:00')], [day('03-23'), { type: 'AmendTask', changes: due('04-10') }, HA], [day('04-10', '10:00')]]),
    ['03-20 to 03-23', '04-10 to -'],
  ],
])('%s', (_, events, expected) => {
  expect(brief(events)).toEqual(expected);
});

it('heard is what someone above the assignee was told of this deadline', () => {
  const [lateness] = latenesses(lived([[day('03-20', '10:00')], [day('03-27'), report]]));
  if (lateness === undefined) throw new Error('not late');
  const telling = (at: IsoInstant, step: string, recipient = MINH.email) => ({ at, step, recipient });
  const steps = new Set(['overdue', 'warning']);
  expect(firstHeard(lateness, [], steps)).toBeNull();
  expect(firstHeard(lateness, [telling(day('03-23'), 'overdue', LAN.email), telling(day('03-24'), 'unacknowledged')], steps)).toBeNull();
  expect(firstHeard(lateness, [telling(day('03-25'), 'overdue', SON.email), telling(day('03-24'), 'overdue')], steps)).toBe(day('03-24'));
  expect(firstHeard(lateness, [telling(day('03-18'), 'warning')], steps)).toBe(day('03-18'));
  expect(firstHeard(lateness, [telling(day('03-28'), 'overdue')], steps)).toBeNull();
});
