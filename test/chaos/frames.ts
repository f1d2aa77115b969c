/** WebSocket messages as they lie on the wire (RFC 6455 5.2), so that whole ones can be held back or sent twice. Pure. */

const TEXT = 0x81; // the last frame of a text message; longer messages in several frames pass untouched
const MASKED = 0x80;
const MASK_BYTES = 4;

/** Cuts off every whole frame; `rest` is the beginning of the next. */
export function takeFrames(bytes: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = [];
  let rest = bytes;
  for (;;) {
    const size = sizeOf(rest);
    if (size === null || rest.length < size) return { frames, rest };
    frames.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
}

/** What a server's text frame says; null for any other frame. */
export function textOf(frame: Buffer): string | null {
  const layout = layoutOf(frame);
  if (frame[0] !== TEXT || layout === null || layout.masked) return null;
  return frame.subarray(layout.header, layout.header + layout.payload).toString();
}

function sizeOf(bytes: Buffer): number | null {
  const layout = layoutOf(bytes);
  return layout === null ? null : layout.header + layout.payload;
}

/** Null where not even the header has come. */
function layoutOf(bytes: Buffer): { header: number; payload: number; masked: boolean } | null {
  const second = bytes[1];
  if (second === undefined) return null;
  const masked = (second & MASKED) !== 0;
  const short = second & ~MASKED;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const header = 2 + extended + (masked ? MASK_BYTES : 0);
  if (bytes.length < header) return null;
  const payload = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { header, payload, masked };
}
