/** Escalation policy: who hears what, when, anchored to what happens to a task. Parsed from YAML at the edge, plain here. */
import { z } from 'zod';
import {
  agencyCode,
  CHANNELS,
  type Email,
  email,
  LOCALES,
  type Locale,
  PRIORITIES,
  PRODUCT_KINDS,
  RISK_LEVELS,
  SECRECY_LEVELS,
} from './names.ts';
import { NOTIFICATION_KINDS } from './notification.ts';
import { type IsoInstant, isoDate } from './time.ts';

/** More would be noise nobody reads, and bounds the planner's loop. */
const STEPS_MAX = 80;
/** A step that is repeated more often than this is not heard any more. */
const REPEATS_MAX = 30;

/** `-7d`, `+2wd`, `+4h`, `0m`: minutes, hours, days, working days relative to the anchor; `75%` of the time from assignment to deadline. */
const OFFSET = /^((0|[+-]\d{1,4})(m|h|d|wd)|[1-9]\d?%)$/;
const OFFSET_HINT =
  'write a number with its sign and a unit (m, h, d, wd), for example -3wd or +30m, or a share of the time, for example 75%';

export const OFFSET_UNITS = ['m', 'h', 'd', 'wd', '%'] as const;
const offset = z
  .string()
  .regex(OFFSET, OFFSET_HINT)
  .transform((text) => {
    const unit = text.replace(/^[+-]?\d+/, '') as (typeof OFFSET_UNITS)[number]; // the pattern has let through nothing else
    return { count: Number.parseInt(text, 10), unit };
  });
/** A span of time: an offset that is neither before its anchor nor a share. */
const span = z
  .string()
  .regex(/^\+\d{1,4}(m|h|d|wd)$/, 'write a number with + and a unit (m, h, d, wd), for example +2wd')
  .pipe(offset);

export const ANCHORS = [
  'assignment',
  'acknowledgment',
  'deadline',
  'report',
  'return',
  'transfer_request',
  'transfer_approval',
  'transfer_refusal',
  'extension_request',
  'extension_grant',
  'extension_refusal',
  'obstacle',
  'obstacle_answer',
  'activity',
  'milestone',
  'rework',
  'question',
  'question_answer',
  'contribution',
  'contribution_deadline',
  'contribution_given',
  'nudge',
  'period',
  'period_deadline',
  'period_report',
  'period_return',
] as const;
export type Anchor = (typeof ANCHORS)[number];
/** Roles of a task whom a step can tell. */
export const AUDIENCE_ROLES = [
  'assignee',
  'supervisor',
  'head',
  'coordinator',
  'committee_head',
  'receiving_head',
  'contributing_head',
  'waiting',
] as const;
export type AudienceRole = (typeof AUDIENCE_ROLES)[number];

const rotaName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens');
/** A role of the task, someone (or a shared mailbox) or a shared channel of the directory by address, or whoever's turn it is. */
const audience = z.union([
  z.enum(AUDIENCE_ROLES),
  z.strictObject({ person: email.describe('Someone, or a shared mailbox, of the directory, by address.') }),
  z.strictObject({ channel: email.describe('A shared channel of chat, of the directory, by address.') }),
  z.strictObject({ rota: rotaName.describe('Whoever has the turn in this rota.') }),
]);
export type Audience = z.infer<typeof audience>;

/** People who take turns of `turnDays` days each; the first one's begins on `from`, a local date of the committee. */
const rota = z.strictObject({
  people: z.array(email).min(1).max(50).describe('Who takes turns, in this order.'),
  from: isoDate.describe("The date, YYYY-MM-DD, on which the first one's turn begins."),
  turnDays: z.int().min(1).max(92).describe('How many days a turn lasts.'),
});
export type Rota = z.infer<typeof rota>;

/** `quiet`: acknowledged, and nobody else's answer is waited for. */
export const WHEN = [
  'unacknowledged',
  'unreported',
  'quiet',
  'reported',
  'undecided',
  'unaccepted',
  'unextended',
  'unanswered',
  'overdue',
] as const;
/** What ends a step before its time, once it has happened after the anchor. */
export const STOPS = ['acknowledgment', 'activity', 'progress', 'obstacle', 'transfer_request', 'extension_request'] as const;
export type Stop = (typeof STOPS)[number];

/**
 * What a step does besides telling: `hand_over` gives the task to the assignee's substitute of that day, or to the agency's head where nobody
 * stands in; `ask_extension_decision` asks whether it gets more time; `nudge_letter` sends the agency's head a letter with all its late tasks.
 */
export const ACTIONS = ['raise_priority', 'flag_for_inspection', 'hand_over', 'ask_extension_decision', 'nudge_letter'] as const;
export type Action = (typeof ACTIONS)[number];

/** An action that a step asks for at one of its moments. */
export interface StepAction {
  readonly action: Action;
  readonly step: string;
  /** Whom a task is handed to, or a letter sent; null where nobody is there, and for other actions. */
  readonly to: Email | null;
  /** The moment of the policy that asks for it: what was done since then is done. Inputs of earlier versions do not have it. */
  readonly since?: IsoInstant;
}

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a local time as HH:MM, for example 08:00');

/** Which tasks a step is for; what is not named is not asked. All that is named must hold. */
const only = z.strictObject({
  agency: z.array(agencyCode).min(1).optional().describe('Led by one of these agencies, by code.'),
  group: z.array(z.string().min(1)).min(1).optional().describe('Of one of these groups of work, as the task names it.'),
  priority: z.array(z.enum(PRIORITIES)).min(1).optional().describe('Of one of these priorities.'),
  product: z.array(z.enum(PRODUCT_KINDS)).min(1).optional().describe('That are to give a product of one of these kinds.'),
  regular: z.boolean().optional().describe('true: regular tasks only; false: all others.'),
  secrecy: z.array(z.enum(SECRECY_LEVELS)).min(1).optional().describe('Of one of these secrecy levels.'),
  risk: z.array(z.enum(RISK_LEVELS)).min(1).optional().describe('Whose risk of ending late, computed or reported, is one of these then.'),
  extensions: z.int().min(0).max(99).optional().describe('To which more time was given at least so many times.'),
});
export type Only = z.infer<typeof only>;

/** Whether any of its steps asks for the risk: what that is worked out from is read only then. */
export function asksForRisk({ steps }: Pick<Policy, 'steps'>): boolean {
  return steps.some(({ only: { risk } }) => risk !== undefined);
}

const repeat = z.strictObject({
  every: span.describe('The time between one and the next, for example +2wd.'),
  times: z.int().min(1).max(REPEATS_MAX).describe('How many times after the first.'),
  until: z.enum(['deadline']).nullable().default(null).describe('deadline: none after it.'),
});

const channels = z.strictObject({
  order: z.array(z.enum(CHANNELS)).min(1).describe('Channels, the wished one first.'),
  use: z
    .enum(['first', 'all', 'in_turn'])
    .describe('first: the first by which the person can be reached; all: each; in_turn: the next one after a while without an answer.'),
  after: span.nullable().default(null).describe('With in_turn: how long each channel is waited for, for example +4h.'),
});

export const step = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens')
    .describe('The name of the step, once in a policy; a policy that extends this one changes the step by it.'),
  anchor: z.enum(ANCHORS).describe('What the step counts from.'),
  offset: offset.describe('How long before (-) or after (+) the anchor, for example -3wd, +4h, 0m; or a share of the time, 75%.'),
  at: localTime.nullable().default(null).describe('Local time of the recipient, HH:MM; with days, working days and shares.'),
  repeat: repeat.nullable().default(null).describe('Told again.'),
  when: z.enum(WHEN).describe('In which state of the task it still applies.'),
  only: only.default({}).describe('For which tasks; without it for all.'),
  stop: z.array(z.enum(STOPS)).default([]).describe('What ends it once it has happened after the anchor.'),
  /** Who has left is asked about without a step, and a letter is an action. */
  kind: z
    .enum(NOTIFICATION_KINDS)
    .exclude(['assignee_gone', 'nudge_letter'])
    .describe('What the message is called, and what it offers to do.'),
  audience: z.array(audience).min(1).describe('Who is told.'),
  channels: channels.describe('By what.'),
  delivery: z
    .enum(['due', 'digest'])
    .default('due')
    .describe("due: at its moment; digest: with everything else of the recipient's next working morning."),
  escalation: z.int().min(1).max(9).nullable().default(null).describe("The level to which it raises the task's escalation."),
  actions: z.array(z.enum(ACTIONS)).default([]).describe('What it does besides telling.'),
  urgent: z.boolean().default(false).describe('true: a message of its own, never merged with others.'),
  text: z
    .strictObject(Object.fromEntries(LOCALES.map((locale) => [locale, z.string().min(1).max(500)])) as Record<Locale, z.ZodString>)
    .nullable()
    .default(null)
    .describe("A line of the policy's own in the message, in each language; {title}, {code}, {deadline}, {agency}, {assignee}."),
});
export type Step = z.infer<typeof step>;

/** After how long silence is an answer, and which. */
function tacit<const M extends readonly [string, ...string[]]>(means: M) {
  return z.strictObject({
    after: span.describe('How long after the request silence is an answer.'),
    at: localTime.nullable().default(null).describe('At which local time of the committee.'),
    means: z.enum(means).describe('Which answer it is.'),
  });
}

const policyName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'write lower-case letters, digits and hyphens, a letter first')
  .describe('The name by which tasks are given the policy.');

/** The words of a policy by themselves: without what they say together. */
export const policyShape = z.strictObject({
  name: policyName,
  version: z.int().positive().describe('A number; what is stored under it never changes, so a change takes the next one.'),
  description: z.string().default('').describe('What it is for, for people.'),
  timing: z
    .union([
      z.enum(['office_hours', 'any_time']),
      z.strictObject({
        from: localTime.describe('From this local time on.'),
        to: localTime.describe('Until this local time.'),
        days: z.enum(['working', 'all']).describe('On working days, or on all.'),
      }),
    ])
    .default('office_hours')
    .describe('When people may be told, in their own local time; working hours where nothing is said.'),
  digestAt: localTime.default('08:00').describe('When the digest of a working morning goes out, local time of the reader.'),
  cap: z
    .strictObject({
      perDay: z.int().min(1).max(100).describe('Messages to one person and day; urgent ones are counted and never held.'),
      over: z.enum(['next_working_day', 'drop']).describe('Where what is above goes.'),
    })
    .nullable()
    .default(null)
    .describe('A limit of messages.'),
  rotas: z.record(rotaName, rota).default({}).describe('People who take turns, by the name of the rota.'),
  tacit: z
    .strictObject({
      transfer_decision: tacit(['approved', 'refused']).describe('Of a request for transfer.'),
      early_transfer_decision: tacit(['approved', 'refused']).describe('Of "not our function", said within the first working days.'),
      transfer_acceptance: tacit(['accepted', 'declined']).describe('Of the agency that an approved transfer goes to.'),
      extension_decision: tacit(['granted', 'refused']).describe('Of a request for more time.'),
    })
    .partial()
    .default({})
    .describe('What silence means to who waits for an answer; without an entry it means nothing, for ever.'),
  steps: z.array(step).min(1).max(STEPS_MAX).describe('Whom to tell what, when.'),
});

export const policy = policyShape.superRefine((document, context) => {
  for (const { path, code, message, cure } of contradictions(document)) {
    context.addIssue({ code: 'custom', path: [...path], message: `${message}: ${cure}`, params: { code } });
  }
});
export type Policy = z.infer<typeof policy>;
/** A rule of silence. */
export type Tacit = Pick<Step, 'at'> & { readonly after: Step['offset'] };

/** What a file may say: a whole policy, or what it changes of another one. */
const extending = policyShape
  .omit({ steps: true })
  .partial()
  .required({ name: true, version: true })
  .extend({
    extends: policyName.describe('The policy that this one changes: a file of that name beside it, or one of the ready ones.'),
    remove: z.array(z.string()).optional().describe('Steps of the extended policy that this one does without, by id.'),
    steps: z
      .array(step.partial().required({ id: true }))
      .optional()
      .describe('New steps, and what changes of those of the extended policy, by id.'),
  });
export const policyFile = z.union([policyShape, extending]).describe('An escalation policy of dondoc: see docs/policy.md.');

/** A mistake that no single word shows, with the way out. `path` leads to it in the policy. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly code: ContradictionCode;
  readonly message: string;
  readonly cure: string;
}
export type ContradictionCode =
  | 'step_twice'
  | 'at_without_days'
  | 'share_without_assignment'
  | 'in_turn_without_after'
  | 'after_without_in_turn'
  | 'channel_without_slack'
  | 'urgent_digest'
  | 'rota_unknown'
  | 'hours_reversed';

/** Fields that forbid each other, names that stand for nothing. */
function contradictions({ steps, rotas, timing }: Pick<Policy, 'steps' | 'rotas' | 'timing'>): Contradiction[] {
  return [...contradictionsOfTiming(timing), ...contradictionsOfSteps(steps, rotas)];
}

export function contradictionsOfTiming(timing: Policy['timing']): Contradiction[] {
  if (typeof timing !== 'object' || timing.from < timing.to) return [];
  const message = `nobody can be told between ${timing.from} and ${timing.to}`;
  return [{ path: ['timing', 'to'], code: 'hours_reversed', message, cure: `must be after ${timing.from}, for example 17:00` }];
}

/** @param numbers where each step stands in the policy, where some are left out */
export function contradictionsOfSteps(
  steps: readonly Step[],
  rotas: Policy['rotas'],
  numbers: readonly number[] = steps.map((_, index) => index),
): Contradiction[] {
  const ids = steps.map(({ id }) => id);
  return steps.flatMap((each, index) =>
    [
      ...(ids.indexOf(each.id) === index
        ? []
        : [
            {
              path: ['id'],
              code: 'step_twice' as const,
              message: `a second step is called ${each.id}`,
              cure: `give it a name of its own, for example ${each.id}-2`,
            },
          ]),
      ...contradictionsOf(each, rotas),
    ].map((found) => ({ ...found, path: ['steps', numbers[index] ?? index, ...found.path] })),
  );
}

function contradictionsOf(
  { at, offset: { unit, count }, anchor, channels, delivery, urgent, audience: told }: Step,
  rotas: Policy['rotas'],
): Contradiction[] {
  const found: Contradiction[] = [];
  const say = (path: (string | number)[], code: ContradictionCode, message: string, cure: string) =>
    void found.push({ path, code, message, cure });
  if (at !== null && (unit === 'm' || unit === 'h'))
    say(
      ['at'],
      'at_without_days',
      'a local time goes only with days (d), working days (wd) and shares (%)',
      'leave at out, or count in days',
    );
  if (unit === '%' && anchor !== 'assignment')
    say(
      ['offset'],
      'share_without_assignment',
      `${count}% is a share of the time from assignment to deadline`,
      'write anchor assignment, or an offset in days',
    );
  if (channels.use === 'in_turn' && channels.after === null)
    say(['channels', 'use'], 'in_turn_without_after', 'in_turn needs after', 'write how long to wait, for example after: +4h');
  if (channels.use !== 'in_turn' && channels.after !== null)
    say(['channels', 'after'], 'after_without_in_turn', 'after goes only with use: in_turn', 'write use: in_turn, or leave after out');
  if (urgent && delivery === 'digest')
    say(['delivery'], 'urgent_digest', 'what is urgent waits for no digest', 'write delivery: due, or urgent: false');
  told.forEach((each, index) => {
    if (typeof each === 'object' && 'channel' in each && !channels.order.includes('slack'))
      say(['audience', index, 'channel'], 'channel_without_slack', 'a shared channel is told by slack only', 'add slack to channels.order');
    if (typeof each !== 'object' || !('rota' in each) || rotas[each.rota] !== undefined) return;
    const known = Object.keys(rotas);
    const cure = known.length === 0 ? `name its people under rotas: ${each.rota}` : `write one of: ${known.join(', ')}`;
    say(['audience', index, 'rota'], 'rota_unknown', `there is no rota ${each.rota}`, cure);
  });
  return found;
}
