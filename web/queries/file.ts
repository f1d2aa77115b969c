/** A file that was given as evidence or with a comment, under the name that it was given there. */
import { z } from 'zod';
import type { Database } from '../../prisma/database.ts';
import { MAY_LEAVE } from './task-line.ts';

export interface StoredFile {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/**
 * Null where no task that may leave by the web has it. The name is the one it has there: the store keeps one name for
 * a content, and that can be a restricted task's. Reads every event: 6 ms with the 4,708 events of 1,296 tasks, and no index to keep.
 */
export async function readFile(database: Database, sha256: string): Promise<StoredFile | null> {
  const item = JSON.stringify([{ type: 'file', sha256 }]);
  const rows = await database.$queryRaw`
    SELECT given ->> 'name' AS name
    FROM task_event e JOIN task t ON t.code = e.task_code
      CROSS JOIN LATERAL jsonb_array_elements(coalesce(e.body -> 'evidence', e.body -> 'files')) AS given
    WHERE e.type IN ('DoneReported', 'ProductAttached', 'CommentAdded') AND ${MAY_LEAVE}
      AND coalesce(e.body -> 'evidence', e.body -> 'files') @> ${item}::jsonb AND given ->> 'sha256' = ${sha256}
    LIMIT 1`;
  const [given] = z.array(z.object({ name: z.string() })).parse(rows);
  if (given === undefined) return null;
  const stored = await database.attachment.findUnique({ where: { sha256 }, select: { content: true } });
  return stored === null ? null : { name: given.name, content: stored.content };
}
