// Entries of a git index, for what turns archives into entries.

import { foldCrateName, indexPath, parseIndexEntry, parseIndexPath } from '@cargo-tuf/crate-index';
import type { VerifiedIndex } from '@cargo-tuf/registry-commits';
import type { ScannedArchive } from '../crate-folder.ts';
import { fail } from '../errors.ts';
import type { PublishedEntries } from '../published-entries.ts';

export interface IndexEntries {
  readonly entries: PublishedEntries;
  /** Of a lower-case name. */
  path(name: string): string;
}

/** Reads the entries that the archives need; names are compared with all of the index where one is new. */
export async function indexEntries(
  index: VerifiedIndex,
  archives: readonly ScannedArchive[],
): Promise<IndexEntries> {
  const found = new Map<string, Uint8Array>();
  const names = new Set(archives.map(({ line }) => line.name.toLowerCase()));
  for (const name of names) {
    const bytes = await index.read(indexPath(name));
    if (bytes !== undefined) found.set(name, bytes);
  }
  const folded = new Map<string, string>(Array.from(found.keys(), name => [foldCrateName(name), name]));
  if (found.size < names.size) {
    for await (const path of index.entries()) {
      const name = parseIndexPath(path);
      folded.set(foldCrateName(name), name);
    }
  }
  return { path: indexPath, entries: entriesOf(found, folded) };
}

function entriesOf(found: ReadonlyMap<string, Uint8Array>, folded: Map<string, string>): PublishedEntries {
  return {
    entry: async name => {
      const bytes = found.get(name);
      return bytes && parseIndexEntry(indexPath(name), bytes);
    },
    assertNameFree: name => {
      const lower = name.toLowerCase();
      const taken = folded.get(foldCrateName(name)) ?? lower;
      folded.set(foldCrateName(name), taken);
      if (taken === lower) return;
      throw fail('ADMIN_NAME_TAKEN', `${name}: the crate ${taken} is in the index`, {
        details: { name, taken },
      });
    },
  };
}
