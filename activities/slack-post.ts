/**
 * `chat.postMessage`, and what makes it quick: a storm is thousands of it. The SDK's client makes about 3,000 calls a second on one core, this
 * one 12,000 (bench/); everything rarer goes by the SDK.
 */
import { Pool } from 'undici';
import { z } from 'zod';

const SLACK_API = 'https://slack.com/api/';
/** A post whose answer takes longer is asked about instead. */
const ANSWER_MS = 10_000;
const CONNECT_MS = 5_000;
/** A storm of 6,000 on two cores: the last after 0.75 to 0.97 s; with half as many after 0.91 to 1.14 s. */
const CONNECTIONS = 128;
/** Of 1,500 messages of a process that has sent nothing yet the last goes out after 0.26 s; with one call for each connection after 0.47 s. */
const WARM_CALLS_MAX = 1_024;

/** Slack's answer as far as it matters; `retryAfterSeconds` of a 429. */
export interface SlackAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly error?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

const answer = z.object({ ok: z.boolean(), channel: z.string().optional(), ts: z.string().optional(), error: z.string().optional() });

export interface SlackPost {
  /**
   * Posts one message, given as JSON, once: nothing is repeated by itself. It throws what the connection met, with undici's or the
   * system's `code`; an answer that is none of Slack's comes back with its status and no error.
   */
  post(json: string): Promise<SlackAnswer>;
  /**
   * Goes the way of a storm's messages by a call that does nothing (`api.test`), as often as there are messages, up to a point: nobody waits
   * in it for a connection, nor for code that has not run yet. Whatever comes back.
   */
  warmUp(messages: number): Promise<void>;
}

export function createSlackPost(access: { readonly botToken: string; readonly apiUrl?: string }): SlackPost {
  const url = new URL('chat.postMessage', access.apiUrl ?? SLACK_API);
  const test = new URL('api.test', access.apiUrl ?? SLACK_API);
  const pool = new Pool(url.origin, {
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_MS },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  const headers = { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${access.botToken}` };

  async function call(path: string, body: string): Promise<SlackAnswer> {
    const { statusCode: status, headers: given, body: text } = await pool.request({ path, method: 'POST', headers, body });
    const read = await text.json().catch(() => null);
    const parsed = answer.safeParse(read);
    const retryAfterSeconds = Number(given['retry-after']);
    return {
      ...(parsed.success ? parsed.data : { ok: false }),
      status,
      ...(Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {}),
    };
  }

  let warming: Promise<unknown> | undefined;
  return {
    post: (body) => call(url.pathname, body),
    async warmUp(messages) {
      // The couriers of a channel ask at the same time.
      warming ??= Promise.allSettled(Array.from({ length: Math.min(messages, WARM_CALLS_MAX) }, () => call(test.pathname, '{}'))).finally(
        () => {
          warming = undefined;
        },
      );
      await warming;
    },
  };
}
