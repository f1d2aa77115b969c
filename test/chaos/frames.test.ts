import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takeFrames, textOf } from './frames.ts';

/** A text frame as a server sends it. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(payload.length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}
const texts = fc.array(
  fc.oneof(
    fc.string(),
    fc.constantFrom(125, 126, 65_535, 65_536).map((length) => 'x'.repeat(length)),
  ),
  { maxLength: 5 },
);

it('takes whole frames wherever the wire has cut them', () => {
  fc.assert(
    fc.property(texts, fc.nat(), (said, at) => {
      const wire = Buffer.concat(said.map(frameOf));
      const cut = wire.length === 0 ? 0 : at % wire.length;
      const first = takeFrames(wire.subarray(0, cut));
      const second = takeFrames(Buffer.concat([first.rest, wire.subarray(cut)]));
      expect([...first.frames, ...second.frames].map(textOf)).toEqual(said);
      expect(second.rest).toHaveLength(0);
    }),
  );
});

it('reads no text from a ping and none from what a client has masked', () => {
  expect(textOf(Buffer.from([0x89, 0x00]))).toBeNull();
  expect(textOf(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5]))).toBeNull();
  expect(takeFrames(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])).frames).toHaveLength(1);
});
