// The files that rustup asks for, beside the targets: each manifest and installer under its own name, and its checksum file.
//
//   dist/channel-rust-stable.toml      dist/channel-rust-stable.toml.sha256
//
// They are written after the timestamp, the checksum last, and are replaced; nothing that is verified is read from them.

import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import { formatChecksum } from '@cargo-tuf/release-channel';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { RELEASE_DELEGATES, type ReleaseDelegate } from './release-roles.ts';
import { delegateOf, readReleases, readTarget } from './releases-state.ts';

const COPIED: readonly ReleaseDelegate[] = RELEASE_DELEGATES.filter(role => role !== 'crates-root');

/** Writes the copies of these targets, or of all, that are missing or differ; gives the paths that were written. */
export async function copyPlainFiles(
  bytes: PublishedBytes,
  paths?: Iterable<string>,
): Promise<readonly string[]> {
  const state = await readReleases(bytes);
  const wanted = paths === undefined ? undefined : new Set(paths);
  const written: string[] = [];
  for (const role of COPIED) {
    const targets = delegateOf(state, role);
    for (const path of targets.targets.keys()) {
      if (wanted?.has(path) === false) continue;
      const content = (await readTarget(bytes, targets, path)) ?? new Uint8Array(0);
      const name = path.slice(path.lastIndexOf('/') + 1);
      const checksum = formatChecksum(encodeHex(sha256(content)), name);
      for (const [at, copy] of [[path, content] as const, [`${path}.sha256`, checksum] as const])
        if (await replace(bytes, at, copy)) written.push(at);
    }
  }
  return written;
}

/** False where the same bytes stand. */
async function replace(bytes: PublishedBytes, path: string, content: Uint8Array): Promise<boolean> {
  const standing = await bytes.get(path);
  if (standing !== null && equalBytes(standing.bytes, content)) return false;
  const result = await bytes.compareAndSwap(path, content, standing?.tag ?? null);
  if (result === 'done') return true;
  const code = result === 'unknown' ? 'REPOSITORY_UNKNOWN' : 'REPOSITORY_CONFLICT';
  throw fail(code, `${path}: the copy of a target was not written`, {
    hint: 'what is signed is published; run it again, which writes the copies',
  });
}
