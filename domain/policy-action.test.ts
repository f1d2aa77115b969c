/** Proves what the actions of a policy make of a task, and when they have nothing left to do. */
import { describe, expect, it } from 'vitest';
import { HA, LAN, MINH, NOW, taskAfter } from '../test/people.ts';
import { addMinutes } from './calendar.ts';
import type { Request } from './command.ts';
import { decide } from './decide.ts';
import type { Input } from './event.ts';
import { evolve } from './evolve.ts';
import type { Email } from './names.ts';
import type { StepAction } from './policy.ts';
import { isRefusal } from './refusals.ts';
import type { Task } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const hours = (count: number) => addMinutes(NOW, count * 60);
const byClock = (since: IsoInstant, action: StepAction['action']): Input => ({
  kind: 'clock',
  input: { type: 'TakeAction', action, step: 'late', to: null, since },
});
const by = (actor: typeof LAN, request: Request): Input => ({ kind: 'command', id: 'x', actor, via: 'slack', request });
const until = { deadline: '2026-04-10' as IsoDate, deadlineAt: '2026-04-10T10:00:00.000Z' as IsoInstant };

/** What follows from inputs an hour apart, and the last state. */
function lived(start: Task, ...inputs: Input[]): { said: string[]; task: Task } {
  let task = start;
  const said = inputs.map((input, index) => {
    const events = decide(task.code, task, input, hours(index + 1));
    if (isRefusal(events)) return events.refused;
    task = events.reduce<Task>(evolve, task);
    return events.map(({ type }) => type).join();
  });
  return { said, task };
}

describe('ask_extension_decision', () => {
  const ask = (at: number) => byClock(hours(at), 'ask_extension_decision');
  const give = by(HA, { type: 'DecideExtension', decision: 'grant', until, reason: 'Luật lùi sang kỳ họp sau' });
  const wish = by(HA, { type: 'DecideExtension', decision: 'grant', until: null, reason: '' });
  const refuse = by(HA, { type: 'DecideExtension', decision: 'refuse', until: null, reason: 'Đã đủ thời gian' });
  const request = by(LAN, { type: 'RequestExtension', ...until, reason: 'Chờ luật', basis: '' });

  it.each<[says: string, start: Task, inputs: Input[], said: string[], open: boolean | undefined]>([
    [
      'lets the coordinator give more time without a request',
      taskAfter([]),
      [ask(1), give],
      ['ExtensionDecisionAsked', 'ExtensionGranted'],
      false,
    ],
    ['wants a date from who gives it', taskAfter([]), [ask(1), wish], ['ExtensionDecisionAsked', 'extension_not_later'], true],
    [
      'is answered by "no"',
      taskAfter([]),
      [ask(1), refuse, give],
      ['ExtensionDecisionAsked', 'ExtensionRefused', 'no_extension_open'],
      false,
    ],
    [
      'is answered by a request, which is decided as ever',
      taskAfter([]),
      [ask(1), request, wish],
      ['ExtensionDecisionAsked', 'ExtensionRequested', 'ExtensionGranted'],
      false,
    ],
    [
      'is over with another deadline',
      taskAfter([]),
      [ask(1), by(HA, { type: 'AmendTask', changes: until })],
      ['ExtensionDecisionAsked', 'TaskAmended'],
      false,
    ],
    ['asks nothing while an answer is waited for', taskAfter(['acknowledge', 'extend']), [ask(1)], [''], undefined],
    ['asks nothing of what is reported', taskAfter(['acknowledge', 'report']), [ask(1)], [''], undefined],
    ['is not asked twice while it is open', taskAfter([]), [ask(1), ask(2)], ['ExtensionDecisionAsked', ''], true],
    [
      'is not asked again by the same moment',
      taskAfter([]),
      [ask(1), refuse, ask(1)],
      ['ExtensionDecisionAsked', 'ExtensionRefused', ''],
      false,
    ],
    [
      'is asked again by a later one',
      taskAfter([]),
      [ask(1), refuse, ask(3)],
      ['ExtensionDecisionAsked', 'ExtensionRefused', 'ExtensionDecisionAsked'],
      true,
    ],
  ])('%s', (_, start, inputs, said, open) => {
    const after = lived(start, ...inputs);
    expect(after.said).toEqual(said);
    expect(after.task.extensionQuestion?.open).toBe(open);
  });

  it('is no question to the next holder', () => {
    const { said, task } = lived(taskAfter([]), ask(1), {
      kind: 'clock',
      input: { type: 'TakeAction', action: 'hand_over', step: 'late', to: HA.email },
    });
    expect([said.at(-1), task.extensionQuestion]).toEqual(['TaskReassigned', null]);
  });
});

describe('nudge_letter', () => {
  const start = taskAfter(['acknowledge', 'late']);
  const ask = (since: number, to: Email | null = HA.email): Input => ({
    kind: 'clock',
    input: { type: 'TakeAction', action: 'nudge_letter', step: 'late', to, since: hours(since) },
  });
  const report = by(LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: '12/2026/NĐ-CP' }] });
  it.each<[says: string, start: Task, inputs: Input[], said: string[]]>([
    ['is asked of a late task', start, [ask(1)], ['NudgeLetterAsked']],
    [
      'is asked once by one moment, and again by a later one',
      start,
      [ask(1), ask(1), ask(3)],
      ['NudgeLetterAsked', '', 'NudgeLetterAsked'],
    ],
    ['is not asked where nobody leads the agency', start, [ask(1, null)], ['']],
    ['is not asked of what is not late', taskAfter(['acknowledge']), [ask(1)], ['']],
    ['is not asked of what is reported', start, [report, ask(2)], ['DoneReported', '']],
    [
      'is not asked while a request waits',
      start,
      [by(LAN, { type: 'RequestExtension', ...until, reason: 'x', basis: '' }), ask(2)],
      ['ExtensionRequested', ''],
    ],
  ])('%s', (_, from, inputs, said) => expect(lived(from, ...inputs).said).toEqual(said));
});

describe('hand_over', () => {
  const give = (to: Email | null, since: number): Input => ({
    kind: 'clock',
    input: { type: 'TakeAction', action: 'hand_over', step: 'late', to, since: hours(since) },
  });
  it.each<[says: string, inputs: Input[], said: string[]]>([
    ['gives the task to another', [give(MINH.email, 0.5)], ['TaskReassigned']],
    ['leaves it to whoever got it after its moment', [give(MINH.email, 0.5), give(HA.email, 0.5)], ['TaskReassigned', '']],
    ['takes it from them by a later one', [give(MINH.email, 0.5), give(HA.email, 1.5)], ['TaskReassigned', 'TaskReassigned']],
    ['leaves it where it is, where nobody could have it', [give(null, 0.5)], ['']],
  ])('%s', (_, inputs, said) => expect(lived(taskAfter([]), ...inputs).said).toEqual(said));
});
