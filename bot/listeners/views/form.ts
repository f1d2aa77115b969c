/** Forms that were sent: a mistake is shown at its field, everything else is a command. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import { refusalText } from '../../../config/refusal-text.ts';
import { text } from '../../../config/text.ts';
import type { Evidence, Request } from '../../../domain/command.ts';
import type { Person } from '../../../domain/directory.ts';
import { agencyCode, email, GRADES, OBSTACLE_KINDS, type ObstacleKind, partId, RISK_LEVELS } from '../../../domain/names.ts';
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import { type IsoDate, type IsoInstant, isoDate } from '../../../domain/time.ts';
import { acknowledged, type Heard } from '../../acknowledge.ts';
import { VIEW, type ViewId } from '../../blocks/modals.ts';
import { type Conversation, forPerson, submit } from '../../conversation.ts';
import { readSubmission, type Submission } from '../../read.ts';

/** A mistake in a form, and the block that it is shown at. */
interface Mistake {
  readonly block: string;
  readonly refusal: Refusal;
}
type Values = ReadonlyMap<string, string>;
type Read = (values: Values, person: Person, calendar: { readonly deadlineAt: (deadline: IsoDate) => IsoInstant }) => Request | Mistake;

const FORMS: Record<ViewId, Read> = {
  [VIEW.done]: readDone,
  [VIEW.progress]: (values) => {
    const percent = values.get('percent') ?? '';
    if (!/^(\d{1,2}|100)?\s*%?$/.test(percent)) return invalid('percent', '0 – 100');
    return {
      type: 'ReportProgress',
      percent: percent === '' ? null : Number.parseInt(percent, 10),
      milestone: partId.safeParse(values.get('milestone')).data ?? null,
      text: values.get('text') ?? '',
      forecast: isoDate.safeParse(values.get('forecast')).data ?? null,
    };
  },
  [VIEW.question]: (values) => withText(values, (said) => ({ type: 'AskQuestion', text: said })),
  [VIEW.giveContribution]: (values) => withText(values, (said) => ({ type: 'GiveContribution', contribution: null, text: said })),
  [VIEW.reportPeriod]: (values) =>
    withPeriod(values, (period) => {
      const evidence = evidenceIn(values);
      return 'block' in evidence ? evidence : { type: 'ReportPeriod', period, evidence };
    }),
  [VIEW.verifyPeriod]: (values) => withPeriod(values, (period) => ({ type: 'VerifyPeriod', period, note: values.get('text') ?? '' })),
  [VIEW.returnPeriod]: (values) =>
    withPeriod(values, (period) => withReason(values, (reason) => ({ type: 'ReturnPeriod', period, reason }))),
  [VIEW.nudge]: (values) => ({ type: 'NudgeAssignee', text: values.get('text') ?? '' }),
  [VIEW.contribution]: (values, _, { deadlineAt }) => {
    const agency = agencyCode.safeParse(values.get('agency'));
    const deadline = isoDate.safeParse(values.get('deadline'));
    if (!agency.success) return { block: 'agency', refusal: refuse('agency_unknown', { agency: values.get('agency') ?? '' }) };
    if (!deadline.success) return invalid('deadline', 'YYYY-MM-DD');
    const due = { deadline: deadline.data, deadlineAt: deadlineAt(deadline.data) };
    return withText(values, (said) => ({ type: 'RequestContribution', agency: agency.data, text: said, ...due }));
  },
  [VIEW.delayCause]: (values) => withKind(values, (kind) => ({ type: 'GiveDelayCause', kind, text: values.get('text') ?? '' })),
  [VIEW.transfer]: (values) => {
    const toAgency = agencyCode.safeParse(values.get('agency'));
    if (!toAgency.success) return { block: 'agency', refusal: refuse('agency_unknown', { agency: values.get('agency') ?? '' }) };
    return withReason(values, (reason) => ({ type: 'RequestTransfer', toAgency: toAgency.data, reason }));
  },
  [VIEW.return]: (values, _, { deadlineAt }) => {
    const deadline = isoDate.safeParse(values.get('deadline')).data;
    const until = deadline === undefined ? null : { deadline, deadlineAt: deadlineAt(deadline) };
    return withReason(values, (reason) => ({ type: 'ReturnTask', reason, until }));
  },
  [VIEW.refuseTransfer]: (values) =>
    withReason(values, (reason) => ({ type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason })),
  [VIEW.extend]: (values, _, { deadlineAt }) => {
    const deadline = isoDate.safeParse(values.get('deadline'));
    if (!deadline.success) return invalid('deadline', 'YYYY-MM-DD');
    const until = { deadline: deadline.data, deadlineAt: deadlineAt(deadline.data) };
    return withReason(values, (reason) => ({ type: 'RequestExtension', ...until, reason, basis: values.get('basis') ?? '' }));
  },
  [VIEW.giveTime]: (values, _, { deadlineAt }) => {
    const deadline = isoDate.safeParse(values.get('deadline'));
    if (!deadline.success) return invalid('deadline', 'YYYY-MM-DD');
    const until = { deadline: deadline.data, deadlineAt: deadlineAt(deadline.data) };
    return withReason(values, (reason) => ({ type: 'DecideExtension', decision: 'grant', until, reason }));
  },
  [VIEW.refuseExtension]: (values) =>
    withReason(values, (reason) => ({ type: 'DecideExtension', decision: 'refuse', until: null, reason })),
  [VIEW.obstacle]: (values) => withKind(values, (kind) => withText(values, (said) => ({ type: 'ReportObstacle', kind, text: said }))),
  [VIEW.risk]: (values) => {
    const level = RISK_LEVELS.find((each) => each === values.get('level'));
    if (level === undefined) return invalid('level', RISK_LEVELS.join(', '));
    return withReason(values, (reason) => ({ type: 'ReportRisk', level, reason }));
  },
  [VIEW.answerObstacle]: (values) =>
    withText(values, (said) => ({ type: 'AnswerObstacle', obstacle: numberIn(values, 'which'), text: said })),
  [VIEW.answerQuestion]: (values) =>
    withText(values, (said) => ({ type: 'AnswerQuestion', question: numberIn(values, 'which'), text: said })),
  [VIEW.declineTransfer]: (values) => withReason(values, (reason) => ({ type: 'DeclineTransfer', reason })),
  [VIEW.acceptTransfer]: (values, { agency, email: supervisor }) => {
    const assignee = email.safeParse(values.get('assignee'));
    // The choice lists the person's own agency only; the inbox would refuse any other.
    return assignee.success
      ? {
          type: 'AcceptTransfer',
          assignee: assignee.data,
          assigneeAgency: agency,
          supervisor: supervisor === assignee.data ? null : supervisor,
        }
      : { block: 'assignee', refusal: refuse('person_unknown', { email: values.get('assignee') ?? '' }) };
  },
  [VIEW.nameAnother]: (values, { agency, locale }) => {
    const assignee = email.safeParse(values.get('assignee'));
    return assignee.success
      ? { type: 'ReassignTask', agency, assignee: assignee.data, assigneeAgency: agency, reason: text(locale, 'gone.reason_plain') }
      : { block: 'assignee', refusal: refuse('person_unknown', { email: values.get('assignee') ?? '' }) };
  },
};

function readDone(values: Values): Request | Mistake {
  const evidence = evidenceIn(values);
  if ('block' in evidence) return evidence;
  const grade = GRADES.find((each) => each === values.get('grade')) ?? null;
  return { type: 'ReportDone', evidence, partly: values.get('partly') === 'partly', grade };
}

/** What was given as evidence: in words, by a link, by what a document or a figure is known by. */
function evidenceIn(values: Values): Evidence[] | Mistake {
  const given = (block: string) => values.get(block) ?? '';
  const [said, link, number, signer, figure] = [given('evidence'), given('link'), given('number'), given('signer'), given('figure')];
  const date = isoDate.safeParse(given('date'));
  if (link !== '' && !z.url({ protocol: /^https?$/ }).safeParse(link).success) return invalid('link', 'https://…');
  if (number !== '' && !date.success) return invalid('date', 'YYYY-MM-DD');
  if (number !== '' && signer === '') return { block: 'signer', refusal: refuse('reason_missing') };
  const value = Number(figure.replaceAll(/\s/g, '').replace(',', '.'));
  if (figure !== '' && !Number.isFinite(value)) return invalid('figure', '0,0');
  const evidence: Evidence[] = [
    ...(number !== '' && date.success
      ? [{ type: 'document' as const, kind: 'legal_document' as const, number, date: date.data, signer }]
      : []),
    ...(figure === '' ? [] : [{ type: 'figure' as const, value, unit: '' }]),
    ...(said === '' ? [] : [{ type: 'text' as const, text: said }]),
    ...(link === '' ? [] : [{ type: 'link' as const, url: link }]),
  ];
  return evidence.length === 0 ? { block: 'evidence', refusal: refuse('evidence_missing') } : evidence;
}

function invalid(block: string, problem: string): Mistake {
  return { block, refusal: refuse('command_invalid', { place: block, problem }) };
}

function withPeriod(values: Values, request: (period: IsoDate) => Request | Mistake): Request | Mistake {
  const period = isoDate.safeParse(values.get('period'));
  return period.success
    ? request(period.data)
    : { block: 'period', refusal: refuse('period_unknown', { period: values.get('period') ?? '' }) };
}

function withReason(values: Values, request: (reason: string) => Request): Request | Mistake {
  const reason = values.get('reason') ?? '';
  return reason === '' ? { block: 'reason', refusal: refuse('reason_missing') } : request(reason);
}

function withText(values: Values, request: (said: string) => Request): Request | Mistake {
  const said = values.get('text') ?? '';
  return said === '' ? { block: 'text', refusal: refuse('reason_missing') } : request(said);
}

function withKind(values: Values, request: (kind: ObstacleKind) => Request | Mistake): Request | Mistake {
  const kind = OBSTACLE_KINDS.find((each) => each === values.get('kind'));
  return kind === undefined ? { block: 'kind', refusal: refuse('reason_missing') } : request(kind);
}

function numberIn(values: Values, block: string): number | null {
  const number = Number(values.get(block));
  return Number.isInteger(number) && number > 0 ? number : null;
}

export function registerFormSubmissions(app: App, conversation: Conversation): void {
  for (const [callbackId, read] of Object.entries(FORMS)) {
    app.view(callbackId, ({ ack, body }) =>
      acknowledged<Errors>(
        (errors) => (errors === undefined ? ack() : ack(errors)),
        conversation.onFailure,
        (heard) => take(conversation, readSubmission(body), read, heard),
      ),
    );
  }
}

/** An answer at a field keeps the form and what was typed in it. */
interface Errors {
  readonly response_action: 'errors';
  readonly errors: Record<string, string>;
}

async function take(conversation: Conversation, sent: Submission | null, read: Read, heard: Heard<Errors>): Promise<void> {
  if (sent === null) return;
  const [person, deadlineAt] = await Promise.all([
    conversation.personBySlackId(sent.slackUser).catch(() => undefined),
    conversation.deadlines().catch(() => undefined),
  ]);
  const locale = person?.locale ?? 'vi';
  const [firstBlock = 'reason'] = sent.values.keys();
  const refuseAt = (block: string, message: string) => heard({ response_action: 'errors', errors: { [block]: message } });
  if (person === undefined) return refuseAt(firstBlock, text(locale, 'answer.not_in_directory'));
  if (sent.subject === null) return refuseAt(firstBlock, text(locale, 'answer.stale_form'));
  const { code, channel } = sent.subject;
  const notStored = () => refuseAt(firstBlock, text(locale, 'answer.not_stored', { code }));
  if (deadlineAt === undefined) return notStored();
  const request = read(sent.values, person, { deadlineAt });
  if ('block' in request) return refuseAt(request.block, refusalText(locale, request.refusal));
  const place = { channel, slackUser: sent.slackUser };
  const act = { key: sent.key, code, request };
  await forPerson(conversation, place, code, (by) => submit(conversation, place, by, act, { heard: () => heard(), notStored }));
}
