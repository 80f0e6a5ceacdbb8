import type { Releases, ReleasesSnapshot } from '@cargo-tuf/cargo-tuf-lib';
import type { PinnedReleases, ProxyReleases, ReleaseFile } from '@cargo-tuf/local-proxy';
import { type Archive, parseManifestPath } from '@cargo-tuf/release-channel';

/** Trusted Rust releases as the proxy sees them. A state is pinned only when rustup asks for something. */
export function proxiedReleases(releases: Pick<Releases, 'sync'>): ProxyReleases {
  return { pin: async () => pinnedReleases(await releases.sync()) };
}

function pinnedReleases(snapshot: ReleasesSnapshot): PinnedReleases {
  return {
    manifest: async path => {
      const channel = parseManifestPath(path);
      return channel && snapshot.manifest(channel);
    },
    rustupRelease: async () => (await snapshot.rustupRelease())?.bytes,
    archive: async path => {
      const archive = await snapshot.findArchive(path);
      return archive && archiveFile(snapshot, archive);
    },
    installer: path => installerFile(snapshot, path),
  };
}

function archiveFile(snapshot: ReleasesSnapshot, archive: Archive): ReleaseFile {
  return {
    sha256: archive.sha256,
    open: async signal => {
      let length: number | undefined;
      const onProgress = ({ total }: { readonly total: number | undefined }): void => {
        length ??= total;
      };
      const pieces = await begin(snapshot.openArchive(archive, { signal, onProgress }));
      return { length, pieces };
    },
  };
}

async function installerFile(snapshot: ReleasesSnapshot, path: string): Promise<ReleaseFile | undefined> {
  const found = await snapshot.findTarget(path);
  if (found === undefined) return undefined;
  const { length, hashes } = found.file;
  return {
    sha256: hashes.get('sha256'),
    open: async signal => {
      const pieces = await snapshot.openTarget(path, { signal });
      if (pieces === undefined) throw new TypeError(`${path}: found, and then not`);
      return { length, pieces: await begin(pieces) };
    },
  };
}

/** The same pieces, when the first one is there: by then a server has told the length, or has failed. */
async function begin(pieces: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = pieces[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<Uint8Array>> | undefined = iterator.next();
  await first;
  const begun: AsyncIterator<Uint8Array> = {
    next: () => {
      const next = first ?? iterator.next();
      first = undefined;
      return next;
    },
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
  return { [Symbol.asyncIterator]: () => begun };
}
