/**
 * Proves what holds for any task whatever anyone does to it in whatever order; and that each of these properties is able to fail:
 * with its rule taken out of a copy of the domain, it does. Does not prove the rules one by one: see domain/decide.test.ts.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { workingMinutes } from '../domain/calendar.ts';
import type { Actor, Request } from '../domain/command.ts';
import * as decideModule from '../domain/decide.ts';
import type { ClockInput, Input, TaskEvent } from '../domain/event.ts';
import * as evolveModule from '../domain/evolve.ts';
import * as holdingModule from '../domain/holding.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import * as planModule from '../domain/plan.ts';
import { isRefusal } from '../domain/refusals.ts';
import { isOpen, type Task } from '../domain/task.ts';
import { epochMs, type IsoDate, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const calendar = vietnamCalendar({ from: 2026, to: 2028 });
const { policy } = loadPolicy(join(root, 'config/policies/standard.yaml'));
const code = 'NQ57-0001' as TaskCode;
const START = '2027-01-25T02:00:00.000Z' as IsoInstant;
const due = (deadline: string) => ({ deadline: deadline as IsoDate, deadlineAt: `${deadline}T10:00:00.000Z` as IsoInstant });

const person = (email: string, role: Actor['role'], agency: string, standsInFor: string[] = []): Actor => ({
  email: email as Email,
  role,
  agency: agency as AgencyCode,
  standsInFor: standsInFor as Email[],
});
const PEOPLE = [
  person('lan@most.example', 'assignee', 'MOST'),
  person('binh@most.example', 'assignee', 'MOST', ['lan@most.example']),
  person('minh@most.example', 'supervisor', 'MOST'),
  person('dung@most.example', 'head', 'MOST'),
  person('son@mof.example', 'head', 'MOF'),
  person('an@mof.example', 'assignee', 'MOF'),
  person('hoa@moj.example', 'head', 'MOJ'),
  person('ha@vptw.example', 'coordinator', 'VPTW'),
  // A coordinator who is also made answerable must not verify the own work.
  person('tu@vptw.example', 'coordinator', 'VPTW', ['lan@most.example', 'son@mof.example']),
];
const agencyOf = new Map(PEOPLE.map(({ email, agency }) => [email, agency]));
const HEADS: Readonly<Record<string, string>> = { MOST: 'dung@most.example', MOF: 'son@mof.example', MOJ: 'hoa@moj.example' };
const directory: planModule.Directory = {
  person: (email) => {
    const known = PEOPLE.find((each) => each.email === email);
    return known && { ...known, name: email, locale: 'vi', timeZone: 'Asia/Ho_Chi_Minh', slackId: null };
  },
  agency: (agency) => ({ code: agency, name: { vi: '', en: '', fr: '' }, kind: 'ministry', head: (HEADS[agency] ?? null) as Email | null }),
  standIn: () => undefined,
  askedToName: () => undefined,
};

const anyAgency = fc.constantFrom('MOST', 'MOF', 'MOJ').map((agency) => agency as AgencyCode);
const anyPerson = fc.constantFrom(...PEOPLE);
const anyDue = fc.constantFrom('2027-02-12', '2027-02-26', '2027-03-12', '2027-04-30').map(due);
const handedTo = anyPerson.map(({ email, agency }) => ({ assignee: email, assigneeAgency: agency, supervisor: null }));
const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom<Request>(
    { type: 'AcknowledgeTask' },
    { type: 'ReportProgress', percent: 50, milestone: null, text: '', forecast: null },
    { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }] },
    { type: 'ReportDone', evidence: [{ type: 'text', text: 'x' }], partly: true },
    { type: 'VerifyTask', note: '' },
    { type: 'ReturnTask', reason: 'x' },
    { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' },
    { type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason: 'x' },
    { type: 'DeclineTransfer', reason: 'x' },
    { type: 'DecideExtension', decision: 'grant', until: null, reason: '' },
    { type: 'DecideExtension', decision: 'refuse', until: null, reason: 'x' },
    { type: 'ReportObstacle', kind: 'law', text: 'x' },
    { type: 'ReportRisk', level: 'high', reason: 'x' },
    { type: 'AnswerObstacle', obstacle: null, text: 'x' },
    { type: 'AskQuestion', text: 'x' },
    { type: 'AnswerQuestion', question: null, text: 'x' },
    { type: 'GiveDelayCause', kind: 'data', text: '' },
    { type: 'GiveContribution', contribution: null, text: 'x' },
    { type: 'AcknowledgeContribution', contribution: null },
    { type: 'NudgeAssignee', text: '' },
    { type: 'AddComment', text: 'x', files: [] },
    { type: 'CancelTask', reason: 'x' },
  ),
  anyAgency.map((toAgency): Request => ({ type: 'RequestTransfer', toAgency, reason: 'x' })),
  handedTo.map((to): Request => ({ type: 'AcceptTransfer', ...to })),
  fc.tuple(anyAgency, handedTo).map(([agency, to]): Request => ({ type: 'ReassignTask', agency, ...to, reason: 'x' })),
  anyDue.map((until): Request => ({ type: 'RequestExtension', ...until, reason: 'x', basis: '' })),
  fc.tuple(anyAgency, anyDue).map(([agency, by]): Request => ({ type: 'RequestContribution', agency, text: 'x', ...by })),
  anyDue.map((changes): Request => ({ type: 'AmendTask', changes })),
);
/** The clock's word; `tacit` is what silence means then, as the plan finds it. */
const anyClock = fc
  .constantFrom<ClockInput | 'tacit'>({ type: 'PassDeadline' }, { type: 'RaiseEscalation', level: 1, step: 'overdue-1wd' }, 'tacit')
  .map((clock) => ({ clock }));
/** Someone does something, or the clock does, after so many minutes: up to four days. */
const anyStep = fc.record({
  minutes: fc.integer({ min: 0, max: 4 * 24 * 60 }),
  // Who tries first; the next ones try when that one may not: a life in which everything is refused proves nothing.
  actors: fc.shuffledSubarray(PEOPLE, { minLength: 1 }),
  act: fc.oneof({ arbitrary: anyRequest.map((request) => ({ request })), weight: 6 }, { arbitrary: anyClock, weight: 1 }),
});
const anyLife = fc.array(anyStep, { maxLength: 40, size: 'max' });

interface Modules {
  readonly decide: typeof decideModule.decide;
  readonly evolve: typeof evolveModule.evolve;
  readonly replay: typeof evolveModule.replay;
  readonly plan: typeof planModule.plan;
  readonly holdings: typeof holdingModule.holdings;
}
interface Life {
  readonly states: readonly Task[];
  readonly events: readonly TaskEvent[];
  readonly end: IsoInstant;
}
type Step = (typeof anyStep extends fc.Arbitrary<infer T> ? T : never) & object;

const assign: Request = {
  type: 'AssignTask',
  assignment: {
    title: 'Trình nghị định',
    product: '',
    document: '',
    group: '',
    leadAgency: 'MOST' as AgencyCode,
    coordinatingAgencies: ['MOJ' as AgencyCode],
    assignee: 'lan@most.example' as Email,
    supervisor: 'minh@most.example' as Email,
    coordinator: 'ha@vptw.example' as Email,
    assignedAt: START,
    ...due('2027-02-12'),
    regular: false,
    priority: 'normal',
    policy: { name: 'standard', version: policy.version },
  },
};
const COORDINATOR = person('ha@vptw.example', 'coordinator', 'VPTW');

/** What silence would say now, as the plan finds it. */
function tacit({ plan }: Modules, task: Task, from: IsoInstant): ClockInput | undefined {
  const { wakes } = plan({ task, policy, calendar, directory, from, waiting: [] });
  return wakes.map(({ input }) => input).find((input): input is ClockInput => input.type === 'AnswerTacitly');
}

/** One life, as the workflow would lead it: what is refused leaves nothing. */
function live(modules: Modules, steps: readonly Step[]): Life {
  const states: Task[] = [];
  const events: TaskEvent[] = [];
  let task: Task | null = null;
  let now = START;
  const take = (input: Input): boolean => {
    const decided = modules.decide(code, task, input, now);
    if (isRefusal(decided)) return false;
    for (const event of decided) {
      task = modules.evolve(task, event);
      states.push(task);
      events.push(event);
    }
    return true;
  };
  take({ kind: 'command', id: 'a', actor: COORDINATOR, via: 'cli', request: assign });
  for (const { minutes, actors, act } of steps) {
    now = instantFromEpochMs(epochMs(now) + minutes * 60_000);
    if ('request' in act) actors.find((actor) => take({ kind: 'command', id: 'x', actor, via: 'cli', request: act.request }));
    else {
      const input = act.clock === 'tacit' ? (task === null ? undefined : tacit(modules, task, now)) : act.clock;
      if (input !== undefined) take({ kind: 'clock', input });
    }
  }
  return { states, events, end: now };
}

const PROPERTIES: Readonly<Record<string, (life: Life, modules: Modules) => void>> = {
  'one agency answers for it, through one person of its own'({ states }) {
    for (const { assignee, leadAgency } of states) expect(agencyOf.get(assignee)).toBe(leadAgency);
  },
  'completed means verified by another person than who reported or may report'({ states }) {
    for (const task of states) {
      if (task.status !== 'completed') continue;
      const verifier = PEOPLE.find(({ email }) => email === task.verifiedBy);
      expect([task.reportedBy, task.assignee]).not.toContain(task.verifiedBy);
      expect(verifier?.standsInFor).not.toContain(task.assignee);
    }
  },
  'the record rebuilds the state'({ states, events }, { replay }) {
    expect(replay(events)).toEqual(states.at(-1));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  },
  'every working minute from assignment to end belongs to one holder'({ states, events, end }, { holdings }) {
    const last = states.at(-1);
    const until = last !== undefined && !isOpen(last) ? (events.find((_, index) => !isOpen(states[index] ?? last))?.at ?? end) : end;
    const held = holdings(events, end);
    const sum = held.reduce((minutes, { from, to }) => minutes + workingMinutes(calendar, from, to), 0);
    expect(sum).toBeCloseTo(workingMinutes(calendar, START, until), 6);
    held.forEach(({ from }, index) => {
      expect(from).toBe(index === 0 ? START : held[index - 1]?.to);
    });
  },
  'nobody is told of what is closed'({ states, end }, { plan }) {
    for (const task of states.filter((each) => !isOpen(each))) {
      const { notifications, wakes } = plan({ task, policy, calendar, directory, from: end, waiting: [] });
      expect([notifications, wakes]).toEqual([[], []]);
    }
  },
};

function check(name: string, modules: Modules, o: { runs: number }): void {
  const holds = PROPERTIES[name];
  if (holds === undefined) throw new Error(`no property ${name}`);
  fc.assert(
    fc.property(anyLife, (steps) => holds(live(modules, steps), modules)),
    { numRuns: o.runs, seed: 57 },
  );
}

const REAL: Modules = { ...decideModule, ...evolveModule, ...planModule, ...holdingModule };
const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

/** The domain with one rule taken out of one of its files. */
async function without(file: string, rule: string, instead: string): Promise<Modules> {
  const copy = mkdtempSync(join(tmpdir(), 'dondoc-rule-'));
  copies.push(copy);
  cpSync(join(root, 'domain'), join(copy, 'domain'), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  const path = join(copy, 'domain', file);
  const source = readFileSync(path, 'utf8');
  expect(source.split(rule), `${file} has this rule once`).toHaveLength(2);
  writeFileSync(path, source.replace(rule, instead));
  const load = (name: string) => import(/* @vite-ignore */ pathToFileURL(join(copy, 'domain', name)).href);
  const [decide, evolve, plan, holding] = await Promise.all(['decide.ts', 'evolve.ts', 'plan.ts', 'holding.ts'].map(load));
  return { ...decide, ...evolve, ...plan, ...holding };
}

/** The rule behind each property: the file, the words that state it, and what stands there when it is gone. */
const RULES: Readonly<Record<string, readonly [string, string, string]>> = {
  'one agency answers for it, through one person of its own': [
    'approval.ts',
    "if (assigneeAgency !== agency) return refuse('assignee_of_other_agency', { assignee, agency });\n  return [{ type: 'TransferAccepted'",
    "return [{ type: 'TransferAccepted'",
  ],
  'completed means verified by another person than who reported or may report': [
    'completion.ts',
    "if (speaksAs(actor, task.reportedBy) || speaksAs(actor, task.assignee)) return refuse('verifier_is_reporter');",
    '',
  ],
  'the record rebuilds the state': ['decide.ts', 'seq: from + index + 1', 'seq: from + 1'],
  'every working minute from assignment to end belongs to one holder': [
    'holding.ts',
    'for (const next of [...dues.toSorted(), end])',
    'for (const next of dues.length > 0 ? dues.toSorted() : [end])',
  ],
  'nobody is told of what is closed': ['plan.ts', 'if (!isOpen(task)) return { notifications: [], wakes: [], silences: [] };', ''],
};

describe('for any acts of anyone at any time', () => {
  it.each(Object.keys(PROPERTIES))('%s', (name) => check(name, REAL, { runs: 300 }), 60_000);
});

it('these lives reach every status, and every kind of event that they could', () => {
  const seen = new Set<string>();
  const collect = (steps: readonly Step[]) => {
    const { states, events } = live(REAL, steps);
    for (const { status } of states) seen.add(status);
    for (const { type } of events) seen.add(type);
  };
  fc.assert(
    fc.property(anyLife, (steps) => collect(steps)),
    { numRuns: 1_000, seed: 57 },
  );
  expect([...seen].sort()).toMatchInlineSnapshot(`
    [
      "AssigneeNudged",
      "CommentAdded",
      "ContributionAcknowledged",
      "ContributionGiven",
      "ContributionRequested",
      "DeadlinePassed",
      "DelayCauseGiven",
      "DoneReported",
      "EscalationRaised",
      "ExtensionGranted",
      "ExtensionRefused",
      "ExtensionRequested",
      "ObstacleAnswered",
      "ObstacleReported",
      "ProgressReported",
      "QuestionAnswered",
      "QuestionAsked",
      "RiskReported",
      "TaskAcknowledged",
      "TaskAmended",
      "TaskAssigned",
      "TaskCancelled",
      "TaskReassigned",
      "TaskReturned",
      "TaskVerified",
      "TransferAccepted",
      "TransferApproved",
      "TransferRefused",
      "TransferRequested",
      "acknowledged",
      "assigned",
      "cancelled",
      "completed",
      "reported",
    ]
  `);
});

describe('without its rule it fails:', () => {
  it.each(Object.entries(RULES))(
    '%s',
    async (name, [file, rule, instead]) => {
      const modules = await without(file, rule, instead);
      expect(() => check(name, modules, { runs: 2_000 })).toThrow();
    },
    60_000,
  );
});
