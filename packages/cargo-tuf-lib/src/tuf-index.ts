import type { Snapshot } from '@cargo-tuf/client';
import { indexPath } from '@cargo-tuf/crate-index';
import { encodeHex } from '@cargo-tuf/keys';
import type { FloorVersions } from './floor-file.ts';
import type { ProvedFile, VerifiedIndex } from './verified-index.ts';
import { compareFolder, type FolderVerification, type IndexReport, type SignedFile } from './verify-index.ts';

/** Files other than crates that a registry keeps in its index folder. */
const OTHER_FILES: readonly string[] = ['config.json'];

/** An index that TUF metadata proves. */
export class TufIndex implements VerifiedIndex {
  readonly kind = 'tuf';
  readonly snapshot: Snapshot;

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

  files(names: readonly string[]): Promise<ReadonlyMap<string, ProvedFile | undefined>> {
    return this.snapshot.entries(names);
  }

  async verifyFolder(folder: string, options: FolderVerification): Promise<IndexReport> {
    const tree = await this.snapshot.tree();
    const signed: SignedFile[] = [];
    for (const leaf of tree.leaves()) {
      if (leaf.kind === 'tombstone') continue;
      signed.push({ path: indexPath(leaf.name), sha256: async () => leaf.sha256 });
    }
    return compareFolder(folder, signed, {
      ...options,
      snapshot: encodeHex(tree.root),
      ignored: OTHER_FILES,
    });
  }

  keepAhead(): Promise<void> {
    return this.snapshot.keepTop();
  }
}
