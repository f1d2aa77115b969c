/** What the workflows may ask of the world. Workflows import these types only. */

import type { TaskEvent } from '../domain/event.ts';
import type { Channel, TaskCode } from '../domain/names.ts';
import type { Wake } from '../domain/plan.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';

export interface RecordInput {
  readonly code: TaskCode;
  /** New events in order; empty when only the plan is asked for anew. */
  readonly events: readonly TaskEvent[];
  /** The state after the last of them. */
  readonly task: Task;
  readonly now: IsoInstant;
}

export interface RecordResult {
  /** Earliest first; the workflow needs no more than the next ones. */
  readonly wakes: readonly Wake[];
  /**
   * Present where the store is not where the given events begin; nothing was written. It has other events than these, or more:
   * those of a turn that recorded and was cut off before the engine had kept it, from the first of the given ones on. Or none,
   * and what came before them is not what the store has: the engine does not always give a turn the same instant again when it
   * replays it (docs/decisions/0009).
   */
  readonly ahead?: readonly TaskEvent[];
  /** With `ahead`: the state by the record, after those. Absent in answers of earlier versions. */
  readonly stored?: Task;
}

export interface TaskActivities {
  record(input: RecordInput): Promise<RecordResult>;
}

export interface PeriodActivities {
  /** Opens the period of a regular task that now applies; nothing where it is open already, or the task is closed. */
  openPeriod(code: TaskCode): Promise<void>;
}

export interface NoticeActivities {
  /** Plans the digests, weekly words and reports that are near; nothing where they are planned already. */
  planNotices(): Promise<void>;
}

export interface CourierPause {
  /** When the next run is to begin, shortly before the ledger's next instant; null when nothing is planned. */
  readonly next: IsoInstant | null;
}

export interface CourierActivities {
  /** Sends what is due to a channel's readers of one partition, stays while more is due soon, and returns when nothing is. */
  deliver(channel: Channel, partition?: number): Promise<CourierPause>;
}
