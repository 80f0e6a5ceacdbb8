// Numbers that look random and follow from a seed alone, each for itself: crate 7,000,000 needs no other crate made first.

/** 32 mixed bits of a number, a stream (what the number is for) and a seed. */
export function mixed(seed: number, stream: number, index: number): number {
  let bits = Math.imul(index ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** At least 0 and below 1. */
export function fraction(seed: number, stream: number, index: number): number {
  return (mixed(seed, stream, index) + 0.5) / 2 ** 32;
}

/** Of mean 0 and deviation 1 (Box and Muller). */
export function normal(seed: number, stream: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(fraction(seed, stream, index)));
  return radius * Math.cos(2 * Math.PI * fraction(seed, stream + 1, index));
}
