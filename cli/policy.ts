/** `dondoc policy …`: whether a policy's text is one, each mistake with line and column. */
import { existsSync, readFileSync } from 'node:fs';
import { readPolicy } from '../config/policy.ts';
import { type Context, Failure } from './context.ts';

/** @returns whether the policy is valid: the exit status */
export function checkPolicy(context: Context, file: string): boolean {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
  const read = readPolicy(readFileSync(file, 'utf8'));
  if ('errors' in read) {
    context.print(
      { valid: false, errors: read.errors },
      read.errors.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
    return false;
  }
  const { name, version, steps } = read.policy;
  context.print(
    { valid: true, name, version, steps: steps.length, sha256: read.sha256 },
    `${name} version ${version}: ${steps.length} steps, valid`,
  );
  return true;
}
