/** All tests: types, lint, arrows between folders, then vitest. Ends with `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const checks: [name: string, args: string[]][] = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', '.']],
  ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']],
  ['unused', ['node_modules/knip/bin/knip.js']],
  ['arrows', ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', '.']],
];
const only = process.argv.slice(2);
const tally = { passed: 0, failed: 0 };

if (only.length === 0) {
  for (const [name, args] of checks) {
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
    process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name}\n`);
    tally[status === 0 ? 'passed' : 'failed'] += 1;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'dondoc-test-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
const result = JSON.parse(readFileSync(report, 'utf8')) as {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
};
rmSync(folder, { recursive: true });
tally.passed += result.numPassedTests;
// A file that does not load, or fails outside its tests, counts as one failure; so does a run that fails outside any file.
const failedFiles = result.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
).length;
tally.failed += status === 0 ? 0 : Math.max(1, result.numFailedTests + failedFiles);
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
