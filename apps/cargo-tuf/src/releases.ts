import {
  listAnchors,
  openReleases,
  readAnchor,
  readReleasesAnchor,
  type Registry,
  type Releases,
  RUST_RELEASES,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { openRefusedFiles, type RefusedFiles } from './refused-files.ts';
import { networkOptions, openRegistries } from './registries.ts';

/** The releases of Rust. Makes no request. Throws `LIB_NO_RELEASES` where they are not trusted. */
export async function openTrustedReleases(context: Context): Promise<Releases> {
  return open(context, await readReleasesAnchor(context.home), openRefusedFiles(context));
}

/** The same, or undefined where they are not trusted. */
export async function findTrustedReleases(
  context: Context,
  refused: RefusedFiles = openRefusedFiles(context),
): Promise<Releases | undefined> {
  const anchor = await readAnchor(context.home, RUST_RELEASES);
  return anchor && open(context, anchor, refused);
}

async function open(context: Context, anchor: TrustAnchor, refused: RefusedFiles): Promise<Releases> {
  const releases = await openReleases({
    anchor,
    home: context.home,
    clock: context.clock,
    ...(await networkOptions(context)),
    onReject: file => refused.add(file),
  });
  return {
    ...releases,
    close: async () => {
      await releases.close();
      await refused.written();
    },
  };
}

/** All that this user trusts, opened. */
export interface Trusted {
  readonly registries: readonly Registry[];
  readonly releases: Releases | undefined;
  close(): Promise<void>;
}

/** Opens registries and releases. Makes no request. Throws `APP_NO_ANCHOR` where nothing is trusted. */
export async function openTrusted(context: Context): Promise<Trusted> {
  const anchors = await listAnchors(context.home);
  const refused = openRefusedFiles(context);
  const releases = await findTrustedReleases(context, refused);
  if (anchors.length === 0 && releases === undefined)
    throw fail('APP_NO_ANCHOR', 'anchors: neither a registry nor the releases are trusted yet');
  const opened = anchors.length > 0 ? await openRegistries(context, new Map(), refused) : undefined;
  return {
    registries: anchors.flatMap(anchor => opened?.registry(anchor.registry) ?? []),
    releases,
    close: async () => {
      await Promise.all([opened?.close(), releases?.close()]);
    },
  };
}
