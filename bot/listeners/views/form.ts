/** Forms that were sent: a mistake is shown at its field, everything else is a command. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import { refusalText } from '../../../config/refusal-text.ts';
import { text } from '../../../config/text.ts';
import type { Request } from '../../../domain/command.ts';
import type { Person } from '../../../domain/directory.ts';
import { agencyCode, email, OBSTACLE_KINDS } from '../../../domain/names.ts';
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import { isoDate } from '../../../domain/time.ts';
import { VIEW, type ViewId } from '../../blocks/modals.ts';
import { type Conversation, forPerson, submit } from '../../conversation.ts';
import { readSubmission, type Submission } from '../../read.ts';

/** A mistake in a form, and the block that it is shown at. */
interface Mistake {
  readonly block: string;
  readonly refusal: Refusal;
}
type Read = (values: ReadonlyMap<string, string>, person: Person, conversation: Pick<Conversation, 'deadlineAt'>) => Request | Mistake;

const FORMS: Record<ViewId, Read> = {
  [VIEW.done]: (values) => {
    const [said, link] = [values.get('evidence') ?? '', values.get('link') ?? ''];
    if (said === '' && link === '') return { block: 'evidence', refusal: refuse('evidence_missing') };
    if (link !== '' && !z.url({ protocol: /^https?$/ }).safeParse(link).success)
      return { block: 'link', refusal: refuse('command_invalid', { place: 'link', problem: 'https://…' }) };
    return {
      type: 'ReportDone',
      evidence: [
        ...(said === '' ? [] : [{ type: 'text' as const, text: said }]),
        ...(link === '' ? [] : [{ type: 'link' as const, url: link }]),
      ],
    };
  },
  [VIEW.transfer]: (values) => {
    const toAgency = agencyCode.safeParse(values.get('agency'));
    if (!toAgency.success) return { block: 'agency', refusal: refuse('agency_unknown', { agency: values.get('agency') ?? '' }) };
    return withReason(values, (reason) => ({ type: 'RequestTransfer', toAgency: toAgency.data, reason }));
  },
  [VIEW.return]: (values) => withReason(values, (reason) => ({ type: 'ReturnTask', reason })),
  [VIEW.refuseTransfer]: (values) =>
    withReason(values, (reason) => ({ type: 'DecideTransfer', decision: 'refuse', toAgency: null, reason })),
  [VIEW.extend]: (values, _, { deadlineAt }) => {
    const deadline = isoDate.safeParse(values.get('deadline'));
    if (!deadline.success) return { block: 'deadline', refusal: refuse('command_invalid', { place: 'deadline', problem: 'YYYY-MM-DD' }) };
    const until = { deadline: deadline.data, deadlineAt: deadlineAt(deadline.data) };
    return withReason(values, (reason) => ({ type: 'RequestExtension', ...until, reason, basis: values.get('basis') ?? '' }));
  },
  [VIEW.refuseExtension]: (values) =>
    withReason(values, (reason) => ({ type: 'DecideExtension', decision: 'refuse', until: null, reason })),
  [VIEW.obstacle]: (values) => {
    const kind = OBSTACLE_KINDS.find((each) => each === values.get('kind'));
    if (kind === undefined) return { block: 'kind', refusal: refuse('reason_missing') };
    const said = values.get('text') ?? '';
    return said === '' ? { block: 'text', refusal: refuse('reason_missing') } : { type: 'ReportObstacle', kind, text: said };
  },
  [VIEW.answerObstacle]: (values) => {
    const said = values.get('text') ?? '';
    const obstacle = Number(values.get('obstacle'));
    if (said === '') return { block: 'text', refusal: refuse('reason_missing') };
    return { type: 'AnswerObstacle', obstacle: Number.isInteger(obstacle) && obstacle > 0 ? obstacle : null, text: said };
  },
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
};

function withReason(values: ReadonlyMap<string, string>, request: (reason: string) => Request): Request | Mistake {
  const reason = values.get('reason') ?? '';
  return reason === '' ? { block: 'reason', refusal: refuse('reason_missing') } : request(reason);
}

export function registerFormSubmissions(app: App, conversation: Conversation): void {
  for (const [callbackId, read] of Object.entries(FORMS)) {
    app.view(callbackId, async ({ ack, body }) => {
      const sent = readSubmission(body);
      if (sent === null) return ack();
      const person = await conversation.personBySlackId(sent.slackUser).catch(() => undefined);
      const locale = person?.locale ?? 'vi';
      const [firstBlock = 'reason'] = sent.values.keys();
      // An answer at a field keeps the form and what was typed in it.
      const refuseAt = (block: string, message: string) => ack({ response_action: 'errors', errors: { [block]: message } });
      if (person === undefined) return refuseAt(firstBlock, text(locale, 'answer.not_in_directory'));
      if (sent.subject === null) return refuseAt(firstBlock, text(locale, 'answer.stale_form'));
      const request = read(sent.values, person, conversation);
      if ('block' in request) return refuseAt(request.block, refusalText(locale, request.refusal));
      await ack();
      await carryOut(conversation, sent, { ...sent.subject, request });
    });
  }
}

function carryOut(
  conversation: Conversation,
  sent: Submission,
  { code, channel, request }: NonNullable<Submission['subject']> & { request: Request },
) {
  const place = { channel, slackUser: sent.slackUser };
  return forPerson(conversation, place, code, (person) => submit(conversation, place, person, { key: sent.key, code, request }));
}
