// Keys for registries that are not built: 32 bits of a crate's number, mixed. What counts for the shape of a tree is that keys are spread
// evenly, which those of SHA-256 are too.

import { mixed } from '../population/random.ts';

const KEY = 40;

export function modelKey(seed: number, crate: number): number {
  return mixed(seed, KEY, crate);
}

/** The keys of all crates, ascending: 4 bytes a crate. */
export function modelKeys(seed: number, size: number): Uint32Array {
  const keys = new Uint32Array(size);
  for (let crate = 0; crate < size; crate++) keys[crate] = modelKey(seed, crate);
  return keys.sort();
}
