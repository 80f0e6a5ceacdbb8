// The map of docs/pouf.md, sections 3 and 4, in the fewest words: nothing is shared with the package under test.

import { createHash } from 'node:crypto';
import type { Leaf, MapShape } from '@cargo-tuf/merkle-snapshot';

export type Hash = string;
const EMPTY = '00'.repeat(32);
const KINDS = ['entry', 'role-file', 'tombstone', 'claim', 'released'];

const sha = (hex: string): Hash => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const u64 = (value: number): string => BigInt(value).toString(16).padStart(16, '0');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const byte = (value: number): string => value.toString(16).padStart(2, '0');

export function referenceKey(shape: MapShape, name: string): Hash {
  return sha(Buffer.from(shape.path(name)).toString('hex'));
}

export function referenceLeaf(shape: MapShape, leaf: Leaf): Hash {
  const kind = byte(KINDS.indexOf(leaf.kind) + 1);
  const key = referenceKey(shape, leaf.name);
  const numbers = u64(leaf.version) + u64(leaf.length);
  return sha(`00${byte(shape.map)}${kind}${hex(shape.repository)}${key}${numbers}${hex(leaf.sha256)}`);
}

/** The hash of the leaves whose keys start with `bits`. */
export function referenceRoot(shape: MapShape, leaves: readonly Leaf[], bits = ''): Hash {
  const below = leaves.filter(leaf => bitsOfName(shape, leaf.name).startsWith(bits));
  if (below.length === 0) return EMPTY;
  if (below.length === 1) return referenceLeaf(shape, below[0]);
  return sha(`01${referenceRoot(shape, below, `${bits}0`)}${referenceRoot(shape, below, `${bits}1`)}`);
}

/** The same names are asked for at every level. */
const known = new Map<string, string>();

function bitsOfName(shape: MapShape, name: string): string {
  const bits = known.get(name) ?? bitsOf(referenceKey(shape, name));
  known.set(name, bits);
  return bits;
}

export function bitsOf(key: Hash): string {
  return Array.from(key, digit => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
}
