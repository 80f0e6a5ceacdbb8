// What a snapshot leads to, found the plain way: every file is read, every map by itself, every hash in full.

import { indexPath, indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  changesPath,
  countsPath,
  decodeTile,
  EMPTY,
  hashLeaf,
  hashNode,
  keyOf,
  type Leaf,
  type MapShape,
  tilePath,
} from '@cargo-tuf/merkle-snapshot';
import {
  type MapRoot,
  parseEnvelope,
  parseSnapshot,
  parseTargets,
  type Snapshot,
  type Targets,
} from '@cargo-tuf/metadata';

/** Leaves of a bucket (docs/pouf.md, section 5). */
const BUCKET = 32;

export type Files = ReadonlyMap<string, Uint8Array>;

export function snapshotOf(files: Files, version: number): Snapshot {
  return parseSnapshot(parseEnvelope(bytesOf(files, `metadata/${version}.snapshot.json`)).signed);
}

export function roleOf(files: Files, path: string): Targets {
  return parseTargets(parseEnvelope(bytesOf(files, path)).signed);
}

/** The versions of a file in `metadata/`, such as "crates.json", ascending. */
export function versionsOf(files: Files, file: string): readonly number[] {
  return [...files.keys()]
    .filter(path => path.startsWith('metadata/') && path.endsWith(`.${file}`))
    .map(path => Number(path.slice('metadata/'.length).split('.')[0]))
    .sort((left, right) => left - right);
}

/** Every file that a client of this snapshot can ask for; throws where one is missing. */
export function reachable(files: Files, version: number): Set<string> {
  const paths = new Set([`metadata/${version}.snapshot.json`]);
  const bundle = `metadata/${version}.bundle`;
  // A publish that was killed right before it wrote the bundle has none.
  if (files.has(bundle)) paths.add(bundle);
  for (const [name, { version: of }] of snapshotOf(files, version).meta) {
    const path = `metadata/${of}.${name}`;
    paths.add(path);
    for (const each of reachableFromRole(files, path)) paths.add(each);
  }
  for (const path of paths) bytesOf(files, path);
  return paths;
}

export function reachableFromRole(files: Files, path: string): Set<string> {
  const { map, targets } = roleOf(files, path);
  const paths = new Set<string>();
  for (const [target, { hashes }] of targets) paths.add(`targets/${hashes.get('sha256')}.${target}`);
  for (const { sha256 } of map?.changes?.values() ?? []) paths.add(changesPath(decodeHex(sha256)));
  if (map !== undefined) for (const each of reachableFromMap(files, map).paths) paths.add(each);
  return paths;
}

export function reachableFromMap(
  files: Files,
  { root }: MapRoot,
): { readonly paths: Set<string>; readonly leaves: readonly Leaf[] } {
  const paths = new Set<string>();
  const leaves: Leaf[] = [];
  const visit = (hash: Uint8Array): void => {
    paths.add(tilePath(hash));
    const tile = decodeTile(bytesOf(files, tilePath(hash)));
    if (tile.kind === 'inner') {
      if (files.has(countsPath(hash))) paths.add(countsPath(hash));
      for (const exit of tile.exits) if (exit.hash !== undefined) visit(exit.hash);
      return;
    }
    for (const leaf of tile.leaves) {
      leaves.push(leaf);
      if (leaf.kind !== 'entry') continue;
      const at = indexPath(leaf.name).lastIndexOf('/') + 1;
      paths.add(`targets/${indexPath(leaf.name).slice(0, at)}${encodeHex(leaf.sha256)}.${leaf.name}`);
    }
  };
  if (root !== encodeHex(EMPTY)) visit(decodeHex(root));
  return { paths, leaves };
}

/** Tiles and counts that a publisher can count on in an index map, however it is cut: at all nodes down to the buckets. */
export function tilePathsOf(repository: string, leaves: readonly Leaf[]): Set<string> {
  const shape: MapShape = { map: 1, repository: decodeHex(repository), path: indexPathOfLowerCase };
  const paths = new Set<string>();
  const visit = (
    below: readonly { readonly key: Uint8Array; readonly leaf: Leaf }[],
    depth: number,
    isAboveBuckets: boolean,
  ): Uint8Array => {
    const [only] = below;
    if (only === undefined) return EMPTY;
    const side = (bit: number) =>
      below.filter(({ key }) => (((key[depth >> 3] as number) >> (7 - (depth & 7))) & 1) === bit);
    const hash =
      below.length === 1
        ? hashLeaf(shape, only.leaf)
        : hashNode(
            visit(side(0), depth + 1, below.length > BUCKET),
            visit(side(1), depth + 1, below.length > BUCKET),
          );
    if (isAboveBuckets) paths.add(tilePath(hash)).add(countsPath(hash));
    return hash;
  };
  visit(
    leaves.map(leaf => ({ key: keyOf(shape, leaf.name), leaf })),
    0,
    true,
  );
  return paths;
}

function bytesOf(files: Files, path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`${path}: missing`);
  return bytes;
}
