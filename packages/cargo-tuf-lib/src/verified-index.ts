import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import type { FloorVersions } from './floor-file.ts';
import type { FolderVerification, IndexReport } from './verify-index.ts';

/** The file of one crate, as its registry signed it. */
export interface ProvedFile {
  readonly bytes: Uint8Array;
  /** Where it stands in the map of a TUF registry. */
  readonly leaf?: Leaf;
}

/** One verified state of an index, whatever signs it. It never changes. */
export interface VerifiedIndex {
  /** What says how fresh it is: a version, and milliseconds since 1970. */
  readonly timestamp: { readonly version: number; readonly expires: number };
  /** The earliest end of what it rests on, in milliseconds since 1970. */
  readonly expires: number;
  /** Versions that a floor file can hold. */
  readonly floors: FloorVersions;
  /** config.json; undefined where none was signed. */
  config(): Promise<Uint8Array | undefined>;
  /** Files of crates by lower-case name; undefined where the index proves that there is none. */
  files(names: readonly string[]): Promise<ReadonlyMap<string, ProvedFile | undefined>>;
  /** A whole index folder against this state. */
  verifyFolder(folder: string, options: FolderVerification): Promise<IndexReport>;
  /** Fetches what seldom changes, so that the next run finds it here. */
  keepAhead(): Promise<void>;
}
