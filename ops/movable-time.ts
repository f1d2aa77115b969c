/** The one place that chooses the engine whose time can be moved: for tests and rehearsals. */
import { activityInfo } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { epochMs, type IsoInstant, instantFromEpochMs } from '../domain/time.ts';
import { installQuietRuntime } from '../worker/worker.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/names.ts';
import { findBinary } from './temporal.ts';

/** Of the engine's API for indexed fields: `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPES = { Keyword: 2, Datetime: 6 } as const;

export interface MovableTime {
  readonly environment: TestWorkflowEnvironment;
  /** Ours and the engine's clock in one: inside an activity the engine's, outside what it was when last moved. */
  readonly now: () => IsoInstant;
  /** Lets everything happen that is due until then, at the speed of work. */
  moveTo(at: IsoInstant): Promise<void>;
  close(): Promise<void>;
}

/** An engine that skips the time in which nothing happens. @param from the first instant; must lie ahead of the host's clock */
export async function openMovableTime(from: IsoInstant): Promise<MovableTime> {
  installQuietRuntime();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findBinary('testServer') } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, INDEXED_VALUE_TYPES[type]])),
  });
  let last = instantFromEpochMs(await environment.currentTimeMs());
  const now = (): IsoInstant => {
    try {
      return instantFromEpochMs(activityInfo().currentAttemptScheduledTimestampMs);
    } catch {
      return last;
    }
  };
  const moveTo = async (at: IsoInstant) => {
    await environment.sleep(Math.max(0, epochMs(at) - (await environment.currentTimeMs())));
    last = instantFromEpochMs(await environment.currentTimeMs());
  };
  await moveTo(from);
  return { environment, now, moveTo, close: () => environment.teardown() };
}
