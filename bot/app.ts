/** The bot: Bolt in Socket Mode. */
import { App, LogLevel } from '@slack/bolt';
import type { BotDependencies } from './conversation.ts';
import { registerListeners } from './listeners/index.ts';

export interface RunningBot {
  stop(): Promise<void>;
}

export async function startBot(dependencies: BotDependencies): Promise<RunningBot> {
  const { access, onFailure } = dependencies;
  const app = new App({
    token: access.botToken,
    appToken: access.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    // An outage of Slack must not keep the process from starting.
    tokenVerificationEnabled: false,
    ...(access.apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: access.apiUrl } }),
  });
  app.error(async (error) => onFailure(error));
  registerListeners(app, { ...dependencies, client: app.client });
  await app.start();
  return {
    async stop() {
      await app.stop();
      // The first call sends the close frame; the second ends the socket of a peer that does not answer it.
      await app.stop();
    },
  };
}
