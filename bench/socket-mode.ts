/** Slack's Socket Mode as far as presses go: envelopes out, acknowledgments in, each with its instant. */
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

/** Where `apps.connections.open` sends a client. */
export const LINK = '/link';
/** Slack's own pings keep a client from taking the link for dead after 30 s. */
const PING_MS = 10_000;

/** An envelope sent to the app; instants are epoch milliseconds with a fraction. */
export interface StubPress {
  readonly id: string;
  readonly channel: string;
  /** Of the message that was pressed on. */
  readonly ts: string;
  readonly at: number;
  /** Null until the app has acknowledged it. */
  ackAt: number | null;
}

const acknowledgment = z.object({ envelope_id: z.string() });
const pressed = z.object({ channel: z.object({ id: z.string() }), message: z.object({ ts: z.string() }) });

export interface SocketMode {
  readonly presses: readonly StubPress[];
  /** @param payload what a press is to Slack. @throws Error when no app is connected */
  press(id: string, payload: unknown): void;
  reset(): void;
  stop(): void;
}

/** @param now epoch milliseconds with a fraction, as everything here is stamped */
export function createSocketMode(server: Server, now: () => number): SocketMode {
  const links = new Set<WebSocket>();
  const presses = new Map<string, StubPress>();
  const sockets = new WebSocketServer({ server, path: LINK });
  sockets.on('connection', (link) => {
    links.add(link);
    link.on('close', () => links.delete(link));
    link.on('message', (data) => {
      const at = now();
      const { envelope_id } = acknowledgment.parse(JSON.parse(String(data)));
      const press = presses.get(envelope_id);
      if (press !== undefined) press.ackAt ??= at;
    });
    link.send('{"type":"hello","num_connections":1}');
  });
  const pings = setInterval(() => {
    for (const link of links) link.ping();
  }, PING_MS);
  return {
    get presses() {
      return [...presses.values()];
    },
    press(id, payload) {
      const [link] = links;
      if (link === undefined) throw new Error('no app is connected in Socket Mode');
      const { channel, message } = pressed.parse(payload);
      const envelope = JSON.stringify({ envelope_id: id, type: 'interactive', accepts_response_payload: false, payload });
      presses.set(id, { id, channel: channel.id, ts: message.ts, at: now(), ackAt: null });
      link.send(envelope);
    },
    reset: () => presses.clear(),
    stop() {
      clearInterval(pings);
      for (const link of links) link.terminate();
      sockets.close();
    },
  };
}
