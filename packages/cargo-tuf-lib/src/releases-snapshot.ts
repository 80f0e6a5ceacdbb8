import type { FoundTarget, Snapshot, Store, StreamSettings } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  type Archive,
  type ChannelManifest,
  manifestPath,
  parseManifest,
  parseRustupRelease,
  RUSTUP_RELEASE,
  type Toolchain,
} from '@cargo-tuf/release-channel';
import { raiseChannelDate } from './channel-dates.ts';
import { downloadTarget, type TargetDownload } from './download-target.ts';
import { fail } from './errors.ts';
import { openFileDestination, sha256OfFile } from './file-destination.ts';
import { compareReleases, type ReleasesReport, type ReleasesVerification } from './verify-releases.ts';

/** What names a manifest: a channel, of a day or the newest. */
export type Channel = Pick<Toolchain, 'channel' | 'date'>;

export interface VerifiedManifest {
  /** "dist/channel-rust-stable.toml" */
  readonly path: string;
  /** As they were signed, and as rustup gets them. */
  readonly bytes: Uint8Array;
  /** Of these bytes, 64 hex digits. */
  readonly sha256: string;
  readonly manifest: ChannelManifest;
}

export interface VerifiedRustup {
  /** "1.29.0" */
  readonly version: string;
  /** Of release-stable.toml. */
  readonly bytes: Uint8Array;
}

/**
 * One verified state of the releases. Everything asked of it stands in that state, until a run's six hours are over.
 */
export class ReleasesSnapshot {
  readonly snapshot: Snapshot;
  readonly #store: Store;
  readonly #manifests: Map<string, Promise<VerifiedManifest | undefined>> = new Map();

  constructor(snapshot: Snapshot, store: Store) {
    this.snapshot = snapshot;
    this.#store = store;
  }

  /**
   * The manifest of a channel; undefined where no role lists it. Throws `LIB_CHANNEL_ROLLBACK` where this machine has seen
   * a later one, and `LIB_CHANNEL_DATE` where it is of another day than its path says.
   */
  manifest(channel: Channel): Promise<VerifiedManifest | undefined> {
    const path = manifestPath(channel);
    const known = this.#manifests.get(path);
    if (known !== undefined) return known;
    const manifest = this.#readManifest(path, channel);
    this.#manifests.set(path, manifest);
    manifest.catch(() => this.#manifests.delete(path));
    return manifest;
  }

  /**
   * What is signed of the archive at a path below a release server: in the manifests that were read here, or else in those of
   * its day; undefined where none names it. For whoever is asked for an archive alone.
   */
  async findArchive(path: string): Promise<Archive | undefined> {
    const [, date, name] = /^dist\/(\d{4}-\d{2}-\d{2})\/([^/]+)$/.exec(path) ?? [];
    if (date === undefined || name === undefined) return undefined;
    for (const known of this.#manifests.values()) {
      const read = await known.catch(() => undefined);
      const archive = read && archiveAt(read.manifest, path);
      if (archive !== undefined) return archive;
    }
    for (const channel of channelsOf(name)) {
      const found = await this.manifest(
        channel.includes('.') ? { channel, date: undefined } : { channel, date },
      );
      const archive = found && archiveAt(found.manifest, path);
      if (archive !== undefined) return archive;
    }
    return undefined;
  }

  /** The newest rustup; undefined where none is signed. Throws `LIB_RUSTUP_RELEASE`. */
  async rustupRelease(): Promise<VerifiedRustup | undefined> {
    const bytes = await this.snapshot.fetchTarget(RUSTUP_RELEASE);
    if (bytes === undefined) return undefined;
    try {
      return { version: parseRustupRelease(bytes), bytes };
    } catch (cause) {
      if (!isTufError(cause)) throw cause;
      throw fail('LIB_RUSTUP_RELEASE', cause.message, { cause });
    }
  }

  /** What is signed of a target. */
  findTarget(path: string): Promise<FoundTarget | undefined> {
    return this.snapshot.findTarget(path);
  }

  /** A target in pieces; the last one comes when the whole is verified. */
  openTarget(path: string, settings?: StreamSettings): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.snapshot.openTarget(path, settings);
  }

  /** A target to a file, as `downloadTarget`. */
  downloadTarget(path: string, file: string, settings?: TargetDownload): Promise<FoundTarget | undefined> {
    return downloadTarget(this.snapshot, path, file, settings);
  }

  /** An archive of a verified manifest in pieces; the last one comes when the whole is verified. */
  openArchive(archive: Archive, settings?: StreamSettings): AsyncIterable<Uint8Array> {
    return this.snapshot.openNamed(archive, settings);
  }

  /** An archive to a file, verified, as `downloadTarget` brings a target. */
  async downloadArchive(archive: Archive, file: string, settings: TargetDownload = {}): Promise<void> {
    await this.snapshot.downloadNamed(archive, openFileDestination(file, settings), settings);
  }

  /** True when the file on this machine is the archive. Throws `LIB_FILE` where there is none, or it cannot be read. */
  async verifyFile(archive: Archive, file: string): Promise<boolean> {
    const sha256 = await sha256OfFile(file);
    if (sha256 === undefined) throw fail('LIB_FILE', `${file}: no file that can be read`);
    return sha256 === archive.sha256;
  }

  /** Compares a copy of the release server in a folder with all that is signed of it. */
  async verifySnapshot(folder: string, options: ReleasesVerification = {}): Promise<ReleasesReport> {
    // A copy has older manifests as well, which this machine may have seen replaced: their dates are not what is asked here.
    const manifestOf = async (path: string): Promise<ChannelManifest | undefined> => {
      const bytes = await this.snapshot.fetchTarget(path);
      return bytes && parseManifest(bytes);
    };
    return compareReleases(folder, await this.snapshot.listTargets(), manifestOf, options);
  }

  async #readManifest(path: string, { date }: Channel): Promise<VerifiedManifest | undefined> {
    const bytes = await this.snapshot.fetchTarget(path);
    if (bytes === undefined) return undefined;
    const manifest = parseManifest(bytes);
    if (date !== undefined && manifest.date !== date) {
      throw fail('LIB_CHANNEL_DATE', `${path}: of ${manifest.date}, expected ${date}`, {
        details: { path, date: manifest.date, expected: date },
      });
    }
    if (date === undefined) await raiseChannelDate(this.#store, path, manifest.date);
    return { path, bytes, sha256: encodeHex(sha256(bytes)), manifest };
  }
}

/** Channels whose manifests can name an archive, by its name: "rustc-nightly-x86_64-…", "cargo-1.95.0-x86_64-…". */
function channelsOf(name: string): readonly string[] {
  if (/-nightly[-.]/.test(name)) return ['nightly'];
  if (/-beta[-.]/.test(name)) return ['beta'];
  const [, version] = /-(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-beta\.\d{1,3})?)[-.]/.exec(name) ?? [];
  return ['stable', 'beta', 'nightly', ...(version === undefined ? [] : [version])];
}

function archiveAt(manifest: ChannelManifest, path: string): Archive | undefined {
  for (const { targets } of manifest.packages.values())
    for (const { archives } of targets.values())
      for (const archive of archives) if (archive.path === path) return archive;
  return undefined;
}
