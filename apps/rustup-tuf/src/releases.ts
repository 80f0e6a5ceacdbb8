import {
  openReleases,
  type Releases,
  type ReleasesSnapshot,
  readAnchor,
  readNetworkOptions,
  RUST_RELEASES,
  type VerifiedManifest,
} from '@cargo-tuf/cargo-tuf-lib';
import { escapeText } from '@cargo-tuf/errors';
import { type Context, say } from './context.ts';
import { fail } from './errors.ts';
import type { Release } from './home/toolchain-name.ts';
import { ToolchainState } from './toolchain/state.ts';

/** The signed releases, brought up to date, and what is installed. */
export interface Session {
  readonly context: Context;
  readonly snapshot: ReleasesSnapshot;
  readonly state: ToolchainState;
}

/** Runs `work` on releases that were just brought up to date. Throws `INSTALL_NO_ANCHOR` where they are not trusted. */
export async function withReleases<T>(context: Context, work: (session: Session) => Promise<T>): Promise<T> {
  const releases = await openTrustedReleases(context);
  try {
    const snapshot = await releases.sync();
    return await work({ context, snapshot, state: await ToolchainState.open(context.rustup) });
  } finally {
    await releases.close();
  }
}

/** Makes no request. Throws `INSTALL_NO_ANCHOR`. */
export async function openTrustedReleases(context: Context): Promise<Releases> {
  const anchor = await readAnchor(context.home, RUST_RELEASES);
  if (anchor === undefined) throw fail('INSTALL_NO_ANCHOR', 'releases: are not trusted yet');
  const { home, clock } = context;
  return openReleases({
    anchor,
    home,
    clock,
    ...(await readNetworkOptions(context.environment)),
    onReject: ({ url, path, reason }) => {
      const why = reason instanceof Error ? reason.message : 'it did not verify';
      say(context, `refused from ${escapeText(url)}: ${escapeText(path, 400)}: ${escapeText(why, 400)}`);
    },
  });
}

/** Throws `INSTALL_NOT_SIGNED` where the releases have none for that toolchain. */
export async function requireManifest({ snapshot }: Session, release: Release): Promise<VerifiedManifest> {
  const manifest = await snapshot.manifest(release);
  if (manifest !== undefined) return manifest;
  throw fail('INSTALL_NOT_SIGNED', `toolchain: ${release.name} is no release that is signed`);
}
