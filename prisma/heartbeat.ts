/** When each step of the policies in force last told anyone, and when it will: read from the ledger, at most a few hundred rows. */
import { z } from 'zod';
import { type Policy, policy as policySchema } from '../domain/policy.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';

export interface StepHeartbeat {
  readonly step: Policy['steps'][number];
  /** Messages that went out because of it, and those that are planned. */
  readonly told: number;
  readonly planned: number;
  readonly lastAt: IsoInstant | null;
  readonly nextAt: IsoInstant | null;
}

export interface PolicyHeartbeat {
  readonly policy: Policy;
  /** Tasks under it that are not over: at least one, or it is not in force. */
  readonly openTasks: number;
  readonly steps: readonly StepHeartbeat[];
}

const instant = z.date().transform((date) => date.toISOString() as IsoInstant); // UTC, as the store keeps it
const inForce = z.array(z.object({ openTasks: z.int(), document: z.unknown() }));
const counted = z.array(
  z.object({
    name: z.string(),
    version: z.int(),
    step: z.string(),
    told: z.int(),
    planned: z.int(),
    lastAt: instant.nullable(),
    nextAt: instant.nullable(),
  }),
);

/** Every policy that an open task is under, by name and version, with its steps in their own order. */
export async function readHeartbeat(database: Database): Promise<PolicyHeartbeat[]> {
  const [policies, counts] = await Promise.all([
    database.$queryRaw`
      SELECT count(*)::int AS "openTasks", p.document FROM task t JOIN policy p ON p.name = t.policy_name AND p.version = t.policy_version
      WHERE t.status NOT IN ('completed', 'cancelled') GROUP BY p.name, p.version, p.document ORDER BY p.name, p.version`,
    database.$queryRaw`
      SELECT t.policy_name AS name, t.policy_version AS version, n.step,
        (count(*) FILTER (WHERE n.status IN ('sent', 'merged')))::int AS told,
        (count(*) FILTER (WHERE n.status = 'planned'))::int AS planned,
        max(n.sent_at) AS "lastAt", min(n.send_at) FILTER (WHERE n.status = 'planned') AS "nextAt"
      FROM notification n JOIN task t ON t.code = n.task_code GROUP BY 1, 2, 3`,
  ]);
  const known = new Map(counted.parse(counts).map((row) => [`${row.name} ${row.version} ${row.step}`, row]));
  return inForce.parse(policies).map(({ openTasks, document }) => {
    const policy = policySchema.parse(document);
    const steps = policy.steps.map((step): StepHeartbeat => {
      const row = known.get(`${policy.name} ${policy.version} ${step.id}`);
      return { step, told: row?.told ?? 0, planned: row?.planned ?? 0, lastAt: row?.lastAt ?? null, nextAt: row?.nextAt ?? null };
    });
    return { policy, openTasks, steps };
  });
}
