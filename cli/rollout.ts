/**
 * `dondoc rollout check`: goes through what the running workflows have done, with the code that is installed here. Asked before that code
 * replaces the one that runs (docs/operate.md).
 */
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { workflowBundlePath } from '../worker/bundle.ts';
import { createPayloadCodec } from '../worker/payload-codec.ts';
import { installQuietRuntime } from '../worker/worker.ts';
import { type Context, withEngine } from './context.ts';

export interface Differing {
  readonly workflow: string;
  readonly run: string;
  readonly why: string;
}

export interface RolloutCheck {
  readonly checked: number;
  readonly differing: readonly Differing[];
}

/** Histories read at once: a page is fetched while the one before is gone through. */
const READ_AT_ONCE = 8;

/** @returns whether every running workflow can go on: the exit status */
export async function checkRollout(context: Context): Promise<boolean> {
  return withEngine(context, async (_, temporal, { temporal: { historySecret } }) => {
    const check = await goThrough(temporal, { historySecret, codePath: workflowBundlePath() });
    context.print(check, human(check));
    return check.differing.length === 0;
  });
}

/**
 * Sees the order and kind of what a workflow asks for, not a timer's length nor an activity's arguments; changes nothing.
 * @param o.codePath the workflows' code as one file
 */
export async function goThrough(temporal: Client, o: { historySecret: string; codePath: string }): Promise<RolloutCheck> {
  installQuietRuntime();
  const running = temporal.workflow.list({ query: "ExecutionStatus = 'Running'" }).intoHistories({ concurrency: READ_AT_ONCE });
  const results = Worker.runReplayHistories(
    { workflowBundle: { codePath: o.codePath }, dataConverter: { payloadCodecs: [createPayloadCodec(o.historySecret)] } },
    running,
  );
  let checked = 0;
  const differing: Differing[] = [];
  for await (const { workflowId, runId, error } of results) {
    checked += 1;
    if (error !== undefined) differing.push({ workflow: workflowId, run: runId, why: error.message });
  }
  return { checked, differing };
}

function human({ checked, differing }: RolloutCheck): string {
  if (differing.length === 0) return `${checked} running workflows can go on with this code`;
  return [
    `${differing.length} of ${checked} running workflows cannot go on with this code: do not start it`,
    ...differing.map(({ workflow, run, why }) => `  ${workflow} (run ${run}): ${why}`),
  ].join('\n');
}
