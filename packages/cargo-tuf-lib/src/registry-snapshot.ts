import type { ProvedEntry, Snapshot, Source, Store } from '@cargo-tuf/client';
import {
  compareVersions,
  type CrateName,
  expandDownloadTemplate,
  type IndexVersion,
  parseCrateName,
  parseIndexEntry,
  indexPath,
  parseRegistryConfig,
  parseVersion,
  type RegistryConfig,
} from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import type { HttpSource } from '@cargo-tuf/http-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fail } from './errors.ts';
import { writeLocalFile } from './files.ts';
import type { RegistryId } from './registry-id.ts';
import { type IndexReport, verifyIndexFolder } from './verify-index.ts';

/** The index entry of a crate, proved and parsed. */
export interface VerifiedEntry {
  readonly name: CrateName;
  readonly leaf: Leaf;
  /** The bytes that cargo gets. */
  readonly bytes: Uint8Array;
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
  readonly store: Store;
  /** Undefined offline. */
  readonly source: Source | undefined;
  /** For downloads from the registry's own `dl`; undefined where the mirror is a folder. */
  readonly http: HttpSource | undefined;
}

/** Bytes of a crate archive at most; crates.io takes 10 MiB. */
const CRATE_BYTES = 64 * 1024 * 1024;

/**
 * One verified state of a registry. Everything asked of it stands in that state, until a run's six hours are over.
 */
export class RegistrySnapshot {
  readonly snapshot: Snapshot;
  readonly registry: RegistryId;
  readonly #ports: SnapshotPorts;
  readonly #entries: Map<string, Promise<VerifiedEntry | undefined>> = new Map();
  #wanted: string[] = [];
  #batch: Promise<ReadonlyMap<string, ProvedEntry | undefined>> | undefined;

  constructor(snapshot: Snapshot, ports: SnapshotPorts) {
    this.snapshot = snapshot;
    this.registry = ports.registry;
    this.#ports = ports;
  }

  /** The registry's signed config.json. */
  async config(): Promise<RegistryConfig> {
    const bytes = await this.snapshot.fetchTarget('config.json');
    if (bytes === undefined) throw fail('LIB_CONFIG', 'config.json: the targets role lists none');
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
      const entry = this.#prove(name).then(proved => proved && parseEntry(name, proved.leaf, proved.bytes));
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
      bytes: await this.#crateBytes(found),
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

  /** RFC 3724's `verifySnapshot`: a whole index folder against the map's root. */
  async verifySnapshot(
    folder: string,
    onProgress?: (done: number, total: number) => void,
  ): Promise<IndexReport> {
    return verifyIndexFolder(this.snapshot, folder, onProgress);
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
  async #prove(name: string): Promise<ProvedEntry | undefined> {
    const names = this.#wanted;
    names.push(name);
    this.#batch ??= nextTurn().then(() => {
      this.#wanted = [];
      this.#batch = undefined;
      return this.snapshot.entries(names);
    });
    try {
      return (await this.#batch).get(name);
    } catch (error) {
      // One name that is refused must not cost those that were asked for beside it.
      if (!isTufError(error) || names.length === 1) throw error;
      return (await this.snapshot.entries([name])).get(name);
    }
  }

  async #crateBytes(version: IndexVersion): Promise<Uint8Array> {
    const { store, source } = this.#ports;
    const kept = await store.cached('crate', version.cksum);
    if (kept !== null && encodeHex(sha256(kept)) === version.cksum) return kept;
    if (source === undefined) {
      throw fail(
        'LIB_OFFLINE',
        `${version.name} ${version.vers}: not on this machine, and this run is offline`,
      );
    }
    const bytes = await this.#fetchCrate(version, source);
    await store.keep('crate', version.cksum, bytes);
    return bytes;
  }

  /** From the mirrors, or else from the registry's own `dl`: also where a mirror could not tell whether it has a copy. */
  async #fetchCrate(version: IndexVersion, source: Source): Promise<Uint8Array> {
    let untold: unknown;
    try {
      const bytes = await this.#fromMirrors(version, source);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      if (!isTufError(error) || error.kind !== 'unavailable') throw error;
      untold = error;
    }
    try {
      return await this.#fromRegistry(version);
    } catch (error) {
      if (untold !== undefined && isTufError(error) && error.kind === 'unavailable') throw untold;
      throw error;
    }
  }

  /** A mirror's own copy; undefined when no mirror has one. A wrong copy is an error only when every mirror's is wrong. */
  async #fromMirrors(version: IndexVersion, source: Source): Promise<Uint8Array | undefined> {
    const path = `crates/${version.name}/${version.name}-${version.vers}.crate`;
    for (;;) {
      const bytes = await source.fetch(path, { maxLength: CRATE_BYTES });
      if (bytes === null) return undefined;
      try {
        assertChecksum(version, bytes, 'the mirror');
        return bytes;
      } catch (error) {
        if (!isTufError(error) || source.reject?.(path) !== true) throw error;
      }
    }
  }

  async #fromRegistry(version: IndexVersion): Promise<Uint8Array> {
    const { dl } = await this.config();
    const url = expandDownloadTemplate(dl, {
      crate: version.name,
      version: version.vers,
      sha256: version.cksum,
    });
    const bytes = await this.#ports.http?.fetchUrl(url, { maxLength: CRATE_BYTES });
    if (bytes === null || bytes === undefined) {
      throw fail(
        'LIB_CRATE_MISSING',
        `${version.name} ${version.vers}: no mirror has the archive, expected sha256 ${version.cksum} as the index says`,
      );
    }
    assertChecksum(version, bytes, url);
    return bytes;
  }
}

function parseEntry(name: string, leaf: Leaf, bytes: Uint8Array): VerifiedEntry {
  try {
    const entry = parseIndexEntry(indexPath(name), bytes);
    return { name: entry.name, leaf, bytes, versions: entry.versions };
  } catch (error) {
    if (!isTufError(error)) throw error;
    throw fail('LIB_ENTRY', `${name}: ${error.message}`, { cause: error });
  }
}

function assertChecksum(version: IndexVersion, bytes: Uint8Array, from: string): void {
  const seen = encodeHex(sha256(bytes));
  if (seen === version.cksum) return;
  throw fail(
    'LIB_CRATE_HASH',
    `${version.name} ${version.vers}: sha256 ${seen} from ${from}, expected ${version.cksum}`,
    {
      details: { crate: version.name, version: version.vers, seen, expected: version.cksum },
    },
  );
}
