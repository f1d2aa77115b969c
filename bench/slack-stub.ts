/**
 * Slack's HTTP API as far as a courier uses it, and Socket Mode as far as a press goes, for measuring: as fast as one process can, since it shares the machine's cores with
 * what is measured. It keeps its own log of what it accepted, which is what every figure is taken from.
 *
 * What a message is about is read from the `block_id` of its first block: `<key>:<revision>`, the key up to the first colon. That is
 * where dondoc's cards carry the notification's key, and what the peers do likewise.
 *
 * `node bench/slack-stub.ts [--delay-ms 5] [--limits none|slack] [--port N]` prints one JSON line with its URL when it listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createSocketMode, LINK, type SocketMode } from './socket-mode.ts';

/** One accepted post. */
export interface StubEntry {
  /** When the whole request had been read: epoch milliseconds with a fraction. */
  readonly at: number;
  readonly channel: string;
  readonly key: string;
  readonly ts: string;
}

/** What followed a press: the card brought up to date, or words that only the person sees. */
export interface StubReply {
  readonly at: number;
  readonly what: 'update' | 'ephemeral';
  readonly channel: string;
  /** Of the message that was changed; empty for words. */
  readonly ts: string;
}

export type Limits = 'none' | 'slack';

/** https://docs.slack.dev/apis/web-api/rate-limits: one message a second and channel; a short burst more is not promised. */
const CHANNEL_INTERVAL_MS = 1_000;
const WINDOW_MS = 60_000;
/** Calls a minute and workspace. Posting is "several hundred" there; the others are tier 3, 50 and more. */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'chat.postMessage': 300,
  'chat.update': 50,
  'conversations.open': 50,
  'conversations.history': 50,
};
const HISTORY_LIMIT_MAX = 999;
const HISTORY_LIMIT_DEFAULT = 100;

interface Posted {
  readonly ts: string;
  text: string;
  blocks: unknown[];
}

/**
 * Who may pass, by Slack's published rates, each as a sliding window: so many calls in any minute, and one post in any second of a
 * channel. A call that is refused does not count.
 */
export class RateLimits {
  readonly #calls = new Map<string, number[]>();
  readonly #posts = new Map<string, number>();

  /** @returns whole seconds to wait, or 0 where the call may pass, which then counts */
  secondsToWait(method: string, channel: string, now: number): number {
    const perMinute = PER_MINUTE[method];
    const calls = this.#calls.get(method) ?? [];
    while (calls[0] !== undefined && calls[0] <= now - WINDOW_MS) calls.shift();
    const byMethod = perMinute === undefined || calls.length < perMinute ? 0 : (calls[0] ?? now) + WINDOW_MS - now;
    const posted = method === 'chat.postMessage' ? this.#posts.get(channel) : undefined;
    const byChannel = posted === undefined ? 0 : posted + CHANNEL_INTERVAL_MS - now;
    const wait = Math.max(byMethod, byChannel);
    if (wait > 0) return Math.ceil(wait / 1_000);
    calls.push(now);
    this.#calls.set(method, calls);
    if (method === 'chat.postMessage') this.#posts.set(channel, now);
    return 0;
  }
}

/** The key that a message carries: its first block's id up to the colon; empty where it has none. */
export function keyOf(blocks: readonly unknown[]): string {
  const id = (blocks[0] as { block_id?: unknown } | undefined)?.block_id;
  return typeof id === 'string' ? (id.split(':', 1)[0] ?? '') : '';
}

/** The arguments of a call, from JSON or from a form whose lists are JSON in a field, as Slack takes both. */
export function argumentsOf(contentType: string, body: string): Record<string, unknown> {
  if (contentType.startsWith('application/json')) return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  const fields: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    fields[name] = name === 'blocks' || name === 'attachments' || name === 'metadata' ? JSON.parse(value) : value;
  }
  return fields;
}

function conversationOf(address: string): string {
  return address.replace(/^U/, 'D');
}

/** Everything said and counted, and the answers; no socket and no clock of its own. */
export class SlackState {
  log: StubEntry[] = [];
  replies: StubReply[] = [];
  /** Where Socket Mode listens. */
  socketUrl = '';
  rateLimited = 0;
  #channels = new Map<string, Posted[]>();
  #serial = 0;
  #limits: RateLimits | null;
  readonly #kind: Limits;

  constructor(kind: Limits) {
    this.#kind = kind;
    this.#limits = kind === 'slack' ? new RateLimits() : null;
  }

  reset(): void {
    this.log = [];
    this.replies = [];
    this.rateLimited = 0;
    this.#channels = new Map();
    this.#limits = this.#kind === 'slack' ? new RateLimits() : null;
  }

  /**
   * @param now epoch milliseconds, when the whole request was there
   * @returns the body, and the seconds of `Retry-After` where the answer is 429
   */
  answer(method: string, args: Record<string, unknown>, now: number): { body: string; retryAfter: number } {
    const channel = typeof args.channel === 'string' ? args.channel : '';
    const retryAfter = this.#limits?.secondsToWait(method, channel, now) ?? 0;
    if (retryAfter > 0) {
      this.rateLimited += 1;
      return { body: '{"ok":false,"error":"ratelimited"}', retryAfter };
    }
    return { body: this.#carryOut(method, channel, args, now), retryAfter: 0 };
  }

  #carryOut(method: string, channel: string, args: Record<string, unknown>, now: number): string {
    // By an account, into the conversation with it.
    if (method === 'chat.postMessage') return this.#post(conversationOf(channel), args, now);
    if (method === 'chat.update') return this.#update(channel, args, now);
    if (method === 'chat.postEphemeral') return this.#say(channel, now);
    if (method === 'apps.connections.open') return JSON.stringify({ ok: true, url: this.socketUrl });
    if (method === 'conversations.open') return `{"ok":true,"channel":{"id":"${conversationOf(String(args.users))}"}}`;
    if (method === 'conversations.history') return this.#history(channel, args);
    if (method === 'auth.test')
      return '{"ok":true,"url":"https://bench.example/","team":"Bench","user":"dondoc","team_id":"T0BENCH","user_id":"U0BOT","bot_id":"B0BOT"}';
    return '{"ok":false,"error":"unknown_method"}';
  }

  #post(channel: string, args: Record<string, unknown>, now: number): string {
    if (channel === '') return '{"ok":false,"error":"channel_not_found"}';
    const blocks = Array.isArray(args.blocks) ? args.blocks : [];
    if (blocks.length === 0 && typeof args.text !== 'string') return '{"ok":false,"error":"no_text"}';
    this.#serial = (this.#serial + 1) % 1_000;
    // Unique in its channel and in the order of the posts: microseconds, of which the last three digits count on.
    const ts = `${(Math.floor(now) / 1_000).toFixed(3)}${String(this.#serial).padStart(3, '0')}`;
    const posted = this.#channels.get(channel);
    const message: Posted = { ts, text: String(args.text ?? ''), blocks };
    if (posted === undefined) this.#channels.set(channel, [message]);
    else posted.push(message);
    this.log.push({ at: now, channel, key: keyOf(blocks), ts });
    return `{"ok":true,"channel":"${channel}","ts":"${ts}","message":{"type":"message","ts":"${ts}"}}`;
  }

  #update(channel: string, args: Record<string, unknown>, now: number): string {
    const message = this.#channels.get(channel)?.find(({ ts }) => ts === args.ts);
    if (message === undefined) return '{"ok":false,"error":"message_not_found"}';
    message.text = String(args.text ?? '');
    message.blocks = Array.isArray(args.blocks) ? args.blocks : [];
    this.replies.push({ at: now, what: 'update', channel, ts: message.ts });
    return JSON.stringify({ ok: true, channel, ts: message.ts, text: message.text });
  }

  #say(channel: string, now: number): string {
    if (channel === '') return '{"ok":false,"error":"channel_not_found"}';
    this.replies.push({ at: now, what: 'ephemeral', channel, ts: '' });
    return `{"ok":true,"message_ts":"${(now / 1_000).toFixed(6)}"}`;
  }

  #history(channel: string, args: Record<string, unknown>): string {
    const oldest = Number(args.oldest ?? 0);
    const limit = Math.min(HISTORY_LIMIT_MAX, Number(args.limit ?? HISTORY_LIMIT_DEFAULT));
    const before = typeof args.cursor === 'string' ? Number(args.cursor) : Number.POSITIVE_INFINITY;
    const after = (this.#channels.get(channel) ?? []).filter(
      ({ ts }) => Number(ts) < before && (Number(ts) > oldest || (args.inclusive && Number(ts) === oldest)),
    );
    const messages = after
      .slice(-limit)
      .reverse()
      .map((message) => ({ type: 'message', user: 'U0BOT', bot_id: 'B0BOT', ...message }));
    const isMore = after.length > messages.length;
    return JSON.stringify({
      ok: true,
      messages,
      has_more: isMore,
      response_metadata: { next_cursor: isMore ? messages.at(-1)?.ts : '' },
    });
  }
}

/** @returns where it listens (the base that a client's `slackApiUrl` takes), and how to end it */
export async function startSlackStub(o: {
  delayMs: number;
  limits: Limits;
  port?: number;
}): Promise<{ url: string; state: SlackState; stop(): Promise<void> }> {
  const state = new SlackState(o.limits);
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => serve({ state, sockets, delayMs: o.delayMs }, request, response, chunks));
  });
  const sockets = createSocketMode(server, instant);
  await new Promise<void>((resolve) => server.listen(o.port ?? 0, '127.0.0.1', 1_024, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stub has no port');
  state.socketUrl = `ws://127.0.0.1:${address.port}${LINK}`;
  return {
    url: `http://127.0.0.1:${address.port}/api/`,
    state,
    stop: () =>
      new Promise((resolve) => {
        sockets.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Stub {
  readonly state: SlackState;
  readonly sockets: SocketMode;
  readonly delayMs: number;
}

/** Epoch milliseconds with a fraction. */
function instant(): number {
  return performance.timeOrigin + performance.now();
}

function serve(stub: Stub, request: IncomingMessage, response: ServerResponse, chunks: Buffer[]): void {
  const now = instant();
  const { state, delayMs } = stub;
  const path = request.url ?? '/';
  const [first] = chunks;
  const body = chunks.length === 1 && first !== undefined ? first.toString() : Buffer.concat(chunks).toString();
  if (path.startsWith('/_')) {
    const said = control(stub, path, body);
    response.writeHead(said === null ? 404 : 200, { 'content-type': 'application/json' }).end(said ?? '');
    return;
  }
  const method = path.slice(path.lastIndexOf('/') + 1);
  const answer = state.answer(method, argumentsOf(request.headers['content-type'] ?? '', body), now);
  const headers: Record<string, string | number> = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer.body) };
  if (answer.retryAfter > 0) headers['retry-after'] = answer.retryAfter;
  const reply = () => response.writeHead(answer.retryAfter > 0 ? 429 : 200, headers).end(answer.body);
  if (delayMs > 0) setTimeout(reply, delayMs);
  else reply();
}

const pressing = z.object({ id: z.string(), payload: z.unknown() });
const lines = (entries: readonly object[]) => entries.map((entry) => JSON.stringify(entry)).join('\n');

/**
 * `/_log`: what was accepted, a line each; `/_count`: how many, and how many were refused; `/_press`: sends an app what a person pressed;
 * `/_presses`: what was pressed, `/_replies`: what followed, a line each; `/_reset`: as new. Null for another path.
 */
function control({ state, sockets }: Stub, path: string, body: string): string | null {
  if (path === '/_log') return lines(state.log);
  if (path === '/_count') return JSON.stringify({ accepted: state.log.length, rateLimited: state.rateLimited });
  if (path === '/_presses') return lines(sockets.presses);
  if (path === '/_replies') return lines(state.replies);
  if (path === '/_press') {
    const { id, payload } = pressing.parse(JSON.parse(body));
    sockets.press(id, payload);
    return '{}';
  }
  if (path === '/_reset') {
    state.reset();
    sockets.reset();
    return '{}';
  }
  return null;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { 'delay-ms': { type: 'string', default: '5' }, limits: { type: 'string', default: 'none' }, port: { type: 'string' } },
  });
  const limits = values.limits;
  if (limits !== 'none' && limits !== 'slack') throw new Error(`--limits is none or slack, not ${limits}`);
  const { url, stop } = await startSlackStub({
    delayMs: Number(values['delay-ms']),
    limits,
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
  });
  process.on('SIGTERM', () => void stop());
  process.stdout.write(`${JSON.stringify({ event: 'ready', url })}\n`);
}
