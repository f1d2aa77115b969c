/**
 * Proves that agencies are merged, split and renamed while their tasks go on: open tasks follow and nothing else of them changes,
 * nobody is told again, figures by either structure add up, and an undoing leaves everything as it was. What one change makes
 * of one task or of a directory is proved beside `domain/agency-change.ts` and `domain/reorganisation.ts`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAgencies, mergeAgencies, renameAgency, splitAgency, undoChange } from '../cli/agency.ts';
import type { Context } from '../cli/context.ts';
import { examine } from '../cli/doctor.ts';
import { byAgencyOf, scoreboardOf } from '../cli/report.ts';
import { listTasks } from '../cli/task.ts';
import { addDays } from '../domain/calendar.ts';
import type { Request } from '../domain/command.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import type { Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, type IsoDate, type IsoInstant, localDate } from '../domain/time.ts';
import { changeAgencies } from '../inbox/agency-change.ts';
import { carryOutAgencyChanges } from '../inbox/agency-tasks.ts';
import { undoAgencyChange } from '../inbox/agency-undo.ts';
import { armTasks } from '../inbox/arm.ts';
import { importDirectory } from '../inbox/import/directory.ts';
import { importTasks } from '../inbox/import/import.ts';
import { storedTask } from '../prisma/task-record.ts';
import { readScoreboard } from '../web/queries/scoreboard.ts';
import { readTasks } from '../web/queries/tasks.ts';
import { HA, LAN, type Office, openOffice } from './office.ts';

const OPEN = 200;
const CLOSED = 40;
const HEADS: Readonly<Record<string, Email>> = { MAE: 'hang.nong@mae.example' as Email, MOC: 'nam.lam@moc.example' as Email };
const ASSIGNEES: Readonly<Record<string, readonly Email[]>> = {
  MAE: ['sang.le@mae.example', 'tram.nguyen@mae.example', 'binh.hoang@mae.example'] as Email[],
  MOC: ['trang.tran@moc.example', 'chi.lam@moc.example', 'viet.chu@moc.example'] as Email[],
};

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await storePolicy();
});
afterAll(() => office.close());

/** Everything at once and by mail, so that what is told is told within the test; nothing falls due later on its day. */
async function storePolicy(): Promise<void> {
  const step = { channels: { order: ['email'], use: 'first' }, urgent: true };
  await office.system.database.policy.create({
    data: {
      name: 'two-agencies',
      version: 1,
      sha256: '0'.repeat(64),
      source: '',
      storedAt: office.system.now(),
      document: {
        name: 'two-agencies',
        version: 1,
        timing: 'any_time',
        steps: [
          {
            ...step,
            id: 'assigned',
            anchor: 'assignment',
            offset: '0m',
            when: 'unacknowledged',
            kind: 'assignment',
            audience: ['assignee'],
          },
          { ...step, id: 'before', anchor: 'deadline', offset: '-2d', when: 'unreported', kind: 'reminder', audience: ['assignee'] },
          { ...step, id: 'overdue', anchor: 'deadline', offset: '+1d', when: 'unreported', kind: 'escalation', audience: ['head'] },
          { ...step, id: 'overdue-again', anchor: 'deadline', offset: '+20d', when: 'unreported', kind: 'escalation', audience: ['head'] },
        ],
      },
    },
  });
}

async function importTwoAgencies(): Promise<void> {
  const { system } = office;
  const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
  const day = (days: number) => addDays(today, days);
  const rows = Array.from({ length: OPEN + CLOSED }, (_, index) => {
    const [lead, other] = index % 2 === 0 ? ['MAE', 'MOC'] : ['MOC', 'MAE'];
    const isClosed = index >= OPEN;
    const status = isClosed ? 'completed' : (['assigned', 'acknowledged', 'reported'][index % 3] ?? '');
    const has = (...those: string[]) => those.includes(status);
    return [
      `AG-${String(index).padStart(3, '0')}`,
      'Rà soát quy hoạch',
      lead,
      index % 4 === 0 ? `${other};MOF` : index % 5 === 0 ? 'MOF' : '',
      ASSIGNEES[lead ?? '']?.[index % 3],
      HA.email,
      day(-30),
      index % 7 === 0 ? day(-5) : day(20),
      index % 11 === 0,
      status,
      has('acknowledged', 'reported', 'completed') ? day(-28) : '',
      has('reported', 'completed') ? day(-10) : '',
      has('completed') ? day(-8) : '',
      has('reported', 'completed') ? 'text:Báo cáo' : '',
      'two-agencies',
    ].join(',');
  });
  const header =
    'code,title,lead_agency,coordinating_agencies,assignee,coordinator,assigned_on,deadline,regular,status,acknowledged_on,reported_on,completed_on,evidence,policy';
  const result = await importTasks(
    { ...system, directory: await system.directory.get() },
    { bytes: Buffer.from([header, ...rows].join('\n')), dryRun: false, skipRefused: false },
  );
  expect(result.errors).toEqual([]);
  await armTasks({ ...system, temporal: system.client });
  // Where tasks name agencies beside their lead: an open transfer, and a contribution owed.
  await act('AG-001', ASSIGNEES.MOC?.[1], { type: 'RequestTransfer', toAgency: 'MAE' as AgencyCode, reason: 'Không đúng chức năng' });
  await act('AG-004', ASSIGNEES.MAE?.[1], {
    type: 'RequestContribution',
    agency: 'MOC' as AgencyCode,
    text: 'Số liệu',
    deadline: day(10),
    deadlineAt: `${day(10)}T10:00:00.000Z` as IsoInstant,
  });
}

async function act(code: string, actor: Email | undefined, request: Request) {
  const answer = await office.submit({
    key: `test:${code}:${request.type}`,
    code: code as TaskCode,
    actor: actor ?? HA.email,
    via: 'cli',
    request,
  });
  expect(answer).toMatchObject({ answer: 'done' });
  if (answer.answer !== 'done') return;
  const seqOf = async () => (await office.system.database.task.findUnique({ where: { code } }))?.seq;
  await expect.poll(seqOf).toBeGreaterThanOrEqual(answer.seq);
}

/** Until nothing that is due now, or in hand, is left to send. */
async function quiet(): Promise<void> {
  const { database, now } = office.system;
  const due = () =>
    database.notification.count({
      where: { OR: [{ status: 'planned', sendAt: { lte: now() } }, { status: { in: ['claimed', 'sending', 'uncertain'] } }] },
    });
  await expect.poll(due, { timeout: 90_000, interval: 250 }).toBe(0);
}

async function tasks(): Promise<ReadonlyMap<string, Task>> {
  const rows = await office.system.database.task.findMany({ where: { code: { startsWith: 'AG-' } }, orderBy: { code: 'asc' } });
  return new Map(rows.map(({ code, state }) => [code, storedTask(state)]));
}
const withoutSeq = (all: ReadonlyMap<string, Task>) => [...all.values()].map((task) => ({ ...task, seq: 0 }));
const open = (all: ReadonlyMap<string, Task>) => [...all.values()].filter(({ status }) => status !== 'completed' && status !== 'cancelled');

async function ledger() {
  const rows = await office.system.database.notification.findMany({ where: { taskCode: { startsWith: 'AG-' } }, orderBy: { key: 'asc' } });
  const keys = (...those: string[]) => rows.filter(({ status }) => those.includes(status)).map(({ key }) => key);
  return { told: keys('sent', 'merged'), planned: keys('planned') };
}

async function settled(): Promise<void> {
  const left = () => office.system.database.agencyChange.count({ where: { settledAt: null } });
  await expect.poll(left, { timeout: 60_000, interval: 100 }).toBe(0);
}

/** Figures by both structures, each checked to add up to the scoreboard's. */
async function boards() {
  const { database, now } = office.system;
  const at = now();
  const [board, current, old] = await Promise.all([
    scoreboardOf(database, at),
    byAgencyOf(database, at, 'new'),
    byAgencyOf(database, at, 'old'),
  ]);
  for (const byAgency of [current, old]) {
    for (const figure of ['total', 'completed', 'withinDeadline', 'overdue', 'regular'] as const)
      expect(byAgency.reduce((sum, each) => sum + each[figure], 0)).toBe(board[figure]);
  }
  const totals = (all: typeof old) => Object.fromEntries(all.map(({ agency, total }) => [agency, total]));
  return { current: totals(current), old: totals(old) };
}

/** Runs a command of the command line beside the office's stack. @returns what it printed */
async function run<T>(command: (context: Context) => Promise<T>) {
  let document: unknown;
  let human = '';
  const returned = await command({
    state: office.state,
    json: true,
    print: (given, text) => {
      document = JSON.parse(JSON.stringify(given));
      human = text;
    },
    say: () => {},
  });
  // biome-ignore lint/suspicious/noExplicitAny: a document is read as its reader reads it
  return { returned, document: document as any, human };
}
const as = HA.email;
const merge = (flags: object) =>
  run((context) => mergeAgencies(context, ['MAE', 'MOC'], { as, into: 'MAEC', nameVi: 'Bộ Nông nghiệp và Xây dựng', ...flags }));
const undo = (change: string, flags: object = {}) => run((context) => undoChange(context, change, { as, ...flags }));
const list = (agency: string) => run((context) => listTasks(context, { agency, limit: '1000' }));
const refusal = (refused: string, details: object = {}) => ({
  returned: false,
  document: { answer: 'refused', refusal: { refused, details: expect.objectContaining(details) } },
});

describe('a merge of two agencies with 200 open tasks', () => {
  let before: { tasks: ReadonlyMap<string, Task>; ledger: Awaited<ReturnType<typeof ledger>>; boards: Awaited<ReturnType<typeof boards>> };
  let people: unknown;
  let change = '';
  const members = () =>
    office.system.database.person.findMany({ where: { agencyCode: { in: ['MAE', 'MOC', 'MAEC'] } }, orderBy: { email: 'asc' } });
  it('begins with what was told already, the heads of what is overdue included', async () => {
    await importTwoAgencies();
    await quiet();
    before = { tasks: await tasks(), ledger: await ledger(), boards: await boards() };
    people = await members();
    expect(open(before.tasks)).toHaveLength(OPEN);
    expect(before.ledger.told.filter((key) => key.includes('/overdue/') && key.includes(HEADS.MOC ?? '')).length).toBeGreaterThan(0);
  }, 90_000);

  it('says beforehand what would follow, and changes nothing', async () => {
    const { returned, document } = await merge({ dryRun: true });
    expect(returned).toBe(true);
    expect(document).toMatchObject({
      kind: 'merge',
      successors: { MAE: ['MAEC'], MOC: ['MAEC'] },
      created: ['MAEC'],
      tasks: OPEN,
      change: null,
      dryRun: true,
    });
    expect(document.moved).toBe((people as []).length);
    expect(await office.system.database.agency.count({ where: { code: 'MAEC' } })).toBe(0);
  });

  it('is refused for a date to come, for who is no coordinator, for what nobody knows', async () => {
    const tomorrow = addDays(localDate(office.system.now(), COMMITTEE_TIME_ZONE), 1) as IsoDate;
    expect(await merge({ from: tomorrow })).toMatchObject(refusal('agency_change_future', { date: tomorrow }));
    expect(await merge({ as: LAN.email })).toMatchObject(refusal('not_a_coordinator'));
    expect(await merge({ nameVi: undefined })).toMatchObject(refusal('agency_name_missing', { agency: 'MAEC' }));
    expect(await merge({ head: LAN.email })).toMatchObject(refusal('agency_head_elsewhere', { email: LAN.email }));
    const unknown = run((context) => mergeAgencies(context, ['MAE', 'NONE'], { as, into: 'MAEC', nameVi: 'Bộ' }));
    expect(await unknown).toMatchObject(refusal('agency_unknown', { agency: 'NONE' }));
    expect(await office.system.database.agencyChange.count()).toBe(0);
  });

  it('takes every open task along, and changes nothing else of it', async () => {
    const { returned, document } = await merge({});
    expect(returned).toBe(true);
    expect(document).toMatchObject({ tasks: OPEN, left: 0 });
    change = document.change;
    const after = await tasks();
    for (const [code, task] of before.tasks) {
      const now = after.get(code);
      if (task.status === 'completed') expect(now).toEqual(task);
      else {
        const { seq, leadAgency, coordinatingAgencies, agencyChange, transfer, contributions, ...rest } = now as Task;
        expect([leadAgency, coordinatingAgencies]).toEqual(['MAEC', task.coordinatingAgencies.filter((each) => each === 'MOF')]);
        expect(agencyChange).toMatchObject({ change, before: { leadAgency: task.leadAgency } });
        expect(task).toMatchObject(rest);
        expect(seq).toBe(task.seq + 1);
      }
    }
    expect(after.get('AG-001')?.transfer?.toAgency).toBe('MAEC');
    expect(after.get('AG-004')?.contributions[0]?.agency).toBe('MAEC');
    const head = await office.system.database.agency.findUniqueOrThrow({ where: { code: 'MAEC' } });
    expect(head.headEmail).toBe(HEADS.MAE);
  });

  it('asks nobody again for what was asked, and tells the new head what is still to come', async () => {
    await quiet();
    const { told, planned } = await ledger();
    expect(told).toEqual(before.ledger.told);
    const later = (keys: readonly string[]) => keys.filter((key) => key.includes('/overdue-again/'));
    expect(later(planned)).toHaveLength(later(before.ledger.planned).length);
    expect(later(planned).every((key) => key.includes(HEADS.MAE ?? ''))).toBe(true);
  });

  it('adds up by the old and by the new structure', async () => {
    const { MAE, MOC, ...others } = before.boards.current;
    expect(await boards()).toEqual({ current: { ...others, MAEC: (MAE ?? 0) + (MOC ?? 0) }, old: before.boards.old });
  });

  it('keeps the old codes and names findable, and answers with the successor to who names one', async () => {
    for (const called of ['MAE', 'MAEC', 'Bộ Xây dựng', 'ministry of construction']) {
      const { document } = await list(called);
      expect([called, document.count]).toEqual([called, OPEN + CLOSED]);
    }
    // A figure of the scoreboard and the list behind it are the same tasks.
    const at = office.system.now();
    const page = await readScoreboard(office.system.database, 'vi', at);
    expect(page.agencies.find(({ code }) => code === 'MAEC')?.figures.total).toBe(OPEN + CLOSED);
    for (const agency of ['MOC', 'MAEC'] as AgencyCode[])
      expect((await readTasks({ ...office.system, locale: 'vi', filters: { standing: 'counted', agency }, at })).total).toBe(OPEN + CLOSED);
    const named = office.submit({
      key: 'test:ended',
      code: 'AG-003' as TaskCode,
      actor: ASSIGNEES.MOC?.[0] as Email,
      via: 'cli',
      request: { type: 'RequestTransfer', toAgency: 'MAE' as AgencyCode, reason: 'Không đúng chức năng' },
    });
    expect(await named).toMatchObject({ answer: 'refused', refusal: { refused: 'agency_ended', details: { successors: 'MAEC' } } });
    expect(await merge({})).toMatchObject(refusal('agency_ended', { agency: 'MAE', successors: 'MAEC' }));
    await expect(office.system.database.$executeRaw`DELETE FROM agency WHERE code = 'MAE'`).rejects.toThrow('never deleted');
  });

  it('is undone as a whole: people, agencies, tasks and plans are as before', async () => {
    expect(await undo(change, { dryRun: true })).toMatchObject({ returned: true, document: { tasks: OPEN } });
    expect(await undo(change)).toMatchObject({ returned: true, document: { tasks: OPEN, left: 0 } });
    expect(withoutSeq(await tasks())).toEqual(withoutSeq(before.tasks));
    expect(await members()).toEqual(people);
    expect(await boards()).toEqual(before.boards);
    await quiet();
    expect(await ledger()).toEqual(before.ledger);
    expect(await undo(change)).toMatchObject(refusal('agency_change_undone', { by: HA.email }));
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await undo(unknown)).toMatchObject(refusal('agency_change_not_found', { change: unknown }));
    await expect.poll(async () => (await examine(office.system.database, office.system.client)).findings, { timeout: 10_000 }).toEqual([]);
  });

  it('is finished by the running system where it was cut short, and does its work once', async () => {
    const { database } = office.system;
    const stored = await changeAgencies(office.system, {
      actor: HA.email,
      request: {
        kind: 'merge',
        agencies: ['MAE', 'MOC'] as AgencyCode[],
        into: 'MAEC' as AgencyCode,
        name: { vi: 'Bộ Nông nghiệp và Xây dựng' },
        head: null,
      },
      dryRun: false,
    });
    if (!('change' in stored) || stored.change === null) throw new Error('the merge was refused');
    change = stored.change;
    const early = undoAgencyChange(office.system, { actor: HA.email, change, dryRun: true });
    expect(await early).toMatchObject({ refused: 'agency_change_unfinished' });
    // Two who go on at once, beside the system's own sweep.
    await Promise.all([carryOutAgencyChanges(office.system), carryOutAgencyChanges(office.system)]);
    await settled();
    expect(open(await tasks()).every(({ leadAgency }) => leadAgency === 'MAEC')).toBe(true);
    expect(await database.taskEvent.count({ where: { type: 'AgenciesChanged', body: { path: ['change'], equals: change } } })).toBe(OPEN);
  });

  it('cannot be undone once something was built on it, and names what', async () => {
    const { database } = office.system;
    await database.person.update({ where: { email: LAN.email }, data: { agencyCode: 'MAEC' } });
    expect(await undo(change)).toMatchObject(refusal('agency_change_people_since', { people: LAN.email }));
    await database.person.update({ where: { email: LAN.email }, data: { agencyCode: 'MOST' } });

    const renamed = await run((context) => renameAgency(context, 'MAEC', { as, nameVi: 'Bộ Nông thôn và Xây dựng' }));
    expect(await undo(change)).toMatchObject(refusal('agency_change_later', { change: renamed.document.change }));
    expect(await undo(renamed.document.change)).toMatchObject({ returned: true });

    await act('AG-002', HA.email, {
      type: 'RequestContribution',
      agency: 'MOST' as AgencyCode,
      text: 'Số liệu',
      deadline: '2099-01-01' as IsoDate,
      deadlineAt: '2099-01-01T10:00:00.000Z' as IsoInstant,
    });
    expect(await undo(change)).toMatchObject(refusal('agency_change_tasks_since', { count: '1', tasks: 'AG-002' }));
    expect(open(await tasks()).every(({ leadAgency }) => leadAgency === 'MAEC')).toBe(true);
    expect(await database.agencyChange.count({ where: { id: change, undoneAt: null } })).toBe(1);
  });
});

describe('after it', () => {
  it('splits: people go where they are named, open tasks follow their assignees, who is not named stays', async () => {
    const [first, second] = ASSIGNEES.MOC ?? [];
    const { returned, document } = await run((context) =>
      splitAgency(context, 'MAEC', { as, into: [`MOC2=${HEADS.MOC},${first},${second}`], nameVi: ['MOC2=Bộ Xây dựng và Đô thị'] }),
    );
    expect(returned).toBe(true);
    expect(document).toMatchObject({ successors: { MAEC: ['MAEC', 'MOC2'] }, moved: 3, left: 0 });
    for (const { leadAgency, assignee } of open(await tasks()))
      expect([assignee, leadAgency]).toEqual([assignee, [first, second].includes(assignee) ? 'MOC2' : 'MAEC']);
    const made = await office.system.database.agency.findUniqueOrThrow({ where: { code: 'MOC2' } });
    expect([made.nameVi, made.headEmail]).toEqual(['Bộ Xây dựng và Đô thị', HEADS.MOC]);
    await boards();

    const before = withoutSeq(await tasks());
    const elsewhere = run((context) => splitAgency(context, 'MAEC', { as, into: [`MOC3=${LAN.email}`] }));
    expect(await elsewhere).toMatchObject(refusal('person_elsewhere', { email: LAN.email, agency: 'MOST' }));
    const again = await run((context) => renameAgency(context, 'MOC2', { as, nameVi: 'Bộ Đô thị', nameEn: 'Ministry of Cities' }));
    expect(again.returned).toBe(true);
    expect(withoutSeq(await tasks())).toEqual(before);
    expect((await list('Bộ Xây dựng và Đô thị')).document.count).toBe((await list('MOC2')).document.count);
    expect((await undo(again.document.change)).returned).toBe(true);
    expect((await undo(document.change)).returned).toBe(true);
    expect(open(await tasks()).every(({ leadAgency }) => leadAgency === 'MAEC')).toBe(true);
  });

  it('lists agencies with what they were called and have become, and the changes', async () => {
    await run((context) => renameAgency(context, 'MOF', { as, nameVi: 'Bộ Tài chính và Đầu tư', from: '2026-01-01' }));
    const { document, human } = await run(listAgencies);
    const agency = (code: string) => document.agencies.find((each: { code: string }) => each.code === code);
    expect(agency('MOF')).toMatchObject({
      name: { vi: 'Bộ Tài chính và Đầu tư' },
      endedOn: null,
      formerNames: [{ name: { vi: 'Bộ Tài chính' }, until: '2026-01-01' }],
    });
    expect(agency('MOC')).toMatchObject({ succeededBy: 'MAEC', people: 0 });
    expect(human).toContain('until 2026-01-01: Bộ Tài chính');
    expect(document.changes.map(({ kind }: { kind: string }) => kind)).toEqual(['merge', 'merge', 'rename', 'split', 'rename', 'rename']);
  });

  it('reads files that still have the old codes', async () => {
    const { system } = office;
    const people = 'email,name,agency,role,locale,time_zone,slack_id\nmoi@moc.example,Người Mới,MOC,assignee,vi,Asia/Ho_Chi_Minh,\n';
    expect(
      await importDirectory({ database: system.database, now: system.now(), dryRun: false }, 'people', Buffer.from(people)),
    ).toMatchObject({ created: 1, errors: [] });
    system.directory.forget();
    const today = localDate(system.now(), COMMITTEE_TIME_ZONE);
    const file = `code,title,lead_agency,coordinating_agencies,assignee,coordinator,assigned_on,deadline,status\nAG-NEW,Việc,MOC,MAE;MOF,moi@moc.example,${HA.email},${today},${addDays(today, 9)},assigned\n`;
    const result = await importTasks(
      { ...system, directory: await system.directory.get() },
      { bytes: Buffer.from(file), dryRun: false, skipRefused: false },
    );
    expect(result).toMatchObject({ created: 1, errors: [] });
    expect((await tasks()).get('AG-NEW')).toMatchObject({ leadAgency: 'MAEC', coordinatingAgencies: ['MOF'] });
    // The same file again changes nothing, wherever its people are by then.
    await system.database.person.update({ where: { email: 'moi@moc.example' }, data: { agencyCode: 'MOST' } });
    system.directory.forget();
    const again = { ...system, directory: await system.directory.get() };
    expect(await importTasks(again, { bytes: Buffer.from(file), dryRun: false, skipRefused: false })).toMatchObject({
      unchanged: 1,
      errors: [],
    });
  });
});
