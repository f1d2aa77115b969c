/** Posts signed messages to a gateway, and says truly what became of each: the status decides, never the words beside it. */
import { Webhook } from 'standardwebhooks';
import { Pool, request } from 'undici';
import { z } from 'zod';
import type { WebhookAccess } from '../config/env.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';
import type { Payload } from './payload.ts';

export type PostOutcome =
  | { readonly outcome: 'sent'; readonly providerId: string }
  | { readonly outcome: 'transient'; readonly why: string; readonly retryAfterMs: number }
  | { readonly outcome: 'limited'; readonly why: string; readonly retryAfterMs: number; readonly refusesUs?: true }
  | { readonly outcome: 'permanent'; readonly why: string; readonly gone?: true }
  | { readonly outcome: 'ambiguous'; readonly why: string };

/** Whether a gateway has had a message. */
export type Asked =
  | { readonly arrived: true; readonly providerId: string }
  | { readonly arrived: false }
  | { readonly arrived: 'ask_again'; readonly retryAfterMs: number };

const CONNECT_MS = 5_000;
/** For the whole answer: what takes longer is asked about instead. */
const ANSWER_MS = 10_000;
/** An answer is an id or a code. What is longer is not read. */
const ANSWER_BYTES_MAX = 16_384;
const ID_MAX = 200;
/** Where a gateway does not say how long. */
const LIMITED_MS = 60_000;
/** Sooner would be a loop, and longer is not believed: it is asked again then. */
const LIMITED_MS_MIN = 1_000;
const LIMITED_MS_MAX = 3_600_000;
const UNREACHED_RETRY_MS = 2_000;
const ASK_AGAIN_MS = 30_000;
/** The gateway refuses us, not the message: none gets through before an operator acts. */
const CLOSED_RETRY_MS = 30_000;

/** Of us or of the address that we post to: not signed by a known secret, gone (Standard Webhooks: 410 means stop), not there, moved. */
const CLOSED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 401, 403, 405, 410]);
/** The code by which a gateway says that it knows the address no more. */
const GONE_CODE = 'recipient_unknown';
/** Whether a 4xx was acted upon is not said: timed out while it was read, the same id is under way. */
const UNSURE: ReadonlySet<number> = new Set([408, 409]);

/** Before anything was written: no name, no listener, no way, no trust in the certificate. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const answer = z.object({ id: z.string().min(1).max(ID_MAX).optional().catch(undefined), code: z.string().optional().catch(undefined) });
/** What may stand in the ledger of a gateway's answer. */
const CODE = /^[a-z0-9_]{1,60}$/;

export interface WebhookTransport {
  /** Posts once; nothing is repeated by itself, no redirect is followed. */
  post(payload: Payload): Promise<PostOutcome>;
  /** @param statusUrl with `{id}` in it */
  ask(statusUrl: string, id: string): Promise<Asked>;
  close(): Promise<void>;
}

/** @param o.now by which a message is signed: a gateway refuses what is old */
export function createWebhookTransport(
  o: Pick<WebhookAccess, 'url' | 'secret'> & { readonly connections: number; readonly now: () => IsoInstant },
): WebhookTransport {
  const url = new URL(o.url);
  const webhook = new Webhook(o.secret);
  const times = { headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS };
  const pool = new Pool(url.origin, { connections: o.connections, connect: { timeout: CONNECT_MS }, ...times });

  /** Without a body it is the id that is signed. */
  function headersOf(id: string, body: string): Record<string, string> {
    const at = new Date(epochMs(o.now()));
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': webhook.sign(id, at, body),
    };
  }

  return {
    async post(payload) {
      const { id } = payload.data;
      const body = JSON.stringify(payload);
      const headers = { ...headersOf(id, body), 'content-type': 'application/json; charset=utf-8' };
      try {
        const path = `${url.pathname}${url.search}`;
        const given = await pool.request({ path, method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) });
        const said = await read(given.body);
        return outcomeOf(id, { status: given.statusCode, retryAfter: given.headers['retry-after'], ...said }, o.now());
      } catch (error) {
        return failureOf(error);
      }
    },
    async ask(statusUrl, id) {
      try {
        const asked = statusUrl.replace('{id}', encodeURIComponent(id));
        const signal = AbortSignal.timeout(ANSWER_MS);
        const { statusCode, headers, body } = await request(asked, { method: 'GET', headers: headersOf(id, ''), signal, ...times });
        const said = await read(body);
        if (statusCode === 200) return { arrived: true, providerId: said.id ?? id };
        if (statusCode === 404) return { arrived: false };
        return { arrived: 'ask_again', retryAfterMs: Math.max(ASK_AGAIN_MS, waitOf(headers['retry-after'], o.now()) ?? 0) };
      } catch {
        return { arrived: 'ask_again', retryAfterMs: ASK_AGAIN_MS };
      }
    },
    close: () => pool.close(),
  };
}

interface Said {
  readonly id?: string | undefined;
  readonly code?: string | undefined;
}

/** What stands in an answer; nothing where it is none of the contract's, too long, or cut: the status has been said by then. */
async function read(body: AsyncIterable<Buffer>): Promise<Said> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) return {};
      chunks.push(chunk);
    }
    const parsed = answer.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

function outcomeOf(
  id: string,
  { status, retryAfter, ...said }: Said & { readonly status: number; readonly retryAfter: string | string[] | undefined },
  now: IsoInstant,
): PostOutcome {
  const code = said.code !== undefined && CODE.test(said.code) ? said.code : undefined;
  const why = code === undefined ? `HTTP ${status}` : `HTTP ${status} ${code}`;
  if (status >= 200 && status < 300) return { outcome: 'sent', providerId: said.id ?? id };
  if (status === 429) return { outcome: 'limited', why, retryAfterMs: waitOf(retryAfter, now) ?? LIMITED_MS };
  // A 404 that says nothing of the message says that nothing is at the address that we post to.
  if (CLOSED.has(status) || (status === 404 && code === undefined))
    return { outcome: 'limited', why, retryAfterMs: CLOSED_RETRY_MS, refusesUs: true };
  if (status >= 400 && status < 500 && !UNSURE.has(status))
    return { outcome: 'permanent', why, ...(code === GONE_CODE ? { gone: true as const } : {}) };
  return { outcome: 'ambiguous', why };
}

function failureOf(error: unknown): PostOutcome {
  const { code = '', name = '' } = error as { code?: string; name?: string };
  // Without its message: that may quote an address.
  const why = typeof code === 'string' && code !== '' ? code : name;
  if (UNCONNECTED.has(why)) return { outcome: 'transient', why, retryAfterMs: UNREACHED_RETRY_MS };
  return { outcome: 'ambiguous', why };
}

/** RFC 9110 10.2.3: seconds, or a date (`Wed, 21 Oct 2015 07:28:00 GMT`). */
function waitOf(retryAfter: string | string[] | undefined, now: IsoInstant): number | null {
  const given = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  if (given === undefined) return null;
  const date = /^[A-Z][a-z]{2}, .+ GMT$/.test(given) ? Date.parse(given) - epochMs(now) : Number.NaN;
  const ms = /^\d+$/.test(given) ? Number(given) * 1_000 : date;
  return Number.isFinite(ms) ? Math.min(LIMITED_MS_MAX, Math.max(LIMITED_MS_MIN, ms)) : null;
}
