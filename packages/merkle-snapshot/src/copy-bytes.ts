/**
 * Copies the bytes from `start` to `end`, four at a time: for millions of short runs, for which `set` would need a view of each.
 */
export function copyBytes(
  source: DataView,
  start: number,
  end: number,
  target: DataView,
  offset: number,
): void {
  const shift = offset - start;
  let at = start;
  for (; at + 4 <= end; at += 4) target.setUint32(at + shift, source.getUint32(at));
  for (; at < end; at += 1) target.setUint8(at + shift, source.getUint8(at));
}

/** The 32 bytes of a key or a hash. */
export function copyHash(source: Uint8Array, from: number, target: Uint8Array, offset: number): void {
  for (let index = 0; index < 32; index += 1) target[offset + index] = source[from + index] as number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
