/** The workflow of the usual sample: sleep until it is due, then one activity that sends. */
import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Reminder } from '../reminders.ts';

export interface ReminderActivities {
  post(reminder: Reminder): Promise<void>;
}

// As in the samples' README and hello-world: one minute, and the default retries without end.
const { post } = proxyActivities<ReminderActivities>({ startToCloseTimeout: '1 minute' });

export async function remind(reminder: Reminder, dueAt: number): Promise<void> {
  await sleep(Math.max(1, dueAt - Date.now()));
  await post(reminder);
}
