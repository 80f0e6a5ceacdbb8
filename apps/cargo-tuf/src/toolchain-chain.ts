import type { ReleasesSnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText } from '@cargo-tuf/errors';
import { manifestPath, parseToolchain, type Toolchain } from '@cargo-tuf/release-channel';
import type { Context } from './context.ts';
import { openTrustedReleases } from './releases.ts';
import { type Link, topLevelLinks } from './trust-chain.ts';

/** Why a toolchain is trusted: from the anchor of the releases to its manifest, which names every archive by its hash. */
export async function explainToolchain(
  context: Context,
  name: string,
  offline: boolean,
): Promise<readonly Link[]> {
  const toolchain = parseToolchain(name);
  const releases = await openTrustedReleases(context);
  try {
    const { registry, fingerprint } = releases.anchor;
    const opened = await (offline ? releases.openOffline() : releases.sync());
    return [
      { what: registry, says: `you trust the root with fingerprint ${fingerprint}` },
      ...topLevelLinks(opened.snapshot),
      ...(await manifestLinks(opened, toolchain)),
    ];
  } finally {
    await releases.close();
  }
}

async function manifestLinks(opened: ReleasesSnapshot, toolchain: Toolchain): Promise<readonly Link[]> {
  const { snapshot } = opened;
  const path = manifestPath(toolchain);
  const found = await opened.findTarget(path);
  const verified = await opened.manifest(toolchain);
  if (found === undefined || verified === undefined)
    return [{ what: path, says: 'no role lists it: there is no such release' }];
  const keys = snapshot.targets.value.delegations?.roles.find(each => each.name === found.role);
  const { sha256, manifest } = verified;
  const version = manifest.packages.get('rust')?.version ?? 'without a version';
  return [
    {
      what: found.role,
      says: `signed by ${keys?.threshold} of the ${keys?.keyIds.length} keys that targets lists`,
    },
    { what: path, says: `${found.role} lists sha256 ${sha256}, ${verified.bytes.length} bytes` },
    {
      what: '  manifest',
      says: `of ${manifest.date}, rust ${escapeText(version, 100)}; names each archive by its sha256`,
    },
  ];
}
