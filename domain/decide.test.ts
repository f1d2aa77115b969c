/** Proves the rules of a task's life, given–when–then. Does not prove who is told: see plan.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Actor, Request } from './command.ts';
import { decide } from './decide.ts';
import type { TaskEvent } from './event.ts';
import { evolve, initial, replay } from './evolve.ts';
import type { AgencyCode, Email, TaskCode } from './names.ts';
import { isRefusal, type RefusalCode } from './refusals.ts';
import { type Task, upgraded } from './task.ts';
import type { IsoDate, IsoInstant } from './time.ts';

const code = 'NQ57-0001' as TaskCode;
const now = '2026-03-02T02:00:00.000Z' as IsoInstant;
const who = (email: string, role: Actor['role'], agency: string): Actor => ({ email: email as Email, role, agency: agency as AgencyCode });
const lan = who('lan@most.example', 'assignee', 'MOST');
const minh = who('minh@most.example', 'supervisor', 'MOST');
const ha = who('ha@vptw.example', 'coordinator', 'VPTW');
const son = who('son@mof.example', 'head', 'MOF');

const assign: Request = {
  type: 'AssignTask',
  assignment: {
    title: 'Trình nghị định',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: [],
    assignee: lan.email,
    supervisor: minh.email,
    coordinator: ha.email,
    assignedAt: now,
    deadline: '2026-03-20' as IsoDate,
    deadlineAt: '2026-03-20T10:00:00.000Z' as IsoInstant,
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: 1 },
  },
};
const report: Request = { type: 'ReportDone', evidence: [{ type: 'text', text: 'Nghị định 12/2026/NĐ-CP' }] };
const transfer: Request = { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'không đúng chức năng' };
const approve: Request = { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' };
const accept: Request = {
  type: 'AcceptTransfer',
  assignee: 'an@mof.example' as Email,
  assigneeAgency: 'MOF' as AgencyCode,
  supervisor: null,
};
const extend: Request = {
  type: 'RequestExtension',
  deadline: '2026-04-10' as IsoDate,
  deadlineAt: '2026-04-10T10:00:00.000Z' as IsoInstant,
  reason: 'chờ ý kiến',
  basis: '15/BC',
};
const grant: Request = { type: 'DecideExtension', decision: 'grant', until: null, reason: '' };
const obstacle: Request = { type: 'ReportObstacle', kind: 'law', text: 'chưa có quy định' };
const answer: Request = { type: 'AnswerObstacle', obstacle: null, text: 'áp dụng Nghị định 47' };
type Act = [Actor, Request];

let id = 0;
function act(task: Task | null, [actor, request]: Act) {
  id += 1;
  return decide(code, task, { kind: 'command', id: String(id), actor, via: 'cli', request }, now);
}

function following(acts: Act[]): { task: Task | null; events: TaskEvent[] } {
  return acts.reduce<{ task: Task | null; events: TaskEvent[] }>(
    ({ task, events }, each) => {
      const decision = act(task, each);
      if (isRefusal(decision)) throw new Error(`refused in the given: ${decision.refused}`);
      return { task: decision.reduce<Task | null>(evolve, task), events: [...events, ...decision] };
    },
    { task: initial, events: [] },
  );
}

const given = {
  nothing: [] as Act[],
  assigned: [[ha, assign]] as Act[],
  acknowledged: [
    [ha, assign],
    [lan, { type: 'AcknowledgeTask' }],
  ] as Act[],
  reported: [
    [ha, assign],
    [lan, report],
  ] as Act[],
  completed: [
    [ha, assign],
    [lan, report],
    [ha, { type: 'VerifyTask', note: '' }],
  ] as Act[],
  cancelled: [
    [ha, assign],
    [ha, { type: 'CancelTask', reason: 'trùng' }],
  ] as Act[],
  asked: [
    [ha, assign],
    [lan, transfer],
  ] as Act[],
  approved: [
    [ha, assign],
    [lan, transfer],
    [ha, approve],
  ] as Act[],
  more: [
    [ha, assign],
    [lan, extend],
  ] as Act[],
  blocked: [
    [ha, assign],
    [lan, obstacle],
  ] as Act[],
  doubly: [
    [ha, assign],
    [lan, obstacle],
    [minh, { ...obstacle, kind: 'money' }],
  ] as Act[],
  transferred: [
    [ha, assign],
    [lan, transfer],
    [ha, approve],
    [son, accept],
  ] as Act[],
};

describe('what happens', () => {
  it.each<[keyof typeof given, Act, TaskEvent['type'][]]>([
    ['nothing', [ha, assign], ['TaskAssigned']],
    ['assigned', [lan, { type: 'AcknowledgeTask' }], ['TaskAcknowledged']],
    ['assigned', [lan, report], ['TaskAcknowledged', 'DoneReported']],
    ['acknowledged', [lan, report], ['DoneReported']],
    ['reported', [ha, { type: 'VerifyTask', note: '' }], ['TaskVerified']],
    ['reported', [ha, { type: 'ReturnTask', reason: 'thiếu phụ lục' }], ['TaskReturned']],
    ['assigned', [minh, transfer], ['TransferRequested']],
    ['assigned', [lan, extend], ['ExtensionRequested']],
    ['more', [ha, grant], ['ExtensionGranted']],
    ['more', [ha, { ...grant, decision: 'refuse', reason: 'đã gia hạn' } as Request], ['ExtensionRefused']],
    ['more', [lan, report], ['TaskAcknowledged', 'DoneReported']],
    ['assigned', [minh, obstacle], ['ObstacleReported']],
    ['blocked', [ha, answer], ['ObstacleAnswered']],
    ['doubly', [ha, { ...answer, obstacle: 3 } as Request], ['ObstacleAnswered']],
    ['asked', [ha, approve], ['TransferApproved']],
    ['asked', [ha, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'đúng chức năng' }], ['TransferRefused']],
    ['approved', [son, accept], ['TransferAccepted']],
    ['approved', [son, { type: 'DeclineTransfer', reason: 'không nhận' }], ['TransferDeclined']],
    ['completed', [lan, { type: 'AddComment', text: 'cảm ơn', files: [] }], ['CommentAdded']],
  ])('given %s', (state, when, types) => {
    const decision = act(following(given[state]).task, when);
    expect(isRefusal(decision) ? decision : decision.map(({ type }) => type)).toEqual(types);
  });
});

describe('what is refused', () => {
  it.each<[keyof typeof given, Act, RefusalCode]>([
    ['nothing', [lan, { type: 'AcknowledgeTask' }], 'task_unknown'],
    ['assigned', [ha, assign], 'already_assigned'],
    ['acknowledged', [lan, { type: 'AcknowledgeTask' }], 'already_acknowledged'],
    ['reported', [lan, report], 'already_reported'],
    ['completed', [lan, report], 'already_completed'],
    ['cancelled', [lan, report], 'already_cancelled'],
    ['acknowledged', [ha, { type: 'VerifyTask', note: '' }], 'not_reported'],
    ['assigned', [lan, { type: 'ReportDone', evidence: [] }], 'evidence_missing'],
    ['asked', [ha, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: '' }], 'reason_missing'],
    ['assigned', [minh, { type: 'AcknowledgeTask' }], 'not_the_assignee'],
    ['assigned', [lan, { type: 'CancelTask', reason: 'x' }], 'not_a_coordinator'],
    ['reported', [lan, { type: 'VerifyTask', note: '' }], 'verifier_is_reporter'],
    ['assigned', [son, transfer], 'not_of_this_agency'],
    ['approved', [lan, accept], 'not_of_the_receiving_agency'],
    ['asked', [lan, transfer], 'transfer_open'],
    ['assigned', [lan, { ...transfer, toAgency: 'MOST' as AgencyCode } as Request], 'transfer_to_same_agency'],
    [
      'transferred',
      [who('an@mof.example', 'assignee', 'MOF'), { ...transfer, toAgency: 'MOST' as AgencyCode } as Request],
      'transfer_back',
    ],
    ['assigned', [ha, approve], 'no_transfer_open'],
    ['asked', [son, accept], 'transfer_not_decided'],
    ['approved', [ha, approve], 'transfer_already_decided'],
    ['approved', [son, { ...accept, assigneeAgency: 'MOST' as AgencyCode } as Request], 'assignee_of_other_agency'],
    ['more', [lan, extend], 'extension_open'],
    ['more', [lan, transfer], 'extension_open'],
    ['asked', [lan, extend], 'transfer_open'],
    ['assigned', [son, extend], 'not_of_this_agency'],
    ['reported', [lan, extend], 'already_reported'],
    [
      'assigned',
      [lan, { ...extend, deadline: '2026-03-20' as IsoDate, deadlineAt: '2026-03-20T10:00:00.000Z' as IsoInstant } as Request],
      'extension_not_later',
    ],
    ['assigned', [ha, grant], 'no_extension_open'],
    ['more', [lan, grant], 'not_a_coordinator'],
    ['more', [ha, { ...grant, decision: 'refuse' } as Request], 'reason_missing'],
    ['assigned', [son, obstacle], 'not_of_this_agency'],
    ['assigned', [ha, answer], 'no_obstacle_open'],
    ['blocked', [lan, answer], 'not_a_coordinator'],
    ['blocked', [ha, { ...answer, obstacle: 99 } as Request], 'no_obstacle_open'],
    ['doubly', [ha, answer], 'obstacle_unclear'],
    ['assigned', [ha, { type: 'AmendTask', changes: { title: 'Trình nghị định' } }], 'nothing_changed'],
  ])('given %s', (state, when, refused) => {
    expect(act(following(given[state]).task, when)).toMatchObject({ refused });
  });
});

describe('for any sequence of commands by anyone', () => {
  const anyAct = fc.tuple(
    fc.constantFrom(lan, minh, ha, son),
    fc.constantFrom<Request>(
      assign,
      { type: 'AcknowledgeTask' },
      report,
      { type: 'VerifyTask', note: '' },
      { type: 'ReturnTask', reason: 'x' },
      transfer,
      approve,
      accept,
      extend,
      grant,
      obstacle,
      answer,
      { type: 'CancelTask', reason: 'x' },
    ),
  );
  it('the events rebuild the state, and completed means verified by another person', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 40 }), (acts) => {
        let task: Task | null = initial;
        const events: TaskEvent[] = [];
        for (const each of acts) {
          const decision = act(task, each);
          if (isRefusal(decision)) continue;
          events.push(...decision);
          task = decision.reduce<Task | null>(evolve, task);
        }
        expect(replay(events)).toEqual(task);
        if (task?.status === 'completed') expect(task.verifiedBy).not.toBe(task.reportedBy);
      }),
    );
  });
});

describe('an extension', () => {
  it('moves the deadline, keeps the first one, and takes the lateness back', () => {
    const { task } = following([...given.more, [ha, grant]]);
    expect(task).toMatchObject({
      deadline: '2026-04-10',
      originalDeadline: '2026-03-20',
      extensionsGranted: 1,
      deadlinePassed: false,
      extension: null,
    });
  });

  it('asked for after the deadline is marked as such', () => {
    const { task } = following(given.assigned);
    const late = decide(
      code,
      task,
      { kind: 'command', id: 'late', actor: lan, via: 'cli', request: extend },
      '2026-03-25T00:00:00.000Z' as IsoInstant,
    );
    expect(late).toMatchObject([{ type: 'ExtensionRequested', afterDeadline: true }]);
  });

  it('that is open falls away when the task is reported done', () => {
    expect(following([...given.more, [lan, report]]).task).toMatchObject({ status: 'reported', extension: null });
  });
});

it('gives a state of an earlier version what it did not know', () => {
  const { task } = following(given.assigned);
  const later = ['extension', 'extensionsGranted', 'extensionAnswer', 'originalDeadline', 'obstacles', 'obstacleAnswer'];
  const older = Object.fromEntries(Object.entries(task ?? {}).filter(([field]) => !later.includes(field)));
  expect(upgraded(older as Task)).toEqual(task);
});
