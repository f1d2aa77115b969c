/** What a schema says against the words of a policy, as findings: what is wrong, what was probably meant, what would be right. Pure. */
import { z } from 'zod';
import { LOCALES } from './names.ts';
import { nearest } from './nearest.ts';
import { contradictionsOfSteps, contradictionsOfTiming, policyShape, step } from './policy.ts';
import type { NumberedStep, PolicyFinding, ReadPolicy } from './policy-check.ts';

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** The findings of a policy's words, and as much of the policy as could be read. @param raw the effective policy as its text gives it */
export function readWords(raw: unknown): { findings: PolicyFinding[]; read: ReadPolicy } {
  const { error } = policyShape.safeParse(raw);
  const found = (error?.issues ?? []).flatMap((issue) => findingsOf(issue, [], raw));
  const read = readable(raw, found.length === 0);
  const steps = read.steps.map((each) => each.step);
  const numbers = read.steps.map(({ index }) => index);
  const contradictions = [...contradictionsOfTiming(read.timing), ...contradictionsOfSteps(steps, read.rotas, numbers)];
  // A rota whose words are wrong is not unknown.
  const known = new Set(Object.keys(record(record(raw).rotas)));
  const real = contradictions.filter(({ code, path }) => code !== 'rota_unknown' || !known.has(String(valueAt(raw, path))));
  return { findings: [...withoutMeant(found), ...real.map((each) => ({ severity: 'error' as const, ...each }))], read };
}

/** Each part by itself: one broken step does not hide what is wrong with the others. */
function readable(raw: unknown, isWhole: boolean): ReadPolicy {
  const { timing, digestAt, cap, rotas, tacit } = policyShape.shape;
  const given = record(raw);
  const or = <T>(schema: z.ZodType<T>, value: unknown, otherwise: T): T => {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : otherwise;
  };
  const all = Array.isArray(given.steps) ? given.steps : [];
  return {
    timing: or(timing, given.timing, 'any_time'),
    digestAt: or(digestAt, given.digestAt, '08:00'),
    cap: or(cap, given.cap, null),
    rotas: or(rotas, given.rotas, {}),
    tacit: or(tacit, given.tacit, {}),
    steps: all.flatMap((each, index): NumberedStep[] => {
      const parsed = step.safeParse(each);
      return parsed.success ? [{ step: parsed.data, index }] : [];
    }),
    isWhole,
  };
}

function findingsOf(issue: Issue, before: Path, raw: unknown): PolicyFinding[] {
  // Keys of JSON are text or numbers.
  const path = [...before, ...(issue.path as Path)];
  const value = valueAt(raw, path);
  const one = (code: string, message: string, cure: string): PolicyFinding[] => [{ severity: 'error', code, path, message, cure }];
  const key = path.findLast((each) => typeof each === 'string') ?? 'policy';
  if (value === undefined && issue.code !== 'unrecognized_keys') return missing(path, key);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((each) => unknownKey([...path, each], each, keysAt(path)));
    case 'invalid_value':
      return one('unknown_word', `${key}: there is no ${shown(value)}`, meant(value, issue.values.map(String)));
    case 'invalid_union':
      return findingsOfUnion(issue, path, raw);
    case 'invalid_type':
      return one('wrong_type', `${key}: ${shown(value)} is not ${TYPES[issue.expected] ?? issue.expected}`, EXAMPLES[issue.expected] ?? '');
    case 'invalid_format':
      return one(
        'bad_form',
        `${key}: ${shown(value)} cannot be read`,
        issue.message.startsWith('Invalid') ? descriptionAt(path) : issue.message,
      );
    case 'too_small':
      return one('out_of_range', `${key}: ${shown(value)} is too little`, `write at least ${issue.minimum}${ofOrigin(issue.origin)}`);
    case 'too_big':
      return one('out_of_range', `${key}: ${shown(value)} is too much`, `write at most ${issue.maximum}${ofOrigin(issue.origin)}`);
    case 'invalid_key':
      return one('bad_form', `${key} cannot be a name here`, issue.issues[0]?.message ?? '');
    default:
      return one(
        'bad_form',
        `${key}: ${shown(value)} cannot be read`,
        issue.message === 'Invalid input' ? descriptionAt(path) : issue.message,
      );
  }
}

/** Of the branches of a union the one that was probably meant: of the same type, with the fewest mistakes. */
function findingsOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, raw: unknown): PolicyFinding[] {
  const isRoot = (branch: readonly Issue[]) => branch.some((each) => each.path.length === 0 && each.code !== 'unrecognized_keys');
  const value = valueAt(raw, path);
  const branches = issue.errors.filter((branch) => isRoot(branch) !== (typeof value === 'object'));
  // Of several that fit as well, the one whose missing word was misspelt.
  const unknown = branches.flat().flatMap((each) => (each.code === 'unrecognized_keys' ? each.keys : []));
  const isMeant = (branch: readonly Issue[]) =>
    branch.some((each) => each.path.length === 1 && unknown.some((word) => nearest(word, [String(each.path[0])]) !== null));
  const [best] = branches.toSorted((a, b) => a.length - b.length || Number(isMeant(b)) - Number(isMeant(a)));
  const word = issue.errors.flat().find((each) => each.code === 'invalid_value');
  if (typeof value !== 'object' && word !== undefined) return findingsOf(word, path, raw);
  return (best ?? issue.errors[0] ?? []).flatMap((each) => findingsOf(each, path, raw));
}

function missing(path: Path, key: string): PolicyFinding[] {
  const isLanguage = path.at(-2) === 'text' && LOCALES.some((locale) => locale === key);
  const words = wordsAt(path);
  const add = words.length === 0 ? `add ${key}: ${descriptionAt(path)}` : `add ${key}: ${words.join(', ')}`;
  return isLanguage
    ? [{ severity: 'error', code: 'text_missing_language', path, message: `the text is not said in ${key}`, cure: `add ${key}: "…"` }]
    : [{ severity: 'error', code: 'missing', path, message: `${key} is missing`, cure: add }];
}

function unknownKey(path: Path, key: string, known: readonly string[]): PolicyFinding {
  return { severity: 'error', code: 'unknown_key', path, message: `there is no word ${key} here`, cure: meant(key, known) };
}

/** What was probably meant, or all that there is. */
export function meant(value: unknown, words: readonly string[]): string {
  const near = typeof value === 'string' ? nearest(value, words) : null;
  return near === null ? `write one of: ${words.join(', ')}` : `did you mean ${near}?`;
}

/** A word that was misspelt is not missing too. */
function withoutMeant(findings: readonly PolicyFinding[]): PolicyFinding[] {
  const meantAt = new Set(
    findings
      .filter(({ code }) => code === 'unknown_key')
      .map(({ path, cure }) => [...path.slice(0, -1), /^did you mean (.*)\?$/.exec(cure)?.[1] ?? ''].join('.')),
  );
  return findings.filter(({ code, path }) => code !== 'missing' || !meantAt.has(path.join('.')));
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of words with values',
  record: 'a set of names with values',
};
const EXAMPLES: Readonly<Record<string, string>> = {
  string: 'write a text, in quotes where it is a number or a time',
  number: 'write a number without quotes',
  int: 'write a whole number without quotes',
  boolean: 'write true or false, without quotes',
  array: 'write a list: [one, another]',
  object: 'write words with values: { word: value }',
  record: 'write names with values: { name: value }',
};

function ofOrigin(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function shown(value: unknown): string {
  const written = JSON.stringify(value) ?? 'nothing';
  return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}

/** The part of a value to which a path leads; undefined where it leads nowhere. */
export function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    raw,
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** As much of a JSON Schema as is asked here. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
}
let known: Node | undefined;
function schema(): Node {
  known ??= z.toJSONSchema(policyShape, { io: 'input' }) as Node;
  return known;
}

/** Every schema that may hold at a path. */
function nodesAt(path: Path): Node[] {
  return path.reduce<Node[]>((nodes, key) => nodes.flatMap(branches).flatMap((node) => inside(node, key)), [schema()]).flatMap(branches);
}

function branches(node: Node): Node[] {
  return node.anyOf === undefined ? [node] : [node, ...node.anyOf.flatMap(branches)];
}

function inside({ properties, additionalProperties, items }: Node, key: string | number): Node[] {
  if (typeof key === 'number') return items === undefined ? [] : [items];
  const named = properties?.[key];
  if (named !== undefined) return [named];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

function keysAt(path: Path): string[] {
  return nodesAt(path).flatMap(({ properties = {} }) => Object.keys(properties));
}

function wordsAt(path: Path): string[] {
  return nodesAt(path).flatMap((node) => (node.enum ?? []).map(String));
}

function descriptionAt(path: Path): string {
  return nodesAt(path).find(({ description }) => description !== undefined)?.description ?? '';
}
