/**
 * A policy's text and those that it extends, laid over each other: the effective policy, and where each part of it stands. Steps are
 * changed by id, field by field; other words of an extending policy take the place of those below. Pure, but for who looks up a name.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { nearest } from '../domain/nearest.ts';
import { policyShape, step } from '../domain/policy.ts';
import type { PolicyFinding } from '../domain/policy-check.ts';

/** One policy as it is written. */
export interface PolicySource {
  /** As it is named to people. */
  readonly file: string;
  readonly text: string;
}

/** Where a policy that another one extends is found. */
export interface Parents {
  find(name: string): PolicySource | null;
  /** What can be extended, to say what was meant. */
  readonly names: readonly string[];
}

/** A mistake and where it stands; lines and columns count from 1. */
export interface PolicyMistake extends Omit<PolicyFinding, 'path'> {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type Path = readonly (string | number)[];

interface Layer extends PolicySource {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly raw: unknown;
}

export interface Effective {
  /** As JSON, each part as it was written. */
  readonly raw: unknown;
  /** What it is made of, the farthest first, the policy itself last. */
  readonly sources: readonly PolicySource[];
  /** Where a part stands; of what is not there, what it should have stood in. */
  place(path: Path, part?: 'key' | 'value'): Place;
}

/** A policy this deep is a chain of exceptions nobody can follow. */
const LEVELS_MAX = 5;
/** Of an attacker or a mistake, not of a policy: `standard` has 12 kB. */
const TEXT_MAX = 256_000;

/** @returns the effective policy, null where a text cannot be read at all, with what is wrong with texts and inheritance */
export function layPolicies(source: PolicySource, parents: Parents): { effective: Effective | null; mistakes: PolicyMistake[] } {
  const mistakes: PolicyMistake[] = [];
  const layers: Layer[] = [];
  const seen: string[] = [];
  let next: PolicySource | null = source;
  while (next !== null) {
    const layer = readLayer(next, mistakes);
    if (layer === null) return { effective: null, mistakes };
    layers.unshift(layer);
    next = parentOf(layer, seen, parents, mistakes);
  }
  return { effective: compose(layers, mistakes), mistakes };
}

function readLayer({ file, text }: PolicySource, mistakes: PolicyMistake[]): Layer | null {
  const say = (at: Omit<Place, 'file'>, code: string, message: string, cure: string) =>
    void mistakes.push({ severity: 'error', file, ...at, code, message, cure });
  if (text.length > TEXT_MAX) {
    say({ line: 1, column: 1 }, 'too_large', `${text.length} characters are no policy`, `write at most ${TEXT_MAX}`);
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const [message, cure] = spoken(error);
    say(position(lines, error.pos[0]), error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'yaml_syntax', message, cure);
  }
  // What follows a broken line would be noise; a word that stands twice breaks nothing.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return null;
  try {
    return { file, text, document, lines, raw: document.toJS() };
  } catch (error) {
    // Aliases without anchors, or thousands of them.
    say({ line: 1, column: 1 }, 'yaml_syntax', error instanceof Error ? error.message : String(error), 'write values out, without aliases');
    return null;
  }
}

const INDENT_CURE = 'indent this line like the lines beside it';

function spoken({ code, message }: YAMLError): [message: string, cure: string] {
  switch (code) {
    case 'DUPLICATE_KEY':
      return ['this word stands twice here; only one of them would hold', 'leave one of them out'];
    case 'TAB_AS_INDENT':
      return ['a tab at the beginning of a line', 'indent by spaces'];
    case 'BAD_INDENT':
      // The parser calls an unclosed brace an indent.
      return /end with a .$/.test(message) ? [message, 'close what was opened: { with }, [ with ]'] : [message, INDENT_CURE];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [message, INDENT_CURE];
    case 'MISSING_CHAR':
      return [message, 'close every quote, bracket and brace that was opened'];
    case 'MULTIPLE_DOCS':
      return ['a second document in one file', 'write one policy a file, without ---'];
    default:
      return [message, 'write it as YAML: word: value'];
  }
}

function parentOf(layer: Layer, seen: string[], parents: Parents, mistakes: PolicyMistake[]): PolicySource | null {
  const { name, extends: wanted } = record(layer.raw);
  if (wanted === undefined) return null;
  seen.push(typeof name === 'string' ? name : layer.file);
  const say = (code: string, message: string, cure: string) =>
    void mistakes.push({ severity: 'error', ...placeIn(layer, ['extends']), code, message, cure });
  if (typeof wanted !== 'string') {
    say('extends_form', 'extends: the name of one policy is wanted', 'write extends: standard');
    return null;
  }
  if (seen.includes(wanted)) {
    say('extends_circle', `${[...seen, wanted].join(' extends ')}: a circle`, 'let one of them extend nothing, or another policy');
    return null;
  }
  if (seen.length >= LEVELS_MAX) {
    say('extends_deep', `more than ${LEVELS_MAX} policies above each other`, 'extend one that is nearer to the first');
    return null;
  }
  const found = parents.find(wanted);
  if (found !== null) return found;
  const near = nearest(wanted, parents.names);
  const cure = near === null ? `write one of: ${parents.names.join(', ')}` : `did you mean ${near}?`;
  say('extends_unknown', `there is no policy ${wanted} to extend`, cure);
  return null;
}

/** Of each file its own. */
const OWN = new Set(['name', 'version', 'description']);
/** Not of the effective policy. */
const INHERITANCE = new Set(['extends', 'remove']);

interface LaidStep {
  value: unknown;
  /** Where each field stands: in which layer, in which of its steps. */
  readonly fields: Map<string, { layer: Layer; index: number }>;
  last: { layer: Layer; index: number };
}

function compose(layers: readonly Layer[], mistakes: PolicyMistake[]): Effective {
  const top = new Map<string, { layer: Layer; value: unknown }>();
  let steps: LaidStep[] = [];
  const [last] = layers.slice(-1);
  for (const layer of layers) {
    const given = record(layer.raw);
    for (const [key, value] of Object.entries(given)) {
      if (INHERITANCE.has(key) || (OWN.has(key) && layer !== last)) continue;
      top.set(key, { layer, value });
    }
    steps = layRemoved(layer, steps, mistakes);
    if (Array.isArray(given.steps)) steps = laySteps(layer, given.steps, steps);
  }
  const order = Object.keys(policyShape.shape);
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  const keys = [...top.keys()].sort((a, b) => rank(a) - rank(b));
  // What is no list of steps is said of by who reads the words.
  const isList = Array.isArray(top.get('steps')?.value);
  const raw =
    last === undefined || !isMap(last.document.contents)
      ? last?.raw
      : Object.fromEntries(keys.map((key) => [key, key === 'steps' && isList ? steps.map(({ value }) => value) : top.get(key)?.value]));
  const place = (path: Path, part: 'key' | 'value' = 'value'): Place => {
    const [first, number, field] = path;
    if (last === undefined) return { file: '', line: 1, column: 1 };
    // What is said of all steps is said of the file that was asked about.
    if (first === 'steps' && number === undefined) return placeIn(last, [record(last.raw).steps === undefined ? 'remove' : 'steps'], part);
    if (first === 'steps' && typeof number === 'number' && isList) {
      const laid = steps[number];
      const at = (field === undefined ? undefined : laid?.fields.get(String(field))) ?? laid?.last;
      return at === undefined ? placeIn(last, []) : placeIn(at.layer, ['steps', at.index, ...path.slice(2)], part);
    }
    return placeIn(top.get(String(first))?.layer ?? last, path, part);
  };
  return { raw, sources: layers.map(({ file, text }) => ({ file, text })), place };
}

function layRemoved(layer: Layer, steps: LaidStep[], mistakes: PolicyMistake[]): LaidStep[] {
  const { remove, extends: wanted } = record(layer.raw);
  if (remove === undefined) return steps;
  const say = (path: Path, code: string, message: string, cure: string) =>
    void mistakes.push({ severity: 'error', ...placeIn(layer, path), code, message, cure });
  if (!Array.isArray(remove) || wanted === undefined) {
    if (wanted === undefined)
      say(['remove'], 'remove_without_extends', 'remove goes only with extends', 'write extends, or leave remove out');
    else say(['remove'], 'wrong_type', 'remove: a list of steps is wanted', 'write remove: [one, another]');
    return steps;
  }
  const ids = steps.map(({ value }) => String(record(value).id));
  remove.forEach((id: unknown, index) => {
    if (ids.includes(String(id))) return;
    const near = nearest(String(id), ids);
    say(
      ['remove', index],
      'remove_unknown',
      `the extended policy has no step ${String(id)}`,
      near === null ? `write one of: ${ids.join(', ')}` : `did you mean ${near}?`,
    );
  });
  return steps.filter((_, index) => !remove.includes(ids[index]));
}

function laySteps(layer: Layer, given: readonly unknown[], inherited: readonly LaidStep[]): LaidStep[] {
  const laid = [...inherited];
  const order = Object.keys(step.shape);
  given.forEach((value, index) => {
    const at = { layer, index };
    const id = record(value).id;
    const place = typeof id === 'string' ? inherited.findIndex((each) => record(each.value).id === id) : -1;
    const fields = Object.keys(record(value)).map((field): [string, typeof at] => [field, at]);
    const below = inherited[place];
    if (below === undefined) {
      laid.push({ value, fields: new Map(fields), last: at });
      return;
    }
    const merged = Object.entries({ ...record(below.value), ...record(value) });
    merged.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    laid[place] = { value: Object.fromEntries(merged), fields: new Map([...below.fields, ...fields]), last: at };
  });
  return laid;
}

/** Of a part that is not there, of the nearest one around it. */
function placeIn({ file, document, lines }: Layer, path: Path, part: 'key' | 'value' = 'value'): Place {
  for (let length = path.length; length >= 0; length -= 1) {
    const inner = path.slice(0, length);
    const node = part === 'key' && length === path.length ? keyNode(document, inner) : document.getIn(inner, true);
    if (isNode(node) && node.range) return { file, ...position(lines, node.range[0]) };
  }
  return { file, line: 1, column: 1 };
}

function keyNode(document: Document, path: Path): unknown {
  const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  return isMap(map) ? map.items.find(({ key }) => isScalar(key) && String(key.value) === String(name))?.key : undefined;
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
