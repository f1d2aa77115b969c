/** A worker in a process of its own, for tests that kill it: the connections come as JSON in DONDOC_TEST_CONNECTIONS. */
import { activityInfo } from '@temporalio/activity';
import { type Connections, startSystem } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import { type IsoInstant, instantFromEpochMs } from '../domain/time.ts';

const { connections, startsAt, years } = JSON.parse(process.env.DONDOC_TEST_CONNECTIONS ?? '') as {
  connections: Connections;
  startsAt: IsoInstant;
  years: { from: number; to: number };
};

/** Inside an activity the engine's clock; the process itself has none of its own to go by. */
function now(): IsoInstant {
  try {
    return instantFromEpochMs(activityInfo().currentAttemptScheduledTimestampMs);
  } catch {
    return startsAt;
  }
}

await startSystem(connections, 0, { roles: ['worker'], now, calendar: vietnamCalendar(years) });
process.stdout.write('ready\n');
