import type { Leaf, LeafKind, MapShape } from '@cargo-tuf/merkle-snapshot';
import { sha256 } from '@cargo-tuf/keys';

/** The index map of a repository, with cargo's index paths; only lower-case names have one. */
export function indexShape(repositoryByte = 7): MapShape {
  return {
    map: 1,
    repository: new Uint8Array(32).fill(repositoryByte),
    path(name) {
      if (!/^[a-z][a-z0-9_-]*$/.test(name)) throw new Error('not a lower-case name');
      if (name.length < 3) return `${name.length}/${name}`;
      if (name.length === 3) return `3/${name[0]}/${name}`;
      return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
    },
  };
}

export function leafOf(name: string, version = 1, kind: LeafKind = 'entry'): Leaf {
  if (kind === 'tombstone') return { name, kind, version, length: 0, sha256: new Uint8Array(32) };
  return {
    name,
    kind,
    version,
    length: name.length,
    sha256: sha256(new TextEncoder().encode(`${name} ${version}`)),
  };
}

export function leavesOf(count: number, prefix = 'crate'): Leaf[] {
  return Array.from({ length: count }, (_, index) =>
    leafOf(`${prefix}-${index}`, 1 + (index % 5), index % 7 === 3 ? 'tombstone' : 'entry'),
  );
}
