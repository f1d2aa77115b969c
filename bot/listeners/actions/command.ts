/** Presses that are a whole command: one press, one answer. */
import type { App } from '@slack/bolt';
import type { Request } from '../../../domain/command.ts';
import type { Person } from '../../../domain/directory.ts';
import { acknowledged } from '../../acknowledge.ts';
import { ACTION, type ActionId } from '../../blocks/card.ts';
import { type Conversation, forPerson, submit } from '../../conversation.ts';
import { readPress } from '../../read.ts';

const COMMANDS: Partial<Record<ActionId, Request>> = {
  [ACTION.acknowledge]: { type: 'AcknowledgeTask' },
  [ACTION.verify]: { type: 'VerifyTask', note: '' },
  [ACTION.approveTransfer]: { type: 'DecideTransfer', decision: 'approve', toAgency: null, reason: '' },
  [ACTION.acknowledgeContribution]: { type: 'AcknowledgeContribution', contribution: null },
  [ACTION.grantExtension]: { type: 'DecideExtension', decision: 'grant', until: null, reason: '' },
};

export function registerCommands(app: App, conversation: Conversation): void {
  for (const [action, request] of Object.entries(COMMANDS)) {
    app.action(action, ({ ack, body }) =>
      acknowledged(
        () => ack(),
        conversation.onFailure,
        async (heard) => {
          const press = readPress(body);
          if (press === null) return;
          const act = (person: Person) => submit(conversation, press, person, { ...press, request }, { heard });
          await forPerson(conversation, press, press.code, act);
        },
      ),
    );
  }
}
