/** Policies in the store: versions that never change, and how many tasks each one is followed under. */
import { type LoadedPolicy, policyHash } from '../config/policy.ts';
import type { PolicySource } from '../config/policy-layers.ts';
import { type Policy, policy as policySchema, type Step } from '../domain/policy.ts';
import type { Task } from '../domain/task.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from './database.ts';

/** `changed`: the version is stored with other rules; `older`: a later version is in force. Nothing was stored then. */
export type PolicyStored =
  | { readonly answer: 'stored' | 'unchanged' }
  | { readonly answer: 'refused'; readonly because: 'changed' | 'older'; readonly next: number };

/** Stores a version for good. Twice: the second time changes nothing. */
export async function storePolicy(database: Database, loaded: LoadedPolicy, storedAt: IsoInstant): Promise<PolicyStored> {
  const { name, version } = loaded.policy;
  const own = loaded.effective.sources.at(-1);
  const data = {
    name,
    version,
    sha256: loaded.sha256,
    source: own?.text ?? '',
    parents: loaded.effective.sources.slice(0, -1).map(({ file, text }) => ({ file, text })),
    document: JSON.parse(JSON.stringify(loaded.document)),
    storedAt,
  };
  const latest = await database.policy.findFirst({ where: { name }, orderBy: { version: 'desc' }, select: { version: true } });
  const next = (latest?.version ?? 0) + 1;
  const isOlder = latest !== null && version < latest.version;
  // Of two that store the same version at once one finds it stored.
  const { count } = isOlder ? { count: 0 } : await database.policy.createMany({ data: [data], skipDuplicates: true });
  if (count === 1) return { answer: 'stored' };
  const stored = await database.policy.findUnique({ where: { name_version: { name, version } } });
  if (stored === null) return { answer: 'refused', because: 'older', next };
  // Its rules are compared, not its text: what was stored by an earlier release has another hash.
  const isSame = policyHash(policySchema.parse(stored.document)) === loaded.sha256;
  return isSame ? { answer: 'unchanged' } : { answer: 'refused', because: 'changed', next };
}

/** Reads a task's own version, null where it is not stored; each is read once, by however many at once, and kept for good: none ever changes. */
export function createPolicies(database: Database): (of: Task['policy']) => Promise<Policy | null> {
  const known = new Map<string, Promise<Policy | null>>();
  const read = async ({ name, version }: Task['policy']): Promise<Policy | null> => {
    const row = await database.policy.findUnique({ where: { name_version: { name, version } } });
    return row === null ? null : policySchema.parse(row.document);
  };
  return async (of) => {
    const id = `${of.name}@${of.version}`;
    const kept = known.get(id) ?? read(of);
    known.set(id, kept);
    try {
      const found = await kept;
      if (found === null) known.delete(id);
      return found;
    } catch (error) {
      known.delete(id);
      throw error;
    }
  };
}

/** The policy that a task is followed by. */
export type PolicyOf = (named: Task['policy']) => Promise<Policy>;

/** @throws where none is stored: tasks are assigned under stored policies only */
export function createPolicyOf(database: Database): PolicyOf {
  const stored = createPolicies(database);
  return async (named) => {
    const found = await stored(named);
    if (found === null) throw new Error(`no policy ${named.name} v${named.version} is stored`);
    return found;
  };
}

type TextOfStep = (task: Task, step: string) => Promise<Step['text']>;

/** What a step says in the policy's own words; null where it says nothing, or where the task has gone on under another policy. */
export function createTextOfStep(database: Database): TextOfStep {
  const policyOf = createPolicies(database);
  return async ({ policy }, step) => (await policyOf(policy))?.steps.find(({ id }) => id === step)?.text ?? null;
}

/** The text of a version and of those that it extends, as they were when it was stored; null where there is no such version. */
export async function storedSources(
  database: Database,
  name: string,
  version?: number,
): Promise<{ own: PolicySource; parents: readonly PolicySource[] } | null> {
  const row = await database.policy.findFirst({
    where: { name, ...(version === undefined ? {} : { version }) },
    orderBy: { version: 'desc' },
  });
  if (row === null) return null;
  // Written by `storePolicy`.
  return { own: { file: `${name}@${row.version}`, text: row.source }, parents: row.parents as unknown as PolicySource[] };
}

export interface PolicyVersion {
  readonly name: string;
  readonly version: number;
  readonly storedAt: IsoInstant;
  /** Whether new tasks get it: the latest of its name. */
  readonly inForce: boolean;
  readonly openTasks: number;
}

/** Every version, by name, the latest first. */
export async function policyVersions(database: Database): Promise<PolicyVersion[]> {
  const [rows, counts] = await Promise.all([
    database.policy.findMany({
      select: { name: true, version: true, storedAt: true },
      orderBy: [{ name: 'asc' }, { version: 'desc' }],
    }),
    database.task.groupBy({
      by: ['policyName', 'policyVersion'],
      where: { status: { in: ['assigned', 'acknowledged', 'reported'] } },
      _count: true,
    }),
  ]);
  const open = new Map(counts.map(({ policyName, policyVersion, _count }) => [`${policyName}@${policyVersion}`, _count]));
  return rows.map(({ name, version, storedAt }, index) => ({
    name,
    version,
    storedAt: storedAt.toISOString() as IsoInstant,
    inForce: rows[index - 1]?.name !== name,
    openTasks: open.get(`${name}@${version}`) ?? 0,
  }));
}

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
