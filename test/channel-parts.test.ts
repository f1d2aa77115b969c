/**
 * Proves what docs/channels.md says of a new channel: with its name alone nothing compiles, and each part that is missing is asked for where
 * it belongs. Does not prove the parts themselves: see test/webhook.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { include: string[] };
const FOLDERS = [...include.filter((each) => /^\w+$/.test(each) && each !== 'test'), 'prisma'];

/** Where it is asked for, and what is missing there. */
const ASKED = {
  'domain/directory.ts': 'where it reaches a person',
  'prisma/people.ts': 'the column of who is gone',
  'cli/system.ts': 'its sender',
  'config/digest-text.ts': 'what of a restricted task it may carry',
  'cli/why.ts': 'its name for people',
  'web/app.tsx': 'that an act can come in by it',
};

it('asks for every part of a fourth channel', () => {
  const copy = mkdtempSync(join(tmpdir(), 'dondoc-channel-'));
  try {
    for (const folder of FOLDERS)
      cpSync(join(root, folder), join(copy, folder), { recursive: true, filter: (path) => !/\.test\.tsx?$|\/peers\b/.test(path) });
    cpSync(join(root, 'tsconfig.json'), join(copy, 'tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const check = () => {
      const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
        cwd: copy,
        encoding: 'utf8',
      });
      return new Set([...stdout.matchAll(/^([\w/.-]+)\(\d+,\d+\): error/gm)].map(([, file]) => file));
    };
    expect([...check()]).toEqual([]);
    const names = join(copy, 'domain/names.ts');
    const written = readFileSync(names, 'utf8');
    writeFileSync(names, written.replace(/(export const CHANNELS = \[[^\]]+)\]/, "$1, 'sms']"));
    const found = check();
    for (const [file, part] of Object.entries(ASKED)) expect(found, part).toContain(file);
  } finally {
    rmSync(copy, { recursive: true });
  }
}, 60_000);
