/** What anyone can ask of a task. Every entrance (chat, mail, web, command line, import) makes exactly these. */
import { z } from 'zod';
import { agencyCode, ENTRANCES, email, OBSTACLE_KINDS, PRIORITIES, ROLES, taskCode } from './names.ts';
import { isoDate, isoInstant } from './time.ts';

const NO_CONTROL = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/;
const line = (max: number) => z.string().trim().min(1).max(max).regex(NO_CONTROL);

const fileEvidence = z.object({
  type: z.literal('file'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: line(255),
  bytes: z.int().nonnegative(),
});

/** Evidence of a product: text, a link, or a file kept by its SHA-256. */
export const evidence = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: line(3000) }),
  z.object({ type: z.literal('link'), url: z.url({ protocol: /^https?$/ }).max(2000) }),
  fileEvidence,
]);
export type Evidence = z.infer<typeof evidence>;

/** Who speaks, as the directory knew the person when the command came in. */
export const actor = z.object({
  email,
  role: z.enum(ROLES),
  agency: agencyCode,
});
export type Actor = z.infer<typeof actor>;

/** The facts of an assignment. `deadlineAt` is the end of office hours of `deadline` in the agency's zone. */
export const assignment = z.object({
  title: line(1000),
  product: z.string().trim().max(500).default(''),
  document: z.string().trim().max(100).default(''),
  group: z.string().trim().max(200).default(''),
  leadAgency: agencyCode,
  coordinatingAgencies: z.array(agencyCode).max(40).default([]),
  assignee: email,
  supervisor: email.nullable().default(null),
  coordinator: email,
  assignedAt: isoInstant,
  deadline: isoDate,
  deadlineAt: isoInstant,
  regular: z.boolean().default(false),
  priority: z.enum(PRIORITIES).default('normal'),
  policy: z.object({ name: z.string().min(1).max(60), version: z.int().positive() }),
});
export type Assignment = z.infer<typeof assignment>;

/** What a coordinator may correct of an assignment; a new date comes with the instant that it means. */
export const amendment = assignment
  .pick({
    title: true,
    product: true,
    document: true,
    group: true,
    coordinatingAgencies: true,
    deadline: true,
    deadlineAt: true,
    priority: true,
  })
  .partial()
  .refine(({ deadline, deadlineAt }) => (deadline === undefined) === (deadlineAt === undefined), {
    path: ['deadline'],
    message: 'a date and the instant that it means go together',
  });
export type Amendment = z.infer<typeof amendment>;

const reason = line(3000);

export const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('AssignTask'), assignment }),
  z.object({ type: z.literal('AmendTask'), changes: amendment }),
  z.object({ type: z.literal('AcknowledgeTask') }),
  z.object({ type: z.literal('ReportDone'), evidence: z.array(evidence).max(20) }),
  z.object({ type: z.literal('VerifyTask'), note: z.string().trim().max(3000).default('') }),
  z.object({ type: z.literal('ReturnTask'), reason }),
  z.object({ type: z.literal('RequestTransfer'), toAgency: agencyCode, reason }),
  z.object({
    type: z.literal('DecideTransfer'),
    decision: z.enum(['approve', 'refuse']),
    /** Another agency than the one wished; null keeps the wish. */
    toAgency: agencyCode.nullable().default(null),
    reason: z.string().trim().max(3000).default(''),
  }),
  z.object({
    type: z.literal('AcceptTransfer'),
    assignee: email,
    /** The named assignee's agency, resolved by the inbox from the directory. */
    assigneeAgency: agencyCode,
    supervisor: email.nullable().default(null),
  }),
  z.object({ type: z.literal('DeclineTransfer'), reason }),
  z.object({
    type: z.literal('RequestExtension'),
    deadline: isoDate,
    deadlineAt: isoInstant,
    reason,
    /** Number of the document that justifies it. */
    basis: z.string().trim().max(100).default(''),
  }),
  z.object({
    type: z.literal('DecideExtension'),
    decision: z.enum(['grant', 'refuse']),
    /** Another date than the one wished, with its instant; null keeps the wish. */
    until: z.object({ deadline: isoDate, deadlineAt: isoInstant }).nullable().default(null),
    reason: z.string().trim().max(3000).default(''),
  }),
  z.object({ type: z.literal('ReportObstacle'), kind: z.enum(OBSTACLE_KINDS), text: reason }),
  /** `obstacle` is the number of the event that reported it; null means the only open one. */
  z.object({ type: z.literal('AnswerObstacle'), obstacle: z.int().positive().nullable().default(null), text: reason }),
  z.object({ type: z.literal('CancelTask'), reason }),
  z.object({ type: z.literal('AddComment'), text: line(3000), files: z.array(fileEvidence).max(20).default([]) }),
]);
export type Request = z.infer<typeof request>;
export type RequestType = Request['type'];

/** One human act, with the id under which it may be delivered any number of times. */
export const command = z.object({
  /** UUID; also the id of the Update that carries it. */
  id: z.uuid(),
  code: taskCode,
  actor,
  via: z.enum(ENTRANCES),
  request,
});
export type Command = z.infer<typeof command>;
