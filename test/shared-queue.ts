/** A door before the engine that skips time, for workers that a test kills. */
import { once } from 'node:events';
import { connect, constants, createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';
import { freePort } from '../ops/ports.ts';

const { RespondWorkflowTaskCompletedRequest } = temporal.api.workflowservice.v1;
const COMPLETED = '/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted';
/** Of gRPC over HTTP/2: a byte that tells of compression, and the message's length in four. */
const PREFIX_BYTES = 5;

/**
 * A worker that caches asks for a queue of its own with every turn it ends. A real engine gives that queue up ten seconds after
 * the worker's death; the one that skips time waits on it for ever. Behind this door no worker gets one, and nothing else differs.
 * @param target of the engine, HOST:PORT
 */
export async function openSharedQueue(target: string): Promise<{ readonly address: string; close(): Promise<void> }> {
  const engine = connect(`http://${target}`);
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  server.on('stream', (stream, headers) => void forward(stream, headers));

  async function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const request = engine.request(headers);
    stream.on('error', () => request.close());
    request.on('error', () => stream.close());
    request.on('response', (response, flags) => {
      if (stream.destroyed) return;
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) return stream.respond(response, { endStream: true });
      stream.respond(response, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
    let trailers: IncomingHttpHeaders = {};
    request.on('trailers', (given) => {
      trailers = given;
    });
    if (headers[':path'] !== COMPLETED) stream.pipe(request);
    else request.end(withoutOwnQueue(await buffer(stream)));
  }

  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      for (const session of sessions) session.destroy();
      engine.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function withoutOwnQueue(frame: Buffer): Buffer {
  const given = frame.subarray(PREFIX_BYTES);
  const request = RespondWorkflowTaskCompletedRequest.decode(frame[0] === 1 ? gunzipSync(given) : given);
  request.stickyAttributes = null;
  const message = RespondWorkflowTaskCompletedRequest.encode(request).finish();
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
