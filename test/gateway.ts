/**
 * A gateway as somebody would write one by docs/channels.md, on a free port of loopback: it takes what is signed, and drops what it has had or
 * says whether it has had a message. What else it answers is the test's.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { WebhookAccess } from '../config/env.ts';
import type { Payload } from '../webhook/payload.ts';

/** What a test has the gateway do with a post instead of taking it and saying so. */
export type Conduct =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The line goes dead without an answer; `taken`: after the message was taken. */
  | { readonly cut: 'taken' | 'untaken' };

export interface TakenMessage {
  readonly id: string;
  readonly payload: Payload;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Gateway {
  readonly access: WebhookAccess;
  /** What it took, oldest first; each once where it drops repeats. */
  readonly taken: readonly TakenMessage[];
  /** Every post that was rightly signed, also of what it has had or did not take. */
  readonly posts: readonly TakenMessage[];
  /** How often it was asked about each id. */
  readonly asked: ReadonlyMap<string, number>;
  /** Looked at with each post; null: it is taken. */
  conduct: (post: TakenMessage) => Conduct | null;
  to(address: string): TakenMessage[];
  /** Nobody listens until it is up again, on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** @param o.answersAfterMs how long it takes for a yes */
export async function openGateway(
  o: { statusUrl?: boolean; dropsRepeats?: boolean; perSecond?: number; answersAfterMs?: number } = {},
): Promise<Gateway> {
  const webhook = new Webhook(SECRET);
  const taken: TakenMessage[] = [];
  const posts: TakenMessage[] = [];
  const asked = new Map<string, number>();
  const server = createServer((incoming, response) => {
    void (incoming.method === 'GET' ? tell(incoming, response) : take(incoming, response));
  });

  function headersOf(incoming: IncomingMessage): Record<string, string> {
    return Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  }

  async function tell(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = decodeURIComponent(incoming.url?.split('/').at(-1) ?? '');
    webhook.verify('', headersOf(incoming), { jsonParse: false });
    asked.set(id, (asked.get(id) ?? 0) + 1);
    const known = taken.find((each) => each.id === id);
    response.writeHead(known === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known === undefined ? { code: 'message_unknown' } : { id: `gw-${id}` }));
  }

  async function take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    let payload: Payload;
    try {
      payload = webhook.verify(body, headersOf(incoming)) as Payload;
    } catch {
      response.writeHead(401).end();
      return;
    }
    const post = { id: String(incoming.headers['webhook-id']), payload, at: Date.now() };
    posts.push(post);
    const conduct = gateway.conduct(post);
    const isTaken = conduct === null || ('cut' in conduct && conduct.cut === 'taken');
    // Who does not promise to drop repeats would tell them: so that a test sees it.
    if (isTaken && !(o.dropsRepeats === true && taken.some(({ id }) => id === post.id))) taken.push(post);
    if (conduct === null) {
      setTimeout(
        () => response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id: `gw-${post.id}` })),
        o.answersAfterMs ?? 0,
      );
    } else if ('cut' in conduct) incoming.socket.destroy();
    else response.writeHead(conduct.status, { ...conduct.headers }).end(conduct.body);
  }

  let port = 0;
  async function up(): Promise<void> {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }
  async function down(): Promise<void> {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  await up();
  const base = `http://127.0.0.1:${port}/messages`;
  const gateway: Gateway = {
    access: {
      url: base,
      secret: SECRET,
      perSecond: o.perSecond ?? 1_000,
      statusUrl: o.statusUrl === true ? `${base}/{id}` : null,
      dropsRepeats: o.dropsRepeats === true,
    },
    taken,
    posts,
    asked,
    conduct: () => null,
    to: (address) => taken.filter(({ payload }) => payload.data.address === address),
    down,
    up,
    close: down,
  };
  return gateway;
}
