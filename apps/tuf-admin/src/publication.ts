// What a publish adds: index entries and the archives that they name. Everything is checked against what is published
// before the first file is written.

import { formatIndexEntry, type IndexEntry, indexPath, parseIndexEntry } from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { equalBytes, sha256 } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { CheckedEntry } from '@cargo-tuf/repository';
import type { ScannedArchive } from './crate-folder.ts';
import { about, fail } from './errors.ts';
import {
  assertSameCrate,
  type MapEntries,
  type PublishedEntries,
  sameVersions,
} from './published-entries.ts';

export interface Addition<Entry = Uint8Array> {
  /** Lower-case name to the entry, where it differs from what is published. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly archives: readonly ScannedArchive[];
  /** "itoa 1.0.0": versions that were not published before. */
  readonly added: readonly string[];
  /** Versions, or with an index whole entries, that are published already with the same bytes. */
  readonly unchanged: number;
  /** Archives that no entry names. */
  readonly ignored: readonly string[];
}

/** New versions, each from its archive, after the published ones. */
export async function addArchives(
  published: PublishedEntries,
  archives: readonly ScannedArchive[],
): Promise<Addition> {
  const entries = new Map<string, IndexEntry>();
  const added: string[] = [];
  for (const { line } of archives) {
    const name = line.name.toLowerCase();
    published.assertNameFree(line.name);
    const entry = entries.get(name) ?? (await published.entry(name)) ?? { name: line.name, versions: [] };
    entries.set(name, entry);
    if (entry.name !== line.name) {
      throw fail('ADMIN_NAME_TAKEN', `${line.name}: published as ${entry.name}`, {
        details: { name: line.name },
      });
    }
    const present = sameVersions(entry)(line.vers);
    if (present !== undefined) {
      assertSameCrate(present, line);
      continue;
    }
    entries.set(name, { ...entry, versions: [...entry.versions, line] });
    added.push(`${line.name} ${line.vers}`);
  }
  const changed = new Set(added.map(each => (each.split(' ', 1)[0] as string).toLowerCase()));
  return {
    entries: new Map([...changed].map(name => [name, formatIndexEntry(entries.get(name)?.versions ?? [])])),
    archives,
    added,
    unchanged: archives.length - added.length,
    ignored: [],
  };
}

/** The entries of an index as they are, and those archives that they name. */
export async function addIndex(
  published: MapEntries,
  index: ReadonlyMap<string, Uint8Array>,
  archives: readonly ScannedArchive[],
  onEntry: (name: string) => void,
): Promise<Addition<CheckedEntry>> {
  const entries = new Map<string, CheckedEntry>();
  const added: string[] = [];
  for (const [name, bytes] of index) {
    onEntry(name);
    published.assertNameFree(name);
    const leaf = published.leaf(name);
    if (leaf !== undefined && equalBytes(leaf.sha256, sha256(bytes))) continue;
    const checked = await about(`index/${indexPath(name)}`, () => CheckedEntry.of(name, bytes));
    const kept = leaf === undefined ? 0 : linesKept(leaf, bytes);
    // No version stands twice in an entry, and those that are kept are all that were published.
    const sameVersion = kept > 0 ? () => undefined : sameVersions(await published.entry(name));
    for (const version of checked.entry.versions.slice(kept)) {
      const present = sameVersion(version.vers);
      if (present === undefined) added.push(`${version.name} ${version.vers}`);
      else assertSameCrate(present, version);
    }
    entries.set(name, checked);
  }
  const { named, ignored } = await sortArchives(index, archives);
  return { entries, archives: named, added, unchanged: index.size - entries.size, ignored };
}

/** How many lines of an entry are the published ones, byte for byte; 0 where it does not begin with all of them. */
function linesKept(published: Leaf, bytes: Uint8Array): number {
  const kept = bytes.subarray(0, published.length);
  if (!equalBytes(sha256(kept), published.sha256)) return 0;
  // The last newline of an entry may be missing.
  let lines = kept.at(-1) === NEWLINE ? 0 : 1;
  for (let at = kept.indexOf(NEWLINE); at >= 0; at = kept.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

const NEWLINE = 0x0a;

async function sortArchives(
  index: ReadonlyMap<string, Uint8Array>,
  archives: readonly ScannedArchive[],
): Promise<{ named: readonly ScannedArchive[]; ignored: readonly string[] }> {
  const named: ScannedArchive[] = [];
  const ignored: string[] = [];
  for (const archive of archives) {
    const { name, vers, cksum } = archive.line;
    const bytes = index.get(name.toLowerCase());
    const entry = bytes && parseIndexEntry(indexPath(name), bytes);
    const listed = entry?.versions.find(version => version.name === name && version.vers === vers);
    if (listed === undefined) {
      ignored.push(archive.file);
      continue;
    }
    if (listed.cksum !== cksum) {
      throw fail(
        'ADMIN_CHECKSUM',
        `${escapeText(archive.file)}: sha256 ${cksum}, expected ${listed.cksum} as the index says`,
        {
          details: { file: archive.file, seen: cksum, expected: listed.cksum },
        },
      );
    }
    named.push(archive);
  }
  return { named, ignored };
}
