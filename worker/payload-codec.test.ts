/** Proves that nothing readable reaches the engine, and that only the same secret reads it back. Does not prove that it is used: see test/secrecy. */
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createPayloadCodec } from './payload-codec.ts';

const codec = createPayloadCodec('a secret of more than thirty-two characters');
const payload = defaultPayloadConverter.toPayload({ title: 'Trình nghị định' });

it('seals, and gives back what was sealed', async () => {
  const [sealed] = await codec.encode([payload]);
  expect(Buffer.from(sealed?.data ?? []).toString()).not.toContain('title');
  expect(sealed?.metadata).toEqual({ encoding: Buffer.from('binary/dondoc-aes-256-gcm') });
  const [opened] = await codec.decode(sealed === undefined ? [] : [sealed]);
  expect(opened === undefined ? null : defaultPayloadConverter.fromPayload(opened)).toEqual({ title: 'Trình nghị định' });
});

it('makes another text of the same payload each time', async () => {
  const [a, b] = await codec.encode([payload, payload]);
  expect(a?.data).not.toEqual(b?.data);
});

it('reads what an earlier version did not seal', async () => {
  expect(await codec.decode([payload])).toEqual([payload]);
});

it('refuses what another secret sealed, and what was altered', async () => {
  const [foreign] = await createPayloadCodec('another secret of more than thirty-two characters').encode([payload]);
  await expect(codec.decode(foreign === undefined ? [] : [foreign])).rejects.toThrow();
  const [sealed] = await codec.encode([payload]);
  const altered = Buffer.from(sealed?.data ?? []);
  altered.writeUInt8(altered.readUInt8(20) ^ 1, 20);
  await expect(codec.decode([{ ...sealed, data: altered }])).rejects.toThrow();
});
