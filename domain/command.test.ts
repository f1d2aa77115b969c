/** Proves what is let in at the door. What follows from it is in decide.test.ts. */
import { describe, expect, it } from 'vitest';
import { amendment, request } from './command.ts';

describe('an amendment', () => {
  it('says nothing of what it does not name', () => {
    expect(amendment.parse({ title: 'Trình luật' })).toEqual({ title: 'Trình luật' });
    expect(request.parse({ type: 'AmendTask', changes: { secrecy: 'secret' } })).toEqual({
      type: 'AmendTask',
      changes: { secrecy: 'secret' },
    });
  });

  it('moves a deadline only with the instant that it means', () => {
    expect(amendment.safeParse({ deadline: '2026-03-20' }).success).toBe(false);
  });
});

it.each([
  ['two products of one id', { products: ['p1', 'p1'].map((id) => ({ id, name: 'x', kind: 'other' })) }],
  ['a product of no kind', { products: [{ id: 'p1', name: 'x', kind: 'decree' }] }],
  ['a milestone without a date', { milestones: [{ id: 'm1', name: 'x' }] }],
  ['a secrecy level that there is not', { secrecy: 'hush' }],
  ['a title with a control character', { title: 'a\u0000b' }],
])('refuses %s', (_, changes) => {
  expect(amendment.safeParse(changes).success).toBe(false);
});
