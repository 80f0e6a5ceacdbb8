// A proof shows what a map says about one name (docs/pouf.md, section 4):
//
// 1. at most 256 siblings
// 2. the end is the wanted leaf, or an empty subtree, or a leaf with another key that shares all bits walked
// 3. a leaf does not stand beside an empty subtree: it would stand one level higher
// 4. the hashes, folded from the bottom up, give the root; every direction comes from the wanted key

import { encodeHex, equalBytes } from '@cargo-tuf/keys';
import { escapeText } from '@cargo-tuf/errors';
import { bitAt, sharedBits } from './bits.ts';
import { fail } from './errors.ts';
import { EMPTY, hashLeafAt, hashNode, isEmpty, keyOf, type MapShape } from './hashes.ts';
import type { Leaf } from './leaf.ts';
import { checkSiblings, type Proof } from './proof.ts';

/**
 * The leaf of `name` in the map with this root; undefined: proved that there is none.
 * Throws `MERKLE_PROOF_SHAPE`, `MERKLE_PROOF_PLACE`, `MERKLE_PROOF_ROOT`, `MERKLE_LIMIT`, `MERKLE_LEAF`, `MERKLE_NAME`.
 */
export function verifyProof(shape: MapShape, root: Uint8Array, name: string, proof: Proof): Leaf | undefined {
  const { end, siblings } = proof;
  checkSiblings(siblings.length);
  const key = keyOf(shape, name);
  const endKey = end === undefined ? undefined : keyOf(shape, end.name);
  if (endKey !== undefined && sharedBits(key, endKey) < siblings.length) {
    throw fail('MERKLE_PROOF_PLACE', `proof of ${escapeText(name)}: ends at a leaf that is not on its path`, {
      details: { name, end: end?.name ?? null, shared: sharedBits(key, endKey), walked: siblings.length },
    });
  }
  const bottom = siblings[0];
  if (bottom !== undefined && isEmpty(bottom)) {
    throw fail('MERKLE_PROOF_SHAPE', `proof of ${escapeText(name)}: its end stands beside an empty subtree`, {
      details: { name },
    });
  }
  const start = end === undefined || endKey === undefined ? EMPTY : hashLeafAt(shape, endKey, end);
  const computed = foldUp(start, key, siblings);
  if (!equalBytes(computed, root)) {
    throw fail(
      'MERKLE_PROOF_ROOT',
      `proof of ${escapeText(name)}: root ${encodeHex(computed)}, expected ${encodeHex(root)}`,
      {
        details: { name, root: encodeHex(computed), expected: encodeHex(root) },
      },
    );
  }
  return endKey !== undefined && equalBytes(endKey, key) ? end : undefined;
}

function foldUp(start: Uint8Array, key: Uint8Array, siblings: readonly Uint8Array[]): Uint8Array {
  let hash = start;
  for (const [index, sibling] of siblings.entries()) {
    const depth = siblings.length - 1 - index;
    hash = bitAt(key, depth) === 0 ? hashNode(hash, sibling) : hashNode(sibling, hash);
  }
  return hash;
}
