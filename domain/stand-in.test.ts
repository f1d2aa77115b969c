/** Proves who stands in and who is asked, case by case, and that no line ever ends with who has left or turns in a circle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Email } from './names.ts';
import { askedToName, type Staff, standInFor } from './stand-in.ts';

const at = (name: string) => `${name}@most.example` as Email;

interface Case {
  readonly away?: Readonly<Record<string, string>>;
  readonly gone?: readonly string[];
  readonly head?: string | null;
  /** Agencies of their own, with their heads; everyone else is of the one agency. */
  readonly heads?: Readonly<Record<string, string>>;
}
function staffOf({ away = {}, gone = [], head = 'head', heads = {} }: Case): Staff {
  const name = (email: Email) => email.split('@')[0] ?? '';
  return {
    substituteOf: (email) => (away[name(email)] === undefined ? undefined : at(away[name(email)] ?? '')),
    isGone: (email) => gone.includes(name(email)),
    headOf: (email) => {
      const of = heads[name(email)] ?? head;
      return of === null ? null : at(of);
    },
  };
}
const nameOf = (email: Email | undefined) => email?.split('@')[0] ?? null;

describe('for Lan, of a task that Hà coordinates, stands in', () => {
  it.each<[string, Case, string | null]>([
    ['nobody, while Lan is there', {}, null],
    ['the substitute of the absent', { away: { lan: 'minh' } }, 'minh'],
    ["the substitute's own substitute", { away: { lan: 'minh', minh: 'binh' } }, 'binh'],
    ['the second of two who stand in for each other', { away: { lan: 'minh', minh: 'lan' } }, 'minh'],
    ['the head, when Lan has left', { gone: ['lan'] }, 'head'],
    ['the substitute before the head, when Lan has left', { gone: ['lan'], away: { lan: 'minh' } }, 'minh'],
    ['the head, when the substitute has left', { gone: ['minh'], away: { lan: 'minh' } }, 'head'],
    ["the head's substitute", { gone: ['lan'], away: { head: 'minh' } }, 'minh'],
    ['the coordinator, when the head has left too', { gone: ['lan', 'head'] }, 'ha'],
    ['the coordinator, where there is no head', { gone: ['lan'], head: null }, 'ha'],
    ['the coordinator, when Lan was the head', { gone: ['lan'], head: 'lan' }, 'ha'],
    ["the coordinator's substitute", { gone: ['lan', 'head'], away: { ha: 'vy' } }, 'vy'],
    ["the committee's head, when the coordinator has left too", { gone: ['lan', 'head', 'ha'], heads: { ha: 'chief' } }, 'chief'],
    ['nobody, when nobody is left', { gone: ['lan', 'head', 'ha'] }, null],
    ['who is only away, when nobody else is left', { gone: ['head', 'ha'], away: { lan: 'minh', minh: 'head' } }, 'minh'],
  ])('%s', (_, staff, expected) => {
    expect(nameOf(standInFor(at('lan'), staffOf(staff), at('ha')))).toBe(expected);
  });
});

describe('in place of Lan, who has left, another is to be named by', () => {
  it.each<[string, Case, string | null]>([
    ['the head', {}, 'head'],
    ['the head, also while a substitute stands in', { away: { lan: 'minh' } }, 'head'],
    ["the head's substitute", { away: { head: 'minh' } }, 'minh'],
    ['the coordinator, when the head has left', { gone: ['lan', 'head'] }, 'ha'],
    ['the coordinator, when Lan was the head', { head: 'lan' }, 'ha'],
    ['the coordinator, where there is no head', { head: null }, 'ha'],
    ['nobody, when nobody is left', { gone: ['lan', 'head', 'ha'] }, null],
  ])('%s', (_, staff, expected) => {
    expect(nameOf(askedToName(at('lan'), at('ha'), staffOf({ gone: ['lan'], ...staff })))).toBe(expected);
  });
});

const people = ['lan', 'minh', 'binh', 'head', 'ha', 'chief'] as const;
const who = fc.constantFrom(...people);
const anyStaff = fc.record({
  away: fc.dictionary(who, who),
  gone: fc.uniqueArray(who),
  head: fc.option(who),
  heads: fc.dictionary(who, who),
});

it('never ends with who has left, nor with the person, whoever is away, gone or head of whom', () => {
  fc.assert(
    fc.property(anyStaff, who, who, (given, person, coordinator) => {
      const staff = staffOf(given);
      const found = standInFor(at(person), staff, at(coordinator));
      if (found !== undefined) expect(staff.isGone(found) || found === at(person)).toBe(false);
      const asked = askedToName(at(person), at(coordinator), staff);
      if (asked !== undefined) expect(staff.isGone(asked) || asked === at(person)).toBe(false);
    }),
  );
});

it('leaves nobody without a reader while the coordinator is there', () => {
  fc.assert(
    fc.property(anyStaff, who, (given, person) => {
      const staff = staffOf({ ...given, gone: [...given.gone.filter((each) => each !== 'ha'), person].filter((each) => each !== 'ha') });
      if (person !== 'ha') expect(standInFor(at(person), staff, at('ha'))).toBeDefined();
    }),
  );
});
