/** What a reader of a card or a mail must know of a task beyond its facts, one sentence each. Pure. */
import { missingProducts } from '../domain/completion.ts';
import type { AgencyCode, Email, Locale } from '../domain/names.ts';
import { reportable, unverified } from '../domain/period.ts';
import type { Assessment } from '../domain/risk.ts';
import { isOpen, isOverdue, type OpenTask, type Period, type Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import { evidenceText } from './evidence-text.ts';
import { riskText } from './risk-text.ts';
import { formatDate, text } from './text.ts';

export interface NotesView {
  readonly locale: Locale;
  readonly now: IsoInstant;
  readonly agencyName: (code: AgencyCode) => string;
  readonly personName: (address: Email) => string;
  /** As computed when the message is made; absent where nothing can be said. */
  readonly risk?: Assessment | null;
}

/** Why it came back, what a colleague has asked, what is missing, how it ended: the most pressing first. */
export function notesOf(task: Task, view: NotesView): string[] {
  return [...(isOpen(task) ? openNotes(task, view) : []), ...endNotes(task, view)];
}

function openNotes(task: OpenTask, view: NotesView): string[] {
  return [
    ...riskNotes(task, view),
    ...periodNotes(task, view),
    ...workNotes(task, view),
    ...approvalNotes(task, view),
    ...helpNotes(task, view),
  ];
}

/** A high risk, and what a person has said of it; a task that is late or reported is not at risk. */
function riskNotes(task: OpenTask, { locale, personName, now, risk = null }: NotesView): string[] {
  if (task.status === 'reported' || isOverdue(task, now)) return [];
  const reported = task.risk;
  return [
    ...(risk?.level === 'high' ? [riskText(locale, risk)] : []),
    ...(reported === null || reported.level === 'low'
      ? []
      : [
          text(locale, 'risk.reported', {
            level: text(locale, `risk.level.${reported.level}`),
            by: personName(reported.by),
            reason: reported.text,
          }),
        ]),
  ];
}

/** The period that presses, what came back of it, and what waits to be verified. */
function periodNotes(task: OpenTask, { locale, personName, now }: NotesView): string[] {
  const dates = ({ period, deadline }: Period) => ({ period: formatDate(locale, period), deadline: formatDate(locale, deadline) });
  return [
    ...reportable(task).flatMap((each) => [
      ...(each.returnedBecause === null
        ? []
        : [text(locale, 'note.period_returned', { period: formatDate(locale, each.period), reason: each.returnedBecause })]),
      each.status === 'missed'
        ? text(locale, 'note.period_missed', { period: formatDate(locale, each.period) })
        : text(locale, now > each.deadlineAt ? 'note.period_late' : 'note.period_open', dates(each)),
    ]),
    ...unverified(task).map(({ period, report }) =>
      text(locale, 'note.period_reported', {
        period: formatDate(locale, period),
        by: report === null ? '' : personName(report.by),
        evidence: report === null ? '' : report.evidence.map((item) => evidenceText(locale, item)).join('; '),
      }),
    ),
  ];
}

function workNotes(task: OpenTask, { locale, personName, now }: NotesView): string[] {
  const said: string[] = [];
  const { progress, nudge, rework } = task;
  if (task.returnedBecause !== null && task.status === 'acknowledged')
    said.push(text(locale, 'note.returned', { reason: task.returnedBecause }));
  if (rework !== null) said.push(text(locale, 'note.rework', { date: formatDate(locale, rework.deadline) }));
  if (nudge !== null && nudge.seq > task.activity.seq)
    said.push(nudge.text === '' ? text(locale, 'note.nudge_plain') : text(locale, 'note.nudge', { text: nudge.text }));
  if (progress !== null) {
    const done = [progress.percent === null ? '' : `${progress.percent} %`, progress.text].filter((each) => each !== '').join(' · ');
    if (done !== '') said.push(text(locale, 'note.progress', { by: personName(progress.by), text: done }));
  }
  const forecast = progress?.forecast ?? null;
  if (forecast !== null || task.deadline !== task.originalDeadline) {
    const dates = { deadline: formatDate(locale, task.deadline), original: formatDate(locale, task.originalDeadline) };
    said.push(text(locale, 'note.forecast', { ...dates, date: forecast === null ? '–' : formatDate(locale, forecast) }));
  }
  const [milestone] = task.milestones
    .filter(({ reachedAt }) => reachedAt === null)
    .toSorted((a, b) => (a.due.deadlineAt < b.due.deadlineAt ? -1 : 1));
  if (milestone !== undefined)
    said.push(text(locale, 'note.milestone', { name: milestone.name, date: formatDate(locale, milestone.due.deadline) }));
  const missing = task.status === 'reported' ? [] : missingProducts(task, []);
  if (missing.length > 0) {
    const names = missing.map(({ name, kind }) => `${name} (${text(locale, `product_kind.${kind}`)})`).join('; ');
    said.push(text(locale, 'note.products', { names }));
  }
  if (task.delayCause !== null) {
    const { by, kind, text: why } = task.delayCause;
    const cause = { by: personName(by), kind: text(locale, `obstacle.${kind}`), text: why === '' ? 'none' : why };
    said.push(text(locale, 'note.delay_cause', cause));
  } else if (isOverdue(task, now) && task.status !== 'reported') said.push(text(locale, 'note.delay_cause_wanted'));
  return said;
}

function approvalNotes(task: OpenTask, { locale, personName, agencyName }: NotesView): string[] {
  const said: string[] = [];
  const { transfer, transferRefusal, extension, extensionAnswer } = task;
  if (transferRefusal !== null)
    said.push(
      transferRefusal.reason === ''
        ? text(locale, 'note.transfer_refused_tacitly')
        : text(locale, 'note.transfer_refused', { reason: transferRefusal.reason }),
    );
  if (transfer !== null) {
    const about = { by: personName(transfer.requestedBy), agency: agencyName(transfer.toAgency), reason: transfer.reason };
    said.push(text(locale, transfer.approved === null ? 'note.transfer_requested' : 'note.transfer_approved', about));
  }
  if (extension !== null) {
    const { requestedBy, deadline, reason, basis } = extension;
    const why = basis === '' ? reason : `${reason} (${basis})`;
    said.push(text(locale, 'note.extension', { by: personName(requestedBy), date: formatDate(locale, deadline), reason: why }));
  }
  if (task.extensionQuestion?.open === true)
    said.push(text(locale, 'note.extension_question', { step: task.extensionQuestion.step, policy: task.policy.name }));
  if (extensionAnswer?.granted === false)
    said.push(
      extensionAnswer.text === ''
        ? text(locale, 'note.extension_refused_tacitly')
        : text(locale, 'note.extension_refused', { reason: extensionAnswer.text }),
    );
  return said;
}

function helpNotes(task: OpenTask, { locale, personName, agencyName }: NotesView): string[] {
  const { obstacles, obstacleAnswer, questions, questionAnswer, contributions, contributionGiven } = task;
  const given = contributionGiven === null ? null : { agency: agencyName(contributionGiven.agency), text: contributionGiven.text };
  return [
    ...obstacles.map(({ kind, by, text: what }) =>
      text(locale, 'note.obstacle', { kind: text(locale, `obstacle.${kind}`), by: personName(by), text: what }),
    ),
    ...(obstacleAnswer === null ? [] : [text(locale, 'note.obstacle_answered', { text: obstacleAnswer.text })]),
    ...questions.map(({ by, text: what }) => text(locale, 'note.question', { by: personName(by), text: what })),
    ...(questionAnswer === null ? [] : [text(locale, 'note.question_answered', { text: questionAnswer.text })]),
    ...contributions.map(({ agency, deadline, text: what }) =>
      text(locale, 'note.contribution', { agency: agencyName(agency), date: formatDate(locale, deadline), text: what }),
    ),
    ...(given === null ? [] : [text(locale, 'note.contribution_given', given)]),
  ];
}

function endNotes(task: Task, { locale, personName }: NotesView): string[] {
  if (task.status === 'reported') {
    return [
      text(locale, 'note.reported', { by: personName(task.reportedBy), evidence: evidenceOf(task, locale) }),
      ...(task.partly ? [text(locale, 'note.partly')] : []),
      ...(task.selfGrade === null ? [] : [text(locale, 'note.self_grade', { grade: text(locale, `grade.${task.selfGrade}`) })]),
    ];
  }
  if (isOpen(task)) return [];
  return [
    ...(task.status === 'completed' ? [text(locale, 'note.completed', { by: personName(task.verifiedBy) })] : []),
    ...(task.ending === 'implemented' ? [] : [text(locale, 'note.ending', { ending: text(locale, `ending.${task.ending}`) })]),
    ...(task.status === 'completed' && task.grade !== null
      ? [text(locale, 'note.grade', { grade: text(locale, `grade.${task.grade}`) })]
      : []),
  ];
}

/** All evidence of a report in one line. */
export function evidenceOf(task: Extract<Task, { status: 'reported' | 'completed' }>, locale: Locale): string {
  return task.evidence.map((item) => evidenceText(locale, item)).join('; ');
}
