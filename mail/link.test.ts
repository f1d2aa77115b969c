/** Proves that a link says what was signed, until it expires, and nothing else. Does not prove what its page does: see test/end-to-end. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANNELS, type Email, type TaskCode } from '../domain/names.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { type Claim, readLink, signLink } from './link.ts';

const EXPIRES_MS = 1_900_000_000_000;
const expiresAt = instantFromEpochMs(EXPIRES_MS);
const before = instantFromEpochMs(EXPIRES_MS - 1);
const claims: fc.Arbitrary<Claim> = fc.record({
  code: fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,39}$/).map((code) => code as TaskCode),
  recipient: fc.stringMatching(/^[a-z]{1,20}\.[a-z]{1,20}$/).map((name) => `${name}@most.example` as Email),
  action: fc.constant('acknowledge' as const),
  expiresAt: fc.constant(expiresAt),
  key: fc.uuid(),
  via: fc.constantFrom(...CHANNELS),
});

it('reads back what was signed, in the letters of a URL', () => {
  fc.assert(
    fc.property(claims, fc.string({ minLength: 16 }), (claim, secret) => {
      const token = signLink(secret, claim);
      expect(token).toMatch(/^[A-Za-z0-9_~-]+$/);
      expect(token.length).toBeLessThan(300);
      expect(readLink(secret, token, before)).toEqual({ ok: true, claim });
    }),
  );
});

it('is forged when any one letter differs, when it is cut, and under another secret', () => {
  fc.assert(
    fc.property(claims, fc.nat(), fc.constantFrom(...'ABCabc019_-~'), (claim, place, letter) => {
      const token = signLink('secret', claim);
      const at = place % token.length;
      fc.pre(token[at] !== letter);
      expect(readLink('secret', token.slice(0, at) + letter + token.slice(at + 1), before)).toEqual({ ok: false, why: 'forged' });
      expect(readLink('secret', token.slice(0, at), before)).toEqual({ ok: false, why: 'forged' });
      expect(readLink('another', token, before)).toEqual({ ok: false, why: 'forged' });
    }),
  );
});

it('expires at its instant', () => {
  const claim = {
    code: 'T-1' as TaskCode,
    recipient: 'lan@most.example' as Email,
    action: 'acknowledge' as const,
    expiresAt,
    key: 'k',
    via: 'webhook' as const,
  };
  const token = signLink('secret', claim);
  expect(readLink('secret', token, expiresAt)).toMatchObject({ ok: true });
  expect(readLink('secret', token, instantFromEpochMs(EXPIRES_MS + 1))).toEqual({ ok: false, why: 'expired' });
});

it('of before there were several channels came by mail', () => {
  const body = Buffer.from(JSON.stringify(['T-1', 'lan@most.example', 'acknowledge', expiresAt, 'k'])).toString('base64url');
  const old = `${body}~${createHmac('sha256', 'secret').update('link\n').update(body).digest().subarray(0, 16).toString('base64url')}`;
  expect(readLink('secret', old, before)).toMatchObject({ ok: true, claim: { via: 'email' } });
});

it.each(['', '~', '~~', 'x', 'x~', '%', 'a'.repeat(5_000)])('is forged when it is no token: %s', (token) => {
  expect(readLink('secret', token, before)).toEqual({ ok: false, why: 'forged' });
});
