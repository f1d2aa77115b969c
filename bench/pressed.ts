/** What the stub's own log says of presses, held against what a person waits for. Pure. */
import { percentile } from './percentile.ts';
import type { StubReply } from './slack-stub.ts';
import type { StubPress } from './socket-mode.ts';

/** Of one kind of answer, in milliseconds from the press; NaN where there was none. */
export interface Waited {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Pressed {
  readonly presses: number;
  /** Bolt's acknowledgment of the envelope. */
  readonly ack: Waited;
  /** The words that tell the person what became of it. */
  readonly told: Waited;
  /** The card brought up to date. */
  readonly card: Waited;
  /** Lacks its acknowledgment, its words or its card. */
  readonly unanswered: number;
}

/** Each press is the only one in its conversation: what follows it there answers it. */
export function pressedOf(presses: readonly StubPress[], replies: readonly StubReply[]): Pressed {
  const byChannel = Map.groupBy(replies, ({ channel }) => channel);
  const waits = presses.map(({ channel, ts, at, ackAt }) => {
    const after = (byChannel.get(channel) ?? []).filter((reply) => reply.at >= at);
    const since = (moment: number | null | undefined) => (moment == null ? null : moment - at);
    return {
      ack: since(ackAt),
      told: since(after.find(({ what }) => what === 'ephemeral')?.at),
      card: since(after.find((reply) => reply.what === 'update' && reply.ts === ts)?.at),
    };
  });
  const waited = (of: 'ack' | 'told' | 'card'): Waited => {
    const known = waits.flatMap(({ [of]: ms }) => (ms === null ? [] : [ms]));
    return { p50Ms: percentile(known, 0.5), p99Ms: percentile(known, 0.99), maxMs: percentile(known, 1) };
  };
  return {
    presses: presses.length,
    ack: waited('ack'),
    told: waited('told'),
    card: waited('card'),
    unanswered: waits.filter(({ ack, told, card }) => ack === null || told === null || card === null).length,
  };
}
