/** `dondoc doctor`: compares record, rows, workflows and ledger; says what differs, and mends what is safe. */

import type { Client } from '@temporalio/client';
import { createDirectory } from '../activities/directory.ts';
import { backlogText } from '../config/backlog-text.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { text } from '../config/text.ts';
import { missingYears } from '../domain/calendar.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { TaskEvent } from '../domain/event.ts';
import { replay } from '../domain/evolve.ts';
import type { TaskCode } from '../domain/names.ts';
import { isOpen, type Task } from '../domain/task.ts';
import { COMMITTEE_TIME_ZONE, instantFromEpochMs, localDate } from '../domain/time.ts';
import { carryOutAgencyChanges, openTasksNaming } from '../inbox/agency-tasks.ts';
import { armTasks } from '../inbox/arm.ts';
import { type Gone, whoIsGone } from '../inbox/gone.ts';
import { createInbox } from '../inbox/inbox.ts';
import { keepSchedules } from '../inbox/schedules.ts';
import type { StackInfo } from '../ops/stack.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { createBacklogReader } from '../prisma/delivery.ts';
import { createPlanner } from '../prisma/planner.ts';
import { GENESIS, hashEvent, storedEvent, storedTask } from '../prisma/task-record.ts';
import { periodScheduleId, taskWorkflowId } from '../workflows/names.ts';
import { backlogsOf } from './channels.ts';
import { type Context, withEngine } from './context.ts';

export interface Finding {
  readonly code: string;
  readonly finding:
    | 'chain_broken'
    | 'row_differs'
    | 'workflow_missing'
    | 'workflow_left_over'
    | 'schedule_missing'
    | 'schedule_left_over'
    | 'closed_task_planned'
    | 'command_waiting'
    | 'channel_late'
    | 'notification_uncertain'
    | 'notification_failed'
    | 'notice_uncertain'
    | 'notice_failed'
    | 'person_gone'
    | 'person_unreachable'
    | 'channel_gone'
    | 'agency_change_unfinished'
    | 'agency_ended';
  readonly detail: string;
}

export interface Examination {
  readonly tasks: number;
  readonly events: number;
  /** Running workflows of tasks; null where the engine did not answer. */
  readonly workflows: number | null;
  readonly findings: readonly Finding[];
  /** What will be wrong if nobody acts; nothing differs yet, so the exit status does not speak of it. */
  readonly warnings: readonly Warning[];
}

/** `code` names the calendar. */
export interface Warning {
  readonly code: string;
  readonly warning: 'calendar_year_missing';
  readonly detail: string;
}

/** @returns whether nothing was found (after mending): the exit status */
export async function doctor(context: Context, fix: boolean): Promise<boolean> {
  return withEngine(context, async (database, temporal, info) => {
    const before = await examine(database, temporal, info);
    const mended = fix && before.findings.length > 0 ? await mend(database, temporal) : null;
    const report = mended === null ? before : await examine(database, temporal, info);
    context.print(mended === null ? report : { ...report, mended }, human(report, mended));
    return report.findings.length === 0;
  });
}

/** @param info of the installation whose messages may be late; absent: none are looked for */
export async function examine(database: Database, temporal: Client, info?: SendingInfo): Promise<Examination> {
  const rows = await database.task.findMany({ include: { events: { orderBy: { seq: 'asc' } } }, orderBy: { code: 'asc' } });
  const findings: Finding[] = [];
  let events = 0;
  for (const row of rows) {
    const record = row.events.map(({ body }) => storedEvent(body));
    events += record.length;
    const broken = brokenLink(row.events, record);
    if (broken !== null) findings.push({ code: row.code, finding: 'chain_broken', detail: `event ${broken}` });
    else findings.push(...rowDiffers(row, record));
  }
  const running = await runningTasks(temporal);
  if (running !== null) findings.push(...workflowFindings(rows, running));
  const schedules = await periodSchedules(temporal);
  if (schedules !== null) findings.push(...scheduleFindings(rows, schedules));
  findings.push(...(await ledgerFindings(database)));
  if (info !== undefined) findings.push(...(await lateFindings(database, info)));
  return { tasks: rows.length, events, workflows: running?.size ?? null, findings, warnings: await warningsOf(database) };
}

async function warningsOf(database: Database): Promise<Warning[]> {
  const now = instantFromEpochMs(Date.now());
  const calendars = await createCalendars({ database, now: () => now })();
  return missingYears(calendars, localDate(now, COMMITTEE_TIME_ZONE)).map(({ name, year }) => ({
    code: name,
    warning: 'calendar_year_missing',
    detail: text('en', 'calendar.year_missing', { name, year }),
  }));
}

function brokenLink(stored: readonly { seq: number; prevHash: string; hash: string }[], record: readonly TaskEvent[]): number | null {
  let previous = GENESIS;
  for (const [index, event] of record.entries()) {
    const link = stored[index];
    if (link?.seq !== index + 1 || link.prevHash !== previous || link.hash !== hashEvent(previous, event)) return event.seq;
    previous = link.hash;
  }
  return null;
}

function rowDiffers(
  row: { code: string; status: string; seq: number; assignee: string; state: unknown },
  record: readonly TaskEvent[],
): Finding[] {
  const rebuilt = replay(record);
  const fields = rebuilt === null ? [] : differingFields(rebuilt, storedTask(row.state));
  if (rebuilt !== null && fields.length === 0 && rebuilt.status === row.status && rebuilt.seq === row.seq) return [];
  return [
    {
      code: row.code,
      finding: 'row_differs',
      detail: `events say ${rebuilt?.status} at ${rebuilt?.seq}, the row ${row.status} at ${row.seq}; other: ${fields.join(', ')}`,
    },
  ];
}

/** Names of the fields whose values are not the same; never the values, which may be secret. */
function differingFields(one: Task, other: Task): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const value = (task: Task, name: string) => canonicalJson(Reflect.get(task, name));
  return [...names].filter((name) => value(one, name) !== value(other, name));
}

/** Ids of the running workflows of tasks; null where the engine does not answer. */
async function runningTasks(temporal: Client): Promise<ReadonlySet<string> | null> {
  const ids = new Set<string>();
  try {
    for await (const { workflowId } of temporal.workflow.list({
      query: "WorkflowType = 'taskLifecycle' AND ExecutionStatus = 'Running'",
      pageSize: 1_000,
    }))
      ids.add(workflowId);
    return ids;
  } catch (error) {
    if (error instanceof Error && error.name === 'ServiceError') return null;
    throw error;
  }
}

function workflowFindings(rows: readonly { code: string; state: unknown }[], running: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const expected = new Set<string>();
  for (const { code, state } of rows) {
    const id = taskWorkflowId(code as TaskCode);
    if (!isOpen(state as Task)) continue;
    expected.add(id);
    if (!running.has(id)) findings.push({ code, finding: 'workflow_missing', detail: 'the task is open and nobody follows it' });
  }
  for (const id of running) {
    if (!expected.has(id))
      findings.push({ code: id, finding: 'workflow_left_over', detail: 'runs for a task that is closed or unknown to the store' });
  }
  return findings;
}

/** Ids of the Schedules of regular tasks; null where the engine does not answer, or knows none. */
async function periodSchedules(temporal: Client): Promise<ReadonlySet<string> | null> {
  const ids = new Set<string>();
  try {
    for await (const { scheduleId } of temporal.schedule.list()) ids.add(scheduleId);
    return ids;
  } catch (error) {
    if (error instanceof Error && error.name === 'ServiceError') return null;
    throw error;
  }
}

/** What the sweep has not done yet is no finding; what it believes done, and is not, is one. */
function scheduleFindings(rows: readonly { code: string; recurs: boolean; scheduled: boolean }[], known: ReadonlySet<string>): Finding[] {
  return rows.flatMap(({ code, recurs, scheduled }): Finding[] => {
    const exists = known.has(periodScheduleId(code as TaskCode));
    if (recurs && scheduled && !exists) return [{ code, finding: 'schedule_missing', detail: 'nothing opens its periods' }];
    if (!recurs && !scheduled && exists) return [{ code, finding: 'schedule_left_over', detail: 'the task has no periods to open' }];
    return [];
  });
}

async function ledgerFindings(database: Database): Promise<Finding[]> {
  const ended = await database.agency.findMany({ where: { endedOn: { not: null } }, select: { code: true } });
  const [left, changes, planned, waiting, stuck, notices, gone] = await Promise.all([
    openTasksNaming(
      database,
      ended.map(({ code }) => code),
    ),
    database.agencyChange.findMany({ where: { settledAt: null } }),
    database.notification.findMany({ where: { status: 'planned', task: { status: { in: ['completed', 'cancelled'] } } }, take: 100 }),
    database.command.findMany({ where: { status: 'stored' }, take: 100 }),
    // What failed because the recipient is gone is one finding of that person, not one of each message.
    database.$queryRaw<{ taskCode: string; status: string; recipient: string; channel: string; error: string | null }[]>`
      SELECT n.task_code AS "taskCode", n.status, n.recipient, n.channel, n.error FROM notification n JOIN person p ON p.email = n.recipient
      WHERE n.status IN ('uncertain', 'failed')
        AND NOT (n.status = 'failed' AND to_jsonb(p) ->> (n.channel || '_gone_at') IS NOT NULL)
      ORDER BY n.task_code, n.key LIMIT 100`,
    database.notice.findMany({ where: { status: { in: ['uncertain', 'failed'] } }, orderBy: { key: 'asc' }, take: 100 }),
    whoIsGone(database),
  ]);
  return [
    ...changes.map(({ id, kind }): Finding => ({ code: id, finding: 'agency_change_unfinished', detail: kind })),
    // While a change is under way its tasks are on their way too.
    ...(changes.length > 0 ? [] : left).map(
      ({ code, leadAgency }): Finding => ({
        code,
        finding: 'agency_ended',
        detail: `an agency that has ended is named; the lead is ${leadAgency}`,
      }),
    ),
    ...gone.flatMap(goneFindings),
    ...planned.map(({ taskCode, step }): Finding => ({ code: taskCode, finding: 'closed_task_planned', detail: step })),
    ...waiting.map(({ taskCode, id }): Finding => ({ code: taskCode, finding: 'command_waiting', detail: id })),
    ...stuck.map(
      ({ taskCode, status, recipient, channel, error }): Finding => ({
        code: taskCode,
        finding: status === 'failed' ? 'notification_failed' : 'notification_uncertain',
        detail: `${recipient} by ${channel}: ${error ?? ''}`,
      }),
    ),
    // About no task: named by its key.
    ...notices.map(
      ({ key, status, recipient, channel, error }): Finding => ({
        code: key,
        finding: status === 'failed' ? 'notice_failed' : 'notice_uncertain',
        detail: `${recipient} by ${channel}: ${error ?? ''}`,
      }),
    ),
  ];
}

type SendingInfo = Pick<StackInfo, 'backlog' | 'shadow' | 'slack' | 'mail' | 'webhook'>;

async function lateFindings(database: Database, info: SendingInfo): Promise<Finding[]> {
  const at = instantFromEpochMs(Date.now());
  const backlogs = createBacklogReader({ database, ...backlogsOf(info) });
  return (await backlogs(at)).map((backlog) => ({
    code: backlog.channel,
    finding: 'channel_late',
    detail: backlogText('en', backlog, at),
  }));
}

/** Who has left and is still answerable or named; who has lost a channel and is told by what is left. */
function goneFindings({ email: code, goneAt, lost, reachedBy, openTasks, isNamed }: Gone): Finding[] {
  if (goneAt === null) {
    const left = reachedBy.length === 0 ? 'nothing' : reachedBy.join(', ');
    return lost.map(({ channel, at }) => ({
      code,
      finding: 'channel_gone',
      detail: `not reached by ${channel} since ${at}; told by ${left}`,
    }));
  }
  if (openTasks > 0) return [{ code, finding: 'person_gone', detail: `left on ${goneAt.slice(0, 10)} with ${openTasks} open tasks` }];
  return isNamed
    ? [{ code, finding: 'person_unreachable', detail: `left on ${goneAt.slice(0, 10)}; still supervisor, coordinator or head` }]
    : [];
}

/** Safe is what the next sweep would do anyway: arm what nobody follows, carry out what waits. */
async function mend(database: Database, temporal: Client): Promise<{ armed: number; relayed: number }> {
  const running = await runningTasks(temporal);
  const rows = await database.task.findMany({
    where: { status: { notIn: ['completed', 'cancelled'] } },
    select: { code: true, armedAt: true },
  });
  const lost = rows.filter(({ code, armedAt }) => armedAt !== null && running !== null && !running.has(taskWorkflowId(code as TaskCode)));
  // Their workflows are gone from the engine: without a mark of one they are armed like imported ones.
  await database.task.updateMany({ where: { code: { in: lost.map(({ code }) => code) } }, data: { armedAt: null } });
  const schedules = await periodSchedules(temporal);
  if (schedules !== null) await mendSchedules(database, temporal, schedules);
  const now = () => instantFromEpochMs(Date.now());
  const directory = createDirectory(database);
  const calendars = createCalendars({ database, now });
  const plan = createPlanner({ database, calendars, weights: loadRiskWeights(), directory: () => directory.get() });
  const armed = await armTasks({ database, temporal, plan, now });
  const inbox = createInbox({ database, temporal, now, calendars });
  const { settled } = await inbox.relay();
  await carryOutAgencyChanges({ database, inbox, now });
  return { armed, relayed: settled };
}

/** The marks are set to what the engine has, and the sweep's own work does the rest. */
async function mendSchedules(database: Database, temporal: Client, known: ReadonlySet<string>): Promise<void> {
  const rows = await database.task.findMany({ select: { code: true, recurs: true, scheduled: true } });
  const codesOf = (finding: Finding['finding']) =>
    scheduleFindings(rows, known)
      .filter((each) => each.finding === finding)
      .map(({ code }) => code);
  await database.task.updateMany({ where: { code: { in: codesOf('schedule_missing') } }, data: { scheduled: false } });
  await database.task.updateMany({ where: { code: { in: codesOf('schedule_left_over') } }, data: { scheduled: true } });
  await keepSchedules({ database, temporal });
}

function human(report: Examination, mended: { armed: number; relayed: number } | null): string {
  return [
    `${report.tasks} tasks, ${report.events} events, ${report.workflows ?? 'unknown'} running workflows`,
    ...(mended === null ? [] : [`mended: ${mended.armed} armed, ${mended.relayed} commands carried out`]),
    ...report.findings.map(({ code, finding, detail }) => `${code}: ${finding} (${detail})`),
    ...report.warnings.map(({ code, warning, detail }) => `${code}: ${warning} (${detail})`),
    ...(report.findings.length === 0 ? ['every chain verifies; nothing differs'] : []),
  ].join('\n');
}
