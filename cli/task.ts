/** `dondoc task …`: the record of one task, and the same commands that chat and mail send. */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../activities/directory.ts';
import { committeeCalendar } from '../config/calendar.ts';
import { refusalText } from '../config/refusal-text.ts';
import { endOfOfficeHours } from '../domain/calendar.ts';
import { request as requestSchema } from '../domain/command.ts';
import { email, taskCode } from '../domain/names.ts';
import { isOverdue } from '../domain/task.ts';
import { type IsoInstant, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { createInbox } from '../inbox/inbox.ts';
import { codesCalled } from '../prisma/agencies.ts';
import type { Database } from '../prisma/database.ts';
import { storedTask } from '../prisma/task-record.ts';
import { type Context, Failure, Usage, withDatabase, withEngine } from './context.ts';

/** The document of `task show`: shape of the contract. Null where there is no such task. */
async function taskDocument(database: Database, code: string) {
  const row = await database.task.findUnique({
    where: { code },
    include: { events: { orderBy: { seq: 'asc' } }, notifications: { orderBy: { sendAt: 'asc' } } },
  });
  if (row === null) return null;
  return {
    task: storedTask(row.state),
    events: row.events.map(({ seq, type, at, by, via }) => ({ seq, type, at, by, via })),
    notifications: row.notifications.map(({ id, kind, recipient, channel, sendAt, status, sentAt, providerId }) => ({
      id,
      kind,
      recipient,
      channel,
      sendAt,
      status,
      sentAt,
      providerId,
    })),
  };
}

async function tasksDocument(
  database: Database,
  o: { status?: string; agency?: string; assignee?: string; overdue?: boolean; limit: number },
  now: IsoInstant,
) {
  const where = {
    ...(o.status === undefined ? {} : { status: o.status }),
    ...(o.agency === undefined ? {} : { leadAgency: { in: await codesCalled(database, o.agency) } }),
    ...(o.assignee === undefined ? {} : { assignee: o.assignee }),
    ...(o.overdue ? { deadlineAt: { lt: now }, status: { in: ['assigned', 'acknowledged', 'reported'] } } : {}),
  };
  const [count, rows] = await Promise.all([
    database.task.count({ where }),
    database.task.findMany({ where, orderBy: { code: 'asc' }, take: o.limit }),
  ]);
  const tasks = rows.map((row) => ({
    code: row.code,
    title: row.title,
    status: row.status,
    deadline: row.deadline.toISOString().slice(0, 10),
    leadAgency: row.leadAgency,
    assignee: row.assignee,
    overdue: isOverdue(storedTask(row.state), now),
    risk: null,
  }));
  return { count, tasks };
}

export interface ListFlags {
  readonly status?: string;
  readonly agency?: string;
  readonly assignee?: string;
  readonly overdue?: boolean;
  readonly limit: string;
}

export async function listTasks(context: Context, flags: ListFlags): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 0) throw new Usage(`--limit ${flags.limit}: write a whole number`);
  const found = await withDatabase(context, (database) => tasksDocument(database, { ...flags, limit }, instantFromEpochMs(Date.now())));
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

export async function showTask(context: Context, code: string): Promise<void> {
  const shown = await withDatabase(context, (database) => taskDocument(database, code));
  if (shown === null) throw new Failure(refusalText('en', { refused: 'task_unknown', details: { code } }));
  const { task, events, notifications } = shown;
  context.print(
    shown,
    [
      `${task.code}  ${task.title}`,
      `${task.status}, deadline ${task.deadline}, ${task.leadAgency}, ${task.assignee}`,
      '',
      ...events.map(
        ({ seq, at, type, by, via }) =>
          `${String(seq).padStart(3)}  ${at.toISOString()}  ${type.padEnd(18)}  ${by ?? 'the clock'} by ${via}`,
      ),
      '',
      ...notifications.map(
        ({ sendAt, kind, recipient, channel, status }) =>
          `     ${sendAt.toISOString()}  ${kind.padEnd(18)}  ${recipient} by ${channel}: ${status}`,
      ),
    ].join('\n'),
  );
}

/** Flags of the acts on a task; each verb reads its own. */
export interface ActFlags {
  readonly as: string;
  readonly key?: string;
  readonly reason?: string;
  readonly text?: string;
  readonly link?: string;
  readonly to?: string;
  readonly approve?: boolean;
  readonly refuse?: boolean;
  readonly accept?: boolean;
  readonly decline?: boolean;
  readonly assignee?: string;
  readonly supervisor?: string;
  readonly coordinator?: string;
  readonly title?: string;
  readonly product?: string;
  readonly document?: string;
  readonly group?: string;
  readonly agency?: string;
  readonly coordinating?: string;
  readonly deadline?: string;
  readonly policy?: string;
  readonly priority?: string;
  readonly regular?: boolean;
  readonly kind?: string;
  readonly answer?: boolean;
  readonly number?: string;
}

export const VERBS = [
  'assign',
  'amend',
  'acknowledge',
  'report',
  'verify',
  'return',
  'transfer',
  'extend',
  'obstacle',
  'cancel',
  'comment',
] as const;
export type Verb = (typeof VERBS)[number];

/** Hands one act to the inbox. @returns whether it was done or stored: the exit status */
export async function act(context: Context, verb: Verb, code: string, flags: ActFlags): Promise<boolean> {
  const actor = email.safeParse(flags.as);
  if (!actor.success) throw new Usage(`--as ${flags.as}: write an e-mail address`);
  const task = taskCode.safeParse(code);
  if (!task.success) throw new Usage(`${code}: a code has 1 to 40 of A-Z 0-9 . _ -`);
  return withEngine(context, async (database, temporal) => {
    const now = () => instantFromEpochMs(Date.now());
    const given = requestSchema.safeParse(await requestOf(verb, flags, database, now()));
    if (!given.success) throw new Usage(given.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
    const inbox = createInbox({ database, temporal, now, calendar: committeeCalendar(now()), waitMs: 10_000 });
    const key = `cli:${flags.key ?? randomUUID()}`;
    const answer = await inbox.submit({ key, code: task.data, actor: actor.data, via: 'cli', request: given.data });
    const sentence = {
      done: `${code}: done`,
      stored: `${code}: stored; it is carried out when the engine answers`,
      not_stored: `${code}: NOT stored; nothing has changed`,
      refused: answer.answer === 'refused' ? refusalText('en', answer.refusal) : '',
    }[answer.answer];
    context.print(answer, sentence);
    return answer.answer === 'done' || answer.answer === 'stored';
  });
}

async function requestOf(verb: Verb, flags: ActFlags, database: Database, now: IsoInstant): Promise<unknown> {
  const evidence = [
    ...(flags.text === undefined ? [] : [{ type: 'text', text: flags.text }]),
    ...(flags.link === undefined ? [] : [{ type: 'link', url: flags.link }]),
  ];
  const reason = flags.reason ?? '';
  switch (verb) {
    case 'assign':
      return { type: 'AssignTask', assignment: await assignmentOf(flags, database, now) };
    case 'amend':
      return { type: 'AmendTask', changes: described(flags, now) };
    case 'acknowledge':
      return { type: 'AcknowledgeTask' };
    case 'report':
      return { type: 'ReportDone', evidence };
    case 'verify':
      return { type: 'VerifyTask', note: flags.text ?? '' };
    case 'return':
      return { type: 'ReturnTask', reason };
    case 'transfer':
      return transferOf(flags, reason, database);
    case 'extend':
      return extensionOf(flags, reason, now);
    case 'obstacle':
      return flags.answer === true
        ? { type: 'AnswerObstacle', obstacle: flags.number === undefined ? null : Number(flags.number), text: flags.text ?? '' }
        : { type: 'ReportObstacle', kind: flags.kind, text: flags.text ?? '' };
    case 'cancel':
      return { type: 'CancelTask', reason };
    case 'comment':
      return { type: 'AddComment', text: flags.text ?? '' };
  }
}

/** Asking, deciding and answering a transfer are one verb: a flag says which. */
async function transferOf(flags: ActFlags, reason: string, database: Database): Promise<unknown> {
  if (flags.approve === true || flags.refuse === true)
    return { type: 'DecideTransfer', decision: flags.approve === true ? 'approve' : 'refuse', toAgency: flags.to ?? null, reason };
  if (flags.decline === true) return { type: 'DeclineTransfer', reason };
  if (flags.accept !== true) return { type: 'RequestTransfer', toAgency: flags.to, reason };
  const assignee = email.parse(flags.assignee ?? flags.as);
  const agency = (await createDirectory(database).get()).person(assignee)?.agency;
  if (agency === undefined) throw new Failure(refusalText('en', { refused: 'person_unknown', details: { email: assignee } }));
  return { type: 'AcceptTransfer', assignee, assigneeAgency: agency, supervisor: flags.supervisor ?? null };
}

/** Asking for more time and deciding on it are one verb: a flag says which. */
function extensionOf(flags: ActFlags, reason: string, now: IsoInstant): unknown {
  const { deadline, deadlineAt } = described(flags, now);
  const until = deadline === undefined ? null : { deadline, deadlineAt };
  if (flags.approve === true) return { type: 'DecideExtension', decision: 'grant', until, reason };
  if (flags.refuse === true) return { type: 'DecideExtension', decision: 'refuse', until: null, reason };
  return { type: 'RequestExtension', deadline, deadlineAt, reason, basis: flags.document ?? '' };
}

async function assignmentOf(flags: ActFlags, database: Database, now: IsoInstant): Promise<unknown> {
  const name = flags.policy ?? 'standard';
  const policy = await database.policy.findFirst({ where: { name }, orderBy: { version: 'desc' } });
  if (policy === null) throw new Failure(`there is no policy ${name}`);
  return {
    ...described(flags, now),
    leadAgency: flags.agency,
    assignee: flags.assignee,
    supervisor: flags.supervisor ?? null,
    coordinator: flags.coordinator ?? flags.as,
    assignedAt: now,
    regular: flags.regular === true,
    policy: { name, version: policy.version },
  };
}

function described(flags: ActFlags, now: IsoInstant): Record<string, unknown> {
  const deadline = flags.deadline === undefined ? undefined : isoDate.safeParse(flags.deadline);
  if (deadline?.success === false) throw new Usage(`--deadline ${flags.deadline}: no such date; write YYYY-MM-DD`);
  const coordinating = flags.coordinating?.split(/[,;]/).map((code) => code.trim());
  const given = {
    title: flags.title,
    product: flags.product,
    document: flags.document,
    group: flags.group,
    coordinatingAgencies: coordinating,
    priority: flags.priority,
    deadline: deadline?.data,
    deadlineAt: deadline === undefined ? undefined : endOfOfficeHours(committeeCalendar(now), deadline.data),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
