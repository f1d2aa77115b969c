/** Presses that are a whole command: one press, one answer. */
import type { App } from '@slack/bolt';
import type { Request } from '../../../domain/command.ts';
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
    app.action(action, async ({ ack, body }) => {
      await ack();
      const press = readPress(body);
      if (press === null) return;
      await forPerson(conversation, press, press.code, (person) => submit(conversation, press, person, { ...press, request }));
    });
  }
}
