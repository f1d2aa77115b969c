/** The floor: a loop that knows everything beforehand and remembers nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { remindersOf } from '../reminders.ts';
import { runPeer } from './peer.ts';
import { CONNECTIONS, createSend, RateLimited } from './send.ts';

await runPeer({
  async arm() {
    return { enqueue: async () => {}, close: async () => {} };
  },
  async work(config) {
    const send = createSend(config.slackUrl);
    const waiting = remindersOf(config);
    void (async () => {
      await pause(Math.max(0, (config.dueAt ?? 0) - Date.now()));
      await Promise.all(
        Array.from({ length: CONNECTIONS }, async () => {
          for (let reminder = waiting.shift(); reminder !== undefined; reminder = waiting.shift()) {
            try {
              await send(reminder);
            } catch (error) {
              if (!(error instanceof RateLimited)) throw error;
              waiting.push(reminder);
              await pause(error.retryAfterSeconds * 1_000);
            }
          }
        }),
      );
    })();
    return { close: async () => {} };
  },
  held: async () => [],
});
