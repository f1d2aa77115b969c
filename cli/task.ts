import { holdReason } from '../config/hold-text.ts';
import { refusalText } from '../config/refusal-text.ts';
import { loadRiskWeights } from '../config/risk.ts';
import { reasonText, riskText } from '../config/risk-text.ts';
import { text } from '../config/text.ts';
import { minutesOfDay } from '../domain/calendar.ts';
import { lacksEvidence } from '../domain/completion.ts';
import { findings } from '../domain/findings.ts';
import { heldBy } from '../domain/hold.ts';
import { holdings, shares } from '../domain/holding.ts';
import { RISK_LEVELS, type RiskLevel } from '../domain/names.ts';
import { isOverdue } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { codesCalled } from '../prisma/agencies.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { standingHolds } from '../prisma/holds.ts';
import { codesAtRisk, createRiskReader, type Risk } from '../prisma/risk.ts';
import { storedEvent, storedTask } from '../prisma/task-record.ts';
import { type Context, Failure, Usage, withDatabase } from './context.ts';

/** What is computed stands first; `reported` is what a person said. Null where nothing can be said of the future. */
function riskDocument(risk: Risk | undefined) {
  if (risk === undefined) return null;
  const { computed, reported } = risk;
  const told = reported === null ? null : { level: reported.level, reason: reported.text, by: reported.by, at: reported.at };
  if (computed === null) return { level: null, score: null, text: null, reasons: [], reported: told };
  const reasons = computed.reasons.map((reason) => ({
    feature: reason.feature,
    value: rounded(reason.value),
    unit: reason.unit,
    points: rounded(reason.points),
    text: reasonText('en', reason),
  }));
  return { level: computed.level, score: rounded(computed.score), text: riskText('en', computed), reasons, reported: told };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Of the tasks that are named, or of all. */
async function risksOf(database: Database, now: IsoInstant, codes?: readonly string[]): Promise<ReadonlyMap<string, Risk>> {
  return createRiskReader({ database, calendars: createCalendars({ database, now: () => now }), weights: loadRiskWeights() })(now, codes);
}

/** The document of `task show`: shape of the contract. Null where there is no such task. */
async function taskDocument(database: Database, code: string, now: IsoInstant) {
  const row = await database.task.findUnique({
    where: { code },
    include: { events: { orderBy: { seq: 'asc' } }, notifications: { orderBy: { sendAt: 'asc' } } },
  });
  if (row === null) return null;
  const waiting = row.notifications.filter(({ status }) => status === 'planned' || status === 'claimed');
  const [holds, people] = await Promise.all([
    standingHolds(database, now),
    database.person.findMany({ where: { email: { in: waiting.map(({ recipient }) => recipient) } } }),
  ]);
  const agencyOf = new Map(people.map(({ email, agencyCode }) => [email, agencyCode]));
  /** Until when a notification that waits is held, and why; null where nothing holds it. */
  const heldOf = (each: (typeof waiting)[number]) => {
    if (!waiting.includes(each)) return null;
    const hold = heldBy(holds, { agency: agencyOf.get(each.recipient) ?? '', channel: each.channel, urgent: each.urgent }, now);
    return hold === undefined || each.sendAt.toISOString() >= hold.until
      ? null
      : { hold: hold.id, until: hold.until, reason: holdReason('en', hold) };
  };
  const task = storedTask(row.state);
  const { main: calendar } = await createCalendars({ database, now: () => now })();
  const held = holdings(
    row.events.map(({ body }) => storedEvent(body)),
    now,
  );
  const risk = (await risksOf(database, now, [code])).get(code);
  const days = (minutes: number) => Math.round((minutes / minutesOfDay(calendar)) * 10) / 10;
  return {
    task,
    /** In whose hands it was: working days, and how many of them after the first deadline. */
    holders: shares(held, task.originalDeadlineAt, calendar).map(({ role, who, minutes, minutesLate }) => ({
      role,
      who,
      workingDays: days(minutes),
      workingDaysLate: days(minutesLate),
    })),
    risk: riskDocument(risk),
    findings: findings(task, calendar),
    events: row.events.map(({ seq, type, at, by, via }) => ({ seq, type, at, by, via })),
    notifications: row.notifications.map((each) => ({
      id: each.id,
      kind: each.kind,
      recipient: each.recipient,
      channel: each.channel,
      sendAt: each.sendAt,
      status: each.status,
      sentAt: each.sentAt,
      providerId: each.providerId,
      held: heldOf(each),
      /** Why it waits or was not sent. */
      why: each.error,
      /** Sent in shadow mode: the recipient was not told. */
      shadow: each.shadow,
    })),
  };
}

/** The document of `task list`: shape of the contract. */
export async function tasksDocument(
  database: Database,
  o: { status?: string; agency?: string; assignee?: string; overdue?: boolean; missingEvidence?: boolean; risk?: RiskLevel; limit: number },
  now: IsoInstant,
) {
  const where = {
    ...(o.status === undefined ? {} : { status: o.status }),
    ...(o.agency === undefined ? {} : { leadAgency: { in: await codesCalled(database, o.agency) } }),
    ...(o.assignee === undefined ? {} : { assignee: o.assignee }),
    ...(o.risk === undefined ? {} : { code: { in: codesAtRisk(await risksOf(database, now), o.risk) } }),
    // Beside a status that was asked for, not in its place.
    ...(o.overdue ? { deadlineAt: { lt: now }, AND: { status: { in: ['assigned', 'acknowledged', 'reported'] } } } : {}),
    ...(o.missingEvidence ? { evidenceMissingSince: { lt: now } } : {}),
  };
  const [count, rows] = await Promise.all([
    database.task.count({ where }),
    database.task.findMany({ where, orderBy: { code: 'asc' }, take: o.limit }),
  ]);
  const risks = await risksOf(
    database,
    now,
    rows.map(({ code }) => code),
  );
  const tasks = rows.map((row) => ({
    code: row.code,
    title: row.title,
    status: row.status,
    deadline: row.deadline.toISOString().slice(0, 10),
    leadAgency: row.leadAgency,
    assignee: row.assignee,
    overdue: isOverdue(storedTask(row.state), now),
    missingEvidence: lacksEvidence(storedTask(row.state), now),
    risk: riskDocument(risks.get(row.code)),
  }));
  return { count, tasks };
}

export interface ListFlags {
  readonly status?: string;
  readonly agency?: string;
  readonly assignee?: string;
  readonly overdue?: boolean;
  readonly missingEvidence?: boolean;
  readonly risk?: string;
  readonly limit: string;
}

export async function listTasks(context: Context, flags: ListFlags): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 0) throw new Usage(`--limit ${flags.limit}: write a whole number`);
  const { risk: level, ...rest } = flags;
  const risk = RISK_LEVELS.find((each) => each === level);
  if (level !== undefined && risk === undefined) throw new Usage(`--risk ${level}: write ${RISK_LEVELS.join(', ')}`);
  const filter = { ...rest, limit, ...(risk === undefined ? {} : { risk }) };
  const found = await withDatabase(context, (database) => tasksDocument(database, filter, instantFromEpochMs(Date.now())));
  context.print(
    found,
    [
      ...found.tasks.map(
        ({ code, status, deadline, overdue, title }) => `${code}  ${status.padEnd(12)}  ${deadline}${overdue ? ' !' : '  '}  ${title}`,
      ),
      `${found.count} in all`,
    ].join('\n'),
  );
}

/** What is computed, then what a person said. */
function riskLines(risk: ReturnType<typeof riskDocument>): string[] {
  if (risk === null) return [];
  const { reported } = risk;
  const computed = risk.text === null ? [] : [risk.text];
  if (reported === null) return computed;
  const { level, reason, by } = reported;
  return [...computed, text('en', 'risk.reported', { level: text('en', `risk.level.${level}`), by, reason })];
}

export async function showTask(context: Context, code: string): Promise<void> {
  const shown = await withDatabase(context, (database) => taskDocument(database, code, instantFromEpochMs(Date.now())));
  if (shown === null) throw new Failure(refusalText('en', { refused: 'task_unknown', details: { code } }));
  const { task, holders, risk, events, notifications } = shown;
  context.print(
    shown,
    [
      `${task.code}  ${task.title}`,
      `${task.status}, deadline ${task.deadline}, ${task.leadAgency}, ${task.assignee}`,
      ...riskLines(risk),
      ...holders.map(({ role, who, workingDays, workingDaysLate }) => {
        const late = workingDaysLate === 0 ? '' : `, ${workingDaysLate} of them after the first deadline`;
        return `${String(workingDays).padStart(6)} working days  ${text('en', `holder.${role}`)} (${who})${late}`;
      }),
      '',
      ...events.map(
        ({ seq, at, type, by, via }) =>
          `${String(seq).padStart(3)}  ${at.toISOString()}  ${type.padEnd(18)}  ${by ?? 'the clock'} by ${via}`,
      ),
      '',
      ...notifications.map(
        ({ sendAt, kind, recipient, channel, status, held, shadow }) =>
          `     ${sendAt.toISOString()}  ${kind.padEnd(18)}  ${recipient} by ${channel}: ${status}${shadow ? ' in shadow mode' : ''}${held === null ? '' : `, held until ${held.until}: ${held.reason}`}`,
      ),
    ].join('\n'),
  );
}
