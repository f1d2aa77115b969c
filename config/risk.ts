/** Reads the weights of a risk from YAML; a mistake is named by line and column, an unknown word with the one that was meant. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RiskWeights, riskWeights } from '../domain/risk.ts';
import { type Read, readYaml } from './yaml.ts';

export function readRiskWeights(text: string): Read<RiskWeights> {
  return readYaml(text, riskWeights, { words: wordsAt });
}

/** The weights of this installation. @throws Error naming file, line and column of each mistake */
export function loadRiskWeights(file = fileURLToPath(new URL('./risk.yaml', import.meta.url))): RiskWeights {
  const read = readRiskWeights(readFileSync(file, 'utf8'));
  if ('errors' in read) throw new Error(read.errors.map((e) => `${file}:${e.line}:${e.column}: ${e.message}`).join('\n'));
  return read.value;
}

/** The words that may stand at a place of the document. */
function wordsAt(path: readonly PropertyKey[]): string[] {
  const { weights, levels, agency } = riskWeights.shape;
  const [first, second] = path;
  if (first === undefined) return Object.keys(riskWeights.shape);
  if (first === 'weights') return second === undefined ? Object.keys(weights.shape) : Object.keys(weights.shape.silence.shape);
  return Object.keys(first === 'levels' ? levels.shape : agency.shape);
}
