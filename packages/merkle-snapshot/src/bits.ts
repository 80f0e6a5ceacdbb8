// The bits of a key, from the most significant bit of its first byte. 0 goes left, 1 right.

export function bitAt(key: Uint8Array, index: number): 0 | 1 {
  return (((key[index >> 3] as number) >> (7 - (index & 7))) & 1) as 0 | 1;
}

/**
 * First index of `from`…`to` whose key has bit `depth` set. Keys ascend, share the bits before it, and begin every `stride` bytes.
 */
export function splitAtBit(
  keys: Uint8Array,
  stride: 32 | 64,
  depth: number,
  from: number,
  to: number,
): number {
  const [byte, mask] = [depth >> 3, 0x80 >> (depth & 7)];
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((keys[stride * middle + byte] as number) & mask) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many bits two keys share before they differ: 256 when they are equal. */
export function sharedBits(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < 32; index += 1) {
    const difference = (left[index] as number) ^ (right[index] as number);
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24;
  }
  return 256;
}
