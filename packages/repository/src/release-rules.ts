// What a publisher refuses to sign though its keys could: a channel, or rustup, that goes back. A client refuses it as well
// (docs/adr/0024-signed-releases.md).

import { escapeText } from '@cargo-tuf/errors';
import type { Targets } from '@cargo-tuf/metadata';
import {
  isTriple,
  parseManifest,
  parseManifestPath,
  parseRustupRelease,
  RUSTUP_RELEASE,
  rustupInitPath,
} from '@cargo-tuf/release-channel';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { readTarget } from './releases-state.ts';

/**
 * `role`: what stands. Throws `REPOSITORY_RELEASE_DATE`, `REPOSITORY_RUSTUP_VERSION`, `CHANNEL_*` for a file that is not what its path
 * says, and `REPOSITORY_PATH` for a path within the patterns of a role at which nobody looks for anything.
 */
export async function assertFollows(
  bytes: PublishedBytes,
  role: Targets,
  path: string,
  content: Uint8Array,
): Promise<void> {
  if (path === RUSTUP_RELEASE) return assertRustupFollows(await readTarget(bytes, role, path), content);
  if (isInstaller(path)) return;
  const toolchain = parseManifestPath(path);
  if (toolchain === undefined)
    throw fail('REPOSITORY_PATH', `${escapeText(path, 200)}: neither a manifest, nor of a rustup`, {
      details: { path },
    });
  const { date } = parseManifest(content);
  if (toolchain.date !== undefined) {
    if (toolchain.date === date) return;
    throw fail(
      'REPOSITORY_RELEASE_DATE',
      `${path}: date ${date}, expected ${toolchain.date} as its path says`,
      {
        details: { path, date, expected: toolchain.date },
      },
    );
  }
  const standing = await readTarget(bytes, role, path);
  const published = standing === undefined ? date : parseManifest(standing).date;
  if (published <= date) return;
  throw fail(
    'REPOSITORY_RELEASE_DATE',
    `${path}: date ${date}, expected none before ${published}, which is published`,
    {
      details: { path, date, expected: published },
    },
  );
}

function isInstaller(path: string): boolean {
  const [, , version = '', host = ''] = path.split('/');
  return /^\d+\.\d+\.\d+$/.test(version) && isTriple(host) && rustupInitPath(version, host) === path;
}

function assertRustupFollows(standing: Uint8Array | undefined, content: Uint8Array): void {
  const version = parseRustupRelease(content);
  const published = standing === undefined ? version : parseRustupRelease(standing);
  if (orderOf(published, version) <= 0) return;
  throw fail(
    'REPOSITORY_RUSTUP_VERSION',
    `rustup: version ${version}, expected none before ${escapeText(published)}, which is published`,
    { details: { version, expected: published } },
  );
}

/** Below 0 where `one` is before `other`; both as "1.29.0". */
function orderOf(one: string, other: string): number {
  const others = other.split('.').map(Number);
  const differences = one.split('.').map((part, index) => Number(part) - (others[index] ?? 0));
  return differences.find(each => each !== 0) ?? 0;
}
