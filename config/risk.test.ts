/** Proves that the weights as shipped are read, that every mistake in them is named by its place, and that the page for the coordinator tells them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FEATURES } from '../domain/risk.ts';
import { loadRiskWeights, readRiskWeights } from './risk.ts';

const source = readFileSync(new URL('./risk.yaml', import.meta.url), 'utf8');
const errorsOf = (text: string) => {
  const read = readRiskWeights(text);
  return 'errors' in read ? read.errors.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
};

it('weighs everything that is measured', () => {
  expect(Object.keys(loadRiskWeights().weights)).toEqual(Object.keys(FEATURES));
});

it('is told to the coordinator with the weights that are in force', () => {
  const page = readFileSync(new URL('../docs/risk.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` .*\| +([\d.]+) \| +([\d.]+) \|$/gm)].map(([, name, weight, cap]) => [
    name,
    { weight: Number(weight), cap: Number(cap) },
  ]);
  const { weights, base, levels, agency, soon_days } = loadRiskWeights();
  expect(Object.fromEntries(rows)).toEqual(weights);
  for (const said of [
    `the base of ${base}`,
    `From ${levels.medium} on the risk is medium, from ${levels.high} on high`,
    `${agency.steady_after} tasks of the usual share`,
    `the usual share of ${agency.usual_late_share}`,
    `missing to ${soon_days} before`,
  ])
    expect(page).toContain(said);
});

it.each([
  ['silence:', 'silense:', [/^\d+:3 weights\.silense: no such word; did you mean silence\?$/, /^\d+:3 weights\.silence: /]],
  [
    '{ weight: 2.5,',
    '{ wieght: 2.5,',
    [/^\d+:\d+ weights\.forecast_late\.weight: /, /^\d+:20 weights\.forecast_late\.wieght: no such word; did you mean weight\?$/],
  ],
  [
    'steady_after: 10',
    'steady_after: 10\n  colour: blue',
    [/^\d+:3 agency\.colour: no such word; write one of usual_late_share, steady_after$/],
  ],
  ['weight: 0.06', 'weight: -0.06', [/^\d+:22 weights\.silence\.weight: /]],
  ['high: 0.6', 'high: 0.2', [/^\d+:\d+ levels\.high: high begins above medium$/]],
  ['base: -2.8', 'base: [', [/^\d+:\d+ /]],
])('names the place of a mistake: %s as %s', (right, wrong, expected) => {
  expect(source).toContain(right);
  const errors = errorsOf(source.replace(right, wrong));
  for (const pattern of expected) expect(errors).toEqual(expect.arrayContaining([expect.stringMatching(pattern)]));
});
