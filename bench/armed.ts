import type { Planned } from './told.ts';

/** A process that sends. */
export interface SendingProcess {
  readonly pid: number;
  /** Peak memory of it and of what it started, in MB. */
  peakMemoryMB(): number;
  /** SIGKILL to it alone, by its number. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A system with everything stored and due at one instant, and its worker running. */
export interface Armed {
  /** What storing took. */
  readonly armSeconds: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  readonly reminders: number;
  readonly worker: SendingProcess;
  /** A worker anew, as after a crash. */
  startWorker(): Promise<SendingProcess>;
  /** What was to be told. Asked for again during the storm: what is merged into what may show only then. */
  planned(): Promise<Planned>;
  /** Keys that its store still holds as not done. */
  held(): Promise<readonly string[]>;
}
