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
    const altered = read(file);
    const scheduled = altered.events.find(({ eventType }: { eventType: string }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, readHistory(JSON.stringify(altered)))).rejects.toThrow();
  });
});
