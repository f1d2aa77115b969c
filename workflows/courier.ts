/** One courier a channel and partition of its readers: sleeps until shortly before the ledger's next instant, then lets `deliver` send what is due. */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CourierActivities } from '../activities/interface.ts';
import type { Channel } from '../domain/names.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';
import { COURIER_SIGNAL, deliveryTaskQueue } from './names.ts';

/** Told by `record` that something was planned earlier than the courier knows; one signal for any number of notifications. */
export const planned = defineSignal<[IsoInstant]>(COURIER_SIGNAL);

export interface CourierInput {
  readonly channel: Channel;
  /** Absent in runs of before couriers shared a channel; such a run ends with the next start of a worker. */
  readonly partition?: number;
  /** Absent in runs from before, which set a timer of a millisecond for what is due already. */
  readonly timesOnlyAhead?: true;
}

export async function courier({ channel, partition, timesOnlyAhead }: CourierInput): Promise<void> {
  let next: IsoInstant | null = null;
  let woken = true;
  setHandler(planned, (at) => {
    if (next === null || at < next) woken = true;
  });
  const { deliver } = proxyActivities<CourierActivities>({
    taskQueue: deliveryTaskQueue(channel),
    // An hour of uninterrupted sending is a storm; longer than that and the activity simply starts anew.
    startToCloseTimeout: '1h',
    // A killed courier goes on elsewhere within 15 s: this, the time between two beats, and the first wait.
    heartbeatTimeout: '8s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
  });
  while (!workflowInfo().continueAsNewSuggested) {
    if (!woken) {
      const ms = next === null ? null : epochMs(next) - Date.now();
      if (ms === null) await condition(() => woken);
      else if (ms > 0 || timesOnlyAhead !== true) await condition(() => woken, Math.max(1, ms));
    }
    woken = false;
    next = (await deliver(channel, partition)).next;
  }
  await continueAsNew<typeof courier>({ channel, ...(partition === undefined ? {} : { partition }), timesOnlyAhead: true });
}
