/**
 * What is wrong with a policy whose every word is right: steps that never fire, people told twice, lateness that nobody would hear of.
 * Pure: a policy in, findings out. What they rest on is how `occurrences.ts` and `plan.ts` read a policy.
 */
import { type Reachable, reachedBy } from './directory.ts';
import type { AgencyCode, Channel, Email } from './names.ts';
import { PRIORITIES, SECRECY_LEVELS } from './names.ts';
import { nearest } from './nearest.ts';
import type { NotificationKind } from './notification.ts';
import { type Anchor, type Audience, type Only, type Policy, type Step, type Stop, WHEN } from './policy.ts';

/** A mistake, or what is allowed but was hardly meant; `path` leads to it in the effective policy. */
export interface PolicyFinding {
  /** Errors refuse a policy, warnings do not. */
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly cure: string;
}

/** What is checked: the parts of a policy that could be read. */
export interface ReadPolicy extends Pick<Policy, 'timing' | 'digestAt' | 'cap' | 'rotas' | 'tacit'> {
  readonly steps: readonly NumberedStep[];
  /** Whether nothing had to be left out; if something was, nothing is said to be missing. */
  readonly isWhole: boolean;
}
export interface NumberedStep {
  readonly step: Step;
  /** Where it stands in the policy. */
  readonly index: number;
}

type When = (typeof WHEN)[number];
type Hours = readonly { readonly from: string; readonly to: string }[];
type Finding = Omit<PolicyFinding, 'path'> & { readonly path: readonly (string | number)[] };

/** @param officeHours of the calendar by which people are told, local times `HH:MM` */
export function checkPolicy(policy: ReadPolicy, officeHours: Hours): PolicyFinding[] {
  return [
    ...policy.steps.flatMap(({ step, index }) =>
      ofStep(step, policy, officeHours).map((found) => ({ ...found, path: ['steps', index, ...found.path] })),
    ),
    ...toldTwice(policy.steps, officeHours),
    ...overCap(policy, officeHours),
    ...digestOutsideHours(policy, officeHours),
    ...(policy.isWhole ? [...unheard(policy), ...unusedRotas(policy)] : []),
  ];
}

function error(code: string, path: readonly (string | number)[], message: string, cure: string): Finding {
  return { severity: 'error', code, path, message, cure };
}

function warning(code: string, path: readonly (string | number)[], message: string, cure: string): Finding {
  return { severity: 'warning', code, path, message, cure };
}

function ofStep(step: Step, { timing }: ReadPolicy, officeHours: Hours): Finding[] {
  return [
    ...neverFires(step),
    ...unfitKind(step),
    ...neverAudience(step),
    ...contradictoryOnly(step),
    ...riskNever(step, officeHours),
    ...idleStop(step),
    ...repeats(step),
    ...idleAction(step),
    ...questionUnheard(step),
    ...channelsOf(step),
    ...outsideHours(step, timing, officeHours),
  ];
}

/** States in which a task never is while it has that anchor (`applies` and `anchorsOf` in `occurrences.ts`). */
const NEVER: Readonly<Partial<Record<Anchor, readonly When[]>>> = {
  acknowledgment: ['unacknowledged'],
  report: WHEN.filter((when) => when !== 'reported'),
  return: ['unacknowledged'],
  rework: ['unacknowledged', 'reported'],
  transfer_request: ['unacknowledged', 'quiet', 'reported', 'unextended'],
  transfer_approval: ['unacknowledged', 'quiet', 'reported', 'unextended', 'undecided'],
  transfer_refusal: ['undecided', 'unaccepted'],
  extension_request: ['quiet', 'reported', 'undecided', 'unaccepted'],
  extension_grant: ['unextended'],
  extension_refusal: ['unextended'],
  obstacle: ['quiet'],
  period: ['quiet'],
  period_deadline: ['quiet'],
  period_report: ['quiet'],
  period_return: ['quiet'],
};

/** What is usually meant. */
const USUAL: Readonly<Partial<Record<Anchor, When>>> = {
  assignment: 'unacknowledged',
  report: 'reported',
  transfer_request: 'undecided',
  transfer_approval: 'unaccepted',
  extension_request: 'unextended',
  obstacle: 'unanswered',
  question: 'unanswered',
  period_report: 'unanswered',
};

function neverFires({ anchor, when, offset: { count, unit } }: Step): Finding[] {
  const usual = USUAL[anchor] ?? 'unreported';
  if (NEVER[anchor]?.includes(when) === true)
    return [error('never_fires', ['when'], `never fires: counted from ${anchor}, a task is never ${when}`, `write when: ${usual}`)];
  if (when !== 'overdue') return [];
  if (unit === '%' || (anchor === 'deadline' && count < 0))
    return [
      error('not_yet_overdue', ['when'], 'before the deadline nothing is overdue', `write when: ${usual}, or count after the deadline`),
    ];
  if (!DATES.includes(anchor))
    return [
      error(
        'not_surely_overdue',
        ['when'],
        `counted from ${anchor}, it may come before the deadline`,
        `write when: ${usual}, or anchor: deadline`,
      ),
    ];
  return [];
}

/** What a kind of message speaks of: its words would be false of anything else. Kinds that are not named fit everything. */
const FITS: Readonly<Partial<Record<NotificationKind, readonly Anchor[]>>> = {
  assignment: ['assignment'],
  reminder: ['assignment', 'acknowledgment', 'deadline'],
  acknowledgment_reminder: ['assignment'],
  escalation: ['assignment', 'acknowledgment', 'deadline', 'rework', 'milestone', 'activity'],
  verification_request: ['report'],
  returned: ['return'],
  transfer_decision_request: ['transfer_request'],
  transfer_acceptance_request: ['transfer_approval'],
  transfer_refused: ['transfer_refusal'],
  extension_decision_request: ['extension_request'],
  extension_granted: ['extension_grant'],
  extension_refused: ['extension_refusal'],
  obstacle_reported: ['obstacle'],
  obstacle_answered: ['obstacle_answer'],
  progress_request: ['assignment', 'acknowledgment', 'activity', 'deadline', 'return', 'extension_grant'],
  inactivity_escalation: ['acknowledgment', 'activity'],
  milestone_reminder: ['milestone'],
  milestone_late: ['milestone'],
  rework_reminder: ['rework', 'return'],
  question_asked: ['question'],
  question_answered: ['question_answer'],
  contribution_requested: ['contribution'],
  contribution_reminder: ['contribution', 'contribution_deadline'],
  contribution_late: ['contribution_deadline'],
  contribution_given: ['contribution_given'],
  dependency_late: ['deadline'],
  period_opened: ['period'],
  period_reminder: ['period', 'period_deadline'],
  period_late: ['period_deadline'],
  period_returned: ['period_return'],
  period_verification_request: ['period_report'],
};

function unfitKind({ kind, anchor }: Step): Finding[] {
  const anchors = FITS[kind];
  if (anchors === undefined || anchors.includes(anchor)) return [];
  const kinds = Object.entries(FITS)
    .filter(([, fitting]) => fitting.includes(anchor))
    .map(([each]) => each);
  const cure = `write kind: ${[...kinds, 'nudge'].join(' or ')}, or anchor: ${anchors.join(' or ')}`;
  return [error('kind_unfit', ['kind'], `${kind} says nothing of what is counted from ${anchor}`, cure)];
}

function neverAudience({ audience, anchor, when }: Step): Finding[] {
  const noTransfer: readonly When[] = ['unacknowledged', 'quiet', 'reported', 'unextended'];
  return audience.flatMap((each, index) => {
    const path = ['audience', index];
    if (audience.findIndex((other) => isSame(other, each)) < index)
      return [error('audience_twice', path, `${nameOf(each)} stands here twice`, 'leave it out once')];
    if (each === 'contributing_head' && anchor !== 'contribution' && anchor !== 'contribution_deadline')
      return [
        error(
          'audience_never',
          path,
          `counted from ${anchor} there is no contributing_head`,
          'write anchor: contribution or contribution_deadline, or another audience',
        ),
      ];
    if (each === 'receiving_head' && (noTransfer.includes(when) || anchor === 'transfer_refusal'))
      return [
        error(
          'audience_never',
          path,
          `there is no receiving_head of a task that is ${when}, counted from ${anchor}`,
          'write when: undecided or unaccepted, or another audience',
        ),
      ];
    return [];
  });
}

function contradictoryOnly({ only, anchor, when }: Step): Finding[] {
  if (only.regular === false && anchor.startsWith('period'))
    return [
      error('only_contradicts', ['only', 'regular'], `only regular tasks have a ${anchor}`, 'leave regular out, or write another anchor'),
    ];
  if (only.regular === true && when === 'quiet')
    return [
      error('only_contradicts', ['only', 'regular'], 'a regular task is never quiet', 'leave regular out, or write when: unreported'),
    ];
  return [];
}

/** A task's risk ends with its deadline, and of some it is not computed (`risksAt` in `risk.ts`). */
function riskNever({ only, anchor, when, offset: { count, unit }, at }: Step, officeHours: Hours): Finding[] {
  if (only.risk === undefined) return [];
  const path = ['only', 'risk'];
  const end = officeHours.at(-1)?.to ?? '24:00';
  const isOnItsDay = count === 0 && (unit === 'd' || unit === 'wd') && (at ?? '00:00') < end;
  if (when === 'overdue' || (anchor === 'deadline' && count >= 0 && !isOnItsDay))
    return [
      error(
        'risk_never',
        path,
        'never fires: from its deadline on a task is late, not at risk',
        'leave risk out, or count before the deadline',
      ),
    ];
  if (when === 'reported') return [byHand(path, 'is reported')];
  if (only.regular === true || anchor.startsWith('period')) return [byHand(path, 'is regular')];
  return [];
}

function byHand(path: readonly (string | number)[], which: string): Finding {
  const message = `no risk is computed of a task that ${which}: the step is for those only of which someone has said it`;
  return warning('risk_by_hand', path, message, 'leave risk out, unless that is meant');
}

/** What cannot happen after the anchor without its going away, or moving along. */
const OWN: Readonly<Partial<Record<Anchor, readonly Stop[]>>> = {
  acknowledgment: ['acknowledgment'],
  activity: ['acknowledgment', 'activity', 'progress', 'obstacle', 'transfer_request', 'extension_request'],
  transfer_request: ['transfer_request', 'extension_request'],
  extension_request: ['transfer_request', 'extension_request'],
  report: ['acknowledgment', 'progress', 'obstacle', 'transfer_request', 'extension_request'],
};
/** Anchors that are dates set beforehand. */
const DATES: readonly Anchor[] = ['deadline', 'milestone', 'rework', 'contribution_deadline', 'period', 'period_deadline'];

function idleStop({ stop, anchor, offset: { count }, repeat }: Step): Finding[] {
  const isBefore = DATES.includes(anchor) && count <= 0 && repeat === null;
  return stop.flatMap((each, index) => {
    const path = ['stop', index];
    if (OWN[anchor]?.includes(each) === true)
      return [error('stop_idle', path, `ends nothing: counted from ${anchor}, no ${each} comes after it`, 'leave it out')];
    if (isBefore)
      return [
        error(
          'stop_idle',
          path,
          `ends nothing: what ends a step happens after its anchor, and this step comes before its ${anchor}`,
          'count from assignment or activity, or leave it out',
        ),
      ];
    return [];
  });
}

/** Minutes of a span, at least: working days lie no nearer than days. */
function leastMinutes({ count, unit }: Step['offset']): number {
  return count * (unit === 'm' ? 1 : unit === 'h' ? 60 : 1_440);
}

function repeats({ repeat, anchor, offset }: Step): Finding[] {
  if (repeat === null) return [];
  if (repeat.every.count === 0)
    return [error('repeat_zero', ['repeat', 'every'], 'again at the same moment is not again', 'write a longer time, for example +2wd')];
  if (repeat.until !== 'deadline' || anchor !== 'deadline') return [];
  const left = offset.count >= 0 ? 0 : -leastMinutes(offset);
  // Working days before a date may be more days than they count; only what is surely too long is a mistake.
  const isSure = offset.count >= 0 || offset.unit !== 'wd' || repeat.every.unit === 'wd';
  if (!isSure || leastMinutes(repeat.every) <= left) return [];
  return [
    error(
      'repeat_never',
      ['repeat', 'until'],
      'never repeated: the first time after it lies behind the deadline already',
      'leave until out, repeat sooner, or begin earlier',
    ),
  ];
}

function idleAction({ actions, when, only, anchor, offset, repeat }: Step): Finding[] {
  return actions.flatMap((action, index) => {
    const path = ['actions', index];
    const isElsewhere = when === 'reported' || when === 'undecided' || when === 'unaccepted' || when === 'unextended';
    if ((action === 'hand_over' || action === 'ask_extension_decision') && isElsewhere)
      return [
        error(
          'action_never',
          path,
          `a task that is ${when} waits for someone else and is not ${action === 'hand_over' ? 'handed over' : 'asked about more time'}`,
          'leave it out, or write when: unreported',
        ),
      ];
    if (action === 'nudge_letter' && (isElsewhere || only.risk !== undefined || isBeforeDeadline({ anchor, offset, repeat })))
      return [
        error(
          'action_never',
          path,
          'a letter urges late tasks: nothing is late here',
          'leave it out, or write anchor: deadline with an offset after it, and when: unreported',
        ),
      ];
    if (action === 'raise_priority' && only.priority?.every((priority) => priority === 'high') === true)
      return [
        error('action_never', path, 'the priority of these tasks is high already', 'leave it out, or write only: { priority: [normal] }'),
      ];
    return [];
  });
}

/** Whether every moment of a step surely lies before the deadline, or at it. */
function isBeforeDeadline({ anchor, offset: { count, unit }, repeat }: Pick<Step, 'anchor' | 'offset' | 'repeat'>): boolean {
  if (unit === '%') return repeat === null;
  return (
    anchor === 'deadline' && count <= 0 && (unit === 'm' || unit === 'h' || count < 0) && (repeat === null || repeat.until === 'deadline')
  );
}

/** Who can answer whether more time is needed: the assignee asks for it, the coordinator gives it. */
function questionUnheard({ actions, audience }: Step): Finding[] {
  const index = actions.indexOf('ask_extension_decision');
  if (index === -1 || audience.some((each) => each === 'assignee' || each === 'coordinator')) return [];
  return [
    warning(
      'question_unheard',
      ['actions', index],
      'neither who could ask for more time nor who could give it hears of the question by this step',
      'add assignee or coordinator to its audience',
    ),
  ];
}

function channelsOf({ channels: { order, use, after } }: Step): Finding[] {
  const twice = order.findIndex((channel, index) => order.indexOf(channel) < index);
  const path = ['channels', 'order'];
  return [
    ...(twice === -1 ? [] : [error('channel_twice', [...path, twice], `${order[twice]} stands here twice`, 'leave it out once')]),
    ...(use === 'in_turn' && order.length === 1
      ? [warning('in_turn_alone', path, 'in turn with one channel only', 'name a second channel, or write use: first')]
      : []),
    ...(after?.count === 0
      ? [
          error(
            'in_turn_at_once',
            ['channels', 'after'],
            'the next channel at the same moment is not in turn',
            'write use: all, or a longer time',
          ),
        ]
      : []),
  ];
}

/** The hours in which people may be told; null where they may be at any. */
function hoursOf(timing: Policy['timing'], officeHours: Hours): Hours | null {
  if (timing === 'any_time' || (timing !== 'office_hours' && timing.from >= timing.to)) return null;
  return timing === 'office_hours' ? officeHours : [timing];
}

const spoken = (hours: Hours) => hours.map(({ from, to }) => `${from}–${to}`).join(', ');

function outsideHours({ at, delivery }: Step, timing: Policy['timing'], officeHours: Hours): Finding[] {
  const hours = hoursOf(timing, officeHours);
  if (at === null || hours === null || delivery === 'digest' || hours.some(({ from, to }) => from <= at && at < to)) return [];
  const later = hours.find(({ from }) => at < from)?.from;
  const comes =
    later === undefined ? `the next ${timing === 'office_hours' ? 'working ' : ''}day at ${hours[0]?.from ?? ''}` : `at ${later}`;
  return [
    warning(
      'outside_hours',
      ['at'],
      `${at} lies outside the hours in which people may be told (${spoken(hours)}): it would come ${comes}`,
      'write a time within them, or another timing',
    ),
  ];
}

function digestOutsideHours({ timing, digestAt }: ReadPolicy, officeHours: Hours): Finding[] {
  const hours = hoursOf(timing, officeHours);
  if (hours === null || hours.some(({ from, to }) => from <= digestAt && digestAt < to)) return [];
  const message = `the digest goes out at ${digestAt}, outside the hours in which people may be told (${spoken(hours)})`;
  return [warning('outside_hours', ['digestAt'], message, 'write a time within them')];
}

/** A step's moments beside its anchor, as texts: equal ones are the same moment. Only repeats in the unit of the offset are followed. */
function momentsOf({ offset: { count, unit }, at, repeat }: Step, officeHours: Hours): { day: string; moment: string }[] {
  const time = unit === 'm' || unit === 'h' ? '' : unit === '%' ? (at ?? '') : (at ?? officeHours[0]?.from ?? '');
  const times = repeat !== null && repeat.every.unit === unit ? repeat.times : 0;
  return Array.from({ length: times + 1 }, (_, round) => {
    const total = count + round * (repeat?.every.count ?? 0);
    if (unit !== 'm' && unit !== 'h') return { day: total === 0 ? '0' : `${total}${unit}`, moment: `${total}${unit} ${time}` };
    const minutes = leastMinutes({ count: total, unit });
    const days = Math.floor(minutes / 1_440);
    return { day: days === 0 ? '0' : `${days}d`, moment: `${minutes}m` };
  });
}

function isSame(a: Audience, b: Audience): boolean {
  return nameOf(a) === nameOf(b);
}

function nameOf(audience: Audience): string {
  if (typeof audience === 'string') return audience;
  return 'person' in audience ? audience.person : 'channel' in audience ? audience.channel : `rota ${audience.rota}`;
}

/** Whether one task can be in both states at once. */
function canBoth(a: When, b: When): boolean {
  const isActive = (when: When) => when === 'unreported' || when === 'unanswered' || when === 'overdue';
  if (a === b) return true;
  if (isActive(a)) return b !== 'reported';
  if (isActive(b)) return a !== 'reported';
  return [a, b].every((when) => when === 'unacknowledged' || when === 'unextended');
}

/** Whether one task can be meant by both. */
function canBeBoth(a: Only, b: Only): boolean {
  const meet = <T>(some: readonly T[] | undefined, others: readonly T[] | undefined) =>
    some === undefined || others === undefined || some.some((each) => others.includes(each));
  return (
    meet(a.agency, b.agency) &&
    meet(a.group, b.group) &&
    meet(a.priority, b.priority) &&
    meet(a.secrecy, b.secrecy) &&
    (a.regular === undefined || b.regular === undefined || a.regular === b.regular)
  );
}

function toldTwice(steps: readonly NumberedStep[], officeHours: Hours): Finding[] {
  const moments = steps.map(({ step }) => new Set(momentsOf(step, officeHours).map(({ moment }) => moment)));
  return steps.flatMap(({ step, index }, place) =>
    steps.slice(0, place).flatMap(({ step: earlier }, before) => {
      if (step.anchor !== earlier.anchor || step.kind !== earlier.kind || !canBoth(step.when, earlier.when)) return [];
      const both = step.audience.find((each) => earlier.audience.some((other) => isSame(each, other)));
      if (both === undefined || !canBeBoth(step.only, earlier.only)) return [];
      const theirs = moments[before];
      if (![...(moments[place] ?? [])].some((moment) => theirs?.has(moment))) return [];
      return [
        error(
          'told_twice',
          ['steps', index, 'audience'],
          `${nameOf(both)} hears ${step.kind} at the same moment from step ${earlier.id} too`,
          `leave ${nameOf(both)} out here, or move one of the two`,
        ),
      ];
    }),
  );
}

/** One task's own steps that exceed a person's messages of one day. */
function overCap({ cap, steps }: ReadPolicy, officeHours: Hours): Finding[] {
  if (cap === null) return [];
  const days = new Map<string, { messages: Set<string>; index: number; of: string; whens: When[] }>();
  for (const { step, index } of steps) {
    for (const audience of step.audience) {
      for (const { day, moment } of momentsOf(step, officeHours)) {
        const key = `${step.anchor} ${day} ${nameOf(audience)}`;
        const found = days.get(key) ?? { messages: new Set<string>(), index, of: nameOf(audience), whens: [] };
        days.set(key, found);
        if (!found.whens.every((when) => canBoth(when, step.when))) continue;
        found.whens.push(step.when);
        const used = step.channels.use === 'first' ? step.channels.order.slice(0, 1) : step.channels.order;
        for (const channel of used) found.messages.add(`${step.urgent ? step.id : moment} ${channel}`);
        if (found.messages.size <= cap.perDay) found.index = index;
      }
    }
  }
  const over = [...days.values()].filter(({ messages }) => messages.size > cap.perDay);
  const [worst] = over.toSorted((a, b) => b.messages.size - a.messages.size);
  if (worst === undefined) return [];
  const step = steps.find(({ index }) => index === worst.index)?.step.id ?? '';
  const others = over.length === 1 ? '' : `, and ${over.length - 1} others`;
  return [
    warning(
      'over_cap',
      ['cap', 'perDay'],
      `one task alone sends ${worst.of} ${worst.messages.size} messages on one day (step ${step}${others}); the cap is ${cap.perDay}`,
      `raise it to ${worst.messages.size}, or use fewer channels and steps`,
    ),
  ];
}

function unheard(policy: ReadPolicy): Finding[] {
  return [...unheardLateness(policy), ...unheardMatters(policy)];
}

/** Every combination of what `only` asks from closed lists; a step that asks more than these hears for no combination as a whole. */
function unheardLateness({ steps }: ReadPolicy): Finding[] {
  const hearing = steps.filter(({ step }) => {
    const { anchor, offset, when, audience, stop, repeat, only } = step;
    const isAfter = anchor === 'deadline' && (offset.count > 0 || (repeat !== null && repeat.until === null));
    const isLate = when === 'unreported' || when === 'unanswered' || when === 'overdue';
    const isHeard = audience.some((each) => each !== 'waiting' && each !== 'receiving_head' && each !== 'contributing_head');
    const isNarrow = only.agency !== undefined || only.group !== undefined || only.product !== undefined || (only.extensions ?? 0) > 0;
    return isAfter && isLate && isHeard && stop.length === 0 && !isNarrow;
  });
  for (const priority of PRIORITIES) {
    for (const secrecy of SECRECY_LEVELS) {
      for (const regular of [false, true]) {
        const isHeard = hearing.some(({ step }) => canBeBoth(step.only, { priority: [priority], secrecy: [secrecy], regular }));
        if (isHeard) continue;
        const which =
          hearing.length === 0 ? 'a late task' : `a late ${regular ? 'regular ' : ''}task of priority ${priority}, secrecy ${secrecy}`;
        return [
          warning(
            'late_unheard',
            ['steps'],
            `nobody would hear of ${which}`,
            'add a step with anchor: deadline, offset: +1wd, when: unreported, without only and stop',
          ),
        ];
      }
    }
  }
  return [];
}

/** What waits for somebody's word: without a step nobody would know that it waits. */
const MATTERS: readonly { code: string; anchor: Anchor; tacit: (tacit: Policy['tacit']) => unknown; said: string; cure: string }[] = [
  {
    code: 'report_unheard',
    anchor: 'report',
    tacit: () => undefined,
    said: 'nobody would hear that a task was reported done, and nobody would verify it',
    cure: 'add a step with anchor: report, offset: 0m, when: reported, kind: verification_request, audience: [coordinator]',
  },
  {
    code: 'transfer_unheard',
    anchor: 'transfer_request',
    tacit: ({ transfer_decision }) => transfer_decision,
    said: 'nobody would hear of a request for transfer, and nothing would decide on it',
    cure: 'add a step with anchor: transfer_request, when: undecided, or tacit: transfer_decision',
  },
  {
    code: 'acceptance_unheard',
    anchor: 'transfer_approval',
    tacit: ({ transfer_acceptance }) => transfer_acceptance,
    said: 'nobody would hear that a transfer waits to be accepted, and nothing would end it',
    cure: 'add a step with anchor: transfer_approval, when: unaccepted, or tacit: transfer_acceptance',
  },
  {
    code: 'extension_unheard',
    anchor: 'extension_request',
    tacit: ({ extension_decision }) => extension_decision,
    said: 'nobody would hear of a request for more time, and nothing would decide on it',
    cure: 'add a step with anchor: extension_request, when: unextended, or tacit: extension_decision',
  },
  {
    code: 'obstacle_unheard',
    anchor: 'obstacle',
    tacit: () => undefined,
    said: 'nobody would hear of an obstacle',
    cure: 'add a step with anchor: obstacle, offset: 0m, when: unanswered, kind: obstacle_reported, audience: [coordinator]',
  },
  {
    code: 'question_unheard',
    anchor: 'question',
    tacit: () => undefined,
    said: 'nobody would hear of a question',
    cure: 'add a step with anchor: question, offset: 0m, when: unanswered, kind: question_asked, audience: [coordinator]',
  },
];

function unheardMatters({ steps, tacit }: ReadPolicy): Finding[] {
  return MATTERS.filter((matter) => matter.tacit(tacit) === undefined && !steps.some(({ step }) => step.anchor === matter.anchor)).map(
    ({ code, said, cure }) => warning(code, ['steps'], said, cure),
  );
}

function unusedRotas({ rotas, steps }: ReadPolicy): Finding[] {
  const used = new Set(steps.flatMap(({ step }) => step.audience.map(nameOf)));
  return Object.keys(rotas)
    .filter((name) => !used.has(`rota ${name}`))
    .map((name) =>
      warning('rota_unused', ['rotas', name], `no step tells the rota ${name}`, `write audience: [{ rota: ${name} }], or leave it out`),
    );
}

/** Who and what a directory knows. */
export interface Known {
  readonly people: ReadonlyMap<string, Reachable>;
  /** By which channels somebody sends. */
  readonly served: readonly Channel[];
  readonly agencies: ReadonlyMap<string, unknown>;
}

/** People and agencies that a policy names and a directory does not know, and people whom none of a step's channels reaches. */
export function checkPeople({ rotas, steps }: ReadPolicy, known: Known): PolicyFinding[] {
  const [people, channels] = [false, true].map(
    (wanted) => new Set([...known.people].filter(([, { role }]) => (role === 'channel') === wanted).map(([address]) => address)),
  ) as [Set<string>, Set<string>]; // of two
  const unknownPerson = (email: Email, path: readonly (string | number)[]) => {
    if (people.has(email)) return [];
    if (channels.has(email)) return [error('person_is_channel', path, `${email} is a shared channel`, `write { channel: ${email} }`)];
    return [error('person_unknown', path, `the directory knows no ${email}`, meant(email, people))];
  };
  const unknownChannel = (email: Email, path: readonly (string | number)[]) => {
    if (channels.has(email)) return [];
    if (people.has(email)) return [error('channel_is_person', path, `${email} is no shared channel`, `write { person: ${email} }`)];
    const cure = channels.size === 0 ? 'import it as a person of the role channel, with its Slack id' : meant(email, channels);
    return [error('channel_unknown', path, `the directory knows no channel ${email}`, cure)];
  };
  const unknownAgency = (code: AgencyCode, path: readonly (string | number)[]) =>
    known.agencies.has(code)
      ? []
      : [error('agency_unknown', path, `the directory knows no agency ${code}`, meant(code, known.agencies.keys()))];
  const unserved = (channel: Channel, path: readonly (string | number)[]) =>
    known.served.includes(channel)
      ? []
      : [
          warning(
            'channel_unserved',
            path,
            `nobody sends by ${channel} here: people are told by the next channel that reaches them`,
            `set up ${channel} for the workers (docs/operate.md), or take it out of channels.order`,
          ),
        ];
  return [
    ...Object.entries(rotas).flatMap(([name, { people }]) =>
      people.flatMap((email, index) => unknownPerson(email, ['rotas', name, 'people', index])),
    ),
    ...steps.flatMap(({ step, index }) => [
      ...step.channels.order.flatMap((channel, place) => unserved(channel, ['steps', index, 'channels', 'order', place])),
      ...(step.only.agency ?? []).flatMap((code, place) => unknownAgency(code, ['steps', index, 'only', 'agency', place])),
      ...step.audience.flatMap((audience, place) => {
        if (typeof audience === 'string') return [];
        const path = ['steps', index, 'audience', place];
        if ('channel' in audience) return unknownChannel(audience.channel, [...path, 'channel']);
        const isPerson = 'person' in audience;
        const named = isPerson ? [audience.person] : (rotas[audience.rota]?.people ?? []);
        return [
          ...(isPerson ? unknownPerson(audience.person, [...path, 'person']) : []),
          ...named
            .filter((email) => {
              const person = known.people.get(email);
              return person !== undefined && reachedBy(person, step.channels.order).length === 0;
            })
            .map((email) =>
              warning(
                'no_channel',
                path,
                `${email} has no ${step.channels.order.join(' or ')}`,
                'add email to channels.order, or name another person',
              ),
            ),
        ];
      }),
    ]),
  ];
}

function meant(word: string, words: Iterable<string>): string {
  const near = nearest(word, words);
  return near === null ? 'write one that it knows, or import it first' : `did you mean ${near}?`;
}
