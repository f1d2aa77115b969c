/**
 * Proves that today's workflow code can go on with yesterday's histories. Does not see a timer's length or an activity's
 * arguments: those are proved by domain and escalation tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundlePath } from '../../worker/bundle.ts';
import { createPayloadCodec } from '../../worker/payload-codec.ts';
import { installQuietRuntime } from '../../worker/worker.ts';
import * as workflows from '../../workflows/index.ts';
import { TEST_HISTORY_SECRET } from '../office.ts';
import { readHistory } from './save.ts';

const dataConverter = { payloadCodecs: [createPayloadCodec(TEST_HISTORY_SECRET)] };

const folder = fileURLToPath(new URL('./histories', import.meta.url));
const files = readdirSync(folder).flatMap((version) => readdirSync(join(folder, version)).map((file) => join(version, file)));
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const typeOf = (file: string): string => read(file).events[0].workflowExecutionStartedEventAttributes.workflowType.name;

let workflowBundle: { codePath: string };
beforeAll(() => {
  installQuietRuntime();
  workflowBundle = { codePath: workflowBundlePath() };
});

it('has a history of every kind of workflow', () => {
  expect([...new Set(files.map(typeOf))].sort()).toEqual(Object.keys(workflows).sort());
});

describe.each(files)('%s', (file) => {
  it('is gone through again without a difference', async () => {
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, readHistory(JSON.stringify(read(file))));
  });

  it('would be refused had the workflow done something else', async () => {
    const altered = withAnotherActivity(read(file));
    await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, readHistory(JSON.stringify(altered)))).rejects.toThrow();
  });
});

interface SavedHistory {
  readonly events: {
    readonly activityTaskScheduledEventAttributes?: { readonly activityType: { name: string } };
    readonly markerRecordedEventAttributes?: {
      readonly markerName: string;
      readonly details: { readonly data?: { readonly payloads: { data: string }[] } };
    };
  }[];
}

/** The history as it would be had the first activity been another: a lasting one, or one within the turn, which is a marker. */
function withAnotherActivity(history: SavedHistory): SavedHistory {
  for (const { activityTaskScheduledEventAttributes: lasting, markerRecordedEventAttributes: marker } of history.events) {
    const payload = marker?.markerName === 'core_local_activity' ? marker.details.data?.payloads[0] : undefined;
    if (lasting !== undefined) lasting.activityType.name = 'somethingElse';
    else if (payload !== undefined) payload.data = asAnotherActivity(payload.data);
    else continue;
    return history;
  }
  throw new Error('a history without an activity');
}

function asAnotherActivity(data: string): string {
  const told = JSON.parse(Buffer.from(data, 'base64').toString());
  return Buffer.from(JSON.stringify({ ...told, activity_type: 'somethingElse' })).toString('base64');
}
