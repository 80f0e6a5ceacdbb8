// The hashes of a map (docs/pouf.md, section 3):
//
//   key      = SHA-256(path)
//   leafHash = SHA-256(00 ‖ map ‖ kind ‖ repository[32] ‖ key[32] ‖ version u64be ‖ length u64be ‖ sha256[32])
//   nodeHash = SHA-256(01 ‖ left[32] ‖ right[32])
//   empty    = 32 zero bytes
//
// The first byte keeps leaves and nodes apart, and the lengths differ (115 and 65): no node can pass for a leaf.

import { sha256Into } from '@cargo-tuf/keys';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkLeaf, kindByte, type Leaf, type LeafKind, mapOfKind } from './leaf.ts';
import { asciiView, encodeUtf8 } from './utf8.ts';

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
  /**
   * Optional, for maps of millions: writes the same path of the name in `bytes` from `from` to `to` to `out`, which has 512
   * bytes, and gives its length; 0 leaves the name to `path`.
   */
  writePath?(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number;
}

/** The hash of a subtree with no leaf, and the root of an empty map. */
export const EMPTY: Uint8Array = new Uint8Array(32);

export function isEmpty(hash: Uint8Array): boolean {
  return hash.every(byte => byte === 0);
}

/** Throws `MERKLE_NAME` when the shape knows no path for `name`. */
export function keyOf(shape: MapShape, name: string): Uint8Array {
  const key = new Uint8Array(32);
  keyInto(shape, name, key, 0);
  return key;
}

/** `keyOf`, written to `out` at `offset`. */
export function keyInto(shape: MapShape, name: string, out: Uint8Array, offset: number): void {
  const path = pathOf(shape, name);
  sha256Into(asciiView(path) ?? encodeUtf8(path), out, offset);
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
  checkLeaf(leaf);
  checkKind(shape, leaf.kind, leaf.name);
  const hash = new Uint8Array(32);
  startLeafMessage(shape, leafMessage);
  leafMessage.bytes.set(key, LEAF_KEY);
  hashLeafMessage(leafMessage, leaf, leaf.sha256, 0, hash, 0);
  return hash;
}

export interface LeafMessage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A message for many leaves of one map. Throws `MERKLE_SHAPE`. */
export function leafMessageOf(shape: MapShape): LeafMessage {
  const bytes = new Uint8Array(115);
  const message = { bytes, view: new DataView(bytes.buffer) };
  startLeafMessage(shape, message);
  return message;
}

function startLeafMessage(shape: MapShape, { bytes }: LeafMessage): void {
  checkShape(shape);
  bytes[1] = shape.map;
  bytes.set(shape.repository, 3);
}

/** Where the key stands in the message of a leaf. */
export const LEAF_KEY = 35;

/**
 * Writes the hash of a leaf that was checked to `out` at `offset`. Its key stands in the message already, its sha256 in `source`
 * at `from`.
 */
export function hashLeafMessage(
  { bytes, view }: LeafMessage,
  { kind, version, length }: Pick<Leaf, 'kind' | 'version' | 'length'>,
  source: Uint8Array,
  from: number,
  out: Uint8Array,
  offset: number,
): void {
  bytes[2] = kindByte(kind);
  setSafeInteger(view, 67, version);
  setSafeInteger(view, 75, length);
  // A tombstone has none: 32 zero bytes.
  if (kind === 'tombstone') bytes.fill(0, 83);
  else for (let index = 0; index < 32; index += 1) bytes[83 + index] = source[from + index] as number;
  sha256Into(bytes, out, offset);
}

/** Throws `MERKLE_LEAF_KIND` for a leaf of the other map. */
export function checkKind({ map }: MapShape, kind: LeafKind, name: string): void {
  if (mapOfKind(kind) === map) return;
  throw fail('MERKLE_LEAF_KIND', `leaf ${escapeText(name)}: kind ${kind} in map ${map}`, {
    details: { name, kind, map },
  });
}

// One buffer for every leaf and one for every node: `sha256Into` has read it when it returns.
const leafBytes = new Uint8Array(115);
const leafMessage: LeafMessage = { bytes: leafBytes, view: new DataView(leafBytes.buffer) };
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
  const hash = new Uint8Array(32);
  sha256Into(branchMessage, hash, 0);
  return hash;
}

function setSafeInteger(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 4, value % 2 ** 32);
}

function checkShape(shape: MapShape): void {
  if ((shape.map === 1 || shape.map === 2) && shape.repository.length === 32) return;
  throw fail(
    'MERKLE_SHAPE',
    `map ${shape.map}: repository id of ${shape.repository.length} bytes, expected 32`,
  );
}
