/**
 * `chat.postMessage`, and nothing else: a storm is thousands of it. The SDK's client makes about 3,000 calls a second on one core, this
 * one 12,000 (bench/); everything rarer goes by the SDK.
 */
import { Pool } from 'undici';
import { z } from 'zod';

const SLACK_API = 'https://slack.com/api/';
/** A post whose answer takes longer is asked about instead. */
const ANSWER_MS = 10_000;
const CONNECT_MS = 5_000;

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

/**
 * @returns a function that posts one message, given as JSON, once: nothing is repeated by itself. It throws what the connection met, with
 * undici's or the system's `code`; an answer that is none of Slack's comes back with its status and no error.
 */
export function createSlackPost(access: { readonly botToken: string; readonly apiUrl?: string }): (json: string) => Promise<SlackAnswer> {
  const url = new URL('chat.postMessage', access.apiUrl ?? SLACK_API);
  const pool = new Pool(url.origin, {
    connections: 64,
    connect: { timeout: CONNECT_MS },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  const headers = { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${access.botToken}` };
  return (body) =>
    new Promise((resolve, reject) => {
      let status = 0;
      let retryAfter: string | undefined;
      const chunks: Buffer[] = [];
      pool.dispatch(
        { path: url.pathname, method: 'POST', headers, body },
        {
          onRequestStart() {},
          onResponseStart(_, statusCode, { 'retry-after': given }) {
            status = statusCode;
            retryAfter = typeof given === 'string' ? given : undefined;
          },
          onResponseData(_, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            resolve(answerOf(status, retryAfter, Buffer.concat(chunks).toString()));
          },
          onResponseError(_, error) {
            reject(error);
          },
        },
      );
    });
}

function answerOf(status: number, retryAfter: string | undefined, body: string): SlackAnswer {
  const parsed = answer.safeParse(jsonOf(body));
  const retryAfterSeconds = Number(retryAfter);
  return {
    ...(parsed.success ? parsed.data : { ok: false }),
    status,
    ...(Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {}),
  };
}

/** Null for what is no JSON: an intermediary's own page. */
function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
