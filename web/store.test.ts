/**
 * Proves what the pages tell of what stands in the store, on the real PostgreSQL and through the record's own writer: every
 * event, evidence and its files, everything open in a task, its neighbours, its time by holder, and nothing of a restricted
 * task. Not that a task may become what is stored here: that is the domain's to prove.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDirectory } from '../activities/directory.ts';
import { createRecord } from '../activities/record.ts';
import { vietnamCalendar, yearsAround } from '../config/calendar.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { endOfOfficeHours, oneCalendar } from '../domain/calendar.ts';
import type { Assignment, Due } from '../domain/command.ts';
import type { Facts, TaskEvent, TaskEventType } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import { HOLDER_ROLES, type HolderRole, holderOf } from '../domain/holding.ts';
import { type AgencyCode, CHANNELS, type Email, LOCALES, type PartId, type SecrecyLevel, type TaskCode } from '../domain/names.ts';
import { isOpen } from '../domain/task.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { seedDirectory } from '../examples/demo.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { signLink } from '../mail/link.ts';
import { freePort } from '../ops/ports.ts';
import { type EmbeddedPostgres, removeState, startPostgres } from '../ops/postgres.ts';
import { type Database, openDatabase } from '../prisma/database.ts';
import { createBacklogReader } from '../prisma/delivery.ts';
import { applyMigrations } from '../prisma/migrate.ts';
import { createRiskReader } from '../prisma/risk.ts';
import { eventRows, GENESIS } from '../prisma/task-record.ts';
import { createWeb } from './app.tsx';
import { holderDays, mostWaitedFor } from './holder-days.ts';

const now = '2025-12-04T05:00:00.000Z' as IsoInstant;
const calendar = vietnamCalendar(yearsAround(now));
const hostile = '<script>alert(1)</script>';
const LAN = 'lan.nguyen@most.example' as Email;
const MINH = 'minh.tran@most.example' as Email;
const HA = 'ha.le@vptw.example' as Email;
const SON = 'son.pham@mof.example' as Email;
const MOST = 'MOST' as AgencyCode;
const MOF = 'MOF' as AgencyCode;
const MOJ = 'MOJ' as AgencyCode;

const code = (value: string) => value as TaskCode;
const part = (value: string) => value as PartId;
/** 08:00 in Vietnam, when the offices open. */
const morning = (date: string) => `${date}T01:00:00.000Z` as IsoInstant;
const due = (date: string): Due => ({ deadline: date as IsoDate, deadlineAt: endOfOfficeHours(calendar, date as IsoDate) });

let state: string;
let postgres: EmbeddedPostgres;
let database: Database;
/** What the inbox answers in the tests that act. */
let answer: Awaited<ReturnType<Inbox['submit']>> = { answer: 'stored', commandId: '00000000-0000-4000-8000-000000000000' };

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'dondoc-web-'));
  postgres = await startPostgres({ state, port: await freePort(), supervision: { restartMs: 250, onCrash: () => {} } });
  const directory = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
  await applyMigrations({ databaseUrl: postgres.databaseUrl, directory });
  database = openDatabase(postgres.databaseUrl);
  await seedDirectory({ database, now: () => now, directory: createDirectory(database) });
});
afterAll(async () => {
  await database?.$disconnect();
  await postgres?.stop();
  removeState(state);
});

function web() {
  const directory = createDirectory(database);
  return createWeb({
    database,
    inbox: { submit: async () => answer, relay: async () => ({ settled: 0, waiting: 0 }) },
    people: async () => (await directory.get()).people,
    now: () => now,
    calendars: async () => oneCalendar(calendar),
    risks: createRiskReader({ database, calendars: async () => oneCalendar(calendar), weights: loadRiskWeights() }),
    backlogs: createBacklogReader({
      database,
      rule: { lateSeconds: 60, alarmSeconds: 300 },
      channels: CHANNELS,
      perDay: {},
      shadow: false,
    }),
    linkSecret: 'secret',
    onError: (error) => {
      throw error;
    },
  });
}

async function page(path: string, locale = 'en'): Promise<string> {
  const said = await (await web().request(`${path}${path.includes('?') ? '&' : '?'}lang=${locale}`)).text();
  return said.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

/** The words of a page, without its marks. */
async function words(path: string, locale = 'en'): Promise<string> {
  return plain(await page(path, locale));
}

function plain(html: string): string {
  return html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

type Act = readonly [date: string, by: Email | null, facts: Facts];

function assignment(o: Partial<Assignment> = {}): Assignment {
  return {
    title: 'Xây dựng nền tảng dữ liệu dùng chung',
    product: '',
    document: '57-NQ/TW',
    group: '',
    leadAgency: MOST,
    coordinatingAgencies: [MOF],
    assignee: LAN,
    supervisor: MINH,
    coordinator: HA,
    assignedAt: morning('2025-10-01'),
    ...due('2025-12-31'),
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: 3 },
    ...o,
  };
}

/** The record of a task: assigned, then each act on the morning of its day, or at an instant. */
function eventsOf(name: string, o: Partial<Assignment>, acts: readonly Act[]): TaskEvent[] {
  const facts = assignment(o);
  const all: Act[] = [['2025-10-01', HA, { type: 'TaskAssigned', code: code(name), assignment: facts }], ...acts];
  return all.map(([date, by, event], index) => ({
    ...event,
    seq: index + 1,
    at: date.includes('T') ? (date as IsoInstant) : morning(date),
    by,
    via: by === null ? 'workflow' : 'slack',
    commandId: null,
  }));
}

/** Through the record's own writer, as a workflow does it: the assignment first, then what followed. */
async function store(name: string, o: Partial<Assignment> = {}, acts: readonly Act[] = []): Promise<void> {
  const plan = async () => ({ notifications: [], wakes: [], silences: [], waiting: [], stillToHear: () => [], surroundings: null });
  const record = createRecord({ database, plan, wakeCouriers: async () => {} });
  const events = eventsOf(name, o, acts);
  for (const known of [events.slice(0, 1), events]) {
    const task = replay(known);
    if (task === null) throw new Error('nothing to store');
    await record({ code: code(name), events: known, task, now });
  }
}

const acknowledged: Act = ['2025-10-02', LAN, { type: 'TaskAcknowledged' }];
const reported: Act = [
  '2025-10-20',
  LAN,
  { type: 'DoneReported', evidence: [{ type: 'text', text: 'Đã nộp' }], partly: true, grade: 'good' },
];

describe('timeline', () => {
  const fields = {
    leadAgency: MOJ,
    coordinatingAgencies: [],
    formerAgencies: [],
    transferTo: null,
    contributing: [],
  };
  const round = (opens: string) => {
    const deadline = opens.replace(/\d\d$/, '07');
    return { period: opens as IsoDate, opens: opens as IsoDate, opensAt: morning(opens), ...due(deadline) };
  };
  /** One of every type, with its sentence and whatever else the page has to say of it. */
  const TOLD: {
    readonly [Type in TaskEventType]: readonly [by: Email | null, facts: Facts & { type: Type }, sentence: string, ...details: string[]];
  } = {
    TaskAssigned: [
      HA,
      { type: 'TaskAssigned', code: code('EVERY-1'), assignment: assignment() },
      'Lê Thu Hà assigned the task to Nguyễn Thị Lan (Ministry of Science and Technology), due 31 December 2025',
    ],
    TaskAmended: [
      HA,
      {
        type: 'TaskAmended',
        changes: {
          title: 'Tên mới',
          coordinatingAgencies: [MOJ],
          ...due('2026-01-15'),
          priority: 'high',
          parent: { code: code('NOWHERE-9'), mandatory: true },
        },
      },
      'Lê Thu Hà amended the task',
      'Task: Tên mới · Coordinating agencies: Ministry of Justice · Deadline: 15 January 2026 · Priority: High · Part of: NOWHERE-9',
    ],
    TaskAcknowledged: [LAN, { type: 'TaskAcknowledged' }, 'Nguyễn Thị Lan acknowledged the task'],
    ProgressReported: [
      LAN,
      { type: 'ProgressReported', percent: 40, milestone: part('m1'), text: 'Xong dự thảo', forecast: '2026-02-03' as IsoDate },
      'Nguyễn Thị Lan reported progress',
      '40 % · Milestone reached: Dự thảo lần 1 · Forecast: 03 February 2026',
      'Xong dự thảo',
    ],
    ProductAttached: [
      LAN,
      { type: 'ProductAttached', evidence: [{ type: 'figure', value: 1234.5, unit: 'xã' }] },
      'Nguyễn Thị Lan attached a product',
      '1,234.5 xã',
    ],
    ProductWaived: [
      HA,
      { type: 'ProductWaived', product: part('p1'), reason: 'Đã có luật' },
      'Lê Thu Hà waived a product',
      'Nghị định về dữ liệu',
      'Đã có luật',
    ],
    DoneReported: [
      LAN,
      {
        type: 'DoneReported',
        evidence: [
          { type: 'document', kind: 'legal_document', number: '12/2025/NĐ-CP', date: '2025-11-05' as IsoDate, signer: 'Phạm Văn A' },
          { type: 'link', url: 'https://vanban.example/1' },
        ],
        partly: true,
        grade: 'excellent',
      },
      'Nguyễn Thị Lan reported the task done',
      'Reported as done in part. · Own assessment: Excellent',
      'Legal document 12/2025/NĐ-CP of 05 November 2025, signed by Phạm Văn A',
      'https://vanban.example/1',
    ],
    TaskVerified: [
      HA,
      { type: 'TaskVerified', note: 'Đạt yêu cầu', grade: 'fair' },
      'Lê Thu Hà verified the task as completed',
      'Grade: Fair',
      'Đạt yêu cầu',
    ],
    TaskReturned: [
      HA,
      { type: 'TaskReturned', reason: 'Thiếu số liệu', until: due('2025-12-09') },
      'Lê Thu Hà returned the task',
      'To be reported again by 09 December 2025.',
      'Thiếu số liệu',
    ],
    TransferRequested: [
      LAN,
      { type: 'TransferRequested', toAgency: MOF, reason: 'Không đúng chức năng', early: true },
      'Nguyễn Thị Lan asked to transfer the task to Ministry of Finance',
      '“Not our function”, said in the first working days',
      'Không đúng chức năng',
    ],
    TransferApproved: [
      null,
      { type: 'TransferApproved', toAgency: MOF, reason: '' },
      'The rule of silence approved the transfer to Ministry of Finance',
    ],
    TransferRefused: [null, { type: 'TransferRefused', reason: '' }, 'The rule of silence refused the transfer'],
    TransferAccepted: [
      null,
      { type: 'TransferAccepted', agency: MOF, assignee: SON, supervisor: null },
      'The rule of silence accepted the task for Ministry of Finance; Phạm Hồng Sơn is now the assignee',
    ],
    TransferDeclined: [
      SON,
      { type: 'TransferDeclined', reason: 'Không nhận' },
      'Phạm Hồng Sơn declined to take over the task',
      'Không nhận',
    ],
    TaskReassigned: [
      HA,
      { type: 'TaskReassigned', agency: MOF, assignee: SON, supervisor: null, reason: 'Sắp xếp lại' },
      'Lê Thu Hà reassigned the task to Phạm Hồng Sơn (Ministry of Finance)',
      'Sắp xếp lại',
    ],
    ExtensionRequested: [
      LAN,
      { type: 'ExtensionRequested', ...due('2026-01-20'), reason: 'Chờ luật', basis: '15/TB-VPTW', afterDeadline: false },
      'Nguyễn Thị Lan asked to extend the deadline to 20 January 2026',
      'Basis (document number): 15/TB-VPTW',
      'Chờ luật',
    ],
    ExtensionGranted: [
      null,
      { type: 'ExtensionGranted', ...due('2026-01-21'), reason: '' },
      'The rule of silence extended the deadline to 21 January 2026',
    ],
    ExtensionRefused: [null, { type: 'ExtensionRefused', reason: '' }, 'The rule of silence refused the extension'],
    ObstacleReported: [
      LAN,
      { type: 'ObstacleReported', kind: 'money', text: 'Chưa có kinh phí' },
      'Nguyễn Thị Lan reported an obstacle',
      'money',
      'Chưa có kinh phí',
    ],
    ObstacleAnswered: [
      HA,
      { type: 'ObstacleAnswered', obstacle: 19, text: 'Đã bố trí' },
      'Lê Thu Hà answered about the obstacle',
      'In answer to: Chưa có kinh phí',
      'Đã bố trí',
    ],
    QuestionAsked: [LAN, { type: 'QuestionAsked', text: 'Mẫu nào?' }, 'Nguyễn Thị Lan asked a question', 'Mẫu nào?'],
    QuestionAnswered: [
      HA,
      { type: 'QuestionAnswered', question: 21, text: 'Mẫu số 3' },
      'Lê Thu Hà answered the question',
      'In answer to: Mẫu nào?',
      'Mẫu số 3',
    ],
    DelayCauseGiven: [
      LAN,
      { type: 'DelayCauseGiven', kind: 'data', text: 'Số liệu về muộn' },
      'Nguyễn Thị Lan gave the cause of the delay',
      'data',
      'Số liệu về muộn',
    ],
    ContributionRequested: [
      LAN,
      { type: 'ContributionRequested', agency: MOF, text: 'Dự toán', ...due('2025-12-10') },
      'Nguyễn Thị Lan asked Ministry of Finance for a contribution by 10 December 2025',
      'Dự toán',
    ],
    ContributionAcknowledged: [
      SON,
      { type: 'ContributionAcknowledged', contribution: 24 },
      'Phạm Hồng Sơn acknowledged the contribution',
      'In answer to: Dự toán',
    ],
    ContributionGiven: [
      SON,
      { type: 'ContributionGiven', contribution: 24, text: 'Đã gửi dự toán' },
      'Phạm Hồng Sơn gave the contribution',
      'Đã gửi dự toán',
    ],
    AssigneeNudged: [HA, { type: 'AssigneeNudged', text: 'Đề nghị khẩn trương' }, 'Lê Thu Hà sent a nudge', 'Đề nghị khẩn trương'],
    DependencyAdded: [HA, { type: 'DependencyAdded', on: code('NQ57-0007') }, 'Lê Thu Hà noted that the task depends on NQ57-0007'],
    DependencyRemoved: [HA, { type: 'DependencyRemoved', on: code('NQ57-0007') }, 'Lê Thu Hà removed the dependency on NQ57-0007'],
    AgenciesChanged: [HA, { type: 'AgenciesChanged', change: 'c', fields }, 'Agencies were changed; the lead is Ministry of Justice'],
    AgencyChangeUndone: [
      HA,
      { type: 'AgencyChangeUndone', change: 'c', fields: { ...fields, leadAgency: MOST } },
      'The change of agencies was undone; the lead is Ministry of Science and Technology',
    ],
    TaskCancelled: [
      HA,
      { type: 'TaskCancelled', reason: 'Trùng lặp', ending: 'merged', into: code('NQ57-0008') },
      'Lê Thu Hà cancelled the task',
      'Ending: Merged into another task',
      'NQ57-0008',
      'Trùng lặp',
    ],
    CommentAdded: [LAN, { type: 'CommentAdded', text: hostile, files: [] }, 'Nguyễn Thị Lan commented', '&lt;script&gt;'],
    DeadlinePassed: [null, { type: 'DeadlinePassed' }, 'The deadline passed'],
    PeriodOpened: [
      null,
      { type: 'PeriodOpened', ...round('2025-11-03') },
      'Period 03 November 2025 opened, to be reported by 07 November 2025',
    ],
    PeriodReported: [
      LAN,
      { type: 'PeriodReported', period: '2025-11-03' as IsoDate, evidence: [{ type: 'text', text: 'Báo cáo tháng' }] },
      'Nguyễn Thị Lan reported period 03 November 2025',
      'Báo cáo tháng',
    ],
    PeriodReturned: [
      HA,
      { type: 'PeriodReturned', period: '2025-11-03' as IsoDate, reason: 'Thiếu số liệu' },
      'Lê Thu Hà returned period 03 November 2025',
      'Thiếu số liệu',
    ],
    PeriodVerified: [
      HA,
      { type: 'PeriodVerified', period: '2025-11-03' as IsoDate, note: 'Đủ' },
      'Lê Thu Hà verified period 03 November 2025',
      'Đủ',
    ],
    PeriodMissed: [null, { type: 'PeriodMissed', ...round('2025-12-01') }, 'Period 01 December 2025 was missed'],
    PriorityRaised: [null, { type: 'PriorityRaised', step: 'overdue-3wd' }, 'Priority raised to high by the policy'],
    ExtensionDecisionAsked: [
      null,
      { type: 'ExtensionDecisionAsked', step: 'overdue-3wd' },
      'The policy asks whether more time is to be given',
    ],
    NudgeLetterAsked: [
      null,
      { type: 'NudgeLetterAsked', step: 'overdue-3wd', agency: 'MOST' as AgencyCode },
      'The policy sends the head of the agency a nudge letter',
    ],
    InspectionFlagged: [null, { type: 'InspectionFlagged', step: 'overdue-3wd' }, 'Flagged for inspection by the policy'],
    RiskReported: [
      MINH,
      { type: 'RiskReported', risk: 'high', reason: 'Chưa có đơn vị tư vấn' },
      'Trần Văn Minh reported how likely it is to be late',
      'high',
      'Chưa có đơn vị tư vấn',
    ],
    EscalationRaised: [null, { type: 'EscalationRaised', level: 2, step: 'after-3wd' }, 'Escalated to level 2'],
  };

  beforeAll(async () => {
    const products = [{ id: part('p1'), name: 'Nghị định về dữ liệu', kind: 'legal_document' as const, due: null }];
    const milestones = [{ id: part('m1'), name: 'Dự thảo lần 1', due: due('2025-11-01') }];
    await store('EVERY-1', { products, milestones });
    const acts = Object.values(TOLD).map(([by, facts]): Act => ['2025-11-03', by, facts]);
    const [first, ...later] = eventsOf('EVERY-1', {}, acts.slice(1));
    if (first === undefined) throw new Error('no event');
    const unknown = { ...first, type: 'IndicatorMeasured', seq: later.length + 2 } as unknown as TaskEvent; // of a later version
    await database.taskEvent.createMany({ data: eventRows([first, ...later, unknown], 'EVERY-1', GENESIS).slice(1) });
  });

  it.each(Object.entries(TOLD))('tells of %s', async (_type, [, , sentence, ...details]) => {
    const items = (await page('/tasks/EVERY-1')).split('<li').map(plain);
    const [item, ...others] = items.filter((each) => each.includes(` ${sentence} `));
    expect([sentence, item, others]).toEqual([sentence, expect.any(String), []]);
    const whole = await words('/tasks/EVERY-1');
    const told = whole.slice(whole.lastIndexOf(sentence)).slice(sentence.length, sentence.length + 300);
    for (const detail of details) expect(told).toContain(detail);
  });

  it.each(LOCALES)('%s: has a sentence for everything but what a later version recorded', async (locale) => {
    const other = { vi: 'Ghi nhận sự kiện', en: 'Recorded:', fr: 'Enregistré' }[locale];
    const whole = await words('/tasks/EVERY-1', locale);
    expect(whole.split(other)).toHaveLength(2);
    expect(whole).toContain('IndicatorMeasured');
    expect(await page('/tasks/EVERY-1', locale)).not.toContain(hostile);
    expect(whole).not.toMatch(/@(?:most|mof|vptw)\.example|undefined|null|NaN/);
  });

  it('gives no time by holder of a record that cannot be followed', async () => {
    expect(await words('/tasks/EVERY-1')).not.toContain('Time by holder');
  });
});

describe('files', () => {
  const content = Buffer.from('<script>alert(1)</script>');
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const file = (name: string, text: string) => ({ type: 'file' as const, sha256: hash(text), name, bytes: 25_000 });

  beforeAll(async () => {
    for (const text of ['reported', 'attached', 'commented', 'secret', 'shared', 'nobody']) {
      await database.attachment.create({
        data: { sha256: hash(text), name: `stored-${text}.pdf`, bytes: content.byteLength, content, storedAt: now },
      });
    }
    // First in the store, so that its name for the shared file would be the one found.
    await store('FILE-2', { secrecy: 'secret' }, [
      acknowledged,
      ['2025-10-03', LAN, { type: 'CommentAdded', text: 'x', files: [file('secret.pdf', 'secret'), file('mật.pdf', 'shared')] }],
    ]);
    await store('FILE-1', {}, [
      acknowledged,
      ['2025-10-03', LAN, { type: 'ProductAttached', evidence: [file('bảng "số".html', 'attached'), file('chung.pdf', 'shared')] }],
      ['2025-10-04', LAN, { type: 'CommentAdded', text: 'Kèm tệp', files: [file('ý kiến.txt', 'commented')] }],
      ['2025-10-05', LAN, { type: 'DoneReported', evidence: [file('báo cáo.pdf', 'reported')] }],
    ]);
  });

  it.each([
    ['reported', "attachment; filename*=UTF-8''b%C3%A1o%20c%C3%A1o.pdf"],
    ['attached', "attachment; filename*=UTF-8''b%E1%BA%A3ng%20%22s%E1%BB%91%22.html"],
    ['commented', "attachment; filename*=UTF-8''%C3%BD%20ki%E1%BA%BFn.txt"],
    ['shared', "attachment; filename*=UTF-8''chung.pdf"],
  ])('%s: is given to be kept, never to be opened, and under the name it has in a task that may be told', async (text, disposition) => {
    expect(await page('/tasks/FILE-1')).toContain(`href="/files/${hash(text)}"`);
    const given = await web().request(`/files/${hash(text)}`);
    expect(given.status).toBe(200);
    expect(given.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(given.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(given.headers.get('Content-Disposition')).toBe(disposition);
    expect(given.headers.get('Cache-Control')).toBe('no-store');
    expect(Buffer.from(await given.arrayBuffer())).toEqual(content);
  });

  it.each([hash('secret'), hash('nobody'), hash('never stored'), hash('reported').toUpperCase(), 'x', '..%2fetc'])(
    '%s: is of no task that may be told',
    async (sha256) => {
      const refused = await web().request(`/files/${sha256}`);
      expect(refused.status).toBe(404);
      expect(await refused.text()).not.toContain('alert(1)');
    },
  );
});

describe('facts', () => {
  it('shows original, present and expected date beside each other once they differ', async () => {
    const forecast = '2026-02-10' as IsoDate;
    await store('DATES-1', {}, [
      acknowledged,
      ['2025-10-03', HA, { type: 'TaskAmended', changes: due('2026-01-30') }],
      ['2025-10-04', LAN, { type: 'ProgressReported', percent: 60, milestone: null, text: 'Đang viết', forecast }],
    ]);
    await store('DATES-2');
    const differing = await words('/tasks/DATES-1');
    expect(differing).toMatch(/Original deadline 31 December 2025 Deadline 17:00 30 January 2026 .*? Forecast 10 February 2026/);
    expect(differing).toMatch(/Progress 60 % · Đang viết Nguyễn Thị Lan, 04 October 2025, 08:00/);
    expect(await words('/tasks/DATES-2')).not.toMatch(/Original deadline|Forecast|Progress/);
  });

  it('says of each product whether it is given, waived or missing, and of each milestone whether it is reached', async () => {
    const product = (id: string, kind: 'legal_document' | 'report' | 'figure') => ({
      id: part(id),
      name: `Sản phẩm ${id}`,
      kind,
      due: null,
    });
    await store(
      'PARTS-1',
      {
        products: [product('p1', 'figure'), product('p2', 'report'), product('p3', 'legal_document')],
        milestones: [
          { id: part('m1'), name: 'Mốc một', due: due('2025-11-01') },
          { id: part('m2'), name: 'Mốc hai', due: due('2025-11-20') },
          { id: part('m3'), name: 'Mốc ba', due: due('2025-12-20') },
        ],
      },
      [
        acknowledged,
        [
          '2025-10-03',
          LAN,
          {
            type: 'ProductAttached',
            evidence: [
              { type: 'figure', value: 12, unit: 'tỉnh', product: part('p1') },
              { type: 'document', kind: 'letter', number: '1/CV', date: '2025-10-03' as IsoDate, signer: 'A', product: part('p3') },
            ],
          },
        ],
        ['2025-10-04', HA, { type: 'ProductWaived', product: part('p2'), reason: 'Không cần nữa' }],
        ['2025-10-30', LAN, { type: 'ProgressReported', percent: null, milestone: part('m1'), text: '', forecast: null }],
      ],
    );
    const said = await words('/tasks/PARTS-1');
    expect(said).toMatch(/Sản phẩm p1 figure reached given 12 tỉnh/);
    expect(said).toMatch(/Sản phẩm p2 report waived Lê Thu Hà waived it on 04 October 2025, 08:00: Không cần nữa/);
    // A letter is not the decree that was asked for.
    expect(said).toMatch(/Sản phẩm p3 legal document \(number, date, signer\) missing/);
    expect(said).toMatch(/Mốc một due 01 November 2025 reached 30 October 2025/);
    expect(said).toMatch(/Mốc hai due 20 November 2025 overdue/);
    expect(said).toMatch(/Mốc ba due 20 December 2025 (?!overdue|reached)/);
  });

  it('gives evidence that names no product to the only one that is owed, and to none that is waived', async () => {
    const products = ['p1', 'p2'].map((id) => ({ id: part(id), name: `Sản phẩm ${id}`, kind: 'report' as const, due: null }));
    await store('PARTS-2', { products }, [
      acknowledged,
      ['2025-10-03', LAN, { type: 'ProductAttached', evidence: [{ type: 'link', url: 'https://vanban.example/2' }] }],
      ['2025-10-04', HA, { type: 'ProductWaived', product: part('p1'), reason: 'x' }],
    ]);
    const said = await words('/tasks/PARTS-2');
    expect(said).toMatch(/Sản phẩm p1 report waived Lê Thu Hà waived it on 04 October 2025, 08:00: x Sản phẩm p2 report given https:/);
  });

  it('says who owes what since when', async () => {
    await store('OPEN-1', {}, [
      acknowledged,
      ['2025-10-06', LAN, { type: 'ObstacleReported', kind: 'law', text: 'Chưa có nghị định' }],
      ['2025-10-07', LAN, { type: 'QuestionAsked', text: 'Áp dụng mẫu nào?' }],
      ['2025-10-08', LAN, { type: 'ContributionRequested', agency: MOF, text: 'Dự toán', ...due('2025-10-20') }],
      ['2025-10-08', LAN, { type: 'ContributionRequested', agency: MOJ, text: 'Thẩm định', ...due('2025-12-20') }],
      ['2025-10-09', SON, { type: 'ContributionAcknowledged', contribution: 5 }],
      ['2025-10-10', LAN, { type: 'ExtensionRequested', ...due('2026-03-02'), reason: 'Chờ luật', basis: '9/TB', afterDeadline: false }],
    ]);
    const said = await words('/tasks/OPEN-1');
    for (const sentence of [
      'law · Chưa có nghị định Nguyễn Thị Lan, 06 October 2025, 08:00. Lê Thu Hà owes an answer since 06 October 2025, 08:00.',
      'Áp dụng mẫu nào? Nguyễn Thị Lan, 07 October 2025, 08:00. Lê Thu Hà owes an answer since 07 October 2025, 08:00.',
      'Dự toán overdue Ministry of Finance owes it by 20 October 2025, asked since 08 October 2025, 08:00. Phạm Hồng Sơn acknowledged it on 09 October 2025, 08:00.',
      'Thẩm định Ministry of Justice owes it by 20 December 2025, asked since 08 October 2025, 08:00. Not acknowledged yet.',
      'Nguyễn Thị Lan asked on 10 October 2025, 08:00 to move the deadline to 02 March 2026, waiting for a decision Chờ luật (9/TB)',
    ]) {
      expect(said).toContain(sentence);
    }
  });

  it('says how it ended, what was thought of it, and where it goes on', async () => {
    await store('ENDED-1', {}, [acknowledged, reported, ['2025-10-22', HA, { type: 'TaskVerified', note: '', grade: 'fair' }]]);
    await store('ENDED-2', {}, [['2025-10-22', HA, { type: 'TaskCancelled', reason: 'Gộp', ending: 'merged', into: code('ENDED-1') }]]);
    expect(await words('/tasks/ENDED-1')).toMatch(/Ending Partly implemented Grade Fair Own assessment Good/);
    expect(await words('/tasks/ENDED-2')).toMatch(/Ending Merged into another task Continued in ENDED-1/);
    expect(await page('/tasks/ENDED-2')).toContain('href="/tasks/ENDED-1?lang=en"');
  });

  it('reads a state that an earlier version stored', async () => {
    await store('OLD-1');
    await database.$executeRaw`UPDATE task SET state = state - 'products' - 'milestones' - 'obstacles' - 'originalDeadline' - 'parent' WHERE code = 'OLD-1'`;
    expect((await web().request('/tasks/OLD-1')).status).toBe(200);
  });
});

describe('risk', () => {
  const judged = (risk: 'low' | 'high', by: Email): Act => ['2025-12-02', by, { type: 'RiskReported', risk, reason: `Lý do ${risk}` }];
  const forecastOn = (date: string): Act => [
    date,
    LAN,
    { type: 'ProgressReported', percent: 5, milestone: null, text: '', forecast: '2026-03-02' as IsoDate },
  ];

  beforeAll(async () => {
    const forecast = forecastOn('2025-10-03');
    await store('RISK-FORECAST', {}, [acknowledged, forecast]);
    await store('RISK-JUDGED', { ...due('2026-12-31') }, [acknowledged, judged('high', MINH)]);
    // Heard of later, so less likely to be late.
    await store('RISK-BOTH', {}, [acknowledged, forecastOn('2025-11-20'), judged('low', HA)]);
    await store('RISK-SECRET', { secrecy: 'secret' }, [acknowledged, forecast, judged('high', LAN)]);
    await store('RISK-LATE', { ...due('2025-12-01') }, [
      acknowledged,
      ['2025-11-20', LAN, { type: 'RiskReported', risk: 'high', reason: 'x' }],
    ]);
    await store('RISK-DONE', {}, [acknowledged, forecast, reported]);
  });

  const codesIn = async (path: string) => [...new Set((await page(path)).match(/RISK-[A-Z]+/g))];

  it('is a filter that puts the likeliest first, computed or judged, and answers nothing of a restricted task', async () => {
    expect(await codesIn('/tasks?risk=high&q=RISK')).toEqual(['RISK-FORECAST', 'RISK-BOTH', 'RISK-JUDGED']);
    expect(await codesIn('/tasks?risk=low&q=RISK')).toEqual(['RISK-BOTH', 'RISK-JUDGED']);
    expect(await words('/tasks?risk=high&q=RISK')).toMatch(/ 3 tasks /);
    expect(await words('/tasks?risk=grave')).toContain('grave');
  });

  it('is a column: what is computed, beside it what a person said', async () => {
    const rows = (await page('/tasks?q=RISK')).split('<tr>').map(plain);
    const row = (name: string) => rows.find((each) => each.includes(name)) ?? '';
    expect(row('RISK-FORECAST')).toMatch(/high risk \(\d+ %\)/);
    expect(row('RISK-JUDGED')).toMatch(/low risk \(\d+ %\) judged high risk/);
    expect(row('RISK-BOTH')).toMatch(/high risk \(\d+ %\) judged low risk/);
    for (const name of ['RISK-SECRET', 'RISK-LATE', 'RISK-DONE']) expect(row(name)).not.toMatch(/(?:low|high) risk/);
  });

  it.each([
    ['vi', 'dự kiến hoàn thành ngày 02/03/2026, sau thời hạn', 'không có hoạt động trong 44 ngày làm việc'],
    ['en', 'expects to be done on 02 March 2026, after the deadline', 'no activity for 44 working days'],
    ['fr', 'prévoit de finir le 02/03/2026, après l’échéance', 'aucune activité depuis 44 jours ouvrés'],
  ])('%s: stands on the page with its reasons, and beside it the judgement with its name', async (locale, late, silent) => {
    const said = await words('/tasks/RISK-FORECAST', locale);
    expect(said).toContain(late);
    expect(said).toContain(silent);
    expect(await words('/tasks/RISK-BOTH', locale)).toMatch(/Lý do low Lê Thu Hà/);
    // What is late is not at risk any more.
    expect(await words('/tasks/RISK-LATE')).not.toContain('Risk as people judge it');
  });
});

describe('turn', () => {
  const transfer: Act = ['2025-10-06', LAN, { type: 'TransferRequested', toAgency: MOF, reason: 'x' }];
  const TURNS: Readonly<Record<HolderRole, readonly [said: string, ...acts: Act[]]>> = {
    assignee: ['Nguyễn Thị Lan is to report it done, with evidence.', acknowledged],
    verifier: ['Lê Thu Hà is to verify or return it.', acknowledged, reported],
    transfer_decider: ['Lê Thu Hà is to decide on the transfer.', transfer],
    transfer_receiver: [
      'Ministry of Finance is to accept or decline it.',
      transfer,
      ['2025-10-07', null, { type: 'TransferApproved', toAgency: MOF, reason: '' }],
    ],
    extension_decider: [
      'Lê Thu Hà is to decide on the extension.',
      ['2025-10-06', LAN, { type: 'ExtensionRequested', ...due('2026-02-02'), reason: 'x', basis: '', afterDeadline: false }],
    ],
    obstacle_owner: ['Lê Thu Hà is to answer on the obstacle.', ['2025-10-06', LAN, { type: 'ObstacleReported', kind: 'law', text: 'x' }]],
    question_owner: ['Lê Thu Hà is to answer the question.', ['2025-10-06', LAN, { type: 'QuestionAsked', text: 'x' }]],
    contributor: [
      'Ministry of Finance is to give a contribution that is past its date.',
      ['2025-10-06', LAN, { type: 'ContributionRequested', agency: MOF, text: 'x', ...due('2025-10-10') }],
    ],
  };

  it.each(HOLDER_ROLES)('%s: is told as the time by holder counts it', async (role) => {
    const [said, ...acts] = TURNS[role];
    const name = `TURN-${HOLDER_ROLES.indexOf(role)}`;
    const task = replay(eventsOf(name, {}, acts));
    if (task === null || !isOpen(task)) throw new Error('not open');
    expect(holderOf(task, now).role).toBe(role);
    await store(name, {}, acts);
    expect(await page(`/tasks/${name}`)).toContain(`<p class="turn">${said}</p>`);
  });
});

describe('time by holder', () => {
  /** Due on Monday 3 November; asked away on Wednesday 5, decided on Friday 14 at noon: 7.5 of the 17.5 working days of lateness. */
  const acts: Act[] = [
    acknowledged,
    ['2025-11-05', LAN, { type: 'TransferRequested', toAgency: MOF, reason: 'x' }],
    ['2025-11-14T05:00:00.000Z', HA, { type: 'TransferRefused', reason: 'x' }],
    ['2025-11-27', LAN, { type: 'DoneReported', evidence: [{ type: 'text', text: 'x' }] }],
    ['2025-11-27T05:00:00.000Z', HA, { type: 'TaskVerified', note: '' }],
  ];

  beforeAll(async () => {
    await store('HELD-1', due('2025-11-03'), acts);
    await store('HELD-2', { assignedAt: now }, []);
    await store('HELD-3', due('2025-12-31'), acts.slice(0, 2));
  });

  it.each([
    ['en', 'Late 17.5 working days, 7.5 of them waiting for the decision on the transfer.', 'the assignee Nguyễn Thị Lan 33.5 9.5'],
    ['vi', 'Chậm 17,5 ngày làm việc, trong đó 7,5 ngày chờ quyết định chuyển.', 'người phụ trách Nguyễn Thị Lan 33,5 9,5'],
    ['fr', 'En retard de 17,5 jours ouvrés, dont 7,5 en attente : la décision sur le transfert.', 'le responsable Nguyễn Thị Lan 33,5 9,5'],
  ])('%s: tells the lateness apart, in figures of the language, until the task ended', async (locale, sentence, row) => {
    const said = (await words('/tasks/HELD-1', locale)).replaceAll('\u00a0', ' ');
    expect(said).toContain(sentence);
    expect(said).toContain(row);
  });

  it('tells what was waited for before the deadline too, and then of no lateness', async () => {
    const said = await words('/tasks/HELD-3');
    expect(said).toMatch(/46(?:\.\d)? working days in all, 21(?:\.\d)? of them waiting for the decision on the transfer\./);
    expect(said).not.toContain('after the original deadline');
  });

  it('says nothing where nobody has held anything yet', async () => {
    const fresh = eventsOf('HELD-2', {}, []).map((event) => ({ ...event, at: now }));
    const task = replay(fresh);
    if (task === null) throw new Error('no task');
    expect(holderDays(task, fresh, calendar, now)).toEqual([]);
    expect(mostWaitedFor([])).toBeNull();
    expect(mostWaitedFor([{ role: 'assignee', who: LAN, days: 3, daysLate: 1 }])).toBeNull();
  });
});

describe('related tasks', () => {
  beforeAll(async () => {
    await store('TREE-0', { title: 'Gốc' });
    await store('TREE-1', { title: 'Tầng một', parent: { code: code('TREE-0'), mandatory: true } });
    await store('TREE-11', { title: 'Tầng hai', parent: { code: code('TREE-1'), mandatory: false } }, [acknowledged]);
    await store('TREE-111', { title: 'Tầng ba', parent: { code: code('TREE-11'), mandatory: true }, ...due('2025-11-03') });
    await store('TREE-2', { title: 'Kín', secrecy: 'secret', parent: { code: code('TREE-0'), mandatory: false } });
    await store('TREE-3', { title: 'Chờ', parent: { code: code('NOWHERE-1'), mandatory: false } }, [
      ['2025-10-03', HA, { type: 'DependencyAdded', on: code('TREE-1') }],
    ]);
    // Each was stored when the other was not.
    await store('RING-1', { parent: { code: code('RING-2'), mandatory: false } });
    await store('RING-2', { parent: { code: code('RING-1'), mandatory: false } });
  });

  it('shows the parts as a tree of three levels, each a link with status and deadline, the mandatory ones marked', async () => {
    const html = await page('/tasks/TREE-0');
    for (const below of ['TREE-1', 'TREE-11', 'TREE-111']) expect(html).toContain(`href="/tasks/${below}?lang=en"`);
    const said = await words('/tasks/TREE-0');
    expect(said).toMatch(/TREE-1 Tầng một Within deadline Not yet acknowledged · 31 December 2025 27 days left mandatory/);
    expect(said).toMatch(/TREE-11 Tầng hai Within deadline In progress · 31 December 2025 27 days left (?!mandatory)/);
    expect(said).toMatch(/TREE-111 Tầng ba Overdue Not yet acknowledged · 03 November 2025 31 days overdue mandatory/);
    expect(html.replaceAll(/<(?!\/?[uo]l|\/?li)[^>]*>/g, '')).toMatch(/TREE-1 [^<]*<ul[^>]*><li>\s*TREE-11 [^<]*<ul[^>]*><li>\s*TREE-111 /);
    expect(said).toMatch(/TREE-2 A restricted task/);
    expect(said).not.toContain('Kín');
  });

  it('shows the parent, what it waits for and what waits for it; a parent that is not stored by its code', async () => {
    expect(await words('/tasks/TREE-1')).toMatch(/Part of TREE-0 Gốc .* mandatory .* Waited for by TREE-3 Chờ Within deadline/);
    expect(await words('/tasks/TREE-3')).toMatch(/Part of NOWHERE-1 Depends on TREE-1 Tầng một Within deadline/);
    expect(await page('/tasks/TREE-3')).not.toContain('href="/tasks/NOWHERE-1');
    expect(await words('/tasks/DATES-2')).not.toContain('Related tasks');
  });

  it('ends where tasks are parts of each other', async () => {
    expect((await words('/tasks/RING-1')).split('RING-2')).toHaveLength(3);
  });
});

describe('restricted', () => {
  const levels: SecrecyLevel[] = ['confidential', 'secret', 'top_secret'];
  const title = 'Kế hoạch phòng thủ';
  beforeAll(async () => {
    for (const secrecy of levels) {
      await store(`HIDDEN-${secrecy.toUpperCase()}`, { title, secrecy, product: 'Phương án', leadAgency: MOJ, ...due('2025-12-03') }, [
        acknowledged,
      ]);
    }
  });
  beforeEach(() => {
    answer = { answer: 'stored', commandId: '00000000-0000-4000-8000-000000000000' };
  });

  it.each(levels)('%s: the page says only that a restricted task waits', async (secrecy) => {
    const path = `/tasks/HIDDEN-${secrecy.toUpperCase()}?lang=en`;
    const refused = await web().request(path);
    expect(refused.status).toBe(401);
    const html = await refused.text();
    const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    expect(
      main
        .replaceAll(/<[^>]*>/g, ' ')
        .trim()
        .split(/\s{2,}/),
    ).toEqual(['A restricted task', 'A restricted task waits for you. Please sign in to see it.']);
    expect(html).toContain('<title>A restricted task · dondoc</title>');
  });

  it('a list names it by its code alone', async () => {
    const html = await page('/tasks?q=HIDDEN-SECRET');
    const [row = ''] = html.match(/<tr><td class="code">.*?<\/tr>/s) ?? [];
    expect(plain(row)).toBe(' HIDDEN-SECRET A restricted task ');
  });

  it.each(['q=phòng thủ', 'q=Phương', 'q=57-NQ', 'assignee=Lan&q=HIDDEN', 'assignee=lan.nguyen&agency=MOJ', 'agency=MOJ&q=HIDDEN'])(
    'no search by what is kept back finds it: %s',
    async (search) => {
      const said = await words(`/tasks?${encodeURI(search)}`);
      expect(said).not.toContain('HIDDEN-');
      expect(said).toMatch(/ 0 tasks /);
    },
  );

  it('the scoreboard counts it, and the list behind the figure counts it without naming it', async () => {
    const board = await page('/');
    const [row = ''] = board.match(/<tr><th scope="row"><a href="\/tasks\?agency=MOJ.*?<\/tr>/s) ?? [];
    expect(row).toMatch(/agency=MOJ&standing=overdue&lang=en">3</);
    expect(board).not.toContain(title);
    const list = await words('/tasks?agency=MOJ&standing=overdue');
    expect(list).toMatch(/ 3 tasks 3 of them are restricted: counted, but not named here\./);
    expect(list).not.toContain('HIDDEN-');
    expect(await words('/tasks?standing=overdue')).toContain('HIDDEN-SECRET A restricted task');
  });

  it("the page behind a mail's link tells neither its title nor, when it refuses, its people", async () => {
    const claim = {
      code: code('HIDDEN-SECRET'),
      recipient: SON,
      action: 'acknowledge' as const,
      expiresAt: morning('2025-12-05'),
      key: 'k',
      via: 'email' as const,
    };
    const path = `/a/${signLink('secret', claim)}`;
    const asked = await (await web().request(path)).text();
    expect(asked).not.toMatch(/phòng thủ|Nguyễn Thị Lan|Phương án/);
    answer = { answer: 'refused', refusal: { refused: 'not_the_assignee', details: { assignee: LAN } } };
    const refused = await web().request(path, { method: 'POST' });
    expect(refused.status).toBe(401);
    expect(await refused.text()).not.toMatch(/lan\.nguyen|phòng thủ/);
  });
});
