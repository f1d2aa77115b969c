/** Names and ids that the workflows, their clients and the workers share. */
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import type { AgencyCode, Channel, Status, TaskCode } from '../domain/names.ts';
import { epochMs, type IsoInstant } from '../domain/time.ts';

export const TASK_QUEUE = 'tasks';

export function deliveryTaskQueue(channel: Channel): string {
  return `deliver-${channel}`;
}

export function taskWorkflowId(code: TaskCode): string {
  return `task/${code}`;
}

/** The Schedule of a regular task, and what the ids of its runs begin with. */
export function periodScheduleId(code: TaskCode): string {
  return `period/${code}`;
}

/** The Schedule that asks what comes by itself, and what the ids of its runs begin with. */
export const NOTICES_SCHEDULE_ID = 'notices';

/** Of a channel: two workers share it, and more would not make it faster than its provider takes. Changed with `notification.partition`. */
export const PARTITIONS = 2;

export function courierWorkflowId(channel: Channel, partition: number): string {
  return `courier/${channel}/${partition}`;
}

/** Of before couriers shared a channel. */
export function formerCourierWorkflowId(channel: Channel): string {
  return `courier/${channel}`;
}

export const COURIER_SIGNAL = 'planned';
export const EXECUTE_UPDATE = 'execute';
export const REPLAN_SIGNAL = 'replan';
export const RENEW_SIGNAL = 'renew';
export const VIEW_QUERY = 'view';

/**
 * Indexed fields by which tasks' workflows are found; registered with the namespace before the first start. The status is told by
 * the details of a workflow, which cost no event; only runs that began before that still index it.
 */
export const SEARCH_ATTRIBUTES = { dondocStatus: 'Keyword', dondocAgency: 'Keyword', dondocDeadline: 'Datetime' } as const;

export function searchAttributes(task: { status?: Status; agency: AgencyCode; deadline: IsoInstant }): SearchAttributePair[] {
  const status = defineSearchAttributeKey('dondocStatus', SearchAttributeType.KEYWORD);
  return [
    ...(task.status === undefined ? [] : [{ key: status, value: task.status }]),
    { key: defineSearchAttributeKey('dondocAgency', SearchAttributeType.KEYWORD), value: task.agency },
    { key: defineSearchAttributeKey('dondocDeadline', SearchAttributeType.DATETIME), value: new Date(epochMs(task.deadline)) },
  ];
}
