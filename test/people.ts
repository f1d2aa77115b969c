/** Invented people, agencies and tasks in every state, for tests of builders. Tasks are made by the domain itself. */
import type { Actor, Request } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { Person } from '../domain/directory.ts';
import { evolve } from '../domain/evolve.ts';
import type { AgencyCode, Email, Locale, TaskCode } from '../domain/names.ts';
import type { PeriodDates } from '../domain/recurrence.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Replacement } from '../domain/stand-in.ts';
import { isOpen, type Task } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';

export const NOW = '2026-03-02T02:00:00.000Z' as IsoInstant;

function person(email: string, name: string, agency: string, role: Person['role']): Person {
  return { email: email as Email, name, agency: agency as AgencyCode, role, locale: 'vi', timeZone: 'Asia/Ho_Chi_Minh', slackId: 'U1' };
}
export const LAN = person('lan@most.example', 'Nguyễn Thị Lan', 'MOST', 'assignee');
export const MINH = person('minh@most.example', 'Trần Văn Minh', 'MOST', 'supervisor');
export const HA = person('ha@vptw.example', 'Lê Thu Hà', 'VPTW', 'coordinator');
export const SON = person('son@mof.example', 'Phạm Hồng Sơn', 'MOF', 'head');
const PEOPLE = [LAN, MINH, HA, SON];
const AGENCY_NAMES: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  MOST: { vi: 'Bộ Khoa học và Công nghệ', en: 'Ministry of Science and Technology', fr: 'Ministère des Sciences' },
  MOF: { vi: 'Bộ Tài chính', en: 'Ministry of Finance', fr: 'Ministère des Finances' },
};

export const speaking = (reader: Person, locale: Locale): Person => ({ ...reader, locale });
export const personName = (address: Email) => PEOPLE.find(({ email }) => email === address)?.name ?? address;
export const agencyName = (locale: Locale) => (code: AgencyCode) => AGENCY_NAMES[code]?.[locale] ?? code;

function periodOf(opens: string, deadline: string): PeriodDates {
  return {
    period: opens as IsoDate,
    opens: opens as IsoDate,
    opensAt: `${opens}T01:00:00.000Z` as IsoInstant,
    deadline: deadline as IsoDate,
    deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant,
  };
}

/** Lan has left; one of her tasks is restricted. */
export function lanIsGone(o: { settled?: boolean; back?: boolean; alone?: boolean } = {}): Replacement {
  const title = 'Trình <!channel> & <b>nghị định</b>';
  const tasks = [taskAfter([], { title }), taskAfter(['restrict'], { code: 'NQ57-0002', title: 'KIN' })].filter(isOpen);
  const gone = { ...LAN, lost: ['slack', 'email'] as const, goneAt: '2026-03-01T20:00:00.000Z' as IsoInstant };
  return { gone: o.back ? LAN : gone, tasks: o.settled ? [] : tasks, choices: o.alone ? [] : [MINH] };
}

const ACTS = {
  acknowledge: [LAN, { type: 'AcknowledgeTask' }],
  report: [
    LAN,
    {
      type: 'ReportDone',
      evidence: [
        { type: 'text', text: 'Nghị định 12/2026/NĐ-CP' },
        { type: 'link', url: 'https://most.example/12' },
      ],
    },
  ],
  verify: [HA, { type: 'VerifyTask', note: '' }],
  return: [HA, { type: 'ReturnTask', reason: 'Thiếu chữ ký' }],
  transfer: [LAN, { type: 'RequestTransfer', toAgency: 'MOF' as AgencyCode, reason: 'Không đúng chức năng' }],
  approve: [HA, { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' }],
  refuse: [HA, { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'Đúng chức năng' }],
  extend: [
    LAN,
    {
      type: 'RequestExtension',
      deadline: '2026-04-10' as IsoDate,
      deadlineAt: '2026-04-10T10:00:00.000Z' as IsoInstant,
      reason: 'Chờ ý kiến Bộ Tư pháp',
      basis: '15/BC-BKHCN',
    },
  ],
  grant: [HA, { type: 'DecideExtension', decision: 'grant', until: null, reason: '' }],
  worry: [LAN, { type: 'ReportRisk', level: 'high', reason: 'Chưa có đơn vị tư vấn' }],
  calm: [HA, { type: 'ReportRisk', level: 'low', reason: 'Đã có đơn vị tư vấn' }],
  obstacle: [LAN, { type: 'ReportObstacle', kind: 'law', text: 'Chưa có quy định về dữ liệu mở' }],
  answer: [HA, { type: 'AnswerObstacle', obstacle: null, text: 'Áp dụng Nghị định 47' }],
  progress: [
    LAN,
    { type: 'ReportProgress', percent: 60, milestone: null, text: 'Đã lấy ý kiến các bộ', forecast: '2026-03-27' as IsoDate },
  ],
  question: [LAN, { type: 'AskQuestion', text: 'Trình Chính phủ hay Thủ tướng?' }],
  delayCause: [LAN, { type: 'GiveDelayCause', kind: 'data', text: '' }],
  late: [HA, { type: 'AmendTask', changes: { deadline: '2026-02-27' as IsoDate, deadlineAt: '2026-02-27T10:00:00.000Z' as IsoInstant } }],
  contribution: [
    LAN,
    {
      type: 'RequestContribution',
      agency: 'MOF' as AgencyCode,
      text: 'Ý kiến về nguồn kinh phí',
      deadline: '2026-03-10' as IsoDate,
      deadlineAt: '2026-03-10T10:00:00.000Z' as IsoInstant,
    },
  ],
  willContribute: [SON, { type: 'AcknowledgeContribution', contribution: null }],
  contribute: [SON, { type: 'GiveContribution', contribution: null, text: 'Công văn 45/BTC' }],
  nudge: [HA, { type: 'NudgeAssignee', text: 'Thường trực cần số liệu trước thứ Sáu' }],
  reportPartly: [LAN, { type: 'ReportDone', evidence: [{ type: 'text', text: 'Dự thảo đã trình' }], partly: true, grade: 'good' }],
  recur: [HA, { type: 'AmendTask', changes: { recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=25', due: 5 } } }],
  openPeriod: [HA, { type: 'OpenPeriod', period: periodOf('2026-02-25', '2026-03-04'), missed: [] }],
  openNextPeriod: [HA, { type: 'OpenPeriod', period: periodOf('2026-03-25', '2026-04-01'), missed: [] }],
  reportPeriod: [LAN, { type: 'ReportPeriod', period: '2026-02-25' as IsoDate, evidence: [{ type: 'text', text: 'Báo cáo 15/BC' }] }],
  verifyPeriod: [HA, { type: 'VerifyPeriod', period: '2026-02-25' as IsoDate, note: '' }],
  returnPeriod: [HA, { type: 'ReturnPeriod', period: '2026-02-25' as IsoDate, reason: 'Thiếu số liệu' }],
  restrict: [HA, { type: 'AmendTask', changes: { secrecy: 'secret' } }],
  cancel: [HA, { type: 'CancelTask', reason: 'Trùng lặp' }],
} satisfies Record<string, [Actor, Request]>;
export type Act = keyof typeof ACTS;

/** A task after acts in order, each by the person who may do it. */
export function taskAfter(done: readonly Act[], o: { code?: string; title?: string; deadline?: string } = {}): Task {
  const code = (o.code ?? 'NQ57-0001') as TaskCode;
  const deadline = (o.deadline ?? '2026-03-20') as IsoDate;
  const assign: Request = {
    type: 'AssignTask',
    assignment: {
      title: o.title ?? 'Trình nghị định về thử nghiệm có kiểm soát',
      product: 'Nghị định',
      document: '57-NQ/TW',
      group: '',
      leadAgency: 'MOST' as AgencyCode,
      coordinatingAgencies: ['MOF' as AgencyCode],
      assignee: LAN.email,
      supervisor: MINH.email,
      coordinator: HA.email,
      assignedAt: NOW,
      deadline,
      deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant,
      regular: false,
      priority: 'normal',
      policy: { name: 'standard', version: 1 },
    },
  };
  let task: Task | null = null;
  const all: [Actor, Request][] = [[HA, assign], ...done.map((name): [Actor, Request] => ACTS[name])];
  for (const [actor, request] of all) {
    const via = request.type === 'OpenPeriod' ? 'workflow' : 'cli';
    const decided = decide(code, task, { kind: 'command', id: 'x', actor, via, request }, NOW);
    if (isRefusal(decided)) throw new Error(`${request.type}: ${decided.refused}`);
    task = decided.reduce<Task | null>(evolve, task);
  }
  if (task === null) throw new Error('no task');
  return task;
}
