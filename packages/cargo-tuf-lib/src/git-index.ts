import { INDEX_LIMITS, indexPath } from '@cargo-tuf/crate-index';
import { sha256 } from '@cargo-tuf/keys';
import { REGISTRY_LIMITS, type VerifiedRegistry } from '@cargo-tuf/registry-commits';
import type { FloorVersions } from './floor-file.ts';
import type { ProvedFile, VerifiedIndex } from './verified-index.ts';
import type { FolderVerification, IndexReport, SignedFile } from './verify-index.ts';

/** An index that a signed commit proves. */
export class GitIndex implements VerifiedIndex {
  readonly kind = 'git';
  readonly commits: VerifiedRegistry;

  constructor(commits: VerifiedRegistry) {
    this.commits = commits;
  }

  get timestamp(): { readonly version: number; readonly expires: number } {
    return this.commits.timestamp;
  }

  get expires(): number {
    return this.commits.expires;
  }

  get floors(): FloorVersions {
    return { root: this.commits.root.version, timestamp: this.commits.timestamp.version };
  }

  config(): Promise<Uint8Array | undefined> {
    return this.commits.read('config.json', INDEX_LIMITS.configBytes);
  }

  async files(names: readonly string[]): Promise<ReadonlyMap<string, ProvedFile | undefined>> {
    const found = names.map(async name => {
      const bytes = await this.commits.read(indexPath(name), REGISTRY_LIMITS.entryBytes);
      return [name, bytes && { bytes }] as const;
    });
    return new Map(await Promise.all(found));
  }

  /** Every file of the tree, those of the registry's metadata as well. */
  async verifyFolder(folder: string, options: FolderVerification): Promise<IndexReport> {
    const signed: SignedFile[] = [];
    for await (const file of this.commits.files()) {
      if (isHidden(file.path)) continue;
      const digest = async () => sha256(await file.read(REGISTRY_LIMITS.entryBytes));
      signed.push({ path: file.path, sha256: digest });
    }
    // Loaded when it is needed: a short command has no folder to compare.
    const { compareFolder } = await import('./verify-index.ts');
    return compareFolder(folder, signed, { ...options, snapshot: this.commits.commit, ignored: [] });
  }

  async keepAhead(): Promise<void> {
    // A fetch brings all of the tree.
  }
}

/** What starts with a dot is no part of an index. */
function isHidden(path: string): boolean {
  return path.startsWith('.') || path.includes('/.');
}
