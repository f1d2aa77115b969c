/** How a task ends: products and the evidence that fits them, report, verification, return. Pure. */
import type { Actor, Evidence, Request } from './command.ts';
import type { Facts } from './event.ts';
import type { PartId, ProductKind } from './names.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { OpenTask, Product, Task } from './task.ts';
import type { IsoInstant } from './time.ts';
import { refuseAsAssignee, refuseAsCoordinator, refuseAsLead, refuseWhenReported, speaksAs } from './who.ts';

/** A decree wants number, date and signer; a letter or a plan never stands for it. */
const FITS: Readonly<Record<ProductKind, (evidence: Evidence) => boolean>> = {
  legal_document: (given) => given.type === 'document' && given.kind === 'legal_document',
  report: (given) => (given.type === 'document' && given.kind === 'report') || given.type === 'file' || given.type === 'link',
  plan: (given) => (given.type === 'document' && given.kind === 'plan') || given.type === 'file' || given.type === 'link',
  system: (given) => given.type === 'link',
  figure: (given) => given.type === 'figure',
  other: (given) => !(given.type === 'document' && (given.kind === 'plan' || given.kind === 'letter')),
};

/** Whether a piece of evidence is the product that was asked for, and not something in its place. */
export function fits(product: Product, evidence: Evidence, isOnly: boolean): boolean {
  const isMeant = evidence.product === undefined ? isOnly : evidence.product === product.id;
  return isMeant && FITS[product.kind](evidence);
}

/** Products that are neither given nor waived: what is missing before the task is wholly done. */
export function missingProducts(task: Task, evidence: readonly Evidence[]): Product[] {
  const owed = task.products.filter(({ waived }) => waived === null);
  const given = [...task.attached, ...evidence];
  return owed.filter((product) => !given.some((each) => fits(product, each, owed.length === 1)));
}

/**
 * From which instant on a task lacks evidence, as it stands; null for one that does not. A product is due on its own date, else at
 * the task's deadline, and at the latest when the task is said to be done, wholly or in part: from then on its evidence, or that
 * it is waived, is owed. A task without a list of products owes none beyond what its report must bring; a cancelled one owes nothing.
 */
export function evidenceMissingSince(task: Task): IsoInstant | null {
  if (task.status === 'cancelled') return null;
  const saidDone = 'reportedAt' in task ? { at: task.reportedAt, evidence: task.evidence } : null;
  const owedSince = missingProducts(task, saidDone?.evidence ?? []).map(({ due }) => {
    const { deadlineAt } = due ?? task;
    return saidDone !== null && saidDone.at < deadlineAt ? saidDone.at : deadlineAt;
  });
  return owedSince.sort()[0] ?? null;
}

/** A date is kept up to and including its instant, as for deadlines. The same comparison stands in SQL in `web/queries/standing.ts`. */
export function lacksEvidence(task: Task, at: IsoInstant): boolean {
  const since = evidenceMissingSince(task);
  return since !== null && at > since;
}

export function refuseUnknownProduct(task: OpenTask, evidence: readonly Evidence[]): Refusal | null {
  const unknown = evidence.find(({ product }) => product !== undefined && !task.products.some(({ id }) => id === product));
  return unknown?.product === undefined ? null : refuse('product_unknown', { product: unknown.product });
}

export function decideAttachment(task: OpenTask, actor: Actor, evidence: readonly Evidence[]): Facts[] | Refusal {
  return refuseAsLead(task, actor) ?? refuseUnknownProduct(task, evidence) ?? [{ type: 'ProductAttached', evidence }];
}

export function decideWaiver(task: OpenTask, actor: Actor, { product, reason }: { product: PartId; reason: string }): Facts[] | Refusal {
  const refusal = refuseAsCoordinator(actor);
  if (refusal !== null) return refusal;
  const found = task.products.find(({ id }) => id === product);
  if (found === undefined) return refuse('product_unknown', { product });
  if (found.waived !== null) return refuse('product_waived', { product: found.name, by: found.waived.by });
  return [{ type: 'ProductWaived', product, reason }];
}

export function decideReport(
  task: OpenTask,
  actor: Actor,
  { evidence, partly = false, grade, openParts = [] }: Extract<Request, { type: 'ReportDone' }>,
): Facts[] | Refusal {
  const refusal = refuseAsAssignee(task, actor) ?? refuseUnknownProduct(task, evidence);
  if (refusal !== null) return refusal;
  if (evidence.length === 0 && task.attached.length === 0) return refuse('evidence_missing');
  if (openParts.length > 0) return refuse('parts_open', { codes: openParts.join(', ') });
  const [missing] = missingProducts(task, evidence);
  if (missing !== undefined && !partly) return refuse('evidence_unfit', { product: missing.name, kind: missing.kind });
  const report: Facts = { type: 'DoneReported', evidence: [...task.attached, ...evidence], partly, grade: grade ?? null };
  // Who reports a task done has plainly received it: the record keeps both facts.
  return task.status === 'assigned' ? [{ type: 'TaskAcknowledged' }, report] : [report];
}

/** Whoever reported, and whoever may report, cannot verify: nor can who stands in for them. */
function refuseAsVerifier(task: OpenTask, actor: Actor): Refusal | null {
  if (task.status !== 'reported') return refuse('not_reported', { status: task.status });
  if (speaksAs(actor, task.reportedBy) || speaksAs(actor, task.assignee)) return refuse('verifier_is_reporter');
  return refuseAsCoordinator(actor);
}

export function decideVerification(
  task: OpenTask,
  actor: Actor,
  { note, grade }: Extract<Request, { type: 'VerifyTask' }>,
): Facts[] | Refusal {
  return refuseAsVerifier(task, actor) ?? [{ type: 'TaskVerified', note, grade: grade ?? null }];
}

export function decideReturn(
  task: OpenTask,
  actor: Actor,
  { reason, until }: Extract<Request, { type: 'ReturnTask' }>,
  now: IsoInstant,
): Facts[] | Refusal {
  const refusal = refuseAsVerifier(task, actor);
  if (refusal !== null) return refusal;
  if (until != null && until.deadlineAt <= now) return refuse('date_passed', { date: until.deadline });
  return [{ type: 'TaskReturned', reason, until: until ?? null }];
}

export function decideProgress(
  task: OpenTask,
  actor: Actor,
  { percent, milestone, text, forecast }: Extract<Request, { type: 'ReportProgress' }>,
): Facts[] | Refusal {
  const refusal = refuseAsLead(task, actor);
  if (refusal !== null) return refusal;
  if (percent === null && milestone === null && text === '' && forecast === null) return refuse('progress_empty');
  if (milestone !== null) {
    const found = task.milestones.find(({ id }) => id === milestone);
    if (found === undefined) return refuse('milestone_unknown', { milestone });
    if (found.reachedAt !== null) return refuse('milestone_reached', { milestone: found.name });
  }
  const progress: Facts = { type: 'ProgressReported', percent, milestone, text, forecast };
  // Who tells how far a task is has received it.
  return task.status === 'assigned' && speaksAs(actor, task.assignee) ? [{ type: 'TaskAcknowledged' }, progress] : [progress];
}

export function decideAcknowledgment(task: OpenTask, actor: Actor): Facts[] | Refusal {
  if (!speaksAs(actor, task.assignee)) return refuse('not_the_assignee', { assignee: task.assignee });
  if (task.status === 'acknowledged') return refuse('already_acknowledged', { at: task.acknowledgedAt, by: task.acknowledgedBy });
  return refuseWhenReported(task) ?? [{ type: 'TaskAcknowledged' }];
}
