import type { Snapshot } from '@cargo-tuf/client';
import { indexPath } from '@cargo-tuf/crate-index';
import { cutFor } from '@cargo-tuf/merkle-snapshot';
import type { FloorVersions } from './floor-file.ts';
import type { ProvedFile, VerifiedIndex } from './verified-index.ts';
import type { FolderVerification, IndexReport, SignedFile } from './verify-index.ts';

/** Files other than crates that a registry keeps in its index folder. */
const OTHER_FILES: readonly string[] = ['config.json'];

/** Proved leaves are written when nothing was asked for so many milliseconds. */
const QUIET = 200;

/** A root says nothing of where its tiles are cut. */
const ANY_CUT = cutFor(0);

/** An index that TUF metadata proves. */
export class TufIndex implements VerifiedIndex {
  readonly kind = 'tuf';
  readonly snapshot: Snapshot;
  #timer: NodeJS.Timeout | undefined;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  get timestamp(): { readonly version: number; readonly expires: number } {
    return this.snapshot.timestamp.value;
  }

  get expires(): number {
    return this.snapshot.expires;
  }

  get floors(): FloorVersions {
    const { root, claims, tree } = this.snapshot.versions;
    return { root, claims, tree };
  }

  config(): Promise<Uint8Array | undefined> {
    return this.snapshot.fetchTarget('config.json');
  }

  async files(names: readonly string[]): Promise<ReadonlyMap<string, ProvedFile | undefined>> {
    const files = await this.snapshot.entries(names);
    this.#timer ??= setTimeout(() => void this.settled(), QUIET);
    this.#timer.refresh();
    return files;
  }

  /** Resolves when what later runs need not prove again is written, or could not be. */
  settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.snapshot.settle().catch(() => undefined);
  }

  async verifyFolder(folder: string, options: FolderVerification): Promise<IndexReport> {
    // Loaded when they are needed: a short command has no folder to compare.
    const [{ buildIndexMap }, { compareFolder }] = await Promise.all([
      import('@cargo-tuf/hash-workers'),
      import('./verify-index.ts'),
    ]);
    const { workers } = options;
    const { root, leaves } = await this.snapshot.everyLeaf((repository, records) =>
      buildIndexMap(repository, records, { cut: ANY_CUT, workers }),
    );
    const signed: SignedFile[] = [];
    for (const { kind, name, sha256 } of leaves)
      if (kind !== 'tombstone') signed.push({ path: indexPath(name), sha256 });
    return compareFolder(folder, signed, { ...options, snapshot: root, ignored: OTHER_FILES });
  }

  keepAhead(): Promise<void> {
    return this.snapshot.keepTop();
  }
}
