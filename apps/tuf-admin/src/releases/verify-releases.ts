// A client with no memory reads all that is published: every target, the copy that rustup is given of it, and every archive that
// a manifest names.

import type { Snapshot } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import { type Archive, formatChecksum, parseManifest, parseManifestPath } from '@cargo-tuf/release-channel';
import { type PublishedBytes, readReleases } from '@cargo-tuf/repository';
import { fail } from '../errors.ts';
import { isRegularFile } from '../local-file.ts';
import type { Difference } from '../verify-published.ts';
import { assertHash, listArchivesOf } from './artifacts.ts';

export interface ReleasesReport {
  readonly targets: number;
  /** Manifests, installers and their checksum files that are as signed. */
  readonly copies: number;
  readonly archives: number;
  /** Archives that manifests name and that are not in public/dist. */
  readonly absent: number;
  readonly differences: readonly Difference[];
}

export async function verifyReleases(
  snapshot: Snapshot,
  bytes: PublishedBytes,
  publicFolder: string,
  onProgress: (done: number, total: number, name: string) => void,
): Promise<ReleasesReport> {
  const state = await readReleases(bytes);
  const paths = [...state.delegated.values()].flatMap(({ value }) => [...value.targets.keys()]);
  const differences: Difference[] = [];
  const archives = new Map<string, Archive>();
  let copies = 0;
  const attempt = async (subject: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isTufError(error)) throw error;
      differences.push({ subject, code: error.code, message: error.message });
    }
  };
  for (const [index, path] of paths.entries()) {
    onProgress(index, paths.length, path);
    await attempt(path, async () => {
      const content = await readWhole(snapshot, path);
      if (path.startsWith('crates-root/')) return;
      const toolchain = parseManifestPath(path);
      if (toolchain !== undefined) {
        const manifest = parseManifest(content);
        for (const archive of listArchivesOf(manifest))
          archives.set(`${archive.path} ${archive.sha256}`, archive);
        if (toolchain.date !== undefined && toolchain.date !== manifest.date)
          throw differs(`date ${manifest.date}, expected ${toolchain.date}`);
      }
      copies += await compareCopies(bytes, path, content);
    });
  }
  let present = 0;
  let absent = 0;
  let done = 0;
  for (const archive of archives.values()) {
    onProgress(done++, archives.size, archive.path);
    await attempt(archive.path, async () => {
      const file = `${publicFolder}/${archive.path}`;
      if (isRegularFile(file)) {
        await assertHash(file, archive);
        present += 1;
      } else absent += 1;
    });
  }
  return { targets: paths.length, copies, archives: present, absent, differences };
}

/** A target as a client gets it: an installer is longer than what a client takes in one piece. */
async function readWhole(snapshot: Snapshot, path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const target = await snapshot.openTarget(path);
  if (target === undefined) throw differs('not found by a client');
  for await (const piece of target) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** How many copies there are. Throws `ADMIN_DIFFERS` where one is not. */
async function compareCopies(bytes: PublishedBytes, path: string, content: Uint8Array): Promise<number> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const checksum = formatChecksum(encodeHex(sha256(content)), name);
  for (const [at, expected] of [[path, content] as const, [`${path}.sha256`, checksum] as const]) {
    const copy = await bytes.get(at);
    if (copy === null) throw differs(`public/${at}: is missing; \`tuf-admin release renew\` writes it`);
    if (!equalBytes(copy.bytes, expected)) throw differs(`public/${at}: is not the copy of the target`);
  }
  return 2;
}

function differs(message: string): Error {
  return fail('ADMIN_DIFFERS', message);
}
