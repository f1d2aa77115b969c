/** Proves that docs/policy.md says every word of a policy and no other, and that each of its examples is a policy without a mistake. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parentsBeside, readPolicy } from '../config/policy.ts';
import { policyJsonSchema } from '../config/policy-schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/policy.md'), 'utf8');
const snippets = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text ?? '');

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly string[];
}
const whole = JSON.parse(policyJsonSchema()) as Node;
const branches = (node: Node): Node[] => [node, ...(node.anyOf ?? []).flatMap(branches)];
const inside = (nodes: readonly Node[], key: string): Node[] =>
  nodes
    .flatMap(branches)
    .flatMap((node) => [
      ...(node.properties?.[key] === undefined ? [] : [node.properties[key]]),
      ...(key === '*' && typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []),
      ...(key === '[]' && node.items !== undefined ? [node.items] : []),
    ]);
const at = (...path: string[]) => path.reduce(inside, [whole]).flatMap(branches);
const keys = (...path: string[]) => [...new Set(at(...path).flatMap(({ properties = {} }) => Object.keys(properties)))].sort();
const words = (...path: string[]) => [...new Set(at(...path).flatMap((node) => node.enum ?? []))].sort();

/** The rows of the table under a heading: the word and all that is said of it. */
function table(heading: string): Map<string, string> {
  const from = page.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(-1);
  const rest = page.slice(from + heading.length + 2);
  const end = rest.search(/^#/m);
  const rows = rest.slice(0, end === -1 ? undefined : end).matchAll(/^\| `([^`]+)` +\| (.*) \|$/gm);
  return new Map([...rows].map(([, word = '', said = '']) => [word, said]));
}

const STEP = ['steps', '[]'];
describe('every word stands in its table, and no other', () => {
  it.each<[heading: string, expected: string[]]>([
    ['## Words of a policy', keys()],
    ['### `timing`', keys('timing')],
    ['### `cap`', keys('cap')],
    ['### `rotas`', keys('rotas', '*')],
    ['### `tacit`', keys('tacit')],
    ['### `tacit` entries', keys('tacit', 'transfer_decision')],
    ['## Words of a step', keys(...STEP)],
    ['### `anchor`', words(...STEP, 'anchor')],
    ['### `when`', words(...STEP, 'when')],
    ['### `kind`', words(...STEP, 'kind')],
    ['### `audience`', [...words(...STEP, 'audience', '[]'), ...keys(...STEP, 'audience', '[]')].sort()],
    ['### `channels`', keys(...STEP, 'channels')],
    ['### `repeat`', keys(...STEP, 'repeat')],
    ['### `only`', keys(...STEP, 'only')],
    ['### `stop`', words(...STEP, 'stop', '[]')],
    ['### `actions`', words(...STEP, 'actions', '[]')],
  ])('%s', (heading, expected) => {
    expect(expected.length).toBeGreaterThan(0);
    expect([...table(heading).keys()].sort()).toEqual(expected);
  });

  it.each<[heading: string, word: string, path: string[]]>([
    ['## Words of a policy', 'timing', ['timing']],
    ['### `timing`', 'days', ['timing', 'days']],
    ['### `cap`', 'over', ['cap', 'over']],
    ...['transfer_decision', 'early_transfer_decision', 'transfer_acceptance', 'extension_decision'].map(
      (matter): [string, string, string[]] => ['### `tacit`', matter, ['tacit', matter, 'means']],
    ),
    ['## Words of a step', 'delivery', [...STEP, 'delivery']],
    ['### `channels`', 'order', [...STEP, 'channels', 'order', '[]']],
    ['### `channels`', 'use', [...STEP, 'channels', 'use']],
    ['### `repeat`', 'until', [...STEP, 'repeat', 'until']],
    ['### `only`', 'priority', [...STEP, 'only', 'priority', '[]']],
    ['### `only`', 'product', [...STEP, 'only', 'product', '[]']],
    ['### `only`', 'risk', [...STEP, 'only', 'risk', '[]']],
    ['### `only`', 'secrecy', [...STEP, 'only', 'secrecy', '[]']],
  ])('%s %s: each of its values', (heading, word, path) => {
    const values = words(...path);
    expect(values.length).toBeGreaterThan(0);
    const said = table(heading).get(word) ?? '';
    for (const value of values) expect(said).toContain(`\`${value}\``);
  });
});

/** A snippet is a policy, a part of one, or steps; what it leaves out is the standard one's. */
function policyOf(snippet: string): string {
  if (/^name:/m.test(snippet)) return snippet;
  const isSteps = snippet.startsWith('- ');
  return `name: snippet\nversion: 1\nextends: standard\n${isSteps ? `steps:\n${snippet.replaceAll(/^/gm, '  ')}` : snippet}`;
}

describe('the examples', () => {
  it.each(snippets)('are policies without a mistake: %s', (snippet) => {
    const read = readPolicy({ file: 'docs/policy.md', text: policyOf(snippet) }, parentsBeside(join(root, 'config/policies/x.yaml')));
    expect('errors' in read ? read.errors : []).toEqual([]);
    expect(read.warnings).toEqual([]);
  });

  it('show every word once at least', () => {
    const shown = new Set<string>();
    const note = (value: unknown): void => {
      if (Array.isArray(value)) for (const each of value) note(each);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) {
          shown.add(key);
          note(inner);
        }
    };
    for (const snippet of snippets) note(parse(policyOf(snippet)));
    const all = [
      ...[[], ['timing'], ['cap'], ['rotas', '*'], ['tacit'], ['tacit', 'transfer_decision'], STEP].flatMap((path) => keys(...path)),
      ...[['channels'], ['repeat'], ['only'], ['audience', '[]'], ['text']].flatMap((path) => keys(...STEP, ...path)),
    ];
    expect(all.filter((key) => !shown.has(key))).toEqual([]);
  });
});
