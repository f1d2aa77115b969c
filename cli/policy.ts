/** `dondoc policy …`: policies checked like code, shown as they take effect, and put in force. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createDirectory } from '../activities/directory.ts';
import { POLICIES_DIR, type PolicyText, readPolicy, readPolicyFile, spokenMistake } from '../config/policy.ts';
import { type Effective, layPolicies } from '../config/policy-layers.ts';
import type { Known } from '../domain/policy-check.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { readStackInfo } from '../ops/stack.ts';
import { policyVersions, storedSources, storePolicy } from '../prisma/policies.ts';
import { policyReference } from './act.ts';
import { type Context, Failure, withDatabase } from './context.ts';

/** @returns whether the policy can be put in force: the exit status; warnings do not refuse it */
export async function checkPolicy(context: Context, file: string): Promise<boolean> {
  requireFile(file);
  const known = isRunning(context) ? await withDatabase(context, async (database) => createDirectory(database).get()) : undefined;
  const read = readPolicyFile(file, known);
  const asked = known === undefined ? 'people not checked: no stack runs on the state folder' : 'people checked against the directory';
  if ('errors' in read) {
    context.print({ valid: false, ...mistakesOf(read), directory: known !== undefined }, [...spokenMistakes(read), asked].join('\n'));
    return false;
  }
  const { name, version, steps } = read.policy;
  context.print(
    { valid: true, name, version, steps: steps.length, sha256: read.sha256, ...mistakesOf(read), directory: known !== undefined },
    [...spokenMistakes(read), `${name} version ${version}: ${steps.length} steps, valid; ${asked}`].join('\n'),
  );
  return true;
}

/** Stores a version, from then on the one that new tasks get. @returns whether it is in the store now: the exit status */
export async function loadPolicyFile(context: Context, file: string): Promise<boolean> {
  requireFile(file);
  return withDatabase(context, async (database) => {
    const known: Known = await createDirectory(database).get();
    const read = readPolicyFile(file, known);
    if ('errors' in read) {
      context.print(
        { loaded: false, ...mistakesOf(read) },
        [...spokenMistakes(read), 'refused; what is in force stays in force'].join('\n'),
      );
      return false;
    }
    const { name, version } = read.policy;
    const stored = await storePolicy(database, read, instantFromEpochMs(Date.now()));
    const said = {
      stored: `${name} version ${version} is in force for new tasks; to move others: dondoc bulk amend --policy ${name}@${version} --under-policy ${name} --as EMAIL --dry-run`,
      unchanged: `${name} version ${version} is stored already with the same rules; nothing was changed`,
      refused:
        stored.answer === 'refused' && stored.because === 'older'
          ? `a later version of ${name} is in force; write version: ${stored.next}`
          : `${name} version ${version} is stored with other rules, and a version never changes; write version: ${stored.answer === 'refused' ? stored.next : version}`,
    }[stored.answer];
    const loaded = stored.answer !== 'refused';
    context.print({ loaded, name, version, ...stored, message: said, ...mistakesOf(read) }, [...spokenMistakes(read), said].join('\n'));
    return loaded;
  });
}

export async function listPolicies(context: Context): Promise<void> {
  await withDatabase(context, async (database) => {
    const policies = await policyVersions(database);
    const lines = policies.map(
      ({ name, version, storedAt, inForce, openTasks }) =>
        `${`${name}@${version}`.padEnd(24)} since ${storedAt.slice(0, 16).replace('T', ' ')}Z ${inForce ? 'in force' : '        '} ${openTasks} open tasks`,
    );
    context.print({ policies }, lines.join('\n'));
  });
}

/** @param named a file, a policy of the running stack as NAME or NAME@VERSION, or a ready one @returns whether it could be read */
export async function showPolicy(context: Context, named: string): Promise<boolean> {
  const read = await sourceOf(context, named);
  if ('errors' in read) {
    context.print({ valid: false, ...mistakesOf(read) }, spokenMistakes(read).join('\n'));
    return false;
  }
  const lines = effectiveLines(read.effective);
  const width = Math.min(100, Math.max(...lines.map(({ text }) => text.length)));
  const { name, version } = read.policy;
  context.print(
    { name, version, policy: read.document, lines: lines.map(({ text: _, ...line }) => line) },
    lines.map(({ text, file, line }) => (file === null ? text : `${text.padEnd(width)}  # ${file}:${line}`)).join('\n'),
  );
  return true;
}

async function sourceOf(context: Context, named: string): Promise<PolicyText> {
  if (existsSync(named)) return readPolicyFile(named);
  const { name, version } = policyReference(named);
  if (isRunning(context)) {
    const stored = await withDatabase(context, (database) => storedSources(database, name, version ?? undefined));
    if (stored !== null) {
      const parents = {
        // As they were when it was stored, whatever the files say now.
        find: (wanted: string) => stored.parents.find(({ text }) => nameIn(text) === wanted) ?? null,
        names: [],
      };
      return readPolicy(stored.own, parents);
    }
  }
  const ready = join(POLICIES_DIR, `${name}.yaml`);
  if (version === null && existsSync(ready)) return readPolicyFile(ready);
  throw new Failure(`there is no file ${named}, and no policy of that name; dondoc policy list names those in the store`);
}

/** The name that a policy's text gives itself. */
function nameIn(text: string): unknown {
  const { effective } = layPolicies({ file: '', text }, { find: () => null, names: [] });
  return (effective?.raw as { name?: unknown } | null)?.name;
}

interface EffectiveLine {
  /** As YAML; all lines together are a policy that extends nothing. */
  readonly text: string;
  readonly path: string;
  readonly value?: unknown;
  readonly file: string | null;
  readonly line: number | null;
}

function effectiveLines({ raw, place }: Effective): EffectiveLine[] {
  const line = (text: string, path: (string | number)[], value: unknown): EffectiveLine => {
    const at = place(path, 'key');
    return { text: `${text}${flow(value)}`, path: path.join('.'), value, file: at.file, line: at.line };
  };
  const heading = (key: string): EffectiveLine => ({ text: `${key}:`, path: key, file: null, line: null });
  // What was read as a policy is a set of words.
  return Object.entries(raw as Record<string, unknown>).flatMap(([key, value]) => {
    if (key === 'steps' && Array.isArray(value)) {
      const steps = value.flatMap((each: object, index) =>
        Object.entries(each).map(([field, inner], place) => line(`${place === 0 ? '  - ' : '    '}${field}: `, [key, index, field], inner)),
      );
      return [heading(key), ...steps];
    }
    const isSet = (key === 'tacit' || key === 'rotas') && typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    if (!isSet) return [line(`${key}: `, [key], value)];
    return [heading(key), ...Object.entries(value as object).map(([name, inner]) => line(`  ${name}: `, [key, name], inner))];
  });
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, blockQuote: false }).trimEnd();
}

function mistakesOf(read: PolicyText) {
  return { errors: 'errors' in read ? read.errors : [], warnings: read.warnings };
}

function spokenMistakes(read: PolicyText): string[] {
  const { errors, warnings } = mistakesOf(read);
  return [...errors, ...warnings].map(spokenMistake);
}

function requireFile(file: string): void {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
}

function isRunning({ state }: Context): boolean {
  const info = readStackInfo(state);
  return info !== null && info.pid !== 0;
}
