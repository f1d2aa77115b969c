/** `dondoc task VERB CODE`: the same commands that chat and mail send, through the same inbox. One table says which flags a verb reads. */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../activities/directory.ts';
import {
  MILESTONES_FORM,
  type NotationFault,
  PRODUCTS_FORM,
  type Read,
  readMilestones,
  readProducts,
  readRecurrence,
} from '../config/notation.ts';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import { type Calendar, endOfOfficeHours } from '../domain/calendar.ts';
import { type Due, type Request, request as requestSchema } from '../domain/command.ts';
import { findings } from '../domain/findings.ts';
import { email, PRODUCT_KINDS, taskCode } from '../domain/names.ts';
import type { Recurrence } from '../domain/recurrence.ts';
import { type IsoDate, type IsoInstant, instantFromEpochMs, isoDate } from '../domain/time.ts';
import { faultText, notationFault } from '../inbox/import/faults.ts';
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
  products: ['--products <list>', `"${PRODUCTS_FORM}; …"; kind: ${PRODUCT_KINDS.join(', ')}`],
  milestones: ['--milestones <list>', `"${MILESTONES_FORM}; …"`],
  document: ['--document <number>', 'number of the document that assigns it, or that justifies more time'],
  group: ['--group <text>', 'group of work'],
  agency: ['--agency <code>', 'the agency'],
  coordinating: ['--coordinating <codes>', 'coordinating agencies, separated by commas'],
  deadline: ['--deadline <date>', 'a date: the end of its office hours'],
  policy: ['--policy <name>', 'the escalation policy, in its latest version or as NAME@VERSION'],
  priority: ['--priority <priority>', 'normal, high'],
  secrecy: ['--secrecy <level>', 'none, confidential, secret, top_secret'],
  parent: ['--parent <code>', 'the task that this one is a part of; none: of no other any more'],
  optional: ['--optional', 'a part that need not end before its parent is reported'],
  regular: ['--regular', 'a regular task'],
  recurrence: ['--recurrence <rule>', 'a rule of RFC 5545, for example FREQ=MONTHLY;BYMONTHDAY=25'],
  due: ['--due <n>', 'working days in which each period is to be reported; default 5'],
  period: ['--period <date>', 'which period'],
  report: ['--report', 'as assignee; with evidence'],
  verify: ['--verify', 'as coordinator'],
  return: ['--return', 'as coordinator; with --reason'],
  kind: ['--kind <kind>', 'law, money, people, data, coordination, wrong_assignee, underestimated'],
  level: ['--level <level>', 'low, medium, high'],
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
  'parent',
  'optional',
] as const;
const EVIDENCE = ['text', 'link', 'number', 'documentKind', 'date', 'signer', 'figure', 'of'] as const;

export const VERBS = {
  assign: {
    about: 'hand a task out',
    flags: [...DESCRIBED, 'agency', 'assignee', 'supervisor', 'coordinator', 'regular'],
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
    about: 'hand it to another agency or person, as coordinator; within the agency also in place of who has left',
    flags: ['agency', 'assignee', 'supervisor', 'reason'],
    request: async (flags, edge) => {
      const { supervisor, ...to } = await handedTo(flags, edge);
      // Not named, the supervisor stays.
      return {
        type: 'ReassignTask',
        agency: flags.agency,
        ...to,
        ...(supervisor === null ? {} : { supervisor }),
        reason: flags.reason ?? '',
      };
    },
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
  risk: {
    about: 'say how likely it is to end late, or that it is no longer',
    flags: ['level', 'reason'],
    request: ({ level, reason }) => ({ type: 'ReportRisk', level, reason: reason ?? '' }),
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

function dueOf(flag: string, given: string, calendar: Calendar): Due {
  const deadline = isoDate.safeParse(given);
  if (!deadline.success) throw new Usage(`${flag} ${given}: no such date; write YYYY-MM-DD`);
  return dated(calendar)(deadline.data);
}

function dated(calendar: Calendar): (deadline: IsoDate) => Due {
  return (deadline) => ({ deadline, deadlineAt: endOfOfficeHours(calendar, deadline) });
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
  return {
    ...(await described({ policy: 'standard', ...flags }, edge)),
    leadAgency: flags.agency,
    assignee: flags.assignee,
    supervisor: flags.supervisor ?? null,
    coordinator: flags.coordinator ?? edge.as,
    assignedAt: edge.now,
    regular: flags.regular === true,
  };
}

async function described(flags: Flags, { database, calendar }: Edge): Promise<Record<string, unknown>> {
  const given = {
    title: flags.title,
    product: flags.product,
    products: flags.products === undefined ? undefined : wholeOf('--products', readProducts(flags.products, dated(calendar))),
    milestones: flags.milestones === undefined ? undefined : wholeOf('--milestones', readMilestones(flags.milestones, dated(calendar))),
    document: flags.document,
    group: flags.group,
    coordinatingAgencies: flags.coordinating?.split(/[,;]/).map((code) => code.trim()),
    priority: flags.priority,
    secrecy: flags.secrecy,
    recurrence: flags.recurrence === undefined ? undefined : rhythmOf(flags.recurrence, flags.due ?? ''),
    parent: flags.parent === undefined ? undefined : parentOf(flags.parent, flags.optional !== true),
    policy: flags.policy === undefined ? undefined : await policyOf(database, flags.policy),
    ...(flags.deadline === undefined ? {} : dueOf('--deadline', flags.deadline, calendar)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** No code is in lower case. */
function parentOf(code: string, mandatory: boolean) {
  return code === 'none' ? null : { code, mandatory };
}

/** @param given `standard`, its latest version, or `standard@3` */
async function policyOf(database: Database, given: string) {
  const { name, version } = policyReference(given);
  const where = version === null ? { name } : { name, version };
  const policy = await database.policy.findFirst({ where, orderBy: { version: 'desc' } });
  if (policy === null) throw new Failure(`there is no policy ${given}; dondoc policy list names them`);
  return { name, version: policy.version };
}

/** @throws Usage where what follows the @ is no number */
export function policyReference(given: string): { name: string; version: number | null } {
  const [, name = given, version] = /^(.*?)(?:@(.*))?$/.exec(given) ?? [];
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new Usage(`${given}: write NAME or NAME@VERSION, for example standard@3`);
  return { name, version: version === undefined ? null : Number(version) };
}

/** What a notation gives, or the first thing that is wrong with it. */
function wholeOf<T>(flag: string, { given, faults: [wrong] }: Read<T>): readonly T[] {
  if (wrong !== undefined) throw wrongNotation(flag, wrong);
  return given;
}

function rhythmOf(rule: string, due: string): Recurrence {
  const read = readRecurrence(rule, due);
  if ('code' in read) throw wrongNotation(read.code === 'recurrence_due_invalid' ? '--due' : '--recurrence', read);
  return read;
}

function wrongNotation(flag: string, wrong: NotationFault): Usage {
  return new Usage(`${flag} ${wrong.value}: ${faultText('en', notationFault({ row: 0, column: flag, value: wrong.value }, wrong))}`);
}
