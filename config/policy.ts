/** Reads policies: YAML text to a checked value, everything that is wrong with it at its line and column, and what would be right. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson } from '../domain/canonical-json.ts';
import { LOCALES } from '../domain/names.ts';
import { type Policy, policy } from '../domain/policy.ts';
import { checkPeople, checkPolicy, type Known, type PolicyFinding } from '../domain/policy-check.ts';
import { readWords, valueAt } from '../domain/policy-words.ts';
import { OFFICE_HOURS } from './calendar.ts';
import { type Effective, layPolicies, type Parents, type PolicyMistake, type PolicySource } from './policy-layers.ts';
import { textFaults } from './policy-text.ts';

/** The folder of the ready policies. */
export const POLICIES_DIR = fileURLToPath(new URL('./policies/', import.meta.url));

export interface LoadedPolicy {
  readonly policy: Policy;
  /** The effective policy as it is stored: JSON that the schema reads again. */
  readonly document: unknown;
  /** Of the effective policy: a comment more or less is the same policy. */
  readonly sha256: string;
  readonly effective: Effective;
  readonly warnings: readonly PolicyMistake[];
}
export type PolicyText = LoadedPolicy | { readonly errors: readonly PolicyMistake[]; readonly warnings: readonly PolicyMistake[] };

/**
 * Checks a policy's text, with those that it extends.
 * @param known the directory that it is checked against, where there is one
 */
export function readPolicy(source: PolicySource, parents: Parents, known?: Known): PolicyText {
  const { effective, mistakes } = layPolicies(source, parents);
  if (effective === null) return { errors: mistakes, warnings: [] };
  const { findings, read } = readWords(effective.raw);
  const all = [
    ...findings,
    ...checkPolicy(read, OFFICE_HOURS),
    ...checkTexts(effective.raw),
    ...(known === undefined ? [] : checkPeople(read, known)),
  ];
  // Of what extends a policy that cannot be found, nothing is said to be missing.
  const isCut = mistakes.some(({ code }) => code.startsWith('extends_'));
  const said = isCut ? all.filter(({ code }) => code !== 'missing' && !code.endsWith('_unheard')) : all;
  const placed = [...mistakes, ...said.map(({ path, ...rest }) => ({ ...rest, ...placeOf(effective, rest.code, path) }))].toSorted(
    byPlace(source.file),
  );
  const errors = placed.filter(({ severity }) => severity === 'error');
  const warnings = placed.filter(({ severity }) => severity === 'warning');
  if (errors.length > 0) return { errors, warnings };
  const parsed = policy.parse(effective.raw);
  return { policy: parsed, document: effective.raw, sha256: policyHash(parsed), effective, warnings };
}

/** A word that is wrong itself is pointed at, not what follows it. */
function placeOf(effective: Effective, code: string, path: PolicyFinding['path']) {
  return effective.place(path, code === 'unknown_key' || code === 'rota_unused' ? 'key' : 'value');
}

/** The file that was asked about first, from its beginning to its end. */
function byPlace(file: string) {
  return (a: PolicyMistake, b: PolicyMistake) =>
    Number(a.file !== file) - Number(b.file !== file) || a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

/** From what is written: a step that has another mistake has its texts checked too. */
function checkTexts(raw: unknown): PolicyFinding[] {
  const steps = valueAt(raw, ['steps']);
  return (Array.isArray(steps) ? steps : []).flatMap((each: unknown, index) =>
    LOCALES.flatMap((locale) => {
      const said = valueAt(each, ['text', locale]);
      if (typeof said !== 'string') return [];
      return textFaults(locale, said).map((fault) => ({ severity: 'error' as const, ...fault, path: ['steps', index, 'text', locale] }));
    }),
  );
}

/** The same for the same rules, however they are written. */
export function policyHash(rules: Policy): string {
  return createHash('sha256').update(canonicalJson(rules)).digest('hex');
}

/** The policies beside a file, then the ready ones. */
export function parentsBeside(file: string): Parents {
  const folders = [...new Set([dirname(file), POLICIES_DIR])];
  return {
    find(name) {
      const found = folders.map((folder) => join(folder, `${name}.yaml`)).find(existsSync);
      return found === undefined ? null : { file: spokenPath(found), text: readFileSync(found, 'utf8') };
    },
    get names() {
      return [...new Set(folders.filter(existsSync).flatMap((folder) => readdirSync(folder)))]
        .filter((each) => each.endsWith('.yaml'))
        .map((each) => basename(each, '.yaml'));
    },
  };
}

/** As people name a file: from where they stand, where it lies below. */
function spokenPath(file: string): string {
  const from = relative('.', file);
  return from.startsWith('..') ? file : from;
}

/** Checks the policy of a file. */
export function readPolicyFile(file: string, known?: Known): PolicyText {
  return readPolicy({ file: spokenPath(file), text: readFileSync(file, 'utf8') }, parentsBeside(file), known);
}

/** @throws Error naming file, line and column of each mistake */
export function loadPolicy(file: string): LoadedPolicy {
  const read = readPolicyFile(file);
  if ('errors' in read) throw new Error(read.errors.map(spokenMistake).join('\n'));
  return read;
}

/** For people: where, what is wrong, and in the second line what would be right. */
export function spokenMistake({ file, line, column, severity, code, message, cure }: PolicyMistake): string {
  return `${file}:${line}:${column}: ${severity} ${code}: ${message}\n    ${cure}`;
}
