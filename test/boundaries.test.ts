/** Proves that the check of the arrows between folders sees a forbidden one: a copy of the domain with one bad import fails it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'dondoc-arrows-'));
  for (const path of [
    'domain',
    'config',
    'test/people.ts',
    'prisma/database.ts',
    'prisma/generated',
    '.dependency-cruiser.cjs',
    'tsconfig.json',
    'package.json',
  ]) {
    mkdirSync(join(copy, path, '..'), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function check(): { status: number | null; said: string } {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { status, stdout } = spawnSync(process.execPath, [program, '--config', '.dependency-cruiser.cjs', 'domain'], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, said: stdout };
}

it('passes the domain as it is', () => {
  expect(check()).toMatchObject({ status: 0 });
});

it.each([
  ['the store', "import { openDatabase } from '../prisma/database.ts';\nexport const open = openDatabase;\n", 'domain-is-pure'],
  ['only a type of the store', "import type { Database } from '../prisma/database.ts';\nexport type Bad = Database;\n", 'domain-is-pure'],
  ['a module of Node', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n", 'domain-knows-only-zod-and-dates'],
  ['a package', "import { App } from '@slack/bolt';\nexport const app = App;\n", 'domain-knows-only-zod-and-dates'],
])('fails when the domain imports %s', (_, source, rule) => {
  writeFileSync(join(copy, 'domain/bad.ts'), source);
  const { status, said } = check();
  expect(status).not.toBe(0);
  expect(said).toContain(rule);
  expect(said).toContain('domain/bad.ts');
});
