import type { App } from '@slack/bolt';
import type { Conversation } from '../conversation.ts';
import { registerCommands } from './actions/command.ts';
import { registerForms } from './actions/form.ts';
import { registerNaming } from './actions/name-another.ts';
import { registerThreadReplies } from './events/thread-reply.ts';
import { registerFormSubmissions } from './views/form.ts';

export function registerListeners(app: App, conversation: Conversation): void {
  registerCommands(app, conversation);
  registerForms(app, conversation);
  registerNaming(app, conversation);
  registerFormSubmissions(app, conversation);
  registerThreadReplies(app, conversation);
}
