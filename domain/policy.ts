/** Escalation policy: who hears what, when, anchored to what happens to a task. Parsed from YAML at the edge, plain here. */
import { z } from 'zod';
import { agencyCode, CHANNELS, type Email, email, LOCALES, type Locale, PRIORITIES, PRODUCT_KINDS, SECRECY_LEVELS } from './names.ts';
import { NOTIFICATION_KINDS } from './notification.ts';
import { isoDate } from './time.ts';

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
/** A role of the task, someone (or a shared mailbox or channel of the directory) by address, or whoever's turn it is. */
const audience = z.union([z.enum(AUDIENCE_ROLES), z.strictObject({ person: email }), z.strictObject({ rota: rotaName })]);
export type Audience = z.infer<typeof audience>;

/** People who take turns of `turnDays` days each; the first one's begins on `from`, a local date of the committee. */
const rota = z.strictObject({
  people: z.array(email).min(1).max(50),
  from: isoDate,
  turnDays: z.int().min(1).max(92),
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

/** What a step does besides telling: `hand_over` gives the task to the agency's head. */
export const ACTIONS = ['raise_priority', 'flag_for_inspection', 'hand_over'] as const;
export type Action = (typeof ACTIONS)[number];

/** An action that a step asks for at one of its moments. */
export interface StepAction {
  readonly action: Action;
  readonly step: string;
  /** Whom a task is handed to; null where nobody is there, and for other actions. */
  readonly to: Email | null;
}

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a local time as HH:MM, for example 08:00');

/** Which tasks a step is for; what is not named is not asked. All that is named must hold. */
const only = z.strictObject({
  agency: z.array(agencyCode).min(1).optional(),
  /** Work part or group, as the task names it. */
  group: z.array(z.string().min(1)).min(1).optional(),
  priority: z.array(z.enum(PRIORITIES)).min(1).optional(),
  /** The kind of a product that is expected. */
  product: z.array(z.enum(PRODUCT_KINDS)).min(1).optional(),
  regular: z.boolean().optional(),
  secrecy: z.array(z.enum(SECRECY_LEVELS)).min(1).optional(),
  /** At least so many extensions were granted. */
  extensions: z.int().min(0).max(99).optional(),
});
export type Only = z.infer<typeof only>;

const step = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens'),
  anchor: z.enum(ANCHORS),
  offset,
  /** Local time of the recipient; only with days, working days and shares. */
  at: localTime.nullable().default(null),
  /** Again after each `every`, so many times; with `until` not after the task's deadline. */
  repeat: z
    .strictObject({ every: span, times: z.int().min(1).max(REPEATS_MAX), until: z.enum(['deadline']).nullable().default(null) })
    .nullable()
    .default(null),
  /** In which states of the task it still applies. */
  when: z.enum(WHEN),
  only: only.default({}),
  stop: z.array(z.enum(STOPS)).default([]),
  /** Whom a person who left is to be replaced by is asked without a step. */
  kind: z.enum(NOTIFICATION_KINDS).exclude(['assignee_gone']),
  audience: z.array(audience).min(1),
  /** `in_turn`: the next channel `after` the one before it, unless what was asked has come. */
  channels: z.strictObject({
    order: z.array(z.enum(CHANNELS)).min(1),
    use: z.enum(['first', 'all', 'in_turn']),
    after: span.nullable().default(null),
  }),
  /** `digest`: with everything else of the recipient's next working morning. */
  delivery: z.enum(['due', 'digest']).default('due'),
  /** The level to which this step raises the task's escalation; null raises nothing. */
  escalation: z.int().min(1).max(9).nullable().default(null),
  actions: z.array(z.enum(ACTIONS)).default([]),
  urgent: z.boolean().default(false),
  /** A line of the policy's own in the message; `{title}`, `{code}`, `{deadline}`, `{agency}`, `{assignee}`. */
  text: z
    .strictObject(Object.fromEntries(LOCALES.map((locale) => [locale, z.string().min(1).max(500)])) as Record<Locale, z.ZodString>)
    .nullable()
    .default(null),
});
export type Step = z.infer<typeof step>;

/** After how long silence is an answer, and which. */
function tacit<const M extends readonly [string, ...string[]]>(means: M) {
  return z.strictObject({ after: offset, at: localTime.nullable().default(null), means: z.enum(means) });
}

export const policy = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
    version: z.int().positive(),
    description: z.string().default(''),
    /** When people may be told, in their own local time: in office hours, always, or between two times of working or of all days. */
    timing: z.union([
      z.enum(['office_hours', 'any_time']),
      z.strictObject({ from: localTime, to: localTime, days: z.enum(['working', 'all']) }),
    ]),
    /** When the digest of a working morning goes out, local time of the reader. */
    digestAt: localTime.default('08:00'),
    /** Messages to one person and day, and where what is above goes; urgent ones are counted and never held. */
    cap: z
      .strictObject({ perDay: z.int().min(1).max(100), over: z.enum(['next_working_day', 'drop']) })
      .nullable()
      .default(null),
    rotas: z.record(rotaName, rota).default({}),
    /** What silence means to who waits for an answer; without an entry it means nothing, for ever. */
    tacit: z
      .strictObject({
        transfer_decision: tacit(['approved', 'refused']),
        /** Of "not our function", said within the first working days. */
        early_transfer_decision: tacit(['approved', 'refused']),
        transfer_acceptance: tacit(['accepted', 'declined']),
        extension_decision: tacit(['granted', 'refused']),
      })
      .partial()
      .default({}),
    steps: z.array(step).min(1).max(STEPS_MAX),
  })
  .superRefine((document, context) => {
    for (const { path, message } of contradictions(document)) context.addIssue({ code: 'custom', path, message });
  });
export type Policy = z.infer<typeof policy>;
/** A rule of silence. */
export type Tacit = Pick<Step, 'at'> & { readonly after: Step['offset'] };

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What no single field shows: fields that forbid each other, names that stand for nothing. */
function contradictions({ steps, rotas, timing }: Pick<Policy, 'steps' | 'rotas' | 'timing'>): Contradiction[] {
  const ids = steps.map(({ id }) => id);
  const ofSteps = steps.flatMap((each, index) =>
    [
      ...(ids.indexOf(each.id) === index ? [] : [{ path: ['id'], message: `a second step is called ${each.id}` }]),
      ...contradictionsOf(each, rotas),
    ].map(({ path, message }) => ({ path: ['steps', index, ...path], message })),
  );
  const ofTiming =
    typeof timing === 'object' && timing.from >= timing.to ? [{ path: ['timing', 'to'], message: `must be after ${timing.from}` }] : [];
  return [...ofSteps, ...ofTiming];
}

function contradictionsOf(
  { at, offset: { unit, count }, anchor, channels, delivery, urgent, audience: told }: Step,
  rotas: Policy['rotas'],
): Contradiction[] {
  const found: Contradiction[] = [];
  const say = (path: (string | number)[], message: string) => void found.push({ path, message });
  if (at !== null && (unit === 'm' || unit === 'h')) say(['at'], 'a local time goes only with days (d), working days (wd) and shares (%)');
  if (unit === '%' && anchor !== 'assignment')
    say(['offset'], `${count}% is a share of the time from assignment to deadline: write anchor assignment`);
  if (channels.use === 'in_turn' && channels.after === null) say(['channels', 'use'], 'in_turn needs after, for example after: +4h');
  if (channels.use !== 'in_turn' && channels.after !== null) say(['channels', 'after'], 'after goes only with use: in_turn');
  if (urgent && delivery === 'digest') say(['delivery'], 'what is urgent waits for no digest: write delivery due, or urgent false');
  told.forEach((each, index) => {
    if (typeof each === 'object' && 'rota' in each && rotas[each.rota] === undefined) {
      say(['audience', index, 'rota'], `there is no rota ${each.rota}${known(Object.keys(rotas))}`);
    }
  });
  return found;
}

const known = (names: readonly string[]) => (names.length === 0 ? '' : `; known: ${names.join(', ')}`);
