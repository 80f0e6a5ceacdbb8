// A manifest under every path at which rustup asks for it:
//
//   channel-rust-stable.toml of 1.95.0, made on 2026-11-20
//   dist/channel-rust-stable.toml   dist/2026-11-20/channel-rust-stable.toml   dist/channel-rust-1.95.0.toml   dist/channel-rust-1.95.toml

import { basename } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import {
  CHANNEL_LIMITS,
  type ChannelManifest,
  manifestPath,
  parseManifest,
  parseManifestPath,
} from '@cargo-tuf/release-channel';
import { about, fail } from '../errors.ts';
import { readExistingFile } from '../local-file.ts';

export interface ChannelFiles {
  /** "stable" */
  readonly channel: string;
  readonly role: 'release' | 'nightly';
  readonly manifest: ChannelManifest;
  /** Path to bytes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** `channel`: where the file's name does not say it. Throws `ADMIN_USAGE`, and `CHANNEL_*` for what is no manifest. */
export async function readChannelFiles(file: string, channel: string | undefined): Promise<ChannelFiles> {
  const bytes = readExistingFile(file, CHANNEL_LIMITS.manifestBytes);
  const manifest = await about(escapeText(file), () => parseManifest(bytes));
  const name = channel === undefined ? basename(file) : `channel-rust-${channel}.toml`;
  const named = parseManifestPath(`dist/${name}`)?.channel;
  if (named !== 'stable' && named !== 'beta' && named !== 'nightly') {
    throw fail(
      'ADMIN_USAGE',
      `${escapeText(name, 100)}: names no channel, expected channel-rust-stable.toml`,
      {
        hint: 'say it: --channel stable, beta or nightly',
      },
    );
  }
  const paths = [
    manifestPath({ channel: named, date: undefined }),
    manifestPath({ channel: named, date: manifest.date }),
    ...versionsOf(named, manifest).map(version => manifestPath({ channel: version, date: undefined })),
  ];
  return {
    channel: named,
    role: named === 'nightly' ? 'nightly' : 'release',
    manifest,
    files: new Map(paths.map(path => [path, bytes])),
  };
}

/** Of stable "1.95.0" and "1.95", of beta "1.96.0-beta.3": the first word of the version of the package `rust`. */
function versionsOf(channel: string, { packages }: ChannelManifest): readonly string[] {
  const [version = ''] = packages.get('rust')?.version.split(' ', 1) ?? [];
  if (channel === 'stable' && /^\d+\.\d+\.\d+$/.test(version))
    return [version, version.slice(0, version.lastIndexOf('.'))];
  return channel === 'beta' && parseManifestPath(manifestPath({ channel: version, date: undefined }))
    ? [version]
    : [];
}
