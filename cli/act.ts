/** `dondoc task VERB CODE`: the same commands that chat and mail send, through the same inbox. One table says which flags a verb reads. */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../activities/directory.ts';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import { type Calendar, endOfOfficeHours } from '../domain/calendar.ts';
import { type Request, request as requestSchema } from '../domain/command.ts';
import { findings } from '../domain/findings.ts';
import { email, taskCode } from '../domain/names.ts';
import { type IsoInstant, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { type Answer, createInbox } from '../inbox/inbox.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { type Context, Failure, Usage, withEngine } from './context.ts';

/** Every flag of every act: as commander wants it written, and what it means. */
export const FLAGS = {
  reason: ['--reason <text>', 'why'],
  text: ['--text <text>', 'evidence, note, question, answer or comment'],
  link: ['--link <url>', 'evidence'],
  number: ['--number <text>', 'evidence: number of a legal document; with --date and --signer'],
  documentKind: ['--document-kind <kind>', 'evidence: legal_document (default), report, plan, letter'],
  date: ['--date <date>', 'evidence: date of the document'],
  signer: ['--signer <name>', 'evidence: who signed it'],
  figure: ['--figure <number>', 'evidence: the figure reached'],
  of: ['--of <product>', 'which product the evidence is of, or which is waived'],
  partly: ['--partly', 'done in part only'],
  grade: ['--grade <grade>', 'excellent, good, fair, poor'],
  to: ['--to <agency>', 'the agency wished, or decided'],
  approve: ['--approve', 'as coordinator'],
  refuse: ['--refuse', 'as coordinator; with --reason'],
  accept: ['--accept', 'as head or supervisor of the receiving agency; with --assignee'],
  decline: ['--decline', 'as head or supervisor of the receiving agency; with --reason'],
  assignee: ['--assignee <email>', 'the answerable person'],
  supervisor: ['--supervisor <email>', 'the supervisor'],
  coordinator: ['--coordinator <email>', 'who follows the task; default: who assigns it'],
  title: ['--title <text>', 'what is to be done'],
  product: ['--product <text>', 'the expected result, in words'],
  products: ['--products <list>', '"id:kind:name[:date]; …"; kind: legal_document, report, plan, system, figure, other'],
  milestones: ['--milestones <list>', '"id:name:date; …"'],
  document: ['--document <number>', 'number of the document that assigns it, or that justifies more time'],
  group: ['--group <text>', 'group of work'],
  agency: ['--agency <code>', 'the agency'],
  coordinating: ['--coordinating <codes>', 'coordinating agencies, separated by commas'],
  deadline: ['--deadline <date>', 'a date: the end of its office hours'],
  policy: ['--policy <name>', 'the escalation policy, in its latest version'],
  priority: ['--priority <priority>', 'normal, high'],
  secrecy: ['--secrecy <level>', 'none, confidential, secret, top_secret'],
  parent: ['--parent <code>', 'the task that this one is a part of'],
  optional: ['--optional', 'a part that need not end before its parent is reported'],
  regular: ['--regular', 'a regular task'],
  recurrence: ['--recurrence <rule>', 'a rule of RFC 5545, for example FREQ=MONTHLY;BYMONTHDAY=25'],
  due: ['--due <n>', 'working days in which each period is to be reported; default 5'],
  period: ['--period <date>', 'which period'],
  report: ['--report', 'as assignee; with evidence'],
  verify: ['--verify', 'as coordinator'],
  return: ['--return', 'as coordinator; with --reason'],
  kind: ['--kind <kind>', 'law, money, people, data, coordination, wrong_assignee, underestimated'],
  answer: ['--answer', 'answer as coordinator; with --text'],
  which: ['--which <n>', 'number of the event that is answered; default: the only open one'],
  percent: ['--percent <n>', '0 to 100'],
  milestone: ['--milestone <id>', 'the milestone that is reached'],
  forecast: ['--forecast <date>', 'when it is expected to be done'],
  acknowledge: ['--acknowledge', 'say that the contribution will be given'],
  give: ['--give', 'give the contribution; with --text'],
  on: ['--on <code>', 'the task that is waited for'],
  remove: ['--remove', 'no longer'],
  ending: ['--ending <ending>', 'superseded, merged (both with --into), not_implemented, cancelled (default)'],
  into: ['--into <code>', 'the task that replaces it'],
} as const;
type Flag = keyof typeof FLAGS;
type Switch =
  | 'partly'
  | 'approve'
  | 'refuse'
  | 'accept'
  | 'decline'
  | 'optional'
  | 'regular'
  | 'answer'
  | 'acknowledge'
  | 'give'
  | 'remove'
  | 'report'
  | 'verify'
  | 'return';
export type Flags = { readonly [F in Exclude<Flag, Switch>]?: string } & { readonly [F in Switch]?: boolean };

export interface Edge {
  readonly database: Database;
  readonly now: IsoInstant;
  /** The committee's: by it a deadline's date is an instant. */
  readonly calendar: Calendar;
  /** Who acts, as given. */
  readonly as: string;
}

/** Working days in which a period is to be reported, where nothing else is said. */
const PERIOD_DUE = 5;

interface Verb {
  readonly about: string;
  readonly flags: readonly Flag[];
  readonly request: (flags: Flags, edge: Edge) => unknown;
}

const DESCRIBED = [
  'title',
  'product',
  'products',
  'milestones',
  'document',
  'group',
  'coordinating',
  'deadline',
  'policy',
  'priority',
  'secrecy',
  'recurrence',
  'due',
] as const;
const EVIDENCE = ['text', 'link', 'number', 'documentKind', 'date', 'signer', 'figure', 'of'] as const;

export const VERBS = {
  assign: {
    about: 'hand a task out',
    flags: [...DESCRIBED, 'agency', 'assignee', 'supervisor', 'coordinator', 'regular', 'parent', 'optional'],
    request: async (flags, edge) => ({ type: 'AssignTask', assignment: await assignmentOf(flags, edge) }),
  },
  amend: {
    about: 'correct what was assigned, as coordinator',
    flags: DESCRIBED,
    request: async (flags, edge) => ({ type: 'AmendTask', changes: await described(flags, edge) }),
  },
  acknowledge: { about: 'say that it was received', flags: [], request: () => ({ type: 'AcknowledgeTask' }) },
  progress: {
    about: 'say how far it is',
    flags: ['percent', 'milestone', 'text', 'forecast'],
    request: ({ percent, milestone, text: said, forecast }) => ({
      type: 'ReportProgress',
      percent: percent === undefined ? null : Number(percent),
      milestone: milestone ?? null,
      text: said ?? '',
      forecast: forecast ?? null,
    }),
  },
  attach: {
    about: 'give a product before the whole is done',
    flags: EVIDENCE,
    request: (flags) => ({ type: 'AttachProduct', evidence: evidenceOf(flags) }),
  },
  waive: {
    about: 'do without a product, as coordinator',
    flags: ['of', 'reason'],
    request: ({ of, reason }) => ({ type: 'WaiveProduct', product: of, reason: reason ?? '' }),
  },
  report: {
    about: 'report it done, with evidence',
    flags: [...EVIDENCE, 'partly', 'grade'],
    request: (flags) => ({
      type: 'ReportDone',
      evidence: evidenceOf(flags),
      partly: flags.partly === true,
      grade: flags.grade ?? null,
    }),
  },
  verify: {
    about: 'verify that it is done, as coordinator',
    flags: ['text', 'grade'],
    request: ({ text: note, grade }) => ({ type: 'VerifyTask', note: note ?? '', grade: grade ?? null }),
  },
  return: {
    about: 'return the report, as coordinator; --deadline says by when to report again',
    flags: ['reason', 'deadline'],
    request: ({ reason, deadline }, { calendar }) => ({
      type: 'ReturnTask',
      reason: reason ?? '',
      until: deadline === undefined ? null : dueOf('--deadline', deadline, calendar),
    }),
  },
  transfer: {
    about: 'ask for a transfer, decide on it, accept or decline it',
    flags: ['to', 'reason', 'approve', 'refuse', 'accept', 'decline', 'assignee', 'supervisor'],
    request: transferOf,
  },
  reassign: {
    about: 'hand it to another agency or person, as coordinator',
    flags: ['agency', 'assignee', 'supervisor', 'reason'],
    request: async (flags, edge) => ({
      type: 'ReassignTask',
      agency: flags.agency,
      ...(await handedTo(flags, edge)),
      reason: flags.reason ?? '',
    }),
  },
  extend: {
    about: 'ask for more time, or decide on it',
    flags: ['deadline', 'reason', 'document', 'approve', 'refuse'],
    request: extensionOf,
  },
  obstacle: {
    about: 'report what stands in the way, or answer it',
    flags: ['kind', 'text', 'answer', 'which'],
    request: ({ kind, text: said, answer, which }) =>
      answer === true
        ? { type: 'AnswerObstacle', obstacle: numberOf(which), text: said ?? '' }
        : { type: 'ReportObstacle', kind, text: said ?? '' },
  },
  question: {
    about: 'ask whoever assigned it, or answer',
    flags: ['text', 'answer', 'which'],
    request: ({ text: said, answer, which }) =>
      answer === true ? { type: 'AnswerQuestion', question: numberOf(which), text: said ?? '' } : { type: 'AskQuestion', text: said ?? '' },
  },
  cause: {
    about: 'say why it is late',
    flags: ['kind', 'text'],
    request: ({ kind, text: said }) => ({ type: 'GiveDelayCause', kind, text: said ?? '' }),
  },
  contribution: {
    about: 'ask a coordinating agency for its part, acknowledge it, give it',
    flags: ['agency', 'text', 'deadline', 'acknowledge', 'give', 'which'],
    request: ({ agency, text: said, deadline, acknowledge, give, which }, { calendar }) => {
      if (acknowledge === true) return { type: 'AcknowledgeContribution', contribution: numberOf(which) };
      if (give === true) return { type: 'GiveContribution', contribution: numberOf(which), text: said ?? '' };
      return { type: 'RequestContribution', agency, text: said ?? '', ...dueOf('--deadline', deadline ?? '', calendar) };
    },
  },
  period: {
    about: 'report, verify or return one period of a regular task',
    flags: ['period', 'report', 'verify', 'return', ...EVIDENCE, 'reason'],
    request: periodOf,
  },
  nudge: {
    about: 'urge the assignee on, as coordinator',
    flags: ['text'],
    request: ({ text: said }) => ({ type: 'NudgeAssignee', text: said ?? '' }),
  },
  depend: {
    about: 'note that it waits for another task, as coordinator',
    flags: ['on', 'remove'],
    request: ({ on, remove }) => ({ type: remove === true ? 'RemoveDependency' : 'AddDependency', on }),
  },
  cancel: {
    about: 'end it without its product, as coordinator',
    flags: ['reason', 'ending', 'into'],
    request: ({ reason, ending, into }) => ({
      type: 'CancelTask',
      reason: reason ?? '',
      ending: ending ?? 'cancelled',
      into: into ?? null,
    }),
  },
  comment: { about: 'say something', flags: ['text'], request: ({ text: said }) => ({ type: 'AddComment', text: said ?? '' }) },
} as const satisfies Record<string, Verb>;
export type VerbName = keyof typeof VERBS;

/** Hands one act to the inbox. @returns whether it was done or stored: the exit status */
export async function act(
  context: Context,
  verb: VerbName,
  code: string,
  { as, key, ...flags }: Flags & { readonly as: string; readonly key?: string },
): Promise<boolean> {
  const actor = email.safeParse(as);
  if (!actor.success) throw new Usage(`--as ${as}: write an e-mail address`);
  const task = taskCode.safeParse(code);
  if (!task.success) throw new Usage(`${code}: a code has 1 to 40 of A-Z 0-9 . _ -`);
  return withEngine(context, async (database, temporal) => {
    const now = () => instantFromEpochMs(Date.now());
    const calendars = createCalendars({ database, now });
    const { main: calendar } = await calendars();
    const request = await requestOf(verb, flags, { database, now: now(), calendar, as });
    const inbox = createInbox({ database, temporal, now, calendars, waitMs: 10_000 });
    const answer = await inbox.submit({ key: `cli:${key ?? randomUUID()}`, code: task.data, actor: actor.data, via: 'cli', request });
    const noted = request.type === 'AssignTask' && answer.answer !== 'refused' ? findings(request.assignment, calendar) : [];
    context.print(
      noted.length === 0 ? answer : { ...answer, findings: noted },
      [sentenceOf(code, answer), ...noted.map(({ finding, details }) => text('en', `finding.${finding}`, details))].join('\n'),
    );
    return answer.answer === 'done' || answer.answer === 'stored';
  });
}

/** @throws Usage naming the flag that is wrong or missing */
export async function requestOf(verb: VerbName, flags: Flags, edge: Edge): Promise<Request> {
  const { request }: Verb = VERBS[verb];
  const given = requestSchema.safeParse(await request(flags, edge));
  if (!given.success) throw new Usage(given.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return given.data;
}

export function sentenceOf(code: string, answer: Answer): string {
  switch (answer.answer) {
    case 'done':
      return `${code}: done`;
    case 'stored':
      return `${code}: stored; it is carried out when the engine answers`;
    case 'not_stored':
      return `${code}: NOT stored; nothing has changed`;
    case 'refused':
      return refusalText('en', answer.refusal);
  }
}

function numberOf(which: string | undefined): number | null {
  return which === undefined ? null : Number(which);
}

function dueOf(flag: string, given: string, calendar: Calendar) {
  const deadline = isoDate.safeParse(given);
  if (!deadline.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return { deadline: deadline.data, deadlineAt: endOfOfficeHours(calendar, deadline.data) };
}

function evidenceOf(flags: Flags): unknown[] {
  const product = flags.of === undefined ? {} : { product: flags.of };
  const { text: said, link, number, documentKind = 'legal_document', date, signer, figure } = flags;
  return [
    ...(number === undefined ? [] : [{ type: 'document', kind: documentKind, number, date, signer, ...product }]),
    ...(figure === undefined ? [] : [{ type: 'figure', value: Number(figure), ...product }]),
    ...(said === undefined ? [] : [{ type: 'text', text: said, ...product }]),
    ...(link === undefined ? [] : [{ type: 'link', url: link, ...product }]),
  ];
}

/** Asking, deciding and answering a transfer are one verb: a flag says which. */
async function transferOf(flags: Flags, edge: Edge): Promise<unknown> {
  const reason = flags.reason ?? '';
  if (flags.approve === true || flags.refuse === true)
    return { type: 'DecideTransfer', decision: flags.approve === true ? 'approve' : 'refuse', toAgency: flags.to ?? null, reason };
  if (flags.decline === true) return { type: 'DeclineTransfer', reason };
  if (flags.accept !== true) return { type: 'RequestTransfer', toAgency: flags.to, reason };
  return { type: 'AcceptTransfer', ...(await handedTo(flags, edge)) };
}

async function handedTo({ assignee, supervisor }: Flags, { database, as }: Edge) {
  const person = email.parse(assignee ?? as);
  const agency = (await createDirectory(database).get()).person(person)?.agency;
  if (agency === undefined) throw new Failure(refusalText('en', { refused: 'person_unknown', details: { email: person } }));
  return { assignee: person, assigneeAgency: agency, supervisor: supervisor ?? null };
}

/** Asking for more time and deciding on it are one verb: a flag says which. */
function extensionOf({ deadline, reason = '', document = '', approve, refuse }: Flags, { calendar }: Edge): unknown {
  const until = deadline === undefined ? null : dueOf('--deadline', deadline, calendar);
  if (approve === true) return { type: 'DecideExtension', decision: 'grant', until, reason };
  if (refuse === true) return { type: 'DecideExtension', decision: 'refuse', until: null, reason };
  return { type: 'RequestExtension', ...until, reason, basis: document };
}

/** Reporting, verifying and returning a period are one verb: a flag says which. */
function periodOf(flags: Flags): unknown {
  const { period, report, verify, return: sentBack, text: note = '', reason = '' } = flags;
  if ([report, verify, sentBack].filter((each) => each === true).length !== 1) throw new Usage('write one of --report, --verify, --return');
  if (report === true) return { type: 'ReportPeriod', period, evidence: evidenceOf(flags) };
  return verify === true ? { type: 'VerifyPeriod', period, note } : { type: 'ReturnPeriod', period, reason };
}

async function assignmentOf(flags: Flags, edge: Edge): Promise<unknown> {
  const parent = flags.parent === undefined ? {} : { parent: { code: flags.parent, mandatory: flags.optional !== true } };
  return {
    ...(await described({ policy: 'standard', ...flags }, edge)),
    leadAgency: flags.agency,
    assignee: flags.assignee,
    supervisor: flags.supervisor ?? null,
    coordinator: flags.coordinator ?? edge.as,
    assignedAt: edge.now,
    regular: flags.regular === true,
    ...parent,
  };
}

async function described(flags: Flags, { database, calendar }: Edge): Promise<Record<string, unknown>> {
  const given = {
    title: flags.title,
    product: flags.product,
    products: flags.products === undefined ? undefined : listOf(flags.products).map((each) => productOf(each, calendar)),
    milestones: flags.milestones === undefined ? undefined : listOf(flags.milestones).map((each) => milestoneOf(each, calendar)),
    document: flags.document,
    group: flags.group,
    coordinatingAgencies: flags.coordinating?.split(/[,;]/).map((code) => code.trim()),
    priority: flags.priority,
    secrecy: flags.secrecy,
    recurrence: flags.recurrence === undefined ? undefined : { rule: flags.recurrence, due: Number(flags.due ?? PERIOD_DUE) },
    policy: flags.policy === undefined ? undefined : await latestPolicy(database, flags.policy),
    ...(flags.deadline === undefined ? {} : dueOf('--deadline', flags.deadline, calendar)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function latestPolicy(database: Database, name: string) {
  const policy = await database.policy.findFirst({ where: { name }, orderBy: { version: 'desc' } });
  if (policy === null) throw new Failure(`there is no policy ${name}`);
  return { name, version: policy.version };
}

function listOf(given: string): string[][] {
  return given
    .split(';')
    .map((each) => each.split(':').map((part) => part.trim()))
    .filter(([id]) => id !== '');
}

function productOf([id, kind, name, date]: string[], calendar: Calendar) {
  return { id, kind, name, due: date === undefined ? null : dueOf('--products', date, calendar) };
}

function milestoneOf([id, name, date]: string[], calendar: Calendar) {
  return { id, name, due: dueOf('--milestones', date ?? '', calendar) };
}
