/** What anyone can ask of a task. Every entrance (chat, mail, web, command line, import) makes exactly these. */
import { z } from 'zod';
import {
  agencyCode,
  DOCUMENT_KINDS,
  ENTRANCES,
  email,
  GRADES,
  OBSTACLE_KINDS,
  PRIORITIES,
  PRODUCT_KINDS,
  partId,
  RISK_LEVELS,
  ROLES,
  SECRECY_LEVELS,
  taskCode,
} from './names.ts';
import { periodDates, recurrence } from './recurrence.ts';
import { isoDate, isoInstant } from './time.ts';

const NO_CONTROL = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/;
const line = (max: number) => z.string().trim().min(1).max(max).regex(NO_CONTROL);

/** Which product it is evidence of; absent where the task has one, or none that is named. */
const product = partId.optional();

const fileEvidence = z.object({
  type: z.literal('file'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: line(255),
  bytes: z.int().nonnegative(),
  product,
});

/** Evidence of a product: text, a link, a file kept by its SHA-256, a document by its number, date and signer, a figure. */
export const evidence = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: line(3000), product }),
  z.object({ type: z.literal('link'), url: z.url({ protocol: /^https?$/ }).max(2000), product }),
  fileEvidence,
  z.object({ type: z.literal('document'), kind: z.enum(DOCUMENT_KINDS), number: line(100), date: isoDate, signer: line(200), product }),
  z.object({ type: z.literal('figure'), value: z.number(), unit: z.string().trim().max(50).default(''), product }),
]);
export type Evidence = z.infer<typeof evidence>;

/** Who speaks, as the directory knew the person when the command came in. */
export const actor = z.object({
  email,
  role: z.enum(ROLES),
  agency: agencyCode,
  /** For whom the person stands in today; resolved by the inbox from the directory. */
  standsInFor: z.array(email).max(200).optional(),
});
export type Actor = z.infer<typeof actor>;

/** A date and the instant that it means: the end of that day's office hours in the committee's zone. */
const due = z.object({ deadline: isoDate, deadlineAt: isoInstant });
export type Due = z.infer<typeof due>;

/** Of products, and of milestones, of one task. */
export const PARTS_MAX = 20;
export const NAME_MAX = 300;
export const partName = line(NAME_MAX);
const productWanted = z.object({ id: partId, name: partName, kind: z.enum(PRODUCT_KINDS), due: due.nullable().default(null) });
export type ProductWanted = z.infer<typeof productWanted>;
const milestone = z.object({ id: partId, name: partName, due });
export type MilestoneWanted = z.infer<typeof milestone>;

function unique(parts: readonly { id: string }[]): boolean {
  return new Set(parts.map(({ id }) => id)).size === parts.length;
}
const PARTS_UNIQUE = { message: 'each id stands once' };

/** What a coordinator may correct later. Without defaults: what an amendment does not say stays as it is. */
const amendable = {
  title: line(1000),
  product: z.string().trim().max(500),
  document: z.string().trim().max(100),
  group: z.string().trim().max(200),
  coordinatingAgencies: z.array(agencyCode).max(40),
  deadline: isoDate,
  deadlineAt: isoInstant,
  priority: z.enum(PRIORITIES),
  policy: z.object({ name: z.string().min(1).max(60), version: z.int().positive() }),
  products: z.array(productWanted).max(PARTS_MAX).refine(unique, PARTS_UNIQUE),
  milestones: z.array(milestone).max(PARTS_MAX).refine(unique, PARTS_UNIQUE),
  secrecy: z.enum(SECRECY_LEVELS),
  recurrence: recurrence.nullable(),
  /** The task that this one is a part of; a mandatory part must end before its parent is reported. */
  parent: z.object({ code: taskCode, mandatory: z.boolean() }).nullable(),
};

/** The facts of an assignment. `deadlineAt` is the end of office hours of `deadline` in the agency's zone. */
export const assignment = z.object({
  ...amendable,
  product: amendable.product.default(''),
  document: amendable.document.default(''),
  group: amendable.group.default(''),
  leadAgency: agencyCode,
  coordinatingAgencies: amendable.coordinatingAgencies.default([]),
  assignee: email,
  supervisor: email.nullable().default(null),
  coordinator: email,
  assignedAt: isoInstant,
  regular: z.boolean().default(false),
  priority: amendable.priority.default('normal'),
  // Optional from here on: records of earlier versions do not have them.
  products: amendable.products.optional(),
  milestones: amendable.milestones.optional(),
  secrecy: amendable.secrecy.optional(),
  parent: amendable.parent.optional(),
  /** Since when it is followed here, where it was followed elsewhere before: nothing is known of its silence until then. */
  followedSince: isoInstant.optional(),
  /** The rhythm of a regular task; its deadline is the end of the whole. */
  recurrence: recurrence.nullish(),
});
export type Assignment = z.infer<typeof assignment>;

/** What a coordinator may correct of an assignment; a new date comes with the instant that it means. */
export const amendment = z
  .object(amendable)
  .partial()
  .refine(({ deadline, deadlineAt }) => (deadline === undefined) === (deadlineAt === undefined), {
    path: ['deadline'],
    message: 'a date and the instant that it means go together',
  });
export type Amendment = z.infer<typeof amendment>;

const reason = line(3000);
/** Of one period, in the state until it is verified. */
const PERIOD_EVIDENCE_MAX = 5;
/** More that nobody opened is a task that was forgotten, not an outage. */
const MISSED_MAX = 100;
const ENDINGS_OF_CANCELLED = ['superseded', 'merged', 'not_implemented', 'cancelled'] as const;

/** `which` is the number of the event that asked; null means the only open one. */
const which = z.int().positive().nullable().default(null);
const note = z.string().trim().max(3000).default('');
/** Handed-over answerability: who, of which agency (resolved by the inbox from the directory), under whom. */
const handedTo = { assignee: email, assigneeAgency: agencyCode, supervisor: email.nullable().default(null) };

export const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('AssignTask'), assignment }),
  z.object({ type: z.literal('AmendTask'), changes: amendment }),
  z.object({ type: z.literal('AcknowledgeTask') }),
  z.object({
    type: z.literal('ReportProgress'),
    percent: z.int().min(0).max(100).nullable().default(null),
    /** The milestone that is reached. */
    milestone: partId.nullable().default(null),
    text: note,
    /** When the assignee expects to be done. */
    forecast: isoDate.nullable().default(null),
  }),
  z.object({ type: z.literal('AttachProduct'), evidence: z.array(evidence).min(1).max(20) }),
  z.object({ type: z.literal('WaiveProduct'), product: partId, reason }),
  z.object({
    type: z.literal('ReportDone'),
    evidence: z.array(evidence).max(20),
    /** Done in part only: what is missing is said by the products that have no fitting evidence. */
    partly: z.boolean().optional(),
    grade: z.enum(GRADES).nullish(),
    /** Mandatory parts that are still open, resolved by the inbox from the store. */
    openParts: z.array(taskCode).max(20).optional(),
  }),
  z.object({ type: z.literal('VerifyTask'), note, grade: z.enum(GRADES).nullish() }),
  /** `until` is the date by which the assignee is to report again; the deadline stays. */
  z.object({ type: z.literal('ReturnTask'), reason, until: due.nullish() }),
  z.object({
    type: z.literal('RequestTransfer'),
    toAgency: agencyCode,
    reason,
    /** "Not our function", said within the first working days; resolved by the inbox from the calendar. */
    early: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('DecideTransfer'),
    decision: z.enum(['approve', 'refuse']),
    /** Another agency than the one wished; null keeps the wish. */
    toAgency: agencyCode.nullable().default(null),
    reason: note,
  }),
  z.object({ type: z.literal('AcceptTransfer'), ...handedTo }),
  z.object({ type: z.literal('DeclineTransfer'), reason }),
  z.object({
    type: z.literal('ReassignTask'),
    agency: agencyCode,
    ...handedTo,
    /** Absent: stays as it is where the agency does. */
    supervisor: email.nullable().optional(),
    reason,
    /** The assignee who has left for good; resolved by the inbox from the directory. */
    gone: email.nullish(),
  }),
  z.object({
    type: z.literal('RequestExtension'),
    ...due.shape,
    reason,
    /** Number of the document that justifies it. */
    basis: z.string().trim().max(100).default(''),
  }),
  z.object({
    type: z.literal('DecideExtension'),
    decision: z.enum(['grant', 'refuse']),
    /** Another date than the one wished, with its instant; null keeps the wish. */
    until: due.nullable().default(null),
    reason: note,
  }),
  z.object({ type: z.literal('ReportObstacle'), kind: z.enum(OBSTACLE_KINDS), text: reason }),
  /** How likely it is to end late as a person sees it; beside what is computed, never in its place. */
  z.object({ type: z.literal('ReportRisk'), level: z.enum(RISK_LEVELS), reason }),
  z.object({ type: z.literal('AnswerObstacle'), obstacle: which, text: reason }),
  z.object({ type: z.literal('AskQuestion'), text: reason }),
  /** The schedule's own, on the standing order of whoever assigned the task; `missed` are those that nobody opened. */
  z.object({ type: z.literal('OpenPeriod'), period: periodDates, missed: z.array(periodDates).max(MISSED_MAX) }),
  z.object({ type: z.literal('ReportPeriod'), period: isoDate, evidence: z.array(evidence).max(PERIOD_EVIDENCE_MAX) }),
  z.object({ type: z.literal('VerifyPeriod'), period: isoDate, note }),
  z.object({ type: z.literal('ReturnPeriod'), period: isoDate, reason }),
  z.object({ type: z.literal('AnswerQuestion'), question: which, text: reason }),
  z.object({ type: z.literal('GiveDelayCause'), kind: z.enum(OBSTACLE_KINDS), text: note }),
  z.object({ type: z.literal('RequestContribution'), agency: agencyCode, text: reason, ...due.shape }),
  z.object({ type: z.literal('AcknowledgeContribution'), contribution: which }),
  z.object({ type: z.literal('GiveContribution'), contribution: which, text: reason }),
  z.object({ type: z.literal('NudgeAssignee'), text: note }),
  z.object({ type: z.literal('AddDependency'), on: taskCode }),
  z.object({ type: z.literal('RemoveDependency'), on: taskCode }),
  /** Agencies were merged, split or renamed: `agencies` says what each old code is now, `change` which decision it is part of. */
  z.object({
    type: z.literal('ChangeAgencies'),
    change: z.uuid(),
    agencies: z.record(agencyCode, agencyCode),
  }),
  z.object({ type: z.literal('UndoAgencyChange'), change: z.uuid() }),
  z.object({
    type: z.literal('CancelTask'),
    reason,
    ending: z.enum(ENDINGS_OF_CANCELLED).optional(),
    /** The task that replaces it or that it is merged into. */
    into: taskCode.nullish(),
  }),
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
