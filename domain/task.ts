/** A task's state: what is known of it at one moment. How it comes about is in `evolve.ts`, who may change it in `decide.ts`. Pure. */
import type { Assignment, Evidence, ProductWanted } from './command.ts';
import type { AgencyCode, Email, Ending, Grade, ObstacleKind, PartId, PeriodStatus, RiskLevel, SecrecyLevel, TaskCode } from './names.ts';
import type { PeriodDates, Recurrence } from './recurrence.ts';
import type { IsoDate, IsoInstant } from './time.ts';

/** A request to move a task to another agency: asked, decided, accepted; one open at a time. */
export interface Transfer {
  readonly requestedBy: Email;
  readonly requestedAt: IsoInstant;
  readonly requestedSeq: number;
  readonly toAgency: AgencyCode;
  readonly reason: string;
  /** "Not our function", said within the first working days: the shorter path. */
  readonly early: boolean;
  /** Null while the coordinator has not decided; then the receiver must accept. `by` is null where silence decided. */
  readonly approved: { readonly by: Email | null; readonly at: IsoInstant; readonly seq: number } | null;
}

/** A request to move the deadline: asked, decided; one open at a time. */
export interface Extension {
  readonly requestedBy: Email;
  readonly requestedAt: IsoInstant;
  readonly requestedSeq: number;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly reason: string;
  readonly basis: string;
  /** Asked when the deadline had passed already. */
  readonly afterDeadline: boolean;
}

/** What a person has said, and the number of the event that says so. */
export interface Said {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly by: Email;
  readonly text: string;
}

/** Something in the way, until it is answered. */
export interface Obstacle extends Said {
  readonly kind: ObstacleKind;
}

/** How likely it is to end late in a person's own judgement; `text` says why. */
export interface ReportedRisk extends Said {
  readonly level: RiskLevel;
}

/** What a coordinating agency owes the lead, until it is given. */
export interface Contribution extends Said {
  readonly agency: AgencyCode;
  readonly deadline: IsoDate;
  readonly deadlineAt: IsoInstant;
  readonly acknowledged: { readonly by: Email; readonly at: IsoInstant } | null;
}

export interface Answer {
  readonly seq: number;
  readonly at: IsoInstant;
  readonly text: string;
}

export interface Progress extends Said {
  readonly percent: number | null;
  readonly forecast: IsoDate | null;
}

export interface Product extends ProductWanted {
  readonly waived: { readonly by: Email; readonly at: IsoInstant; readonly reason: string } | null;
}

export interface Milestone {
  readonly id: PartId;
  readonly name: string;
  readonly due: { readonly deadline: IsoDate; readonly deadlineAt: IsoInstant };
  readonly reachedAt: IsoInstant | null;
}

/** One round of a regular task, from its opening on. */
export interface Period extends PeriodDates {
  readonly status: PeriodStatus;
  /** The event that gave it its status. */
  readonly since: { readonly seq: number; readonly at: IsoInstant };
  /** What waits to be verified. */
  readonly report: { readonly by: Email; readonly at: IsoInstant; readonly evidence: readonly Evidence[] } | null;
  readonly verifiedBy: Email | null;
  readonly returnedBecause: string | null;
}

/** Where a task names agencies: what a merge, a split or a renaming changes, and its undoing gives back. */
export interface AgencyFields {
  readonly leadAgency: AgencyCode;
  readonly coordinatingAgencies: readonly AgencyCode[];
  readonly formerAgencies: readonly AgencyCode[];
  readonly transferTo: AgencyCode | null;
  /** Of the open contributions, in order. */
  readonly contributing: readonly AgencyCode[];
}

/** A merge, split or renaming as one task went through it, with what was before and after. */
export interface AgencyChange {
  readonly change: string;
  readonly before: AgencyFields;
  readonly after: AgencyFields;
  /** The one before it: undoing the later one leaves the earlier one undoable. */
  readonly earlier: AgencyChange | null;
}

/** What a task carries through its whole life, whatever its status. */
export interface Carried extends Omit<Assignment, 'products' | 'milestones' | 'secrecy' | 'parent' | 'recurrence'> {
  readonly code: TaskCode;
  /** Number of the last event; the first is 1. */
  readonly seq: number;
  /** Number of the event that gave the task to its present assignee, or returned it. */
  readonly heldSinceSeq: number;
  readonly heldSince: IsoInstant;
  /** Number of the event that set the present deadline. */
  readonly deadlineSeq: number;
  /** The last sign of life from whoever must act: what silence is counted from. */
  readonly activity: { readonly seq: number; readonly at: IsoInstant };
  readonly secrecy: SecrecyLevel;
  readonly parent: { readonly code: TaskCode; readonly mandatory: boolean } | null;
  readonly products: readonly Product[];
  readonly milestones: readonly Milestone[];
  /** Given before the report, kept through returns. */
  readonly attached: readonly Evidence[];
  readonly progress: Progress | null;
  readonly transfer: Transfer | null;
  /** Agencies that the task was transferred away from. */
  readonly formerAgencies: readonly AgencyCode[];
  /** The last answer "no" to a transfer, until another is asked for. */
  readonly transferRefusal: { readonly seq: number; readonly at: IsoInstant; readonly reason: string } | null;
  readonly extension: Extension | null;
  readonly extensionsGranted: number;
  /** A policy's step asked whether more time is to be given; open until that is answered, or no question any more. */
  readonly extensionQuestion: { readonly seq: number; readonly at: IsoInstant; readonly step: string; readonly open: boolean } | null;
  /** The last decision on an extension, until another is asked for. */
  readonly extensionAnswer: (Answer & { readonly granted: boolean }) | null;
  /** As first assigned; extensions and corrections do not change it. */
  readonly originalDeadline: IsoDate;
  readonly originalDeadlineAt: IsoInstant;
  /** Open ones, oldest first. */
  readonly obstacles: readonly Obstacle[];
  readonly obstacleAnswer: Answer | null;
  readonly questions: readonly Said[];
  readonly questionAnswer: Answer | null;
  readonly contributions: readonly Contribution[];
  readonly contributionGiven: (Answer & { readonly agency: AgencyCode }) | null;
  /** Why the task is late, said once for each deadline. */
  readonly delayCause: Obstacle | null;
  /** The last judgement by hand; it says nothing of a task that is late or over. */
  readonly risk: ReportedRisk | null;
  readonly nudge: Answer | null;
  readonly nudges: number;
  readonly dependsOn: readonly TaskCode[];
  /** The last change of agencies that this task went through. */
  readonly agencyChange: AgencyChange | null;
  /** 0 until a step of the policy raised it. */
  readonly escalationLevel: number;
  /** Since when a step of the policy wants it inspected. */
  /** The last time a policy's step asked for a letter to the agency. */
  readonly nudgeLetter: { readonly seq: number; readonly at: IsoInstant; readonly step: string; readonly agency: AgencyCode } | null;
  readonly inspection: { readonly seq: number; readonly at: IsoInstant } | null;
  /** True once the deadline's passing was recorded; overdue itself is derived, never stored. */
  readonly deadlinePassed: boolean;
  readonly returnedBecause: string | null;
  readonly returns: number;
  /** By when a returned task is to be reported again; the deadline stands beside it. */
  readonly rework: { readonly seq: number; readonly deadline: IsoDate; readonly deadlineAt: IsoInstant } | null;
  /** The rhythm of a regular task, and since when it has been that one. */
  readonly recurrence: Recurrence | null;
  readonly recursSince: IsoInstant | null;
  /** Oldest first: those open or waiting to be verified, and the last few that are over. */
  readonly periods: readonly Period[];
}

interface Acknowledged {
  readonly acknowledgedAt: IsoInstant;
  readonly acknowledgedBy: Email;
}

interface Reported {
  readonly reportedAt: IsoInstant;
  readonly reportedBy: Email;
  readonly reportedSeq: number;
  readonly evidence: readonly Evidence[];
  /** Reported as done in part only. */
  readonly partly: boolean;
  /** The assignee's own assessment. */
  readonly selfGrade: Grade | null;
}

interface Completed {
  readonly verifiedBy: Email;
  readonly completedAt: IsoInstant;
  readonly ending: Ending;
  readonly grade: Grade | null;
}

interface Cancelled {
  readonly cancelledAt: IsoInstant;
  readonly cancelledBy: Email;
  readonly cancelledBecause: string;
  readonly ending: Ending;
  /** The task that replaces it, or that it was merged into. */
  readonly into: TaskCode | null;
}

export type AssignedTask = Carried & { readonly status: 'assigned' };
export type AcknowledgedTask = Carried & Acknowledged & { readonly status: 'acknowledged' };
export type ReportedTask = Carried & Acknowledged & Reported & { readonly status: 'reported' };
export type CompletedTask = Carried & Acknowledged & Reported & Completed & { readonly status: 'completed' };
export type CancelledTask = Carried & Cancelled & { readonly status: 'cancelled' };
export type Task = AssignedTask | AcknowledgedTask | ReportedTask | CompletedTask | CancelledTask;
export type OpenTask = AssignedTask | AcknowledgedTask | ReportedTask;

/** What belongs to a status and falls away with it. */
const STATUS_FIELDS: ReadonlySet<string> = new Set<keyof (Acknowledged & Reported & Completed & Cancelled) | 'status'>([
  'status',
  'acknowledgedAt',
  'acknowledgedBy',
  'reportedAt',
  'reportedBy',
  'reportedSeq',
  'evidence',
  'partly',
  'selfGrade',
  'verifiedBy',
  'completedAt',
  'ending',
  'grade',
  'cancelledAt',
  'cancelledBy',
  'cancelledBecause',
  'into',
]);

/** A task without what only its present status says. */
export function carriedOf(task: Task): Carried {
  const kept = Object.fromEntries(Object.entries(task).filter(([field]) => !STATUS_FIELDS.has(field)));
  return kept as unknown as Carried; // every field that is not of a status is one of these
}

/** What nobody has asked, said or given yet. */
export const NOTHING_YET = {
  attached: [],
  progress: null,
  transfer: null,
  formerAgencies: [],
  transferRefusal: null,
  extension: null,
  extensionsGranted: 0,
  extensionAnswer: null,
  extensionQuestion: null,
  obstacles: [],
  obstacleAnswer: null,
  questions: [],
  questionAnswer: null,
  contributions: [],
  contributionGiven: null,
  delayCause: null,
  risk: null,
  nudge: null,
  nudges: 0,
  dependsOn: [],
  agencyChange: null,
  escalationLevel: 0,
  inspection: null,
  nudgeLetter: null,
  deadlinePassed: false,
  returnedBecause: null,
  returns: 0,
  rework: null,
  periods: [],
} as const;

/** What a status of an earlier version did not know. */
const LATER: Readonly<Record<Task['status'], object>> = {
  assigned: {},
  acknowledged: {},
  reported: { partly: false, selfGrade: null },
  completed: { partly: false, selfGrade: null, grade: null, ending: 'implemented' satisfies Ending },
  cancelled: { ending: 'cancelled' satisfies Ending, into: null },
};

/** A state kept by an earlier version, with what it did not know yet. */
export function upgraded(task: Task): Task {
  const { heldSinceSeq: seq, heldSince: at, deadline: originalDeadline, deadlineAt: originalDeadlineAt } = task;
  const unsaid = { products: [], milestones: [], secrecy: 'none', parent: null, recurrence: null, recursSince: null };
  const stored: object = task;
  const transfer = task.transfer == null ? null : { ...task.transfer, early: task.transfer.early ?? false };
  const first = { originalDeadline, originalDeadlineAt };
  // Whatever is missing in the stored state is in one of these.
  return { ...NOTHING_YET, ...unsaid, ...first, activity: { seq, at }, ...LATER[task.status], ...stored, transfer } as unknown as Task;
}

/** Whether anything may still happen to the task. */
export function isOpen(task: Task): task is OpenTask {
  return task.status !== 'completed' && task.status !== 'cancelled';
}

/** Late as of an instant: derived from the deadline and the clock. A task reported in time is not the assignee's lateness. */
export function isOverdue(task: Task, now: IsoInstant): boolean {
  return isOpen(task) && now > task.deadlineAt;
}

export function agencyFieldsOf(task: Task): AgencyFields {
  const { leadAgency, coordinatingAgencies, formerAgencies, transfer, contributions } = task;
  const contributing = contributions.map(({ agency }) => agency);
  return { leadAgency, coordinatingAgencies, formerAgencies, transferTo: transfer?.toAgency ?? null, contributing };
}
