/** The bot: Bolt in Socket Mode. */
import { App, LogLevel } from '@slack/bolt';
import { HeardOnceStored } from './acknowledge.ts';
import type { BotDependencies } from './conversation.ts';
import { registerListeners } from './listeners/index.ts';

/** Whoever has pressed waits for it. */
const ANSWER_MS = 10_000;

export interface RunningBot {
  stop(): Promise<void>;
}

export async function startBot(dependencies: BotDependencies): Promise<RunningBot> {
  const { access, onFailure } = dependencies;
  const api = access.apiUrl === undefined ? {} : { slackApiUrl: access.apiUrl };
  // Of its own: a socket is opened again for as long as it takes.
  const socket = { appToken: access.appToken, logLevel: LogLevel.ERROR, installerOptions: { clientOptions: { ...api } } };
  const receiver = new HeardOnceStored(socket, onFailure);
  const app = new App({
    token: access.botToken,
    receiver,
    logLevel: LogLevel.ERROR,
    // An outage of Slack must not keep the process from starting.
    tokenVerificationEnabled: false,
    // The SDK's own retries say things twice where only the answer was lost, and open a form after its trigger has ended.
    clientOptions: { ...api, retryConfig: { retries: 0 }, timeout: ANSWER_MS },
  });
  app.error(async (error) => onFailure(error));
  registerListeners(app, { ...dependencies, client: app.client, heardOf: (body) => receiver.heardOf(body) });
  await app.start();
  return {
    async stop() {
      await app.stop();
      // The first call sends the close frame; the second ends the socket of a peer that does not answer it.
      await app.stop();
    },
  };
}
