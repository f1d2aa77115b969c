/** Proves the rules of a task's life, given–when–then. Does not prove who is told: see plan.test.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Actor, Request } from './command.ts';
import { decide } from './decide.ts';
import type { TacitAnswer, TaskEvent } from './event.ts';
import { evolve, initial } from './evolve.ts';
import type { AgencyCode, Email, PartId, TaskCode } from './names.ts';
import { isRefusal, REFUSALS, type RefusalCode } from './refusals.ts';
import { NOTHING_YET, type Task, upgraded } from './task.ts';
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
const due = (deadline: string) => ({ deadline: deadline as IsoDate, deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant });
const part = (id: string) => id as PartId;
const progress: Request = { type: 'ReportProgress', percent: 40, milestone: null, text: '', forecast: null };
const ask: Request = { type: 'AskQuestion', text: 'Trình ai?' };
const risk: Request = { type: 'ReportRisk', level: 'high', reason: 'chưa có đơn vị tư vấn' };
const reply: Request = { type: 'AnswerQuestion', question: null, text: 'Trình Chính phủ' };
const cause: Request = { type: 'GiveDelayCause', kind: 'data', text: '' };
const contribution: Request = { type: 'RequestContribution', agency: 'MOF' as AgencyCode, text: 'ý kiến', ...due('2026-03-10') };
const contribute: Request = { type: 'GiveContribution', contribution: null, text: 'đồng ý' };
const nudge: Request = { type: 'NudgeAssignee', text: '' };
const depend: Request = { type: 'AddDependency', on: 'NQ57-0002' as TaskCode };
const reassign: Request = {
  type: 'ReassignTask',
  agency: 'MOF' as AgencyCode,
  assignee: 'an@mof.example' as Email,
  assigneeAgency: 'MOF' as AgencyCode,
  supervisor: null,
  reason: 'đúng chức năng hơn',
};
const CHANGE = '018f3a52-0000-8000-8000-000000000001';
const merge: Request = {
  type: 'ChangeAgencies',
  change: CHANGE,
  agencies: { MOST: 'MOSTD', MOF: 'MOSTD' } as Record<AgencyCode, AgencyCode>,
};
const undo: Request = { type: 'UndoAgencyChange', change: CHANGE };
/** An assignment that says what is to be given, and by when. */
const precise: Request = {
  ...assign,
  assignment: {
    ...assign.assignment,
    products: [
      { id: part('p1'), name: 'Nghị định', kind: 'legal_document', due: null },
      { id: part('p2'), name: 'Tỷ lệ hồ sơ trực tuyến', kind: 'figure', due: null },
    ],
    milestones: [{ id: part('m1'), name: 'Dự thảo', due: due('2026-03-10') }],
  },
} as Request;
const late: Request = { type: 'AmendTask', changes: due('2026-02-27') };
const decree = {
  type: 'document' as const,
  kind: 'legal_document' as const,
  number: '12/2026/NĐ-CP',
  date: '2026-03-01' as IsoDate,
  signer: 'Thủ tướng',
  product: part('p1'),
};
const figure = { type: 'figure' as const, value: 85, unit: '%', product: part('p2') };
const letter = { ...decree, kind: 'letter' as const };
/** Stands in for Lan. */
const binh = { ...who('binh@most.example', 'assignee', 'MOST'), standsInFor: [lan.email] };
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
  worried: [
    [ha, assign],
    [lan, risk],
  ] as Act[],
  doubly: [
    [ha, assign],
    [lan, obstacle],
    [minh, { ...obstacle, kind: 'money' }],
  ] as Act[],
  overdue: [
    [ha, assign],
    [ha, late],
    [lan, { type: 'AcknowledgeTask' }],
  ] as Act[],
  explained: [
    [ha, assign],
    [ha, late],
    [lan, cause],
  ] as Act[],
  precise: [[ha, precise]] as Act[],
  questioned: [
    [ha, assign],
    [lan, ask],
  ] as Act[],
  owed: [
    [ha, assign],
    [lan, contribution],
  ] as Act[],
  nudged: [
    [ha, assign],
    [ha, nudge],
  ] as Act[],
  waiting: [
    [ha, assign],
    [ha, depend],
  ] as Act[],
  merged: [
    [ha, assign],
    [ha, merge],
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
    ['assigned', [minh, risk], ['RiskReported']],
    ['assigned', [ha, risk], ['RiskReported']],
    ['worried', [ha, { ...risk, level: 'low' } as Request], ['RiskReported']],
    ['worried', [lan, { ...risk, reason: 'vẫn chưa có' } as Request], ['RiskReported']],
    ['doubly', [ha, { ...answer, obstacle: 3 } as Request], ['ObstacleAnswered']],
    ['asked', [ha, approve], ['TransferApproved']],
    ['asked', [ha, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'đúng chức năng' }], ['TransferRefused']],
    ['approved', [son, accept], ['TransferAccepted']],
    ['approved', [son, { type: 'DeclineTransfer', reason: 'không nhận' }], ['TransferDeclined']],
    ['completed', [lan, { type: 'AddComment', text: 'cảm ơn', files: [] }], ['CommentAdded']],
    ['assigned', [lan, progress], ['TaskAcknowledged', 'ProgressReported']],
    ['assigned', [minh, progress], ['ProgressReported']],
    ['precise', [lan, { ...progress, milestone: part('m1') } as Request], ['TaskAcknowledged', 'ProgressReported']],
    ['precise', [lan, { type: 'AttachProduct', evidence: [decree] }], ['ProductAttached']],
    ['precise', [ha, { type: 'WaiveProduct', product: part('p2'), reason: 'chưa có hệ thống đo' }], ['ProductWaived']],
    ['precise', [lan, { type: 'ReportDone', evidence: [decree, figure] }], ['TaskAcknowledged', 'DoneReported']],
    ['precise', [lan, { type: 'ReportDone', evidence: [letter], partly: true }], ['TaskAcknowledged', 'DoneReported']],
    ['assigned', [binh, report], ['TaskAcknowledged', 'DoneReported']],
    ['reported', [ha, { type: 'ReturnTask', reason: 'thiếu phụ lục', until: due('2026-03-16') }], ['TaskReturned']],
    ['assigned', [lan, ask], ['QuestionAsked']],
    ['questioned', [ha, reply], ['QuestionAnswered']],
    ['overdue', [lan, cause], ['DelayCauseGiven']],
    ['assigned', [ha, contribution], ['ContributionRequested']],
    ['owed', [son, { type: 'AcknowledgeContribution', contribution: null }], ['ContributionAcknowledged']],
    ['owed', [son, contribute], ['ContributionGiven']],
    ['assigned', [ha, nudge], ['AssigneeNudged']],
    ['assigned', [ha, depend], ['DependencyAdded']],
    ['waiting', [ha, { type: 'RemoveDependency', on: 'NQ57-0002' as TaskCode }], ['DependencyRemoved']],
    ['acknowledged', [ha, reassign], ['TaskReassigned']],
    ['acknowledged', [ha, merge], ['AgenciesChanged']],
    ['merged', [ha, undo], ['AgencyChangeUndone']],
    ['assigned', [ha, { type: 'CancelTask', reason: 'gộp', ending: 'merged', into: 'NQ57-0002' as TaskCode }], ['TaskCancelled']],
  ])('given %s', (state, when, types) => {
    const decision = act(following(given[state]).task, when);
    expect(isRefusal(decision) ? decision : decision.map(({ type }) => type)).toEqual(types);
  });
});

describe('in place of an assignee who has left', () => {
  const head = { ...who('dung@most.example', 'head', 'MOST'), standsInFor: [lan.email] };
  const other = { agency: 'MOST' as AgencyCode, assignee: 'khanh@most.example' as Email, assigneeAgency: 'MOST' as AgencyCode };
  const another = (o: object = {}): Act[1] => ({ type: 'ReassignTask', ...other, reason: 'đã nghỉ', gone: lan.email, ...o }) as Request;
  const elsewhere = { ...who('son@mof.example', 'head', 'MOF'), standsInFor: [lan.email] };

  it('whoever stands in names another of the agency, under the same supervisor', () => {
    const { task } = following([
      [ha, assign],
      [lan, { type: 'AcknowledgeTask' }],
    ]);
    const decided = act(task, [head, another()]);
    expect(decided).toMatchObject([{ type: 'TaskReassigned', assignee: other.assignee, supervisor: minh.email, by: head.email }]);
  });

  it('a supervisor who becomes the assignee is not their own supervisor', () => {
    const { task } = following([[ha, assign]]);
    expect(act(task, [head, another({ assignee: minh.email })])).toMatchObject([{ assignee: minh.email, supervisor: null }]);
  });

  it.each<[string, Act, RefusalCode]>([
    ['the assignee is only away', [head, another({ gone: null })], 'not_a_coordinator'],
    ['someone else had left', [head, another({ gone: minh.email })], 'not_a_coordinator'],
    ['another agency is named', [head, another({ agency: 'MOF', assigneeAgency: 'MOF' })], 'not_a_coordinator'],
    ['the head is of another agency', [elsewhere, another()], 'not_a_coordinator'],
    ['nobody stands in', [minh, another()], 'not_a_coordinator'],
    ['who is named is of another agency', [head, another({ assigneeAgency: 'MOF' })], 'assignee_of_other_agency'],
    ['the same one is named', [head, another({ assignee: lan.email })], 'nothing_changed'],
  ])('refuses where %s', (_, when, refused) => {
    expect(act(following([[ha, assign]]).task, when)).toMatchObject({ refused });
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
    ['assigned', [lan, { ...progress, percent: null } as Request], 'progress_empty'],
    ['assigned', [lan, { ...progress, milestone: part('m9') } as Request], 'milestone_unknown'],
    ['assigned', [son, progress], 'not_of_this_agency'],
    ['reported', [lan, progress], 'already_reported'],
    ['precise', [lan, { type: 'ReportDone', evidence: [decree] }], 'evidence_unfit'],
    ['precise', [lan, { type: 'ReportDone', evidence: [letter, figure] }], 'evidence_unfit'],
    ['precise', [lan, { type: 'ReportDone', evidence: [{ ...decree, product: part('p9') }] }], 'product_unknown'],
    ['precise', [ha, { type: 'WaiveProduct', product: part('p9'), reason: 'x' }], 'product_unknown'],
    ['precise', [lan, { type: 'WaiveProduct', product: part('p1'), reason: 'x' }], 'not_a_coordinator'],
    ['precise', [lan, { type: 'ReportDone', evidence: [decree, figure], openParts: ['NQ57-0002' as TaskCode] }], 'parts_open'],
    ['reported', [binh, { type: 'VerifyTask', note: '' }], 'verifier_is_reporter'],
    [
      'reported',
      [
        { ...ha, standsInFor: [lan.email] },
        { type: 'VerifyTask', note: '' },
      ],
      'verifier_is_reporter',
    ],
    ['reported', [ha, { type: 'ReturnTask', reason: 'x', until: due('2026-02-27') }], 'date_passed'],
    ['assigned', [ha, reply], 'no_question_open'],
    ['questioned', [lan, reply], 'not_a_coordinator'],
    ['questioned', [ha, { ...reply, question: 99 } as Request], 'no_question_open'],
    ['assigned', [lan, cause], 'not_overdue'],
    ['assigned', [son, risk], 'not_of_this_agency'],
    ['worried', [ha, risk], 'risk_unchanged'],
    ['overdue', [lan, risk], 'risk_overdue'],
    ['reported', [ha, risk], 'already_reported'],
    ['explained', [lan, cause], 'delay_cause_given'],
    ['owed', [lan, contribute], 'not_of_the_contributing_agency'],
    ['assigned', [son, contribute], 'no_contribution_open'],
    ['assigned', [son, contribution], 'not_of_this_agency'],
    ['assigned', [lan, { ...contribution, agency: 'MOST' as AgencyCode } as Request], 'contribution_of_lead'],
    ['assigned', [lan, { ...contribution, ...due('2026-02-27') } as Request], 'date_passed'],
    ['nudged', [ha, nudge], 'nudged_recently'],
    ['reported', [ha, nudge], 'already_reported'],
    ['assigned', [lan, nudge], 'not_a_coordinator'],
    ['assigned', [ha, { ...depend, on: code } as Request], 'dependency_cycle'],
    ['waiting', [ha, depend], 'dependency_exists'],
    ['assigned', [ha, { type: 'RemoveDependency', on: 'NQ57-0002' as TaskCode }], 'dependency_unknown'],
    ['asked', [ha, reassign], 'transfer_open'],
    ['assigned', [lan, reassign], 'not_a_coordinator'],
    ['assigned', [ha, { ...reassign, assigneeAgency: 'MOST' as AgencyCode } as Request], 'assignee_of_other_agency'],
    ['assigned', [lan, merge], 'not_a_coordinator'],
    ['merged', [ha, merge], 'nothing_changed'],
    ['assigned', [ha, undo], 'agency_change_unknown'],
    ['assigned', [ha, { type: 'CancelTask', reason: 'x', ending: 'superseded' }], 'successor_missing'],
    ['assigned', [ha, { type: 'CancelTask', reason: 'x', ending: 'merged', into: code }], 'successor_unknown'],
  ])('given %s', (state, when, refused) => {
    expect(act(following(given[state]).task, when)).toMatchObject({ refused });
  });

  it.each<[RefusalCode, Act[], Act]>([
    [
      'milestone_reached',
      [[lan, { ...progress, milestone: part('m1') } as Request]],
      [lan, { ...progress, milestone: part('m1') } as Request],
    ],
    [
      'product_waived',
      [[ha, { type: 'WaiveProduct', product: part('p1'), reason: 'x' }]],
      [ha, { type: 'WaiveProduct', product: part('p1'), reason: 'x' }],
    ],
    ['obstacles_too_many', Array.from({ length: 10 }, (): Act => [lan, obstacle]), [lan, obstacle]],
    ['questions_too_many', Array.from({ length: 10 }, (): Act => [lan, ask]), [lan, ask]],
    ['question_unclear', Array.from({ length: 2 }, (): Act => [lan, ask]), [ha, reply]],
    ['contributions_too_many', Array.from({ length: 10 }, (): Act => [lan, contribution]), [lan, contribution]],
    ['contribution_unclear', Array.from({ length: 2 }, (): Act => [lan, contribution]), [son, contribute]],
    [
      'contribution_acknowledged',
      [
        [lan, contribution],
        [son, { type: 'AcknowledgeContribution', contribution: null }],
      ],
      [son, { type: 'AcknowledgeContribution', contribution: null }],
    ],
    [
      'dependencies_too_many',
      Array.from({ length: 20 }, (_, index): Act => [ha, { ...depend, on: `T-${index}` as TaskCode } as Request]),
      [ha, depend],
    ],
    [
      'agency_change_built_upon',
      [
        [ha, merge],
        [lan, { ...contribution, agency: 'MOJ' as AgencyCode } as Request],
      ],
      [ha, undo],
    ],
  ])('%s', (refused, before, when) => {
    expect(act(following([...given.precise, ...before]).task, when)).toMatchObject({ refused });
  });

  it('has a row for every refusal that the domain can give', () => {
    const tables = [
      ...['decide.test.ts', 'period.test.ts', 'agency-change.test.ts', 'reorganisation.test.ts'],
      ...[
        '../config/recurrence.test.ts',
        '../test/agency-change.test.ts',
        '../test/gone.test.ts',
        '../test/life.test.ts',
        '../test/hold.test.ts',
      ],
    ];
    const source = tables.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('\n');
    // Known to the inbox alone: who and what a request names, and who is away.
    const ofTheInbox: RefusalCode[] = [
      'person_unknown',
      'agency_unknown',
      'policy_unknown',
      'command_invalid',
      'absence_overlaps',
      'absence_unknown',
      'substitute_is_person',
    ];
    const codes = Object.keys(REFUSALS).filter((each) => !ofTheInbox.includes(each as RefusalCode));
    expect(codes.filter((each) => !source.includes(`'${each}'`))).toEqual([]);
  });
});

describe('silence', () => {
  const silent = (before: Act[], answer: TacitAnswer) => {
    const { task } = following(before);
    return decide(code, task, { kind: 'clock', input: { type: 'AnswerTacitly', answer } }, now);
  };
  it.each<[string, Act[], TacitAnswer, TaskEvent['type'][]]>([
    ['approves', given.asked, { matter: 'transfer_decision', seq: 2, means: 'approved' }, ['TransferApproved']],
    ['refuses', given.asked, { matter: 'transfer_decision', seq: 2, means: 'refused' }, ['TransferRefused']],
    ['is no answer to what was answered', given.approved, { matter: 'transfer_decision', seq: 2, means: 'refused' }, []],
    ['is no answer to another request', given.asked, { matter: 'transfer_decision', seq: 1, means: 'refused' }, []],
    [
      'accepts for the receiving head',
      given.approved,
      { matter: 'transfer_acceptance', seq: 3, means: 'accepted', assignee: son.email },
      ['TransferAccepted'],
    ],
    ['declines', given.approved, { matter: 'transfer_acceptance', seq: 3, means: 'declined' }, ['TransferDeclined']],
    ['grants', given.more, { matter: 'extension_decision', seq: 2, means: 'granted' }, ['ExtensionGranted']],
    ['refuses more time', given.more, { matter: 'extension_decision', seq: 2, means: 'refused' }, ['ExtensionRefused']],
    ['says nothing of a closed task', given.cancelled, { matter: 'extension_decision', seq: 2, means: 'granted' }, []],
  ])('%s', (_, before, answer, types) => {
    const decided = silent(before, answer);
    expect(isRefusal(decided) ? decided : decided.map(({ type, by }) => [type, by])).toEqual(types.map((type) => [type, null]));
  });
});

describe('a change of agencies', () => {
  it('names each agency once, keeps what was acknowledged, and is undone without a trace but the record', () => {
    const asked = { ...assign, assignment: { ...assign.assignment, coordinatingAgencies: ['MOF' as AgencyCode] } } as Request;
    const { task: before } = following([
      [ha, asked],
      [lan, { type: 'AcknowledgeTask' }],
    ]);
    const { task: merged } = following([
      [ha, asked],
      [lan, { type: 'AcknowledgeTask' }],
      [ha, merge],
    ]);
    expect(merged).toMatchObject({ status: 'acknowledged', leadAgency: 'MOSTD', coordinatingAgencies: [], heldSinceSeq: 1 });
    const { task: undone } = following([
      [ha, asked],
      [lan, { type: 'AcknowledgeTask' }],
      [ha, merge],
      [ha, undo],
    ]);
    expect({ ...undone, seq: before?.seq }).toEqual(before);
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
  const later = [
    ...Object.keys(NOTHING_YET).filter((field) => !['transfer', 'formerAgencies', 'transferRefusal'].includes(field)),
    ...['products', 'milestones', 'secrecy', 'parent', 'activity', 'originalDeadline', 'originalDeadlineAt'],
  ];
  const older = Object.fromEntries(Object.entries(task ?? {}).filter(([field]) => !later.includes(field)));
  expect(upgraded(older as Task)).toEqual(task);
});
