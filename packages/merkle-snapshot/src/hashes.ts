// The hashes of a map (docs/pouf.md, section 3):
//
//   key      = SHA-256(path)
//   leafHash = SHA-256(00 ‖ map ‖ kind ‖ repository[32] ‖ key[32] ‖ version u64be ‖ length u64be ‖ sha256[32])
//   nodeHash = SHA-256(01 ‖ left[32] ‖ right[32])
//   empty    = 32 zero bytes
//
// The first byte keeps leaves and nodes apart, and the lengths differ (115 and 65): no node can pass for a leaf.

import { sha256, sha256Into } from '@cargo-tuf/keys';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkLeaf, kindByte, type Leaf, mapOfKind } from './leaf.ts';
import { encodeUtf8 } from './utf8.ts';

/** Which map of which repository. */
export interface MapShape {
  /** 1: index, 2: claims. */
  readonly map: 1 | 2;
  /** The repository id, 32 bytes. */
  readonly repository: Uint8Array;
  /**
   * The path that a name has, `it/oa/itoa` for `itoa`. Different names must have different paths: throw for a name
   * that is not in its one spelling.
   */
  path(name: string): string;
}

/** The hash of a subtree with no leaf, and the root of an empty map. */
export const EMPTY: Uint8Array = new Uint8Array(32);

export function isEmpty(hash: Uint8Array): boolean {
  return hash.every(byte => byte === 0);
}

/** Throws `MERKLE_NAME` when the shape knows no path for `name`. */
export function keyOf(shape: MapShape, name: string): Uint8Array {
  return sha256(encodeUtf8(pathOf(shape, name)));
}

function pathOf(shape: MapShape, name: string): string {
  try {
    return shape.path(name);
  } catch (cause) {
    const reason = isTufError(cause) ? cause.message : 'has no path';
    throw fail('MERKLE_NAME', `name: ${reason}`, { cause, details: { name } });
  }
}

/** Throws `MERKLE_LEAF`, `MERKLE_LEAF_KIND`, `MERKLE_NAME`, `MERKLE_SHAPE`. */
export function hashLeaf(shape: MapShape, leaf: Leaf): Uint8Array {
  return hashLeafAt(shape, keyOf(shape, leaf.name), leaf);
}

/** `hashLeaf` for a caller that has the key. */
export function hashLeafAt(shape: MapShape, key: Uint8Array, leaf: Leaf): Uint8Array {
  const hash = new Uint8Array(32);
  hashLeafInto(shape, key, leaf, hash, 0);
  return hash;
}

/** `hashLeafAt`, written to `out` at `offset`. */
export function hashLeafInto(
  shape: MapShape,
  key: Uint8Array,
  leaf: Leaf,
  out: Uint8Array,
  offset: number,
): void {
  checkShape(shape);
  checkLeaf(leaf);
  if (mapOfKind(leaf.kind) !== shape.map) {
    throw fail('MERKLE_LEAF_KIND', `leaf ${escapeText(leaf.name)}: kind ${leaf.kind} in map ${shape.map}`, {
      details: { name: leaf.name, kind: leaf.kind, map: shape.map },
    });
  }
  leafMessage[1] = shape.map;
  leafMessage[2] = kindByte(leaf.kind);
  leafMessage.set(shape.repository, 3);
  leafMessage.set(key, 35);
  setSafeInteger(67, leaf.version);
  setSafeInteger(75, leaf.length);
  leafMessage.set(leaf.sha256, 83);
  sha256Into(leafMessage, out, offset);
}

// One buffer for every leaf and one for every node: `sha256` has read it when it returns.
const leafMessage = new Uint8Array(115);
const leafView = new DataView(leafMessage.buffer);
const branchMessage = nodeMessage();

/** The message of a node, whose children's hashes stand at 1 and 33. */
export function nodeMessage(): Uint8Array {
  return new Uint8Array(65).fill(1, 0, 1);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== 32 || right.length !== 32) {
    throw fail('MERKLE_LEAF', `node: children of ${left.length} and ${right.length} bytes, expected 32`);
  }
  branchMessage.set(left, 1);
  branchMessage.set(right, 33);
  return sha256(branchMessage);
}

function setSafeInteger(offset: number, value: number): void {
  leafView.setUint32(offset, Math.floor(value / 2 ** 32));
  leafView.setUint32(offset + 4, value % 2 ** 32);
}

function checkShape(shape: MapShape): void {
  if ((shape.map === 1 || shape.map === 2) && shape.repository.length === 32) return;
  throw fail(
    'MERKLE_SHAPE',
    `map ${shape.map}: repository id of ${shape.repository.length} bytes, expected 32`,
  );
}
