/** What the notices' Schedule starts each hour: it computes nothing, the activity knows people, calendars and rules. */
import { proxyActivities } from '@temporalio/workflow';
import type { NoticeActivities } from '../activities/interface.ts';

export async function planNotices(): Promise<void> {
  const activities = proxyActivities<NoticeActivities>({
    startToCloseTimeout: '10m',
    // The next hour's run does what this one could not; longer than that there would be two.
    scheduleToCloseTimeout: '50m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  });
  await activities.planNotices();
}
