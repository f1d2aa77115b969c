/** Names and ids that the workflows, their clients and the workers share. */
import type { Channel, TaskCode } from '../domain/names.ts';

export const TASK_QUEUE = 'tasks';

export function deliveryTaskQueue(channel: Channel): string {
  return `deliver-${channel}`;
}

export function taskWorkflowId(code: TaskCode): string {
  return `task/${code}`;
}

export function courierWorkflowId(channel: Channel): string {
  return `courier/${channel}`;
}

export const COURIER_SIGNAL = 'planned';
export const EXECUTE_UPDATE = 'execute';
export const VIEW_QUERY = 'view';
