/** Reads the weights of a risk from YAML; a mistake is named by line and column, an unknown word with the one that was meant. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { type RiskWeights, riskWeights } from '../domain/risk.ts';
import { nearestNode, type PolicyError, position } from './policy.ts';

export function readRiskWeights(text: string): { readonly weights: RiskWeights } | { readonly errors: readonly PolicyError[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0)
    return { errors: document.errors.map((error) => ({ ...position(lines, error.pos[0]), message: error.message })) };
  const parsed = riskWeights.safeParse(document.toJS());
  if (parsed.success) return { weights: parsed.data };
  const errors = parsed.error.issues.flatMap((issue): PolicyError[] => {
    const at = nearestNode(document, issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ ...position(lines, at), message: `${issue.path.join('.')}: ${issue.message}` }];
    const place = document.getIn(issue.path, true);
    return issue.keys.map((word) => {
      const pair = isMap(place) ? place.items.find(({ key }) => isScalar(key) && key.value === word) : undefined;
      const own = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
      const known = wordsAt(issue.path);
      return { ...position(lines, own ?? at), message: `${[...issue.path, word].join('.')}: no such word; ${meant(word, known)}` };
    });
  });
  return { errors };
}

/** The weights of this installation. @throws Error naming file, line and column of each mistake */
export function loadRiskWeights(file = fileURLToPath(new URL('./risk.yaml', import.meta.url))): RiskWeights {
  const read = readRiskWeights(readFileSync(file, 'utf8'));
  if ('errors' in read) throw new Error(read.errors.map((e) => `${file}:${e.line}:${e.column}: ${e.message}`).join('\n'));
  return read.weights;
}

/** The words that may stand at a place of the document. */
function wordsAt(path: readonly PropertyKey[]): string[] {
  const { weights, levels, agency } = riskWeights.shape;
  const [first, second] = path;
  if (first === undefined) return Object.keys(riskWeights.shape);
  if (first === 'weights') return second === undefined ? Object.keys(weights.shape) : Object.keys(weights.shape.silence.shape);
  return Object.keys(first === 'levels' ? levels.shape : agency.shape);
}

/** The likeliest word, where one is near; else all of them. */
function meant(word: string, known: readonly string[]): string {
  const [nearest] = known.map((each) => ({ each, distance: distanceOf(word, each) })).sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= Math.ceil(word.length / 3)
    ? `did you mean ${nearest.each}?`
    : `write one of ${known.join(', ')}`;
}

/** Levenshtein's: how many letters must be put in, left out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
