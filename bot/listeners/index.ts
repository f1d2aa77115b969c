import type { App } from '@slack/bolt';
import type { Conversation } from '../conversation.ts';
import { registerCommands } from './actions/command.ts';
import { registerForms } from './actions/form.ts';
import { registerThreadReplies } from './events/thread-reply.ts';
import { registerFormSubmissions } from './views/form.ts';

export function registerListeners(app: App, conversation: Conversation): void {
  registerCommands(app, conversation);
  registerForms(app, conversation);
  registerFormSubmissions(app, conversation);
  registerThreadReplies(app, conversation);
}
