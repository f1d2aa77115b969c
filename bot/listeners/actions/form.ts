/** Presses that open a form: what is missing for a command is asked for. */
import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { text } from '../../../config/text.ts';
import type { Person } from '../../../domain/directory.ts';
import { mayLeave } from '../../../domain/secrecy.ts';
import type { Task } from '../../../domain/task.ts';
import { ACTION, type ActionId } from '../../blocks/card.ts';
import {
  answerModal,
  assigneeModal,
  causeModal,
  contributionModal,
  detailsModal,
  doneModal,
  extendModal,
  giveTimeModal,
  periodModal,
  progressModal,
  reasonModal,
  riskModal,
  textModal,
  transferModal,
} from '../../blocks/modals.ts';
import { type Conversation, forPerson, tell, viewFor } from '../../conversation.ts';
import { type Press, readPress, writeFormSubject } from '../../read.ts';

type Form = (conversation: Conversation, person: Person, task: Task, metadata: string) => Promise<ModalView | undefined>;

const FORMS: Partial<Record<ActionId, Form>> = {
  [ACTION.done]: async (_, { locale }, task, metadata) => doneModal(locale, metadata, task),
  [ACTION.transfer]: async ({ directory }, { locale }, task, metadata) =>
    transferModal(locale, metadata, task, [...(await directory()).agencies.values()]),
  [ACTION.return]: async (_, { locale }, task, metadata) => reasonModal(locale, 'return', metadata, task),
  [ACTION.extend]: async (_, { locale }, task, metadata) => extendModal(locale, metadata, task),
  [ACTION.giveTime]: async (_, { locale }, task, metadata) => giveTimeModal(locale, metadata, task),
  [ACTION.progress]: async (_, { locale }, task, metadata) => progressModal(locale, metadata, task),
  [ACTION.obstacle]: async (_, { locale }, task, metadata) => causeModal(locale, 'obstacle', metadata, task),
  [ACTION.risk]: async (_, { locale }, task, metadata) => riskModal(locale, metadata, task),
  [ACTION.delayCause]: async (_, { locale }, task, metadata) => causeModal(locale, 'delayCause', metadata, task),
  [ACTION.answerObstacle]: async (_, { locale }, task, metadata) => answerModal(locale, 'answerObstacle', metadata, task),
  [ACTION.question]: async (_, { locale }, task, metadata) => textModal(locale, 'question', metadata, task),
  [ACTION.answerQuestion]: async (_, { locale }, task, metadata) => answerModal(locale, 'answerQuestion', metadata, task),
  [ACTION.contribution]: async ({ directory }, { locale }, task, metadata) =>
    contributionModal(locale, metadata, task, [...(await directory()).agencies.values()]),
  [ACTION.giveContribution]: async (_, { locale }, task, metadata) => textModal(locale, 'giveContribution', metadata, task),
  [ACTION.nudge]: async (_, { locale }, task, metadata) => textModal(locale, 'nudge', metadata, task),
  [ACTION.reportPeriod]: async (_, { locale }, task, metadata) => periodModal(locale, 'reportPeriod', metadata, task),
  [ACTION.verifyPeriod]: async (_, { locale }, task, metadata) => periodModal(locale, 'verifyPeriod', metadata, task),
  [ACTION.returnPeriod]: async (_, { locale }, task, metadata) => periodModal(locale, 'returnPeriod', metadata, task),
  [ACTION.refuseExtension]: async (_, { locale }, task, metadata) => reasonModal(locale, 'refuseExtension', metadata, task),
  [ACTION.refuseTransfer]: async (_, { locale }, task, metadata) => reasonModal(locale, 'refuseTransfer', metadata, task),
  [ACTION.declineTransfer]: async (_, { locale }, task, metadata) => reasonModal(locale, 'declineTransfer', metadata, task),
  [ACTION.acceptTransfer]: async (conversation, person, task, metadata) =>
    assigneeModal(person.locale, 'acceptTransfer', metadata, task, await colleagues(conversation, person)),
  [ACTION.nameAnother]: async (conversation, person, task, metadata) =>
    assigneeModal(person.locale, 'nameAnother', metadata, task, await colleagues(conversation, person)),
  [ACTION.details]: async (conversation, person, task) => {
    const details = await conversation.details(task.code);
    return details === undefined ? undefined : detailsModal(details, await viewFor(conversation, person));
  },
};

export function registerForms(app: App, conversation: Conversation): void {
  for (const action of [...Object.keys(FORMS), ACTION.more]) {
    app.action(action, async ({ ack, body }) => {
      await ack();
      const press = readPress(body);
      const form = press === null ? undefined : FORMS[press.actionId];
      if (press === null || form === undefined) return;
      await forPerson(conversation, press, press.code, (person) => open(conversation, press, person, form));
    });
  }
}

/** Everyone of the person's agency who is there. */
async function colleagues({ directory }: Conversation, { agency }: Person): Promise<Person[]> {
  return [...(await directory()).people.values()].filter(
    (each) => each.agency === agency && each.role !== 'channel' && each.goneAt == null,
  );
}

/** A trigger lives three seconds: everything the form shows is read from the store, nothing from Slack. */
async function open(conversation: Conversation, press: Press, person: Person, form: Form): Promise<void> {
  const task = await conversation.task(press.code);
  // A form shows what is asked and missing; of a restricted task nothing is shown here.
  if (task !== undefined && !mayLeave(task.secrecy, 'slack')) return tell(conversation, press, text(person.locale, 'note.secret'));
  const view = task === undefined ? undefined : await form(conversation, person, task, writeFormSubject(press));
  if (view === undefined) return tell(conversation, press, text(person.locale, 'refusal.task_unknown', { code: press.code }));
  await conversation.client.views.open({ trigger_id: press.triggerId, view });
}
