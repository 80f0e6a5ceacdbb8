// Where the archives of crates come from: this machine, mirrors that keep a copy, or the registry's own `dl`. Whatever gives
// them, they count by the checksum of the proved index entry.

import type { Source, Store } from '@cargo-tuf/client';
import { expandDownloadTemplate, type IndexVersion, type RegistryConfig } from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import type { HttpSource } from '@cargo-tuf/http-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

export interface ArchivePorts {
  readonly store: Pick<Store, 'cached' | 'keep'>;
  /** Nobody is asked. */
  readonly offline: boolean;
  /** Mirrors with a folder `crates`; undefined where there are none. */
  readonly source: Source | undefined;
  /** For the registry's own `dl`; undefined where the mirror is a folder. */
  readonly http: HttpSource | undefined;
}

/** Bytes of a crate archive at most; crates.io takes 10 MiB. */
const CRATE_BYTES = 64 * 1024 * 1024;

export class CrateArchives {
  readonly #ports: ArchivePorts;

  constructor(ports: ArchivePorts) {
    this.#ports = ports;
  }

  /** The archive of a proved version. Throws `LIB_OFFLINE`, `LIB_CRATE_HASH`, `LIB_CRATE_MISSING`. */
  async read(version: IndexVersion, config: () => Promise<RegistryConfig>): Promise<Uint8Array> {
    const { store, offline } = this.#ports;
    const kept = await store.cached('crate', version.cksum);
    if (kept !== null && encodeHex(sha256(kept)) === version.cksum) return kept;
    if (offline) {
      throw fail(
        'LIB_OFFLINE',
        `${version.name} ${version.vers}: not on this machine, and this run is offline`,
      );
    }
    const bytes = await this.#fetch(version, config);
    await store.keep('crate', version.cksum, bytes);
    return bytes;
  }

  /** From the mirrors, or else from the registry's own `dl`: also where a mirror could not tell whether it has a copy. */
  async #fetch(version: IndexVersion, config: () => Promise<RegistryConfig>): Promise<Uint8Array> {
    let untold: unknown;
    try {
      const bytes = await this.#fromMirrors(version);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      if (!isTufError(error) || error.kind !== 'unavailable') throw error;
      untold = error;
    }
    try {
      return await this.#fromRegistry(version, await config());
    } catch (error) {
      if (untold !== undefined && isTufError(error) && error.kind === 'unavailable') throw untold;
      throw error;
    }
  }

  /** A mirror's own copy; undefined when no mirror has one. A wrong copy is an error only when every mirror's is wrong. */
  async #fromMirrors(version: IndexVersion): Promise<Uint8Array | undefined> {
    const { source } = this.#ports;
    const path = `crates/${version.name}/${version.name}-${version.vers}.crate`;
    while (source !== undefined) {
      const bytes = await source.fetch(path, { maxLength: CRATE_BYTES });
      if (bytes === null) return undefined;
      try {
        assertChecksum(version, bytes, 'the mirror');
        return bytes;
      } catch (error) {
        if (!isTufError(error) || source.reject?.(path, error) !== true) throw error;
      }
    }
    return undefined;
  }

  async #fromRegistry(version: IndexVersion, { dl }: RegistryConfig): Promise<Uint8Array> {
    const url = expandDownloadTemplate(dl, {
      crate: version.name,
      version: version.vers,
      sha256: version.cksum,
    });
    const bytes = await this.#ports.http?.fetchUrl(url, { maxLength: CRATE_BYTES });
    if (bytes === null || bytes === undefined) {
      throw fail(
        'LIB_CRATE_MISSING',
        `${version.name} ${version.vers}: nobody has the archive, expected sha256 ${version.cksum} as the index says`,
      );
    }
    assertChecksum(version, bytes, url);
    return bytes;
  }
}

/** Throws `LIB_CRATE_HASH`. */
export function assertChecksum(version: IndexVersion, bytes: Uint8Array, from: string): void {
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
