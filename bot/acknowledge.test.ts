/** Proves when Slack is told that something has come. That it is told over a real socket: see test/end-to-end. */
import type { App, ReceiverEvent } from '@slack/bolt';
import { expect, it } from 'vitest';
import { acknowledged, HeardOnceStored } from './acknowledge.ts';

it('tells Slack as soon as an act is stored, once, with what is answered at the form', async () => {
  const log: string[] = [];
  await acknowledged<string>(
    async (response) => void log.push(`ack ${response ?? ''}`),
    () => {},
    async (heard) => {
      log.push('stored');
      await heard('errors');
      log.push('told');
      await heard();
    },
  );
  expect(log).toEqual(['stored', 'ack errors', 'told']);
});

it('tells it at the end of what stored nothing, also of what failed', async () => {
  const log: string[] = [];
  const ack = async () => void log.push('ack');
  await acknowledged(
    ack,
    () => {},
    async () => void log.push('nothing'),
  );
  const failed = acknowledged(
    ack,
    () => {},
    () => Promise.reject(new Error('x')),
  );
  await expect(failed).rejects.toThrow('x');
  expect(log).toEqual(['nothing', 'ack', 'ack']);
});

it('goes on with an act where the socket is gone', async () => {
  const failures: unknown[] = [];
  let isDone = false;
  await acknowledged(
    () => Promise.reject(new Error('closed')),
    (error) => failures.push(error),
    async (heard) => {
      await heard();
      isDone = true;
    },
  );
  expect({ isDone, failures }).toEqual({ isDone: true, failures: [new Error('closed')] });
});

/** What Bolt does with an event: it acknowledges first. */
function receive(listener: (body: object, receiver: HeardOnceStored) => Promise<void>) {
  const receiver = new HeardOnceStored({ appToken: 'xapp-1' }, () => {});
  let process: (event: ReceiverEvent) => Promise<void> = async () => {};
  // The parent keeps what it is to call.
  receiver.init({
    async processEvent({ body, ack }: ReceiverEvent) {
      await ack();
      await listener(body, receiver);
    },
  } as unknown as App);
  process = (event) => (receiver as unknown as { app: App }).app.processEvent(event);
  return process;
}

it('acknowledges an event when its listener has stored it, or has ended, not before', async () => {
  const log: string[] = [];
  const process = receive(async (body, receiver) => {
    log.push('listens');
    if ('stores' in body) await receiver.heardOf(body)();
    log.push('ends');
  });
  const event = (body: object): ReceiverEvent => ({ body: { type: 'event_callback', ...body }, ack: async () => void log.push('ack') });
  await process(event({ event_id: 'Ev1', stores: true }));
  await process(event({ event_id: 'Ev2' }));
  expect(log).toEqual(['listens', 'ack', 'ends', 'listens', 'ends', 'ack']);
});

it('lets an event that is delivered again meanwhile wait for the first, and acknowledges both', async () => {
  const log: string[] = [];
  let end = () => {};
  const ends = new Promise<void>((resolve) => {
    end = resolve;
  });
  const process = receive(async () => {
    log.push('listens');
    await ends;
  });
  const event = (): ReceiverEvent => ({ body: { type: 'event_callback', event_id: 'Ev1' }, ack: async () => void log.push('ack') });
  const both = Promise.all([process(event()), process(event())]);
  end();
  await both;
  expect(log).toEqual(['listens', 'ack', 'ack']);
});

it("leaves a press to its listener, which has Bolt's own way", async () => {
  const log: string[] = [];
  const process = receive(async () => void log.push('listens'));
  await process({ body: { type: 'block_actions' }, ack: async () => void log.push('ack') });
  expect(log).toEqual(['ack', 'listens']);
});
