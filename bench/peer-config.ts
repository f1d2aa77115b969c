/** What the harness tells a peer's process, and the lines in which the process answers on stdout. */

export interface PeerConfig {
  /** Base of Slack's methods, with a slash at the end. */
  readonly slackUrl: string;
  /** A database of the peer's own. */
  readonly databaseUrl: string;
  readonly redisPort: number;
  readonly temporalAddress: string;
  readonly reminders: number;
  readonly people: number;
  /** Everything is due this long after arming begins. */
  readonly dueInMs: number;
  /** The instant that arming gave (epoch milliseconds); null until then. */
  readonly dueAt: number | null;
  /** Whether the receiver enforces Slack's limits, so that what the peer offers for such receivers is switched on. */
  readonly limited: boolean;
  /** Whether the peer's own means against crashed workers are switched on, where they are off by default. */
  readonly heartbeats: boolean;
}

/** `armed`: everything is stored, due at `dueAt` (epoch milliseconds). `ready`: sends what is due. `held`: what the store still has. */
export type PeerLine =
  | { readonly event: 'armed'; readonly seconds: number; readonly dueAt: number }
  | { readonly event: 'ready' }
  | { readonly event: 'held'; readonly keys: readonly string[] };

export type PeerRole = 'arm' | 'work' | 'held';
