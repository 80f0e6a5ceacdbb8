// The leaves that a store remembers, and the map that proved them; one document of the store:
//
//   {"format":1,"leaves":{"itoa":"entry:17:4711:9f86…","itoa-":""},"root":"2c26…","version":17}
//
// An empty text stands for a name that the map proved absent. The document spares proofs and is no floor: one that is missing
// or not as written is as good as none.

import {
  encodeCanonical,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { decodeHex, encodeHex, equalBytes } from '@cargo-tuf/keys';
import type { Leaf, LeafKind } from '@cargo-tuf/merkle-snapshot';
import { attempt } from './stored.ts';

export interface ProvedLeaves {
  /** Version of the map. */
  readonly version: number;
  /** Its root, 64 hex digits. */
  readonly root: string;
  /** By lower-case name. */
  readonly leaves: ReadonlyMap<string, Leaf | undefined>;
}

/** More than a project has; a program that looks at a whole registry need not remember it. */
export const REMEMBERED = 20_000;
const LIMITS = { members: 2 * REMEMBERED, nodes: 2 * REMEMBERED };
const LEAF = /^(entry|role-file|tombstone):([1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15}):([0-9a-f]{64})$/;

export function formatProved({ version, root, leaves }: ProvedLeaves): Uint8Array {
  const texts = Array.from(leaves, ([name, leaf]) => [name, leaf === undefined ? '' : textOf(leaf)] as const);
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['format', 1],
      ['version', version],
      ['root', root],
      ['leaves', new Map(texts)],
    ]),
  );
}

/** Undefined for anything but what `formatProved` writes. */
export function parseProved(bytes: Uint8Array): ProvedLeaves | undefined {
  const value = attempt(() => parseJson(bytes, LIMITS));
  const proved = isJsonObject(value) ? readProved(value) : undefined;
  return proved !== undefined && equalBytes(formatProved(proved), bytes) ? proved : undefined;
}

function readProved(value: JsonObject): ProvedLeaves | undefined {
  const [version, root, texts] = [value.get('version'), value.get('root'), value.get('leaves')];
  if (typeof version !== 'number' || typeof root !== 'string' || !isJsonObject(texts)) return undefined;
  const leaves = new Map<string, Leaf | undefined>();
  for (const [name, text] of texts) {
    const leaf = typeof text === 'string' ? leafOf(name, text) : undefined;
    if (leaf === undefined && text !== '') return undefined;
    leaves.set(name, leaf);
  }
  return { version, root, leaves };
}

function textOf({ kind, version, length, sha256 }: Leaf): string {
  return `${kind}:${version}:${length}:${encodeHex(sha256)}`;
}

function leafOf(name: string, text: string): Leaf | undefined {
  const [, kind, version, length, sha256 = ''] = LEAF.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return {
    name,
    kind: kind as LeafKind,
    version: Number(version),
    length: Number(length),
    sha256: decodeHex(sha256, 32),
  };
}
