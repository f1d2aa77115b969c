/** Which courier of a channel carries what a person is told: the rule of the column `notification.partition`, for who wakes a courier. */
import { createHash } from 'node:crypto';
import { PARTITIONS } from '../workflows/names.ts';

/** @param recipient an e-mail address as the directory has it */
export function partitionOf(recipient: string): number {
  return createHash('md5').update(recipient).digest('hex').charCodeAt(0) % PARTITIONS;
}
