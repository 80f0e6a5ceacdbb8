import {
  listAnchors,
  openReleases,
  readAnchor,
  type Registry,
  type Releases,
  RUST_RELEASES,
} from '@cargo-tuf/cargo-tuf-lib';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { openRefusedFiles, type RefusedFiles } from './refused-files.ts';
import { networkOptions, openRegistries } from './registries.ts';

/** The releases of Rust, where this user trusts them. Makes no request. */
export async function openTrustedReleases(
  context: Context,
  refused: RefusedFiles = openRefusedFiles(context),
): Promise<Releases | undefined> {
  const anchor = await readAnchor(context.home, RUST_RELEASES);
  if (anchor === undefined) return undefined;
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
  const releases = await openTrustedReleases(context, refused);
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
