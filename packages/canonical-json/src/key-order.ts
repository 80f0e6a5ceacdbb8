// The order of keys in the canonical form: by code point.

import type { JsonObject } from './value.ts';

export function sortedKeys(object: JsonObject): readonly string[] {
  const keys = [...object.keys()];
  return isSorted(keys) ? keys : keys.sort(compareCodePoints);
}

/** True for most objects: those of a writer that sorts, and those of one member. */
function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if (compareCodePoints(keys[index - 1] as string, keys[index] as string) > 0) return false;
  }
  return true;
}

function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates stand for code points from U+10000 on, so they come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
