// Index entries as they are published, and what may replace them: versions are added and yanked, never changed; names stay
// apart in more than case, - and _.

import {
  foldCrateName,
  type IndexEntry,
  type IndexVersion,
  indexPath,
  parseIndexEntry,
} from '@cargo-tuf/crate-index';
import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { targetUrlPath, verifyContent } from '@cargo-tuf/metadata';
import { type PublishedBytes, type PublishedState, readLeaves } from '@cargo-tuf/repository';
import { fail } from './errors.ts';

export interface PublishedEntries {
  /** The entry of a lower-case name, or undefined where there is none, or it was deleted. */
  entry(name: string): Promise<IndexEntry | undefined>;
  /** Throws `ADMIN_NAME_TAKEN` when another crate has this name but for case, - and _. */
  assertNameFree(name: string): void;
}

export interface MapEntries extends PublishedEntries {
  /** Length and SHA-256 of the entry of a name that was asked for; undefined as above. */
  leaf(name: string): Leaf | undefined;
  /** The state that they are of, with the leaves of the names that were asked for. */
  readonly state: PublishedState;
}

/**
 * Reads of the published map what `names` need: these, and of names that are not in it those that they could be taken for. What is
 * in the map was told apart from the others when it came.
 */
export async function publishedEntries(
  bytes: PublishedBytes,
  state: PublishedState,
  names: Iterable<string>,
): Promise<MapEntries> {
  const wanted = Array.from(names, name => name.toLowerCase());
  const tree = await readLeaves(bytes, state, wanted);
  const found = new Map(wanted.map(name => [name, tree.leaf(name)]));
  const others = await readOthers(
    bytes,
    state,
    wanted.filter(name => found.get(name) === undefined),
  );
  const folded = new Map<string, string>();
  const leafOf = (name: string): Leaf | undefined => {
    const leaf = found.get(name);
    return leaf?.kind === 'entry' ? leaf : undefined;
  };
  return {
    state: { ...state, tree },
    leaf: leafOf,
    entry: async name => {
      const leaf = leafOf(name);
      if (leaf === undefined) return undefined;
      const sha256 = encodeHex(leaf.sha256);
      const path = `targets/${targetUrlPath(indexPath(name), sha256)}`;
      const file = await bytes.get(path);
      if (file === null)
        throw fail('ADMIN_DIFFERS', `${path}: is missing, but the map names it`, { details: { path } });
      verifyContent(file.bytes, { length: leaf.length, hashes: new Map([['sha256', sha256]]) }, path);
      return parseIndexEntry(indexPath(name), file.bytes);
    },
    assertNameFree: name => {
      const lower = name.toLowerCase();
      const published = found.get(lower) === undefined ? others(lower) : lower;
      const taken = folded.get(foldCrateName(name)) ?? published ?? lower;
      folded.set(foldCrateName(name), taken);
      if (taken === lower) return;
      throw fail('ADMIN_NAME_TAKEN', `${name}: the crate ${taken} is in the index`, {
        details: { name, taken },
      });
    },
  };
}

/** The published crate that a name which is not published could be taken for. */
async function readOthers(
  bytes: PublishedBytes,
  state: PublishedState,
  names: readonly string[],
): Promise<(name: string) => string | undefined> {
  const spellings = new Map(names.map(name => [name, spellingsOf(name)]));
  const bounded = [...spellings.values()].filter(each => each !== undefined);
  if (bounded.length === spellings.size) {
    const tree = await readLeaves(bytes, state, bounded.flat());
    return name => spellings.get(name)?.find(each => tree.leaf(each) !== undefined);
  }
  const tree = await readLeaves(bytes, state);
  const folded = new Map(Array.from(tree.leaves(), leaf => [foldCrateName(leaf.name), leaf.name]));
  return name => folded.get(foldCrateName(name));
}

/** As many - and _ of a name are looked up in every combination; with more of them, the whole map is read. */
const SEPARATORS = 10;

/** A lower-case name with - and _ in each other's place, itself among them. */
function spellingsOf(name: string): readonly string[] | undefined {
  const [first = '', ...rest] = name.split(/[-_]/);
  if (rest.length > SEPARATORS) return undefined;
  return rest.reduce(
    (starts, part) => starts.flatMap(start => [`${start}-${part}`, `${start}_${part}`]),
    [first],
  );
}

/** Finds the published version that a version would stand beside: the same but for build metadata. */
export function sameVersions(entry: IndexEntry | undefined): (version: string) => IndexVersion | undefined {
  const published = new Map(entry?.versions.map(each => [withoutBuild(each.vers), each]));
  return version => published.get(withoutBuild(version));
}

/** Throws `ADMIN_VERSION_EXISTS` unless the published version has these very bytes. */
export function assertSameCrate(published: IndexVersion, next: IndexVersion): void {
  if (published.vers === next.vers && published.cksum === next.cksum) return;
  throw fail(
    'ADMIN_VERSION_EXISTS',
    `${next.name} ${next.vers}: sha256 ${next.cksum}, expected ${published.cksum} as published under ${published.vers}`,
    { details: { crate: next.name, version: next.vers, seen: next.cksum, expected: published.cksum } },
  );
}

function withoutBuild(version: string): string {
  return version.split('+', 1)[0] as string;
}
