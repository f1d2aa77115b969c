/** What a workflow's history cost the engine. Pure. */
import proto, { type temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = proto.temporal.api.enums.v1;
/** The marker in which the SDK's core keeps a local activity's result. */
const LOCAL_ACTIVITY = 'core_local_activity';

export interface HistoryCost {
  readonly events: number;
  /** Billable actions. */
  readonly actions: number;
}

/**
 * Actions as Temporal Cloud bills them (https://docs.temporal.io/cloud/pricing, "Actions"): a start, a continue-as-new, a timer, an
 * attempt of an activity, a signal, an update, a search attribute's upsert are one each, a child two, the local activities of one
 * workflow task one together. A query, a rejected update and a heartbeat leave nothing in the history and are not seen here.
 */
export function costOf(history: readonly HistoryEvent[]): HistoryCost {
  const withLocalActivities = new Set<string>();
  let actions = 0;
  for (const { eventType, activityTaskStartedEventAttributes, markerRecordedEventAttributes } of history) {
    switch (eventType) {
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
      case EventType.EVENT_TYPE_TIMER_STARTED:
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
      case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
      case EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
        actions += 1;
        break;
      case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
        actions += 2;
        break;
      case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
        // The history keeps the last attempt only, with its number.
        actions += activityTaskStartedEventAttributes?.attempt ?? 1;
        break;
      case EventType.EVENT_TYPE_MARKER_RECORDED:
        if (markerRecordedEventAttributes?.markerName === LOCAL_ACTIVITY) {
          withLocalActivities.add(String(markerRecordedEventAttributes.workflowTaskCompletedEventId));
        }
        break;
    }
  }
  return { events: history.length, actions: actions + withLocalActivities.size };
}

/** Whether the workflow has done what there was to do and waits: for a timer, a signal, an update. */
export function isAtRest(history: readonly HistoryEvent[]): boolean {
  const last = history.at(-1)?.eventType;
  return last === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED || last === EventType.EVENT_TYPE_TIMER_STARTED;
}
