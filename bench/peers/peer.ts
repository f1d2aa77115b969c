/** A peer's process: `node PEER.ts arm|work|held CONFIG`, with CONFIG as JSON. */
import type { PeerConfig, PeerLine, PeerRole } from '../peer-config.ts';
import { type Reminder, remindersOf } from '../reminders.ts';

export interface Peer {
  /** Connects, makes tables and queues; then `enqueue` stores everything, which alone is timed. */
  arm(config: PeerConfig): Promise<{ enqueue(reminders: readonly Reminder[], dueAt: Date): Promise<void>; close(): Promise<void> }>;
  /** Starts to send what is due; resolves once it does. */
  work(config: PeerConfig): Promise<{ close(): Promise<void> }>;
  /** Keys of what is stored and not done. */
  held(config: PeerConfig): Promise<string[]>;
}

function say(line: PeerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export async function runPeer(peer: Peer): Promise<void> {
  const role = process.argv[2] as PeerRole;
  const config = JSON.parse(process.argv[3] ?? '') as PeerConfig;
  if (role === 'arm') {
    const { enqueue, close } = await peer.arm(config);
    const began = performance.now();
    const dueAt = Date.now() + config.dueInMs;
    await enqueue(remindersOf(config), new Date(dueAt));
    say({ event: 'armed', seconds: (performance.now() - began) / 1_000, dueAt });
    await close();
    process.exit(0);
  }
  if (role === 'held') {
    say({ event: 'held', keys: await peer.held(config) });
    process.exit(0);
  }
  // A worker stays: what holds its own connections loosely must not end before it was measured.
  setInterval(() => {}, 60_000);
  const { close } = await peer.work(config);
  process.once('SIGTERM', async () => {
    await close();
    process.exit(0);
  });
  say({ event: 'ready' });
}
