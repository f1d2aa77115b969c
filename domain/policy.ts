/** Escalation policy: who hears what, when, anchored to what happens to a task. Parsed from YAML at the edge, plain here. */
import { z } from 'zod';
import { CHANNELS } from './names.ts';
import { NOTIFICATION_KINDS } from './notification.ts';

/** More would be noise nobody reads, and bounds the planner's loop. */
const STEPS_MAX = 60;

/** `-7d`, `+2wd`, `+3m`, `+4h`, `0m`: minutes, hours, days, working days relative to the anchor. */
const offset = z
  .string()
  .regex(/^(0|[+-]\d{1,4})(m|h|d|wd)$/, 'write a number with its sign and a unit (m, h, d, wd), for example -3wd or +30m')
  .transform((text) => {
    const unit = text.replace(/^[+-]?\d+/, '') as 'm' | 'h' | 'd' | 'wd';
    return { count: Number.parseInt(text, 10), unit };
  });

export const ANCHORS = [
  'assignment',
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
export const AUDIENCES = [
  'assignee',
  'supervisor',
  'head',
  'coordinator',
  'committee_head',
  'receiving_head',
  'contributing_head',
  'waiting',
] as const;
export type Audience = (typeof AUDIENCES)[number];

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
const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

const step = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens'),
  anchor: z.enum(ANCHORS),
  offset,
  /** Local time of the recipient; only with days and working days. */
  at: localTime.nullable().default(null),
  /** In which states of the task it still applies. */
  when: z.enum(WHEN),
  /** Whom a person who left is to be replaced by is asked without a step. */
  kind: z.enum(NOTIFICATION_KINDS).exclude(['assignee_gone']),
  audience: z.array(z.enum(AUDIENCES)).min(1),
  channels: z.strictObject({ order: z.array(z.enum(CHANNELS)).min(1), use: z.enum(['first', 'all']) }),
  /** The level to which this step raises the task's escalation; null raises nothing. */
  escalation: z.int().min(1).max(9).nullable().default(null),
  urgent: z.boolean().default(false),
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
    /** `office_hours`: nobody is told outside the recipient's office hours. */
    timing: z.enum(['office_hours', 'any_time']),
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
  .superRefine(({ steps }, context) => {
    const seen = new Set<string>();
    steps.forEach(({ id, at, offset: { unit } }, index) => {
      if (seen.has(id)) context.addIssue({ code: 'custom', path: ['steps', index, 'id'], message: `a second step is called ${id}` });
      if (at !== null && (unit === 'm' || unit === 'h')) {
        context.addIssue({
          code: 'custom',
          path: ['steps', index, 'at'],
          message: 'a local time goes only with days (d) or working days (wd)',
        });
      }
      seen.add(id);
    });
  });
export type Policy = z.infer<typeof policy>;
/** A rule of silence. */
export type Tacit = Pick<Step, 'at'> & { readonly after: Step['offset'] };
