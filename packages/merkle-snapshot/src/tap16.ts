// TAP 16 to the letter, for small repositories and for clients that read nothing else: one file for each role beside a balanced
// binary tree, whose root stands in the timestamp as `merkle_root`. Every publish writes every file anew; section 3 of docs/pouf.md
// has the tree that scales. The hashes are those of the TAP's proof of concept:
//
//   leaf = hex(SHA-256(canonical JSON of leaf_contents))      node = hex(SHA-256(left ‖ right)), both as 64 hex digits
//
//   {"leaf_contents":{"name":"role1","version":1},
//    "merkle_path":{"0":"<64 hex>"},"path_directions":{"0":-1}}      -1: the node is left of the hash, 1: right of it
//
// Leaves stand in the order of their file names; a last node without a pair goes up as it is. A leaf's text starts with `{` and a
// node's with a hex digit, so neither passes for the other. `leaf_contents` must name the role that was asked for: without that rule a
// mirror answers with the proof of another role.

import {
  encodeCanonical,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { MERKLE_LIMITS } from './limits.ts';
import { encodeUtf8 } from './utf8.ts';

/** What a snapshot says of a role (METAFILES of the TUF specification, section 4.4). */
export interface Tap16Leaf {
  readonly version: number;
  readonly length?: number;
  readonly hashes?: ReadonlyMap<string, string>;
}

export interface Tap16Snapshot {
  /** 64 hex digits; 64 zeros without a leaf. */
  readonly root: string;
  /** By role name: the bytes of `<role>-snapshot.json`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The files of all roles. Throws `MERKLE_LEAF` for a version that is none. */
export function formatTap16(roles: ReadonlyMap<string, Tap16Leaf>): Tap16Snapshot {
  const names = [...roles.keys()].sort((left, right) => (`${left}.json` < `${right}.json` ? -1 : 1));
  const contents = names.map(name => leafContents(name, roles.get(name) as Tap16Leaf));
  const levels = [contents.map(hashOfLeaf)];
  for (let level = levels[0] as string[]; level.length > 1; levels.push(level)) level = pairUp(level);
  const files = names.map((name, index): [string, Uint8Array] => {
    const path = pathFrom(levels, index);
    return [
      name,
      encodeCanonical(
        new Map<string, JsonValue>([
          ['leaf_contents', contents[index] as JsonObject],
          ['merkle_path', indexed(path.map(({ hash }) => hash))],
          ['path_directions', indexed(path.map(({ direction }) => direction))],
        ]),
      ),
    ];
  });
  return { root: levels.at(-1)?.[0] ?? '0'.repeat(64), files: new Map(files) };
}

/**
 * What the file of `role` says, if it leads to `root`, the `merkle_root` of a timestamp that was verified. Throws
 * `MERKLE_PROOF_ROOT`, `MERKLE_PROOF_PLACE` for another role's leaf, and `MERKLE_SYNTAX` or `MERKLE_LIMIT` for what is no such file.
 */
export function verifyTap16(bytes: Uint8Array, role: string, root: string): Tap16Leaf {
  const file = readFile(bytes);
  const contents = objectIn(file, 'leaf_contents');
  const hashes = listIn(file, 'merkle_path').map(hexOf);
  const directions = listIn(file, 'path_directions').map(directionOf);
  if (hashes.length !== directions.length)
    refuse(`${hashes.length} hashes and ${directions.length} directions, expected as many`);
  const name = contents.get('name');
  if (name !== role) {
    throw fail('MERKLE_PROOF_PLACE', `proof: of ${describe(name)}, expected ${escapeText(role)}`, {
      details: { role, found: describe(name) },
    });
  }
  const found = hashes.reduce(
    (node, hash, index) => (directions[index] === -1 ? hashOfPair(node, hash) : hashOfPair(hash, node)),
    hashOfLeaf(contents),
  );
  if (found === root) return leafOf(contents);
  throw fail('MERKLE_PROOF_ROOT', `proof: root ${found}, expected ${root}`, {
    details: { root: found, expected: root },
  });
}

function leafContents(name: string, { version, length, hashes }: Tap16Leaf): JsonObject {
  if (!Number.isSafeInteger(version) || version < 1)
    throw fail('MERKLE_LEAF', `leaf ${escapeText(name)}: version ${version}, expected 1 to 2^53-1`);
  return new Map<string, JsonValue>([
    ['name', name],
    ['version', version],
    ...(length === undefined ? [] : [['length', length] as const]),
    ...(hashes === undefined ? [] : [['hashes', hashes] as const]),
  ]);
}

function leafOf(contents: JsonObject): Tap16Leaf {
  const [version, length, hashes] = ['version', 'length', 'hashes'].map(name => contents.get(name));
  if (typeof version !== 'number' || version < 1)
    return refuse(`version ${describe(version)}, expected from 1`);
  if (length !== undefined && (typeof length !== 'number' || length < 0))
    return refuse(`length ${describe(length)}, expected from 0`);
  if (
    hashes !== undefined &&
    !(isJsonObject(hashes) && [...hashes.values()].every(each => typeof each === 'string'))
  )
    return refuse('hashes: expected texts by algorithm');
  return {
    version,
    ...(length === undefined ? {} : { length }),
    ...(hashes === undefined ? {} : { hashes: hashes as ReadonlyMap<string, string> }),
  };
}

function pairUp(level: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(level.length / 2) }, (_, pair) => {
    const [left = '', right] = level.slice(2 * pair, 2 * pair + 2);
    return right === undefined ? left : hashOfPair(left, right);
  });
}

/** From the leaf up; a node without a pair adds nothing. */
function pathFrom(
  levels: readonly (readonly string[])[],
  leaf: number,
): readonly { readonly hash: string; readonly direction: -1 | 1 }[] {
  return levels.flatMap((level, height) => {
    const index = leaf >> height;
    const hash = level[index ^ 1];
    return hash === undefined ? [] : [{ hash, direction: index % 2 === 0 ? (-1 as const) : (1 as const) }];
  });
}

function hashOfLeaf(contents: JsonObject): string {
  return encodeHex(sha256(encodeCanonical(contents)));
}

function hashOfPair(left: string, right: string): string {
  return encodeHex(sha256(encodeUtf8(left + right)));
}

function indexed(values: readonly JsonValue[]): JsonObject {
  return new Map(values.map((value, index) => [String(index), value]));
}

function readFile(bytes: Uint8Array): JsonObject {
  if (bytes.length > MERKLE_LIMITS.proofBytes)
    throw fail('MERKLE_LIMIT', `proof: ${bytes.length} bytes, at most ${MERKLE_LIMITS.proofBytes}`);
  try {
    const value = parseJson(bytes);
    return isJsonObject(value) ? value : refuse('expected an object');
  } catch (cause) {
    if (!isTufError(cause) || cause.code.startsWith('MERKLE_')) throw cause;
    throw fail('MERKLE_SYNTAX', `proof: ${cause.message}`, { cause });
  }
}

function objectIn(file: JsonObject, name: string): JsonObject {
  const value = file.get(name);
  return isJsonObject(value) ? value : refuse(`${name}: expected an object`);
}

/** The members "0", "1" and so on, which must be all that there are. */
function listIn(file: JsonObject, name: string): readonly (JsonValue | undefined)[] {
  const object = objectIn(file, name);
  if (object.size > MERKLE_LIMITS.levels) {
    throw fail('MERKLE_LIMIT', `proof: ${name}: ${object.size} members, at most ${MERKLE_LIMITS.levels}`);
  }
  return Array.from({ length: object.size }, (_, index) =>
    object.has(String(index)) ? object.get(String(index)) : refuse(`${name}: no member "${index}"`),
  );
}

function hexOf(value: JsonValue | undefined): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  return refuse(`merkle_path: ${describe(value)}, expected 64 lower-case hex digits`);
}

function directionOf(value: JsonValue | undefined): -1 | 1 {
  if (value === -1 || value === 1) return value;
  return refuse(`path_directions: ${describe(value)}, expected -1 or 1`);
}

function describe(value: JsonValue | undefined): string {
  if (typeof value === 'string') return `"${escapeText(value, 80)}"`;
  return typeof value === 'number' ? String(value) : typeof value;
}

function refuse(reason: string): never {
  throw fail('MERKLE_SYNTAX', `proof: ${reason}`);
}
