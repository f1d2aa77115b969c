/** Messages that could not be made. */
import type { Database } from '../prisma/database.ts';

/** A mistake of ours is mended by a new version; what could not be read may be readable in a minute. */
export const UNMADE_RETRY_MS = 60_000;

/**
 * Why a message could not be made, where that is about this message alone.
 * @throws what the store throws where it does not answer: no message can be made then, so the run ends and the next one, within the
 * second, takes up all of them
 */
export async function unmadeBy(error: unknown, database: Pick<Database, '$queryRaw'>): Promise<{ readonly unmade: string }> {
  await database.$queryRaw`SELECT 1`;
  return { unmade: error instanceof Error ? error.message : String(error) };
}
