// Roots of a registry that count because the signed releases list them (docs/adr/0024-signed-releases.md).
//
//  1. `crates-root/N.root.json` is a target of the releases for every version N of the registry's root.
//  2. A root is taken when it follows the root before it (TUF specification 5.3), and its bytes are the listed ones.
//  3. The chain ends at the highest version that is listed: one that is not is refused, whoever signed it.
//  4. A listed root that does not follow is refused as well. Only a user can take it (`reanchorRegistry`).

import type { DownloadOptions, FetchOptions, Snapshot, Source } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { verifyContent } from '@cargo-tuf/metadata';
import { trustAnchorRoot } from './anchor-rules.ts';
import { readAnchor, replaceAnchorRoot, type TrustAnchor } from './anchors.ts';
import { fail } from './errors.ts';
import type { Home } from './home.ts';
import { formatRegistryId, type RegistryId } from './registry-id.ts';
import type { Releases } from './releases.ts';
import type { ReleasesSnapshot } from './releases-snapshot.ts';

/** Versions of a root that are looked for. */
const ROOTS = 10_000;

/** The files of a registry, its roots as the releases list them. */
export class ListedRoots implements Source {
  readonly #source: Source;
  readonly #releases: Releases;
  #snapshot: ReleasesSnapshot | undefined;
  #refused: { readonly path: string; readonly reason: unknown } | undefined;

  constructor(source: Source, releases: Releases) {
    this.#source = source;
    this.#releases = releases;
  }

  /** Brings the releases up to date, and then by them the registry, under one lock. */
  sync(syncRegistry: () => Promise<Snapshot>): Promise<Snapshot> {
    return this.#releases.exclusive(async held => {
      const releases = await held.sync();
      this.#snapshot = releases;
      this.#refused = undefined;
      try {
        const snapshot = await syncRegistry();
        await assertListed(releases, snapshot);
        return snapshot;
      } catch (error) {
        throw this.#explained(error);
      }
    });
  }

  close(): Promise<void> {
    return this.#releases.close();
  }

  async fetch(path: string, options: FetchOptions): Promise<Uint8Array | null> {
    const version = rootVersionOf(path);
    if (version === undefined) return this.#source.fetch(path, options);
    const listed = await this.#snapshot?.snapshot.fetchTarget(targetOf(version));
    if (listed !== undefined) return listed;
    const unlisted = await this.#source.fetch(path, options);
    if (unlisted === null) return null;
    throw fail(
      'LIB_ROOT_UNLISTED',
      `root ${version}: is not listed by the signed releases, expected it there`,
      {
        details: { version },
      },
    );
  }

  download(path: string, options: DownloadOptions): AsyncIterable<Uint8Array> {
    if (this.#source.download === undefined) throw new TypeError('the source of a registry downloads');
    return this.#source.download(path, options);
  }

  reject(path: string, reason?: unknown): boolean {
    if (rootVersionOf(path) === undefined) return this.#source.reject?.(path, reason) === true;
    this.#refused = { path, reason };
    return false;
  }

  #explained(error: unknown): unknown {
    const version = rootVersionOf(this.#refused?.path ?? '');
    if (version === undefined || this.#refused?.reason !== error || !isTufError(error)) return error;
    const message = `root ${version}: listed by the signed releases, but does not follow root ${version - 1}: ${error.message}`;
    return fail('LIB_ROOT_CHAIN', message, { cause: error, details: { version } });
  }
}

/** The highest root that the releases list. Throws `LIB_ROOT_UNLISTED` where they list none. */
export async function readListedRoot(
  releases: ReleasesSnapshot,
): Promise<{ readonly version: number; readonly bytes: Uint8Array }> {
  const version = await highestListed(releases);
  const bytes = await releases.snapshot.fetchTarget(targetOf(version));
  if (bytes !== undefined) return { version, bytes };
  throw fail('LIB_ROOT_UNLISTED', 'releases: list no root of a registry, expected crates-root/1.root.json');
}

/**
 * Trusts the highest listed root though it does not follow the one before: the keys of the registry were lost, and the quorum
 * of the releases speaks for it. The caller has shown both fingerprints to the user and got a yes. Version floors stay. Throws
 * `LIB_NO_ANCHOR`, `LIB_ARGUMENT` for a registry whose roots are not listed, `LIB_ROOT_UNLISTED`, and what a root of another
 * repository gives.
 */
export async function reanchorRegistry(
  home: Home,
  registry: RegistryId,
  releases: ReleasesSnapshot,
): Promise<TrustAnchor> {
  const name = formatRegistryId(registry);
  const anchor = await readAnchor(home, registry);
  if (anchor === undefined) throw fail('LIB_NO_ANCHOR', `${name}: is not trusted`);
  if (anchor.listed !== true)
    throw fail('LIB_ARGUMENT', `${name}: is trusted by a root of its own, not through the signed releases`);
  const { bytes } = await readListedRoot(releases);
  const before = trustAnchorRoot(anchor.root, anchor).root.value;
  const after = trustAnchorRoot(bytes, anchor).root.value;
  if (before.repository !== after.repository || after.version < before.version) {
    throw fail(
      'LIB_ROOT_CHAIN',
      `${name}: root ${after.version} of repository ${after.repository}, expected ${before.version} or later of ${before.repository}`,
      { details: { version: after.version, expected: before.version } },
    );
  }
  return replaceAnchorRoot(home, anchor, bytes);
}

/** Every listed root is followed (`fetch`), so a snapshot whose root is listed has the highest; here its bytes are compared. */
async function assertListed(releases: ReleasesSnapshot, { root }: Snapshot): Promise<void> {
  const { version } = root.value;
  const listed = await releases.findTarget(targetOf(version));
  if (listed === undefined) {
    const highest = await highestListed(releases);
    throw fail('LIB_ROOT_UNLISTED', `root ${version}: the signed releases list roots up to ${highest}`, {
      details: { version, highest },
    });
  }
  verifyContent(root.bytes, listed.file, targetOf(version));
}

async function highestListed(releases: ReleasesSnapshot): Promise<number> {
  for (let version = 1; version <= ROOTS; version++)
    if ((await releases.findTarget(targetOf(version))) === undefined) return version - 1;
  return ROOTS;
}

function targetOf(version: number): string {
  return `crates-root/${version}.root.json`;
}

function rootVersionOf(path: string): number | undefined {
  const [, version] = /^metadata\/([1-9][0-9]{0,8})\.root\.json$/.exec(path) ?? [];
  return version === undefined ? undefined : Number(version);
}
