import {
  compareVersions,
  type CrateName,
  type IndexVersion,
  parseCrateName,
  parseIndexEntry,
  indexPath,
  parseRegistryConfig,
  parseVersion,
  type RegistryConfig,
} from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { assertChecksum, type CrateArchives } from './crate-archives.ts';
import { fail } from './errors.ts';
import { writeLocalFile } from './files.ts';
import type { GitIndex } from './git-index.ts';
import type { RegistryId } from './registry-id.ts';
import type { TufIndex } from './tuf-index.ts';
import type { ProvedFile } from './verified-index.ts';
import type { FolderVerification, IndexReport } from './verify-index.ts';

/** The index entry of a crate, proved and parsed. */
export interface VerifiedEntry {
  readonly name: CrateName;
  /** The bytes that cargo gets. */
  readonly bytes: Uint8Array;
  /** Of these bytes, 64 hex digits. */
  readonly sha256: string;
  /** Where it stands in the map of a TUF registry. */
  readonly leaf?: Leaf;
  readonly versions: readonly IndexVersion[];
}

/** A crate archive whose bytes match the checksum of a proved index entry. */
export interface VerifiedCrate {
  readonly name: CrateName;
  readonly version: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export interface SnapshotPorts {
  readonly registry: RegistryId;
  readonly archives: CrateArchives;
}

/**
 * One verified state of a registry. Everything asked of it stands in that state, until a run's six hours are over.
 */
export class RegistrySnapshot {
  /** By its `kind`: what proves this state. */
  readonly index: TufIndex | GitIndex;
  readonly registry: RegistryId;
  readonly #archives: CrateArchives;
  readonly #entries: Map<string, Promise<VerifiedEntry | undefined>> = new Map();
  #wanted: string[] = [];
  #batch: Promise<ReadonlyMap<string, ProvedFile | undefined>> | undefined;

  constructor(index: TufIndex | GitIndex, { registry, archives }: SnapshotPorts) {
    this.index = index;
    this.registry = registry;
    this.#archives = archives;
  }

  /** The registry's signed config.json. */
  async config(): Promise<RegistryConfig> {
    const bytes = await this.index.config();
    if (bytes === undefined) throw fail('LIB_CONFIG', 'config.json: the registry signed none');
    return parseRegistryConfig(bytes);
  }

  /** The entry of a crate, or undefined where the index proves that there is none. */
  async entry(name: string): Promise<VerifiedEntry | undefined> {
    return (await this.entries([name])).get(name.toLowerCase());
  }

  /** Entries by lower-case name: one walk of the map for all that are not known yet. */
  async entries(names: readonly string[]): Promise<ReadonlyMap<string, VerifiedEntry | undefined>> {
    const lower = [...new Set(names.map(name => parseCrateName(name).toLowerCase()))];
    const unknown = lower.filter(name => !this.#entries.has(name));
    for (const name of unknown) {
      const entry = this.#prove(name).then(proved => proved && parseEntry(name, proved));
      this.#entries.set(name, entry);
      entry.catch(() => this.#entries.delete(name));
    }
    const found = new Map<string, VerifiedEntry | undefined>();
    for (const name of lower) found.set(name, await this.#entries.get(name));
    return found;
  }

  /** The archive of a crate's version. Throws `LIB_NO_CRATE` where the index has no such version. */
  async crate(name: string, version: string): Promise<VerifiedCrate> {
    const found = await this.version(name, version);
    return {
      name: found.name,
      version: found.vers,
      sha256: found.cksum,
      bytes: await this.#archives.read(found, () => this.config()),
    };
  }

  /** RFC 3724's `download`: a verified archive as a file that is whole or absent. */
  async download(name: string, version: string, path: string): Promise<VerifiedCrate> {
    const crate = await this.crate(name, version);
    await writeLocalFile(path, crate.bytes, 0o644);
    return crate;
  }

  /** RFC 3724's `verifyFile`: bytes that somebody has against the proved checksum. Throws `LIB_CRATE_HASH`. */
  async verifyFile(name: string, version: string, bytes: Uint8Array): Promise<IndexVersion> {
    const found = await this.version(name, version);
    assertChecksum(found, bytes, 'the file');
    return found;
  }

  /** RFC 3724's `verifySnapshot`: a whole index folder against what was signed. */
  async verifySnapshot(folder: string, options: FolderVerification = {}): Promise<IndexReport> {
    return this.index.verifyFolder(folder, options);
  }

  /** The index line of a version. Build metadata counts, as in Cargo.lock. */
  async version(name: string, version: string): Promise<IndexVersion> {
    const wanted = parseVersion(version);
    const entry = await this.entry(name);
    if (entry === undefined)
      throw fail('LIB_NO_CRATE', `${name}: the signed index proves that there is no such crate`);
    const found = entry.versions.find(each => each.vers === wanted);
    if (found !== undefined) return found;
    const newest = [...entry.versions].sort((a, b) => compareVersions(b.vers, a.vers))[0];
    throw fail(
      'LIB_NO_CRATE',
      `${name}: has no version ${version} in the signed index, newest is ${newest?.vers ?? 'none'}`,
    );
  }

  /** Names that are asked for in one turn of the event loop are looked up together: cargo asks for many side by side. */
  async #prove(name: string): Promise<ProvedFile | undefined> {
    const names = this.#wanted;
    names.push(name);
    this.#batch ??= nextTurn().then(() => {
      this.#wanted = [];
      this.#batch = undefined;
      return this.index.files(names);
    });
    try {
      return (await this.#batch).get(name);
    } catch (error) {
      // One name that is refused must not cost those that were asked for beside it.
      if (!isTufError(error) || names.length === 1) throw error;
      return (await this.index.files([name])).get(name);
    }
  }
}

function parseEntry(name: string, { bytes, leaf }: ProvedFile): VerifiedEntry {
  try {
    const entry = parseIndexEntry(indexPath(name), bytes);
    const digest = encodeHex(sha256(bytes));
    return { name: entry.name, sha256: digest, bytes, versions: entry.versions, ...(leaf && { leaf }) };
  } catch (error) {
    if (!isTufError(error)) throw error;
    throw fail('LIB_ENTRY', `${name}: ${error.message}`, { cause: error });
  }
}
