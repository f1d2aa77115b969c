/** Each kind of event costs what the price list says; not what a life costs (`npm run -s bench:cost`). */
import proto, { type temporal } from '@temporalio/proto';
import { expect, it } from 'vitest';
import { costOf } from './history-cost.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = proto.temporal.api.enums.v1;
const local = (task: number): HistoryEvent => ({
  eventType: EventType.EVENT_TYPE_MARKER_RECORDED,
  markerRecordedEventAttributes: { markerName: 'core_local_activity', workflowTaskCompletedEventId: task as never },
});

it.each<[string, HistoryEvent[], number]>([
  ['a start', [{ eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED }], 1],
  ['a timer and its firing', [{ eventType: EventType.EVENT_TYPE_TIMER_STARTED }, { eventType: EventType.EVENT_TYPE_TIMER_FIRED }], 1],
  ['a signal', [{ eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED }], 1],
  ['an update', [{ eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED }], 1],
  ['a child', [{ eventType: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED }], 2],
  [
    "an activity's third attempt",
    [{ eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED, activityTaskStartedEventAttributes: { attempt: 3 } }],
    3,
  ],
  ['two local activities of one workflow task', [local(4), local(4)], 1],
  ['two of two', [local(4), local(9)], 2],
  ['a workflow task', [{ eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED }], 0],
  [
    'a marker of patching',
    [{ eventType: EventType.EVENT_TYPE_MARKER_RECORDED, markerRecordedEventAttributes: { markerName: 'core_patch' } }],
    0,
  ],
])('%s', (_, history, actions) => {
  expect(costOf(history)).toEqual({ events: history.length, actions });
});
