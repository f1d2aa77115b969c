/** What a regular task's Schedule starts each morning: it computes nothing, the activity knows calendar and rule. */
import { proxyActivities } from '@temporalio/workflow';
import type { PeriodActivities } from '../activities/interface.ts';
import type { TaskCode } from '../domain/names.ts';

export interface OpenPeriodInput {
  readonly code: TaskCode;
}

export async function openPeriod({ code }: OpenPeriodInput): Promise<void> {
  const activities = proxyActivities<PeriodActivities>({
    startToCloseTimeout: '30s',
    // The next morning's run does what this one could not; longer than that there would be two.
    scheduleToCloseTimeout: '20h',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  });
  await activities.openPeriod(code);
}
