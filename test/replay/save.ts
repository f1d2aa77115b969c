/** Saves what workflows have done, so that a later version of their code can be asked to do the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const OF_TASKS = ['task/ALONE', 'task/PROMPT', 'task/MOVED', 'task/LONGER', 'courier/email/0'];

/** Writes the histories of workflows into a folder, one file each, named after the workflow. */
export async function saveHistories(client: Client, folder: string, ids: readonly string[] = OF_TASKS): Promise<void> {
  for (const id of ids) {
    const history = await client.workflow.getHandle(id).fetchHistory();
    writeFileSync(
      join(folder, `${id.replaceAll('/', '-').toLowerCase()}.json`),
      `${JSON.stringify(asJson(history), withoutIdentity, 1)}\n`,
    );
  }
}

const { History } = temporal.api.history.v1;

function asJson(history: Parameters<typeof History.create>[0]): object {
  return History.toObject(History.create(history), { enums: String, longs: String, bytes: String });
}

/** The inverse of what `saveHistories` writes. */
export function readHistory(json: string) {
  return History.fromObject(JSON.parse(json));
}

/** Which machine recorded a history is nobody's business. */
function withoutIdentity(name: string, value: unknown): unknown {
  return name === 'identity' ? 'worker' : value;
}
