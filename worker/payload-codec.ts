/**
 * What workflows carry is sealed before the engine sees it: its server and its interface keep histories that no one there can read.
 * AES-256-GCM (NIST SP 800-38D), one random nonce a payload; the key is derived by HKDF (RFC 5869) from one secret.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const ENCODING = 'binary/dondoc-aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const Wire = proto.temporal.api.common.v1.Payload;

/**
 * @param secret at least 32 characters; whoever has it reads every history. A payload that is not sealed (of an earlier version) is read
 * as it stands. Decoding throws where the secret is another one, or a byte was altered.
 */
export function createPayloadCodec(secret: string): PayloadCodec {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'dondoc workflow history', 32));
  const seal = (payload: Payload): Payload => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const sealed = [cipher.update(Wire.encode(payload).finish()), cipher.final()];
    return { metadata: { encoding: Buffer.from(ENCODING) }, data: Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]) };
  };
  const open = (payload: Payload): Payload => {
    if (Buffer.from(payload.metadata?.encoding ?? []).toString() !== ENCODING) return payload;
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return Wire.decode(Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]));
  };
  return { encode: async (payloads) => payloads.map(seal), decode: async (payloads) => payloads.map(open) };
}
