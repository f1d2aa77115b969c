/** Proves what a merge, a split and a renaming make of the directory, and what is refused with what is possible instead. */
import { expect, it } from 'vitest';
import type { AgencyCode, Email } from './names.ts';
import { isRefusal } from './refusals.ts';
import { type KnownAgency, type KnownDirectory, type ReorganisationRequest, reorganise } from './reorganisation.ts';
import type { IsoDate } from './time.ts';

const TODAY = '2026-03-02' as IsoDate;
function agency(code: string, o: Partial<Record<keyof KnownAgency, unknown>> = {}): KnownAgency {
  const name = { vi: `${code} vi`, en: `${code} en`, fr: `${code} fr` };
  return {
    code,
    kind: 'ministry',
    name,
    head: `head@${code.toLowerCase()}.example`,
    endedOn: null,
    succeededBy: null,
    successors: [],
    ...o,
  } as KnownAgency;
}
const KNOWN: KnownDirectory = {
  agencies: new Map(
    [
      agency('A'),
      agency('B', { head: null }),
      agency('C'),
      agency('OLD', { endedOn: '2025-03-01', succeededBy: 'A', successors: ['A'] }),
      agency('UNDONE', { endedOn: '2025-03-01' }),
    ].map((each) => [each.code, each]),
  ),
  people: ['head@a', 'one@a', 'two@a', 'one@b', 'head@c'].map((address) => ({
    email: `${address}.example` as Email,
    agency: address.slice(-1).toUpperCase() as AgencyCode,
    role: address.startsWith('head') ? 'head' : 'assignee',
  })),
};
const decided = (request: object, effective = TODAY) =>
  reorganise(KNOWN, { name: {}, head: null, ...request } as ReorganisationRequest, { effective, today: TODAY });
function made(request: object) {
  const result = decided(request);
  if (isRefusal(result)) throw new Error(result.refused);
  const agencies = Object.fromEntries(result.agencies.map(({ code, ...rest }) => [code, rest]));
  return { ...result, agencies, places: Object.fromEntries(result.people.map(({ email, to }) => [email.replace('.example', ''), to])) };
}

it('merges two into a new one: their people, the first head, and whoever was merged earlier, follow', () => {
  const { agencies, places, successors } = made({ kind: 'merge', agencies: ['B', 'A'], into: 'N', name: { vi: 'Mới' } });
  expect(successors).toEqual({ A: ['N'], B: ['N'] });
  expect(agencies.N).toEqual({
    kind: 'ministry',
    name: { vi: 'Mới', en: 'Mới', fr: 'Mới' },
    head: 'head@a.example',
    endedOn: null,
    succeededBy: null,
    successors: [],
  });
  for (const code of ['A', 'B']) expect(agencies[code]).toMatchObject({ endedOn: TODAY, succeededBy: 'N' });
  expect(agencies.OLD).toMatchObject({ endedOn: '2025-03-01', succeededBy: 'N' });
  expect(places).toEqual({ 'head@a': 'N', 'one@a': 'N', 'two@a': 'N', 'one@b': 'N' });
});

it('merges one into another that lives on, under its name and head unless others are given', () => {
  const { agencies, successors } = made({ kind: 'merge', agencies: ['A'], into: 'C' });
  expect(successors).toEqual({ A: ['C'] });
  expect(agencies.C).toMatchObject({ name: { vi: 'C vi' }, head: 'head@c.example' });
  const renamed = made({ kind: 'merge', agencies: ['A', 'C'], into: 'C', name: { vi: 'Khác' }, head: 'one@a.example' });
  expect(renamed.agencies.C).toMatchObject({ name: { vi: 'Khác', en: 'C en' }, head: 'one@a.example' });
});

it('takes up again a code whose making was undone', () => {
  expect(made({ kind: 'merge', agencies: ['A', 'B'], into: 'UNDONE' }).agencies.UNDONE).toMatchObject({ endedOn: null });
});

it('splits off people, who is not named stays with a head of its own', () => {
  const { agencies, places, successors } = made({
    kind: 'split',
    agency: 'A',
    into: [{ code: 'N', people: ['head@a.example'], name: {} }],
  });
  expect(successors).toEqual({ A: ['A', 'N'] });
  expect(places).toEqual({ 'head@a': 'N', 'one@a': 'A', 'two@a': 'A' });
  expect([agencies.N?.head, agencies.N?.name.vi, agencies.A?.head, agencies.A?.endedOn]).toEqual([
    'head@a.example',
    'N',
    'one@a.example',
    null,
  ]);
});

it('ends what is split among others altogether; the agency of its head is the chief successor', () => {
  const { agencies, successors } = made({
    kind: 'split',
    agency: 'A',
    into: [
      { code: 'N', people: ['one@a.example', 'two@a.example'], name: {} },
      { code: 'C', people: ['head@a.example'], name: {} },
    ],
  });
  expect(successors).toEqual({ A: ['C', 'N'] });
  expect(agencies.A).toMatchObject({ endedOn: TODAY, succeededBy: null });
  expect(agencies.C).toMatchObject({ name: { vi: 'C vi' }, head: 'head@c.example' });
});

it('renames, and keeps the languages of which nothing is said', () => {
  expect(made({ kind: 'rename', agency: 'A', name: { vi: 'Mới' } }).agencies.A?.name).toEqual({ vi: 'Mới', en: 'A en', fr: 'A fr' });
});

const part = (code: string, ...people: string[]) => ({ code, people, name: {} });
it.each<[string, object, string?]>([
  ['agency_change_future', { kind: 'rename', agency: 'A', name: { vi: 'Mới' } }, '2026-03-03'],
  ['agency_unknown', { kind: 'merge', agencies: ['A', 'X'], into: 'N' }],
  ['agency_unknown', { kind: 'rename', agency: 'X', name: { vi: 'Mới' } }],
  ['agency_ended', { kind: 'merge', agencies: ['OLD'], into: 'N' }],
  ['agency_ended', { kind: 'merge', agencies: ['B'], into: 'OLD' }],
  ['agency_ended', { kind: 'split', agency: 'OLD', into: [part('N')] }],
  ['agency_ended', { kind: 'split', agency: 'A', into: [part('OLD')] }],
  ['agency_name_missing', { kind: 'merge', agencies: ['A', 'B'], into: 'N' }],
  ['agency_head_elsewhere', { kind: 'merge', agencies: ['A', 'B'], into: 'N', name: { vi: 'Mới' }, head: 'head@c.example' }],
  ['agency_change_empty', { kind: 'merge', agencies: ['A'], into: 'A' }],
  ['agency_change_empty', { kind: 'split', agency: 'A', into: [part('A', 'one@a.example')] }],
  ['agency_change_empty', { kind: 'rename', agency: 'A', name: { vi: 'A vi' } }],
  ['person_unknown', { kind: 'split', agency: 'A', into: [part('N', 'nobody@a.example')] }],
  ['person_elsewhere', { kind: 'split', agency: 'A', into: [part('N', 'one@b.example')] }],
  ['person_named_twice', { kind: 'split', agency: 'A', into: [part('N', 'one@a.example'), part('M', 'one@a.example')] }],
])('refuses: %s %o', (refused, request, effective) => {
  expect(decided(request, effective as IsoDate | undefined)).toMatchObject({ refused });
});
