import { type IndexEntry, indexPath, parseIndexEntry } from '@cargo-tuf/crate-index';
import { sha256 } from '@cargo-tuf/keys';

/** An index entry that was parsed and hashed: who had to look into it gives it to `publish` in place of its bytes. */
export class CheckedEntry {
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
  readonly entry: IndexEntry;

  private constructor(entry: IndexEntry, bytes: Uint8Array) {
    this.entry = entry;
    this.bytes = bytes;
    this.sha256 = sha256(bytes);
  }

  /** Throws `INDEX_*` unless these are the bytes of the entry of a crate of this name. They must not be changed afterwards. */
  static of(name: string, bytes: Uint8Array): CheckedEntry {
    return new CheckedEntry(parseIndexEntry(indexPath(name), bytes), bytes);
  }

  get lowerName(): string {
    return this.entry.name.toLowerCase();
  }
}
