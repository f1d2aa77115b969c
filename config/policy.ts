/** Reads policies: YAML text to a checked value, each mistake with line and column. */
import { readFileSync } from 'node:fs';
import { type Policy, policy } from '../domain/policy.ts';
import { type Mistake, readYaml } from './yaml.ts';

export type PolicyText =
  | { readonly policy: Policy; readonly document: unknown; readonly sha256: string }
  | { readonly errors: readonly Mistake[] };

/** Checks a policy's text; `sha256` is of the text as given. */
export function readPolicy(text: string): PolicyText {
  const read = readYaml(text, policy);
  return 'errors' in read ? read : { policy: read.value, document: read.document, sha256: read.sha256 };
}

/** @throws Error naming file, line and column of each mistake */
export function loadPolicy(file: string): { policy: Policy; document: unknown; sha256: string; source: string } {
  const source = readFileSync(file, 'utf8');
  const read = readPolicy(source);
  if ('errors' in read) throw new Error(read.errors.map((e) => `${file}:${e.line}:${e.column}: ${e.message}`).join('\n'));
  return { ...read, source };
}
