// A leaf: what a map says about one name (docs/pouf.md, section 3).
//
//   { name: 'itoa', kind: 'entry', version: 17, length: 4711, sha256: … }
//
// | kind        | byte | map        | length and sha256                                   |
// |-------------|------|------------|-----------------------------------------------------|
// | `entry`     | 1    | 1 (index)  | of the index entry                                  |
// | `role-file` | 2    | 1 (index)  | of the file that a claimed crate's owners signed    |
// | `tombstone` | 3    | 1 (index)  | 0 and 32 zero bytes: a deleted crate                |
// | `claim`     | 4    | 2 (claims) | of the claim                                        |
// | `released`  | 5    | 2 (claims) | of the released claim                               |

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { MERKLE_LIMITS } from './limits.ts';
import { encodeUtf8 } from './utf8.ts';

export type LeafKind = 'entry' | 'role-file' | 'tombstone' | 'claim' | 'released';

export interface Leaf {
  /** What the path is made from: for crates the lower-case crate name. */
  readonly name: string;
  readonly kind: LeafKind;
  /** Tree version of the last change: 1 to 2^53-1. */
  readonly version: number;
  readonly length: number;
  readonly sha256: Uint8Array;
}

const KINDS: readonly LeafKind[] = ['entry', 'role-file', 'tombstone', 'claim', 'released'];

export function kindByte(kind: LeafKind): number {
  return KINDS.indexOf(kind) + 1;
}

export function kindOfByte(byte: number): LeafKind | undefined {
  return KINDS[byte - 1];
}

/** The map that leaves of this kind are in. */
export function mapOfKind(kind: LeafKind): 1 | 2 {
  return kind === 'claim' || kind === 'released' ? 2 : 1;
}

/** Throws `MERKLE_LEAF` unless every field is in its range. */
export function checkLeaf(leaf: Leaf): void {
  const { kind, length, name, sha256, version } = leaf;
  const problem =
    (KINDS.includes(kind) ? undefined : `kind ${kind}`) ??
    (Number.isSafeInteger(version) && version >= 1
      ? undefined
      : `version ${version}, expected 1 to 2^53-1`) ??
    (Number.isSafeInteger(length) && length >= 0 ? undefined : `length ${length}, expected 0 to 2^53-1`) ??
    (sha256.length === 32 ? undefined : `sha256 of ${sha256.length} bytes, expected 32`) ??
    (isNameLength(name) ? undefined : `name longer than ${MERKLE_LIMITS.nameBytes} bytes or empty`) ??
    (kind !== 'tombstone' || (length === 0 && sha256.every(byte => byte === 0))
      ? undefined
      : 'tombstone with content, expected length 0 and a zero sha256');
  if (problem === undefined) return;
  throw fail('MERKLE_LEAF', `leaf ${escapeText(name)}: ${problem}`, { details: { name, problem } });
}

function isNameLength(name: string): boolean {
  if (name === '') return false;
  return name.length * 3 <= MERKLE_LIMITS.nameBytes || encodeUtf8(name).length <= MERKLE_LIMITS.nameBytes;
}
