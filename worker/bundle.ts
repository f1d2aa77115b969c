/**
 * The workflows' code as one file. The bundler takes some hundred megabytes that its process never gives back, and a second or two:
 * so it runs in a process of its own, once for each state of the sources.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['workflows', 'domain'];

/** Makes the bundle where it is missing. @returns the path of its file */
export function workflowBundlePath(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const folder of SOURCES) {
    for (const file of readdirSync(join(ROOT, folder)).sort()) {
      if (file.endsWith('.ts') && !file.endsWith('.test.ts')) hash.update(file).update(readFileSync(join(ROOT, folder, file)));
    }
  }
  const path = join(ROOT, 'node_modules', '.dondoc', `workflows-${hash.digest('hex').slice(0, 16)}.js`);
  if (!existsSync(path))
    execFileSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), path], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  return path;
}

async function write(path: string): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(ROOT, 'workflows', 'index.ts'), logger: new DefaultLogger('ERROR') });
  mkdirSync(dirname(path), { recursive: true });
  // Two starts at once write the same bytes; neither reads half of them.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined) await write(process.argv[2]);
