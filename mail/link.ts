/** Links in messages: signed, expiring, one per person, task and action. A link is not a login. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { CHANNELS, email, taskCode } from '../domain/names.ts';
import { type IsoInstant, isoInstant } from '../domain/time.ts';

const claim = z.object({
  code: taskCode,
  recipient: email,
  action: z.enum(['acknowledge', 'name_another']),
  expiresAt: isoInstant,
  key: z.string().max(200),
  /** By which channel it went; links of before there were several went by mail. */
  via: z.enum(CHANNELS).default('email'),
});
/** `key` is the notification's: pressing twice is one act. */
export type Claim = z.infer<typeof claim>;

export type ReadLink = { readonly ok: true; readonly claim: Claim } | { readonly ok: false; readonly why: 'forged' | 'expired' };

/** A token of `[A-Za-z0-9_-]` and one dot-free separator `~`: base64url of the claim and its HMAC-SHA256. */
export function signLink(secret: string, { code, recipient, action, expiresAt, key, via }: Claim): string {
  const body = Buffer.from(JSON.stringify([code, recipient, action, expiresAt, key, via])).toString('base64url');
  return `${body}~${mac(secret, body)}`;
}

export function readLink(secret: string, token: string, now: IsoInstant): ReadLink {
  const [body = '', given = '', more] = token.split('~');
  const expected = Buffer.from(mac(secret, body));
  const actual = Buffer.from(given);
  if (more !== undefined || expected.length !== actual.length || !timingSafeEqual(expected, actual)) return { ok: false, why: 'forged' };
  const [code, recipient, action, expiresAt, key, via] = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
  const read = claim.parse({ code, recipient, action, expiresAt, key, via });
  return read.expiresAt < now ? { ok: false, why: 'expired' } : { ok: true, claim: read };
}

/** 128 bits: out of reach of guessing for the fortnight that a link lives. */
function mac(secret: string, body: string): string {
  return createHmac('sha256', secret).update('link\n').update(body).digest().subarray(0, 16).toString('base64url');
}
