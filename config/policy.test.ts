/**
 * Proves that the ready policies are right, that their schema for editors is the one the code reads by, and how policies are laid over
 * each other. Does not prove whom a step tells: see domain/occurrences.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { POLICIES_DIR, type PolicyText, parentsBeside, readPolicy, readPolicyFile } from './policy.ts';
import type { Parents } from './policy-layers.ts';
import { policyJsonSchema } from './policy-schema.ts';

const ready = readdirSync(POLICIES_DIR).filter((file) => file.endsWith('.yaml'));
const textOf = (file: string) => readFileSync(join(POLICIES_DIR, file), 'utf8');

/** Policies that lie nowhere. */
const among = (texts: Readonly<Record<string, string>>): Parents => ({
  find: (name) => (texts[name] === undefined ? parentsBeside('none/x.yaml').find(name) : { file: `${name}.yaml`, text: texts[name] }),
  names: Object.keys(texts),
});
function taken(read: PolicyText) {
  if ('errors' in read) throw new Error(JSON.stringify(read.errors, null, 1));
  return read;
}
const stepOf = (read: PolicyText, id: string) => taken(read).policy.steps.find((step) => step.id === id);

describe('the ready policies', () => {
  it.each(ready)('%s is right, and begins with its schema', (file) => {
    const read = taken(readPolicyFile(join(POLICIES_DIR, file)));
    // The newcomer's tasks are urged on within minutes; their deadlines lie behind the first visit.
    expect(read.warnings.map(({ code }) => code)).toEqual(file === 'minutes.yaml' ? ['late_unheard'] : []);
    expect(read.policy.name).toBe(file.replace('.yaml', ''));
    expect(textOf(file).split('\n')[0]).toBe('# yaml-language-server: $schema=policy.schema.json');
  });

  it('are the six, and the newcomer’s own', () => {
    const six = ['gentle', 'standard', 'strict', 'inspection', 'recurring-report', 'plan-by-date'];
    expect(ready.sort()).toEqual([...six, 'minutes'].map((name) => `${name}.yaml`).sort());
  });

  it('have in the schema for editors what the code reads by', () => {
    // To write it anew: the text that `policyJsonSchema` gives.
    expect(JSON.parse(readFileSync(join(POLICIES_DIR, 'policy.schema.json'), 'utf8'))).toEqual(JSON.parse(policyJsonSchema()));
  });
});

describe('a policy that extends another', () => {
  const head = 'name: mine\nversion: 1\n';
  const read = (text: string, others: Readonly<Record<string, string>> = {}) => readPolicy({ file: 'mine.yaml', text }, among(others));

  it('changes steps by id, field by field, and is otherwise what it extends', () => {
    const own = read(`${head}extends: standard\nsteps:\n  - { id: before-7d, offset: -9d, urgent: true }\n`);
    const standard = taken(readPolicyFile(join(POLICIES_DIR, 'standard.yaml')));
    const before = standard.policy.steps.find(({ id }) => id === 'before-7d');
    expect(stepOf(own, 'before-7d')).toEqual({ ...before, offset: { count: -9, unit: 'd' }, urgent: true });
    const rest = (policy: typeof standard.policy) => policy.steps.filter(({ id }) => id !== 'before-7d');
    expect(rest(taken(own).policy)).toEqual(rest(standard.policy));
    expect(taken(own).policy).toMatchObject({ name: 'mine', version: 1, description: '', tacit: standard.policy.tacit });
  });

  it('takes steps away, and makes one anew under the same id', () => {
    const own = read(`${head}extends: standard\nremove: [quiet-10wd, nudge]\nsteps:
  - { id: nudge, anchor: nudge, offset: 0m, when: unreported, kind: nudge, audience: [head], channels: { order: [email], use: first } }\n`);
    expect(stepOf(own, 'quiet-10wd')).toBeUndefined();
    expect(stepOf(own, 'nudge')?.channels).toEqual({ order: ['email'], use: 'first', after: null });
  });

  it('goes over several levels, each with the last word over those below', () => {
    const national =
      'name: national\nversion: 4\nextends: standard\ntiming: any_time\nsteps:\n  - { id: before-7d, offset: -10d, urgent: true }\n';
    const group = 'name: group\nversion: 2\nextends: national\ndigestAt: "09:00"\nsteps:\n  - { id: before-7d, offset: -5d }\n';
    const own = taken(read(`${head}extends: group\ntiming: office_hours\n`, { national, group }));
    expect(own.policy).toMatchObject({ timing: 'office_hours', digestAt: '09:00' });
    expect(stepOf(own, 'before-7d')).toMatchObject({ offset: { count: -5 }, urgent: true, at: '08:00' });
    const at = own.policy.steps.findIndex(({ id }) => id === 'before-7d');
    const lines = textOf('standard.yaml').split('\n');
    const atLine =
      lines.findIndex((line, index) => line.includes('at:') && index > lines.findIndex((each) => each.includes('id: before-7d'))) + 1;
    const where = (field: string) => {
      const { file, line } = own.effective.place(['steps', at, field]);
      return `${file.split('/').at(-1)}:${line}`;
    };
    expect([where('offset'), where('urgent'), where('at')]).toEqual(['group.yaml:6', 'national.yaml:6', `standard.yaml:${atLine}`]);
    expect(own.effective.sources.map(({ file }) => file.split('/').at(-1))).toEqual([
      'standard.yaml',
      'national.yaml',
      'group.yaml',
      'mine.yaml',
    ]);
  });

  it.each<[says: string, text: string, others: Readonly<Record<string, string>>, codes: string[]]>([
    ['itself', `${head}extends: mine\n`, {}, ['extends_circle']],
    ['one that extends it', `${head}extends: other\n`, { other: 'name: other\nversion: 1\nextends: mine\n' }, ['extends_circle']],
    [
      'one under another name than its own',
      `${head}extends: a\n`,
      { a: 'name: other\nversion: 1\nextends: b\n', b: 'name: third\nversion: 1\nextends: a\n' },
      ['extends_deep'],
    ],
    ['a text that cannot be read', `${head}extends: other\n`, { other: 'name: [' }, ['yaml_syntax']],
    ['a list', `${head}extends: [standard]\n`, {}, ['extends_form']],
    ['nothing', `${head}remove: [a]\n`, {}, ['remove_without_extends', 'missing']],
    [
      'one with a mistake',
      `${head}extends: other\n`,
      { other: 'name: other\nversion: 1\nextends: standard\ntimming: any_time\n' },
      ['unknown_key'],
    ],
  ])('is refused where it extends %s', (_, text, others, codes) => {
    const got = read(text, others);
    expect('errors' in got && got.errors.map(({ code }) => code)).toEqual(codes);
  });
});

describe('a text', () => {
  const none = among({});
  it.each<[says: string, text: string, codes: string[]]>([
    ['of nothing', '', ['wrong_type']],
    ['of a list', '- a', ['wrong_type']],
    ['of two documents', 'a: 1\n---\nb: 1', ['yaml_syntax']],
    ['with an alias to nothing', 'name: *x', ['yaml_syntax']],
    ['too long', `# ${'x'.repeat(300_000)}`, ['too_large']],
    ['of control characters', 'name: "\u0000"', ['bad_form']],
  ])('%s is refused and never thrown at', (_, text, codes) => {
    const read = readPolicy({ file: 'x.yaml', text }, none);
    expect('errors' in read && read.errors.map(({ code }) => code)).toEqual(expect.arrayContaining(codes));
    for (const { line, column } of 'errors' in read ? read.errors : []) expect(Math.min(line, column)).toBeGreaterThan(0);
  });

  it('is the same policy with other comments and in another order, and another with another rule', () => {
    const standard = textOf('standard.yaml');
    const hash = (text: string) => taken(readPolicy({ file: 'x.yaml', text }, none)).sha256;
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(parse(standard) as object).reverse()));
    expect(hash(reordered)).toBe(hash(standard));
    expect(hash(standard.replace('offset: -7d', 'offset: -8d'))).not.toBe(hash(standard));
  });
});
