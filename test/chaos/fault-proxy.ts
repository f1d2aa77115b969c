/**
 * Stands between us and the local Slack, and lets go wrong what the seed says: calls to the API, and what is sent to the bot. A process
 * of its own, so that it can be killed: the local Slack itself would forget every message. Its log on disk goes on where it was cut, so
 * that the n-th call of a method is the n-th of the whole run. Configuration: JSON in DONDOC_CHAOS_PROXY.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EVENT, type Fault, faultOf } from './faults.ts';
import { takeFrames, textOf } from './frames.ts';

export interface FaultProxyOptions {
  readonly seed: string;
  /** How much likelier than usual something goes wrong. */
  readonly times: number;
  readonly port: number;
  /** Of the local Slack, on loopback. */
  readonly target: number;
  readonly logFile: string;
  /** Whether everything goes well from now on. */
  readonly quiet: boolean;
}

interface Logged {
  readonly method: string;
  readonly nth: number;
  readonly fault: Fault | null;
}

/** What is held back goes on after this, also where nothing comes that could overtake it. */
const OVERTAKEN_MS = 1_500;
const SLOW_MS = 400;
const SLOW_PIECES = 4;

/** How often each fault has been injected, by the log; a line that a kill has cut in half counts as none. */
export function readFaultLog(file: string): Logged[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Logged];
      } catch {
        return [];
      }
    });
}

async function serve({ seed, times, port, target, logFile, quiet }: FaultProxyOptions): Promise<void> {
  const counts = new Map<string, number>();
  for (const { method, nth } of readFaultLog(logFile)) counts.set(method, Math.max(counts.get(method) ?? 0, nth + 1));

  function next(method: string): Fault | null {
    const nth = counts.get(method) ?? 0;
    counts.set(method, nth + 1);
    const fault = quiet ? null : faultOf({ seed, method, nth, times });
    appendFileSync(logFile, `${JSON.stringify({ method, nth, fault } satisfies Logged)}\n`);
    return fault;
  }

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    const fault = next(method);
    if (fault === 'rate_limited') return void say(response.setHeader('retry-after', '1'), 429, '{"ok":false,"error":"ratelimited"}');
    if (fault === 'error_before') return void say(response, 500, 'not done');
    if (fault === 'cut_before') return void request.socket.destroy();
    const headers = new Headers();
    for (const name of ['authorization', 'content-type']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(`http://127.0.0.1:${target}${request.url}`, { method: 'POST', headers, body });
    // What Slack says of where its socket is must lead here as well.
    const text = (await answer.text()).replaceAll(`ws://127.0.0.1:${target}/`, `ws://127.0.0.1:${port}/`);
    if (fault === 'error_after') return void say(response, 500, 'done, perhaps');
    if (fault === 'cut_after') return void request.socket.destroy();
    // The client gives up by itself; nothing is ever answered.
    if (fault === 'silence_after') return;
    if (fault === 'slow') return drip(response, text);
    say(response, answer.status, text);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  server.on('upgrade', (request, socket, head) => tunnel(request, socket as Socket, head));
  server.listen(port, '127.0.0.1', () => void process.stdout.write('ready\n'));

  /** The bot's socket: what the bot says passes as it is, what is sent to it message by message. */
  function tunnel(request: IncomingMessage, bot: Socket, head: Buffer): void {
    const slack = connect(target, '127.0.0.1');
    const end = () => {
      bot.destroy();
      slack.destroy();
    };
    for (const socket of [bot, slack]) socket.on('error', end).on('close', end);
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    slack.write(`${lines.join('\r\n')}\r\n\r\n`);
    slack.write(head);
    bot.pipe(slack);

    let bytes: Buffer = Buffer.alloc(0);
    let upgraded = false;
    let held: Buffer[] = [];
    const release = () => {
      for (const frame of held.splice(0)) bot.write(frame);
    };
    slack.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!upgraded) {
        const at = bytes.indexOf('\r\n\r\n');
        if (at === -1) return;
        bot.write(bytes.subarray(0, at + 4));
        bytes = bytes.subarray(at + 4);
        upgraded = true;
      }
      const { frames, rest } = takeFrames(bytes);
      bytes = rest;
      for (const frame of frames) {
        const isEvent = textOf(frame)?.includes('"envelope_id"') === true;
        const fault = isEvent ? next(EVENT) : null;
        if (fault === 'overtaken') {
          held = [...held, frame];
          setTimeout(release, OVERTAKEN_MS);
          continue;
        }
        bot.write(frame);
        if (fault === 'twice') bot.write(frame);
        if (isEvent) release();
      }
    });
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

async function drip(response: ServerResponse, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  const size = Math.ceil(bytes.length / SLOW_PIECES);
  for (let at = 0; at < bytes.length; at += size) {
    response.write(bytes.subarray(at, at + size));
    await pause(SLOW_MS);
  }
  response.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(JSON.parse(process.env.DONDOC_CHAOS_PROXY ?? '') as FaultProxyOptions);
