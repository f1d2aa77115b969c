/**
 * First step of `npm start` and `npm test`, on whatever Node is there (18 and later): installs what is missing,
 * generates the database client, then hands over to Node 24. Its own words go to stderr; stdout belongs to the program.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const [mode = 'start', ...rest] = process.argv.slice(2);
const NODE_MAJOR = 24;

/** Ends with a sentence and what to do, never with a stack trace. */
function stop(message) {
  process.stderr.write(`dondoc: ${message}\n`);
  process.exit(1);
}

function say(message) {
  process.stderr.write(`dondoc: ${message}\n`);
}

function hashOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Runs `act` unless the stamp says that it was done for these contents. */
function once(stampName, contents, act) {
  const stamp = join(root, 'node_modules', '.dondoc', stampName);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === contents) return;
  act();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, contents);
}

function npm(args) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
}

function install() {
  say('installing (once, about a minute) …');
  // Not `npm ci`: it refuses a lockfile that leaves out other platforms' optional packages. The versions are the lockfile's.
  const result = npm(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  if (result.error?.code === 'ENOENT') stop('npm was not found. Install npm (it comes with Node.js) and run this again.');
  if (result.status !== 0) {
    stop(
      "the packages could not be installed. See npm's message above: is its registry reachable and the disk not full? Nothing was started; run this again afterwards.",
    );
  }
}

/** Node 24: this one, or the one that the optional dependency brought. */
function node() {
  const brought = join(root, 'node_modules', '.bin', 'node');
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  if (existsSync(brought)) return brought;
  return stop(
    `Node ${NODE_MAJOR} is needed, this is ${process.versions.node}, and none is packaged for ${process.platform}-${process.arch}. Install Node ${NODE_MAJOR} and run this again.`,
  );
}

function generate(executable) {
  // The CLI would download an engine that generating does not need.
  const engine = process.platform === 'win32' ? process.execPath : '/bin/true';
  const result = spawnSync(executable, [join(root, 'node_modules/prisma/build/index.js'), 'generate'], {
    cwd: root,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    encoding: 'utf8',
  });
  if (result.status !== 0) stop(`the database client could not be generated:\n${result.stdout}${result.stderr}`);
}

once('packages', hashOf('package-lock.json'), install);
const executable = node();
once('prisma', hashOf('prisma/schema.prisma', 'package-lock.json'), () => generate(executable));

// One process holds every part: without these V8 takes a gigabyte before it looks for what is no longer used.
const frugal = ['--max-old-space-size=384', '--max-semi-space-size=2'];
const programs = {
  start: [...frugal, '--import', 'tsx', 'cli/main.ts', 'up', '--demo', ...rest],
  cli: ['--import', 'tsx', 'cli/main.ts', ...rest],
  test: ['--import', 'tsx', 'test/run.ts', ...rest],
  bench: ['--import', 'tsx', 'bench/run.ts', ...rest],
  'bench:storm': ['--import', 'tsx', 'bench/storm.ts', ...rest],
  'bench:crash': ['--import', 'tsx', 'bench/crash.ts', ...rest],
  'bench:presses': ['--import', 'tsx', 'bench/presses.ts', ...rest],
  'bench:scale': ['--import', 'tsx', 'bench/scale.ts', ...rest],
  'bench:cost': ['--import', 'tsx', 'bench/cost.ts', ...rest],
  'bench:horizon': ['--import', 'tsx', 'bench/horizon.ts', ...rest],
  'bench:table': ['--import', 'tsx', 'bench/table.ts', ...rest],
  chaos: ['--import', 'tsx', 'test/chaos/run.ts', ...rest],
  pictures: ['--import', 'tsx', 'docs/pictures/take.ts', ...rest],
};
const program = programs[mode] ?? stop(`unknown mode ${mode}; there are: ${Object.keys(programs).join(', ')}`);
// `cli` is used from any folder: paths in its arguments are the caller's.
const child = spawn(
  executable,
  mode === 'cli' ? [program[0], join(root, 'node_modules/tsx/dist/esm/index.mjs'), join(root, program[2]), ...rest] : program,
  {
    cwd: mode === 'cli' ? (process.env.INIT_CWD ?? process.cwd()) : root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}` },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
