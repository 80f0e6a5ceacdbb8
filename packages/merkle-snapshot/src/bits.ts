// The bits of a key, from the most significant bit of its first byte. 0 goes left, 1 right.

export function bitAt(key: Uint8Array, index: number): 0 | 1 {
  return (((key[index >> 3] as number) >> (7 - (index & 7))) & 1) as 0 | 1;
}

/** How many bits two keys share before they differ: 256 when they are equal. */
export function sharedBits(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < 32; index += 1) {
    const difference = (left[index] as number) ^ (right[index] as number);
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24;
  }
  return 256;
}
