/** Stored policies: immutable, so that whoever has read one may keep it. */
import { type Policy, policy as policySchema } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import type { Database } from './database.ts';

/** Every stored version; a few dozen. @returns the policy that a task names; @throws where it is not stored */
export async function storedPolicies(database: Database): Promise<(task: Task) => Policy> {
  const rows = await database.policy.findMany();
  const known = new Map(rows.map(({ name, version, document }) => [`${name}@${version}`, policySchema.parse(document)]));
  return ({ policy: { name, version } }) => {
    const found = known.get(`${name}@${version}`);
    if (found === undefined) throw new Error(`policy ${name} version ${version} is not stored`);
    return found;
  };
}

/** The latest stored version of a name; null where there is none. */
export async function latestPolicy(database: Database, name: string): Promise<Policy | null> {
  const row = await database.policy.findFirst({ where: { name }, orderBy: { version: 'desc' } });
  return row === null ? null : policySchema.parse(row.document);
}
