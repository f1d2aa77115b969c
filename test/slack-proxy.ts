/** A workspace's API with people missing: answers for them as Slack documents it, and passes everything else on to the local Slack. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Methods that name a user, and Slack's answer where there is no such one (method error tables): of a post it does not say what is missing. */
const NAMING: Readonly<Record<string, { readonly argument: string; readonly error: string }>> = {
  'conversations.open': { argument: 'users', error: 'user_not_found' },
  'chat.postMessage': { argument: 'channel', error: 'channel_not_found' },
};

/** From a form, or from JSON: as Slack takes both. */
function argumentOf(name: string, body: string, type = ''): string | null {
  if (!type.startsWith('application/json')) return new URLSearchParams(body).get(name);
  const value = (JSON.parse(body) as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}

/** What is answered to a post, or to the opening of a conversation. */
function conversationIn(answer: string): string {
  const { channel } = JSON.parse(answer) as { channel?: string | { id: string } };
  return typeof channel === 'object' ? channel.id : (channel ?? '');
}

export interface SlackProxy {
  readonly apiUrl: string;
  /** Accounts that the workspace does not have any more. */
  readonly missing: Set<string>;
  /** Slack's error codes, by the method that answers with them. */
  readonly refusing: Map<string, string>;
  /** Where set, the answer to whatever is asked: the whole API is away, or asks for patience. */
  away: { readonly status: number; readonly retryAfterSeconds?: number } | null;
  /** Everything that was asked for, oldest first: the method and its arguments as they came. */
  readonly calls: { readonly method: string; readonly body: string }[];
  close(): Promise<void>;
}

/** @param apiUrl of the local Slack, with a slash at its end */
export async function openSlackProxy(apiUrl: string): Promise<SlackProxy> {
  const missing = new Set<string>();
  /** Of conversations that were opened, with whom: they are gone with the account. */
  const accounts = new Map<string, string>();
  const refusing = new Map<string, string>();
  const calls: { method: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const method = (request.url ?? '').replace(/^\/api\//, '');
    calls.push({ method, body: body.toString() });
    if (proxy.away !== null) {
      const { status, retryAfterSeconds } = proxy.away;
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
      const said = status === 429 ? JSON.stringify({ ok: false, error: 'ratelimited' }) : 'upstream error';
      response.writeHead(status, { 'content-type': status === 429 ? 'application/json' : 'text/plain' }).end(said);
      return;
    }
    const refusal = refusing.get(method);
    if (refusal !== undefined) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: false, error: refusal }));
      return;
    }
    const naming = NAMING[method];
    const named = naming === undefined ? null : argumentOf(naming.argument, body.toString(), request.headers['content-type']);
    if (naming !== undefined && named !== null && missing.has(accounts.get(named) ?? named)) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: false, error: naming.error }));
      return;
    }
    const headers = new Headers();
    for (const name of ['authorization', 'content-type']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(`${apiUrl}${method}`, { method: 'POST', headers, body });
    const answered = await answer.text();
    if (named?.startsWith('U') === true) accounts.set(conversationIn(answered), named);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' }).end(answered);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: SlackProxy = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    missing,
    refusing,
    away: null,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
