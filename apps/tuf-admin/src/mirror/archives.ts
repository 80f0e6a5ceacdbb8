// Archives of crates: from the repository where it keeps them, else from the `dl` of its config.json. They pass by in pieces, and
// stand in the mirror once the whole of one has the checksum that the index signs.

import type { OpenMirrors } from '@cargo-tuf/cargo-tuf-lib';
import { expandDownloadTemplate, type IndexVersion } from '@cargo-tuf/crate-index';
import { isTufError } from '@cargo-tuf/errors';
import { createSha256, encodeHex } from '@cargo-tuf/keys';
import { archivePath } from '../crate-folder.ts';
import { fail } from '../errors.ts';
import type { PublishedFiles } from '../published-folder.ts';

export interface ArchivePorts extends OpenMirrors {
  readonly files: PublishedFiles;
  /** Of config.json. */
  readonly dl: string;
  /** Compare the checksums of archives that stand there, too. */
  readonly verify: boolean;
}

/** Bytes of an archive at most. */
const ARCHIVE_BYTES = 64 * 1024 * 1024;

/** True when it was written. Throws `ADMIN_MIRROR_ARCHIVE`, `ADMIN_DIFFERS`. */
export async function copyArchive(ports: ArchivePorts, version: IndexVersion): Promise<boolean> {
  const { files, verify, dl, http } = ports;
  const path = archivePath(version);
  if (verify ? await stands(files, path, version) : await files.has(path)) return false;
  const url = expandDownloadTemplate(dl, {
    crate: version.name,
    version: version.vers,
    sha256: version.cksum,
  });
  let reason: unknown;
  for (const [source, address] of [
    [ports.source, path],
    [http, url],
  ] as const) {
    const chunks = source?.download?.(address, { maxLength: ARCHIVE_BYTES });
    if (chunks === undefined) continue;
    try {
      await files.putStream(path, checked(version, chunks));
      return true;
    } catch (error) {
      if (!isTufError(error) || error.kind !== 'unavailable') throw error;
      reason = error;
    }
  }
  throw fail('ADMIN_MIRROR_ARCHIVE', `${path}: nobody has it, expected sha256 ${version.cksum}`, {
    cause: reason,
    details: { path },
  });
}

async function stands(files: PublishedFiles, path: string, { cksum }: IndexVersion): Promise<boolean> {
  const present = await files.get(path);
  return present !== null && present.tag === cksum;
}

async function* checked(
  version: IndexVersion,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createSha256();
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const seen = encodeHex(hash.digest());
  if (seen === version.cksum) return;
  throw fail('ADMIN_DIFFERS', `${archivePath(version)}: sha256 ${seen}, expected ${version.cksum}`, {
    details: { crate: version.name, version: version.vers, seen, expected: version.cksum },
  });
}
